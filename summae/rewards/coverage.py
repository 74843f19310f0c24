"""Coverage: the weighted share of the source's content pieces that occur in the summary.

r = Σ_s w_s [x_s ∈ y] / Σ_s w_s over source pieces with w_s > ``content_above``; in 0..1. A piece
that the source repeats counts as often as it stands there; one that the summary repeats, once.

Relations: ``reconstruction`` with a reconstructor that can only copy. No model, no gradient; copying
everything would earn 1, so it belongs beside ``length`` and a hard budget.
Legend: N rows, S source pieces, T summary pieces.
"""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from summae.options import NotNegative, Options, options
from summae.records import Episode
from summae.rewards.reward import source_weights, weighted_mean


@options
class CoverageReward(Options):
    content_above: NotNegative = 0.0  # in the unit of source_weights; pieces up to it do not count

    needs: ClassVar[frozenset[str]] = frozenset({"source_weights"})

    def __call__(self, episode: Episode) -> Tensor:
        weights_NS = source_weights(episode, weighted=True).detach()
        weights_NS = weights_NS * (weights_NS > self.content_above)
        said_NST = episode.source_ids[:, :, None] == episode.draw.ids[:, None, :]
        said_NS = (said_NST & (episode.draw.mask[:, None, :] > 0)).any(dim=2)
        return weighted_mean(said_NS.to(weights_NS.dtype), weights_NS)
