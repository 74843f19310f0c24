"""What a summary kept and lost of its text: the record that :mod:`summae.explanation.attribution` fills,
:mod:`summae.explanation.html_page` and :mod:`summae.explanation.terminal` draw. All places are characters,
``[start, end)``.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

from summae.metrics.faithful import UnsupportedWord

DIGITS = 3  # of bits and shares in :meth:`Explanation.to_dict`


@dataclass(frozen=True, kw_only=True)
class ExplainedToken:
    """A word of the text, or the marks between two."""

    start: int
    end: int
    bits: float  # gain: how much cheaper it is to rebuild thanks to the summary; below 0: a negative gain


@dataclass(frozen=True, kw_only=True)
class ExplainedSentence:
    start: int
    end: int
    coverage: float  # share of its information that the summary gives away, at most 1
    lost: bool  # the summary gives away next to nothing of it


@dataclass(frozen=True, kw_only=True)
class Attribution:
    """A word of the summary, and what of the text would be lost without it."""

    word: str
    start: int  # in the summary
    end: int
    tokens: tuple[int, ...]  # attributed to it: places in ``Explanation.tokens``, those that lose most first
    gains: tuple[float, ...]  # bits that each of them would lose
    bits: float  # that the whole text would lose


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Of one summary of one text. ``tokens`` and ``sentences`` are in order; what R has not read has none."""

    text: str
    summary: str
    coverage: float  # share of the text's information that the summary gives away, at most 1
    coverage_bits: float  # the sum of the tokens' bits
    tokens: tuple[ExplainedToken, ...]
    sentences: tuple[ExplainedSentence, ...]
    attributions: tuple[Attribution, ...]  # one for each word of the summary, in order
    unsupported: tuple[UnsupportedWord, ...]
    read: float = 1.0  # share of the text that R has read: 1, except for very long texts
    note: str | None = None  # why the figures say little, if they do

    @property
    def rescued(self) -> tuple[Attribution, ...]:
        """``attributions`` as 0.1 called them; warns."""
        warnings.warn("Explanation.rescued is now called attributions", DeprecationWarning, stacklevel=2)
        return self.attributions

    def to_dict(self) -> dict[str, Any]:
        """All but the two texts, ready for JSON."""
        return {
            "coverage": round(self.coverage, DIGITS + 1),
            "coverage_bits": round(self.coverage_bits, DIGITS),
            "read": round(self.read, DIGITS),
            "note": self.note,
            "tokens": [{**vars(each), "bits": round(each.bits, DIGITS)} for each in self.tokens],
            "sentences": [{**vars(each), "coverage": round(each.coverage, DIGITS + 1)} for each in self.sentences],
            "rescued": [_attribution(each) for each in self.attributions],  # the name that 0.1 gave them
            "unsupported": [each.to_dict() for each in self.unsupported],
        }


def _attribution(each: Attribution) -> dict[str, Any]:
    gains = [round(gain, DIGITS) for gain in each.gains]
    return {**vars(each), "tokens": list(each.tokens), "gains": gains, "bits": round(each.bits, DIGITS)}
