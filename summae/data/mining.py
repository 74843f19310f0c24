"""Pairs that are found, not given: a real short text and a real source that tells nearly all of it.

    coverage(y, x) = Σ_{w ∈ y ∩ x} idf(w) / Σ_{w ∈ y} idf(w)         over the stems of content words

News repeats itself: the headline of one year fits the report of another. Mining comparable texts is how translation
found its first unsupervised pairs (Munteanu & Marcu 2005); here both sides are unpaired, and nothing but their words
is compared. Such pairs show what no pseudo-summary can: how people word a summary.

A pair counts only if it would not teach to invent or to reorder: every number and every capitalised word of the short
text stands in the source, its first content word among the source's first ``EARLY``, and the shared words come in the
same order, nearly.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from summae.text.stems import Stems
from summae.text.words import is_function_word, words

EARLY = 14  # content words of a source, from its beginning
READ = 40  # words of a source, from its beginning, that are compared
IN_ORDER = 0.75  # share of the shared words that must come in the source's order
SHARED = 3  # words, at least
ORDER = 0.3  # weight of the share in order beside the coverage, among sources that cover one short text
NONE = np.zeros(0, dtype=np.int32)


@dataclass(frozen=True)
class Index:
    """Sources by the stems of their content words."""

    places: dict[str, np.ndarray]  # stem → numbers of the sources that have it, ascending
    early: dict[str, np.ndarray]  # the same for their first ``EARLY`` content words
    size: int

    @classmethod
    def of(cls, contents: Sequence[Sequence[str]]) -> Index:
        return cls(_postings(contents), _postings([stems[:EARLY] for stems in contents]), len(contents))

    def idf(self, stem: str) -> float:
        """−log of the share of sources that have it, nats; an unknown stem counts as one source."""
        return math.log(self.size / max(len(self.places.get(stem, NONE)), 1))

    def covering(self, stems: set[str], among: np.ndarray, least: float) -> list[tuple[int, float]]:
        """(source, coverage) of those ``among`` the sources (ascending) that cover at least the share ``least``."""
        weights = {stem: self.idf(stem) for stem in stems}
        total = sum(weights.values())
        if total <= 0 or not len(among):
            return []
        scores = np.zeros(len(among))
        for stem, weight in weights.items():
            there = self.places.get(stem, NONE)
            if len(there):
                at = np.minimum(np.searchsorted(there, among), len(there) - 1)
                scores += weight * (there[at] == among)
        return [(int(among[i]), float(scores[i] / total)) for i in np.flatnonzero(scores >= least * total)]


def _postings(contents: Sequence[Sequence[str]]) -> dict[str, np.ndarray]:
    lists: dict[str, list[int]] = {}
    for number, stems in enumerate(contents):
        for stem in set(stems):
            lists.setdefault(stem, []).append(number)
    return {stem: np.asarray(found, dtype=np.int32) for stem, found in lists.items()}


def mine(
    sources: Sequence[str], short_texts: Sequence[str], stem: Stems, *, least: float = 0.6, each: int = 2
) -> Iterator[tuple[str, str]]:
    """(source, short text) pairs, at most ``each`` per short text: those with the best coverage and order. ``stem``:
    what words are compared by.
    """

    def content(found: list[str]) -> list[str]:
        return [stem(word) for word in found if not is_function_word(word)]

    contents = [content(words(source)[:READ]) for source in sources]
    index = Index.of(contents)
    for text in short_texts:
        found = words(text)
        wanted = content(found)
        must = {stem(word) for place, word in enumerate(found) if _must_match(word, place)}
        among = index.early.get(wanted[0], NONE) if wanted else NONE
        scored = []
        for number, coverage in index.covering(set(wanted), among, least):
            share = in_order(wanted, contents[number])
            if must <= set(contents[number]) and share >= IN_ORDER:
                scored.append((coverage + ORDER * share, number))
        for _, number in sorted(scored, reverse=True)[:each]:
            yield sources[number], text


def _must_match(word: str, place: int) -> bool:
    return any(map(str.isdigit, word)) or (place > 0 and word[:1].isupper() and not is_function_word(word))


def in_order(wanted: Sequence[str], there: Sequence[str]) -> float:
    """The share of the shared words in the longest rising run of their places; 0 for fewer than ``SHARED``."""
    first: dict[str, int] = {}
    for place, word in enumerate(there):
        first.setdefault(word, place)
    places = [first[word] for word in wanted if word in first]
    if len(places) < SHARED:
        return 0.0
    tails: list[int] = []  # patience sorting: the least end of a rising run of every length
    for place in places:
        at = bisect_left(tails, place)
        tails[at : at + 1] = [place]
    return len(tails) / len(places)
