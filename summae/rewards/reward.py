"""How rewards read an episode: fields that must be there, means over real pieces.

Legend: N rows, K pieces of a source or a summary.
"""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from summae.errors import SummaeError
from summae.records import Episode


class Reward(Protocol):
    """(episode) → [N] or [N, T], higher is better."""

    @property
    def needs(self) -> frozenset[str]:
        """The optional Episode fields it reads."""
        ...

    def __call__(self, episode: Episode) -> Tensor: ...


def required(episode: Episode, name: str) -> Tensor:
    """An optional field that a reward cannot do without."""
    value = getattr(episode, name)
    if value is None:
        raise SummaeError(f"episode.{name} must be filled for a reward that needs it, got None")
    return value


def weighted_mean(values_NK: Tensor, weights_NK: Tensor) -> Tensor:
    """Σ_k w_k v_k / Σ_k w_k per row, 0 where all weights are 0: [N].

    Values of weight 0 are dropped, not multiplied, so an −inf or NaN on padding does no harm.
    """
    kept_NK = values_NK.masked_fill(weights_NK == 0, 0.0)
    total_N = weights_NK.sum(dim=1)
    return (kept_NK * weights_NK).sum(dim=1) / total_N.masked_fill(total_N == 0, 1.0)


def source_weights(episode: Episode, weighted: bool) -> Tensor:
    """The weight of every source piece, 0 on padding: idf-like, or all alike. [N, S]."""
    mask_NS = episode.source_mask
    return required(episode, "source_weights") * mask_NS if weighted else mask_NS
