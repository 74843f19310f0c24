"""Ways to pick the next piece, for ``Policy.unroll``: sampled, greedy, relaxed.

Legend: N rows, V vocabulary, T summary pieces. Each pick takes the policy's ``log_probs_NV`` (banned
pieces may be −inf) and returns ``(ids_N, words_NV or None)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional

from summae.records import Draw, Policy

Pick = Callable[[Tensor], tuple[Tensor, Tensor | None]]


def gumbel(like: Tensor, generator: torch.Generator) -> Tensor:
    """Standard Gumbel noise −log(E), E ~ Exponential(1), in the shape and type of ``like``."""
    noise = torch.empty(like.shape, dtype=like.dtype, device=like.device).exponential_(generator=generator)
    return -noise.clamp_min(torch.finfo(like.dtype).tiny).log()


def categorical(temperature: float, generator: torch.Generator) -> Pick:
    """Draw from softmax(log p / temperature)."""

    def pick(log_probs_NV: Tensor) -> tuple[Tensor, None]:
        probs_NV = (log_probs_NV.detach().float() / temperature).softmax(dim=-1)
        return torch.multinomial(probs_NV, 1, generator=generator).squeeze(1), None

    return pick


def greedy(log_probs_NV: Tensor) -> tuple[Tensor, None]:
    """The most probable piece."""
    return log_probs_NV.detach().argmax(dim=-1), None


def relaxed(tau: float, generator: torch.Generator) -> Pick:
    """Straight-through Gumbel softmax (Jang et al. 2017; Maddison et al. 2017).

    With g standard Gumbel noise and u = log p + g: the piece is argmax u, which is an exact sample
    of p; its word is one-hot(argmax u) forward and softmax(u / tau) backward.
    """

    def pick(log_probs_NV: Tensor) -> tuple[Tensor, Tensor]:
        noisy_NV = log_probs_NV + gumbel(log_probs_NV, generator)
        soft_NV = (noisy_NV / tau).softmax(dim=-1)
        ids_N = noisy_NV.detach().argmax(dim=-1)
        hard_NV = functional.one_hot(ids_N, soft_NV.shape[-1]).to(soft_NV.dtype)
        # (soft − soft) first: it is exactly 0, so the forward value is exactly one-hot.
        return ids_N, (soft_NV - soft_NV.detach()) + hard_NV

    return pick


def with_greedy(draw: Draw, policy: Policy) -> Draw:
    """The draw with the greedy summary of each source beside every sample of it (self-critical)."""
    with torch.no_grad():
        ids, mask, _, _ = policy.unroll(greedy, gradient=False)
    ids, mask = ids.repeat_interleave(draw.group, dim=0), mask.repeat_interleave(draw.group, dim=0)
    return replace(draw, baseline_ids=ids, baseline_mask=mask)
