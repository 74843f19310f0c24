"""How much of a summary is lifted from its source: the figures that ROUGE hides.

Words are those of :func:`summae.metrics.rouge.tokens`, unstemmed, so case and punctuation do not count.
A share that is not defined (no word, no pair) is NaN and is left out of means.

Relations: ``novel_share`` is the unigram novelty of See, Liu and Manning 2017 (arXiv:1704.04368, figure 6);
``1 − copy_rate`` is their bigram novelty, taken over adjacent pairs with repetition.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np

from summae.metrics.rouge import tokens
from summae.text.words import budget_units

FIRST = 4  # words


@dataclass(frozen=True, kw_only=True)
class Copying:
    """Shares from 0 to 1, of one summary or the mean over many."""

    copy_rate: float  # adjacent word pairs that are adjacent in the source too
    first_four: float  # 1 when the summary begins with the source's first four words
    novel_share: float  # words that the source does not have


def copy_rate(summary: str, source: str) -> float:
    """Share of adjacent word pairs of ``summary`` that stand side by side in ``source``."""
    pairs = list(pairwise(tokens(summary)))
    of_source = set(pairwise(tokens(source)))
    return sum(pair in of_source for pair in pairs) / len(pairs) if pairs else float("nan")


def starts_alike(summary: str, source: str) -> bool:
    """Whether both begin with the same four words; a shorter summary only equals a source as short."""
    return tokens(summary)[:FIRST] == tokens(source)[:FIRST]


def novel_share(summary: str, source: str) -> float:
    """Share of the words of ``summary`` that ``source`` does not contain."""
    words, known = tokens(summary), set(tokens(source))
    return sum(word not in known for word in words) / len(words) if words else float("nan")


def measure(summary: str, source: str) -> Copying:
    """All shares for one summary."""
    return Copying(
        copy_rate=copy_rate(summary, source),
        first_four=float(starts_alike(summary, source)),
        novel_share=novel_share(summary, source),
    )


def _defined_mean(values: Iterable[float]) -> float:
    defined = [value for value in values if not math.isnan(value)]
    return float(np.mean(defined)) if defined else float("nan")


def mean_copying(summaries: Sequence[str], sources: Sequence[str]) -> Copying:
    """The mean of every share over the pairs on which it is defined."""
    measured = [measure(*pair) for pair in zip(summaries, sources, strict=True)]
    names = [field.name for field in fields(Copying)]
    return Copying(**{name: _defined_mean(getattr(each, name) for each in measured) for name in names})


def mean_length(texts: Sequence[str]) -> float:
    """Mean number of what a word budget counts, per text."""
    return _defined_mean(len(budget_units(text)) for text in texts)
