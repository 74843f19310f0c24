"""Does a reward depend on what was drawn through a gradient?"""

from __future__ import annotations

from torch import Tensor
from torch.autograd.graph import get_gradient_edge

from summae.records import Draw


def flows_through(reward: Tensor, draw: Draw) -> bool:
    """True when back-propagating ``reward`` arrives at ``draw.words`` or ``draw.distributions``.

    ``reward.requires_grad`` alone would not do: a reconstruction reward computed from ids still
    requires grad when the reconstructor is being trained, and taken pathwise it would leave the
    generator without any gradient, silently. The walk stops at the first hit and never enters the
    generator's own graph from a reward that does not touch the words.
    """
    if not reward.requires_grad:
        return False
    drawn = [tensor for tensor in (draw.words, draw.distributions) if tensor is not None]
    goals = {get_gradient_edge(tensor).node for tensor in drawn if tensor.requires_grad}
    seen, waiting = set(), [get_gradient_edge(reward).node] if goals else []
    while waiting:
        node = waiting.pop()
        if node in goals:
            return True
        if node in seen:
            continue
        seen.add(node)
        waiting.extend(parent for parent, _ in node.next_functions if parent is not None)
    return False
