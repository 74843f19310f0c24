"""Stay close: do not unlearn the language of the warmed-up generator.

r_i = −(log G(y_i | y_<i, x) − log G_warm(y_i | y_<i, x)), nats, per piece. For y ~ G the expected
sum over pieces is −KL(G(· | x) ‖ G_warm(· | x)); one sample estimates it without bias, so r_i can be
positive. Taken as a number through the score function it also has the gradient of the KL, exactly
when ``discount`` is 1 (Ziegler et al. 2019).

Relations: the estimators' ``entropy`` is this against a uniform ``G_warm``, up to a constant per piece;
``fluency`` asks a language model that has not seen the source.
"""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from summae.options import Options, options
from summae.records import Episode
from summae.rewards.reward import required


@options
class StayCloseReward(Options):
    needs: ClassVar[frozenset[str]] = frozenset({"stay_close"})

    def __call__(self, episode: Episode) -> Tensor:
        mask_NT = episode.draw.mask
        return -required(episode, "stay_close").detach().masked_fill(mask_NT == 0, 0.0)
