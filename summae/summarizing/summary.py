"""What comes out: a summary, its scores, and a note when it is not what was asked for."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

from summae.summarizing.features import SCORE

TOO_SHORT = "text too short to summarise: returned as it is"
EMPTY = "text is empty: there is nothing to summarise"
NOT_FOUND = "no summary found within the budget: words of the text instead"
PHRASE = "no sentence fits the budget: a phrase of the text instead"
UNFAMILIAR = "the model has hardly seen this language: the summary may be poor"
UNREADABLE = "the model does not know this script: words of the text instead"
_OLD_SCORE = "merit"  # what 0.1 called the ranking score


class Scores(dict[str, float]):
    """Name → figure. ``"merit"``, as 0.1 called ``"score"``, still answers, with a warning."""

    def __missing__(self, name: str) -> float:
        if name == _OLD_SCORE and SCORE in self:
            warnings.warn(f"scores['{_OLD_SCORE}'] is scores['{SCORE}'] now", DeprecationWarning, stacklevel=2)
            return self[SCORE]
        raise KeyError(name)


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A summary, how good the model finds it, and a note when it is not what was asked for."""

    text: str
    #: ``words``; and of a summary that was ranked: its features (:data:`summae.summarizing.features.FEATURES`; those
    #: that the model or the style does not have are missing) and ``score``, by which it was chosen
    scores: dict[str, float] = field(default_factory=Scores)
    note: str | None = None
    #: abbreviations that a model may have used → what stands for them in the text
    abbreviations: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        old = {_OLD_SCORE: self.scores[SCORE]} if SCORE in self.scores else {}  # for readers of the JSON of 0.1
        return {"summary": self.text, "scores": {**self.scores, **old}, "note": self.note}
