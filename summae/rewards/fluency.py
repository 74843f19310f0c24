"""Fluency: how likely the summary is under the language model of real short texts.

m = Σ_t max(log p_LM(y_t | y_<t), floor) / T over the T real pieces, nats per piece: divided by the
summary's own length, or the shortest summary would always win. ``exp_scale`` σ softens it to
exp(−perplexity / σ), perplexity = exp(−m), in 0..1 (σ = 1000 is usual), which stops paying once a
summary is fluent enough.

Relations: ``realism`` learns the same from a critic; ``stay_close`` asks the warmed-up generator.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, Strict
from torch import Tensor

from summae.options import Options, Positive, options
from summae.records import Episode
from summae.rewards.reward import required, weighted_mean


@options
class FluencyReward(Options):
    floor: Annotated[float, Strict(), Field(lt=0)] | None = (
        None  # nats; one odd piece (a name, a number) costs no more than this
    )
    exp_scale: Positive | None = None  # σ, perplexity; None: nats as they are

    needs: ClassVar[frozenset[str]] = frozenset({"fluency"})

    def __call__(self, episode: Episode) -> Tensor:
        log_probs_NT = required(episode, "fluency")
        if self.floor is not None:
            log_probs_NT = log_probs_NT.clamp_min(self.floor)
        mean_N = weighted_mean(log_probs_NT, episode.draw.mask)
        if self.exp_scale is None:
            return mean_N
        # Beyond exp(50) the reward is 0 anyway, and the gradient of an infinite perplexity is NaN.
        return (-mean_N.clamp_min(-50.0).neg().exp() / self.exp_scale).exp()
