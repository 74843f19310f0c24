"""Fluency: how likely the summary is under the language model of real short texts.

m = Σ_t max(log p_LM(y_t | y_<t), floor) / T over the T real pieces, nats per piece: divided by the
summary's own length, or the shortest summary would always win. ``exp_scale`` σ softens it to
exp(−perplexity / σ), perplexity = exp(−m), in 0..1 (σ = 1000 is usual), which stops paying once a
summary is fluent enough.

Relations: ``realism`` learns the same from a critic; ``stay_close`` asks the warmed-up generator.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from summae.errors import SummaeError
from summae.records import Episode
from summae.rewards.reading import required, weighted_mean


@dataclass(frozen=True, kw_only=True)
class Fluency:
    floor: float | None = None  # nats, < 0; one odd piece (a name, a number) costs no more than this
    exp_scale: float | None = None  # σ, perplexity, > 0; None: nats as they are

    needs: ClassVar[frozenset[str]] = frozenset({"fluency"})

    def __post_init__(self) -> None:
        if self.floor is not None and not self.floor < 0:
            raise SummaeError(f"fluency floor must be below 0 or null, got {self.floor}")
        if self.exp_scale is not None and not 0 < self.exp_scale < float("inf"):
            raise SummaeError(f"fluency exp_scale must be above 0 or null, got {self.exp_scale}")

    def __call__(self, episode: Episode) -> Tensor:
        log_probs_NT = required(episode, "fluency")
        if self.floor is not None:
            log_probs_NT = log_probs_NT.clamp_min(self.floor)
        mean_N = weighted_mean(log_probs_NT, episode.draw.mask)
        if self.exp_scale is None:
            return mean_N
        # Beyond exp(50) the reward is 0 anyway, and the gradient of an infinite perplexity is NaN.
        return (-mean_N.clamp_min(-50.0).neg().exp() / self.exp_scale).exp()
