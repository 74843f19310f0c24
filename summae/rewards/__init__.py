"""What a good summary is paid for. Higher is better, everywhere; no minus sign of a loss here.

A reward is a frozen dataclass called with an :class:`~summae.records.Episode`; it returns one figure
per summary, [N], or one per piece, [N, T] (0 on padding). ``needs`` names the Episode fields that it
reads beyond the draw and the source. It is pure: no model inside, the episode holds what models said.

| name | shape | gradient | asks |
|---|---|---|---|
| ``reconstruction`` | [N] | as ``rebuilt`` | can the source be rebuilt from the summary? |
| ``retrieval`` | [N] | as ``retrieval`` | can the source be told from others by the summary? |
| ``coverage`` | [N] | none | do the source's content words occur in the summary? |
| ``realism`` | [N] or [N, T] | as ``realism`` | does the critic take it for a real short text? |
| ``fluency`` | [N] | as ``fluency`` | is it likely under the short-text language model? |
| ``length`` | [N] | none | is it as long as wanted? |
| ``stay_close`` | [N, T] | none | would the warmed-up generator have said it? |

Several of them together are a :class:`summae.rewards.mixture.Mixture`.
"""

from summae.rewards.coverage import Coverage
from summae.rewards.fluency import Fluency
from summae.rewards.length import Length
from summae.rewards.realism import Realism
from summae.rewards.reconstruction import Reconstruction
from summae.rewards.retrieval import Retrieval
from summae.rewards.stay_close import StayClose

REWARDS = {
    "reconstruction": Reconstruction,
    "realism": Realism,
    "fluency": Fluency,
    "coverage": Coverage,
    "retrieval": Retrieval,
    "length": Length,
    "stay_close": StayClose,
}

__all__ = [
    "REWARDS",
    "Coverage",
    "Fluency",
    "Length",
    "Realism",
    "Reconstruction",
    "Retrieval",
    "StayClose",
]
