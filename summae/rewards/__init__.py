"""Reward functions. Higher is better, everywhere; no minus sign of a loss here.

A reward is a class of options (:mod:`summae.options`), called with an :class:`~summae.records.Episode`; it returns one
figure per summary, [N], or one per piece, [N, T] (0 on padding). ``needs`` names the Episode fields that it reads
beyond the draw and the source. It is pure: no model inside, the episode holds what models said.

| name | shape | gradient | asks |
|---|---|---|---|
| ``reconstruction`` | [N] | as ``rebuilt`` | can the source be rebuilt from the summary? |
| ``retrieval`` | [N] | as ``retrieval`` | can the source be told from others by the summary? |
| ``coverage`` | [N] | none | do the source's content words occur in the summary? |
| ``realism`` | [N] or [N, T] | as ``realism`` | does the critic take it for a real short text? |
| ``fluency`` | [N] | as ``fluency`` | is it likely under the short-text language model? |
| ``length`` | [N] | none | is it as long as wanted? |
| ``stay_close`` | [N, T] | none | would the warmed-up generator have said it? |

Several of them together are a :class:`summae.rewards.mixture.RewardMixture`.
"""

from summae.rewards.coverage import CoverageReward
from summae.rewards.fluency import FluencyReward
from summae.rewards.length import LengthReward
from summae.rewards.realism import RealismReward
from summae.rewards.reconstruction import ReconstructionReward
from summae.rewards.retrieval import RetrievalReward
from summae.rewards.stay_close import StayCloseReward

REWARDS = {
    "reconstruction": ReconstructionReward,
    "realism": RealismReward,
    "fluency": FluencyReward,
    "coverage": CoverageReward,
    "retrieval": RetrievalReward,
    "length": LengthReward,
    "stay_close": StayCloseReward,
}

__all__ = [
    "REWARDS",
    "CoverageReward",
    "FluencyReward",
    "LengthReward",
    "RealismReward",
    "ReconstructionReward",
    "RetrievalReward",
    "StayCloseReward",
]
