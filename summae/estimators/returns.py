"""From rewards to returns to advantages. Pure tensor functions.

Legend: N rows (sources × group), T summary pieces. ``mask_NT`` is 1 up to and including the end piece.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from summae.errors import SummaeError


def returns_to_go(rewards_NT: Tensor, discount: float) -> Tensor:
    """R_i = Σ_{j ≥ i} discount^{j−i} · r_j: what follows from the choice of piece i. [N, T]."""
    steps = torch.arange(rewards_NT.shape[1], device=rewards_NT.device, dtype=rewards_NT.dtype)
    gap_TT = steps[:, None] - steps[None, :]  # [j, i] = j − i
    weight_TT = (discount ** gap_TT.clamp_min(0)) * (gap_TT >= 0)
    # Not a matrix product: autocast would carry that out in half precision.
    return (rewards_NT[:, :, None] * weight_TT).sum(dim=1)


def step_returns(reward: Tensor, mask_NT: Tensor, discount: float) -> Tensor:
    """The return of every step, [N, T]: a [N] reward counts for every step, undiscounted; a
    [N, T] reward becomes its return-to-go, which is 0 once the summary has ended."""
    if reward.dim() == 1:
        return reward[:, None].expand_as(mask_NT)
    return returns_to_go(reward * mask_NT, discount)


def leave_one_out(values_NT: Tensor, group: int) -> Tensor:
    """The mean over the *other* rows of the same group, step by step: [N, T].

    Independent of the row it is subtracted from, so it leaves the gradient unbiased (Kool et al.
    2019). A row that ended earlier takes part with the return it has left (0 for per-step rewards).
    A group of one row has nobody to compare with: 0.
    """
    rows = values_NT.shape[0]
    if rows % group:
        raise SummaeError(f"rows must be a multiple of the group, got {rows} rows, group {group}")
    if group == 1:
        return torch.zeros_like(values_NT)
    grouped = values_NT.reshape(-1, group, values_NT.shape[1])
    return ((grouped.sum(dim=1, keepdim=True) - grouped) / (group - 1)).reshape_as(values_NT)


def fit_steps(values: Tensor, steps: int) -> Tensor:
    """[N, T'] cut, or continued with zeros, to [N, steps]."""
    return functional.pad(values[:, :steps], (0, max(0, steps - values.shape[1])))


def whitened(advantages_NT: Tensor, mask_NT: Tensor, floor: float = 1e-4) -> Tensor:
    """Advantages divided by their root mean square over the real steps (sign unchanged)."""
    mean_square = (advantages_NT.square() * mask_NT).sum() / mask_NT.sum().clamp_min(1)
    return advantages_NT / mean_square.sqrt().clamp_min(floor)


def distinct_share(ids_NT: Tensor, mask_NT: Tensor, group: int) -> float:
    """Share of rows that repeat no earlier row of their group: 1 = all samples differ."""
    seen = torch.where(mask_NT > 0, ids_NT, -1).reshape(-1, group, ids_NT.shape[1])
    equal = (seen[:, :, None] == seen[:, None, :]).all(dim=-1)
    return 1 - equal.tril(diagonal=-1).any(dim=-1).float().mean().item()
