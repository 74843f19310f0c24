"""Planning: how many lines a summary gets, from which part of the text each, and which windows are worth telling.

A length above what can be said at once takes several lines: the text is split into as many equal segments, each of them
gives the line of its best window, in document order. So the networks' work grows with the summary, not with the text.

Windows are chosen in two steps, so that the networks' work is bounded whatever the length. First every window gets a
cheap score, the summed weight of its distinct content words (how common in the document, how rare elsewhere, how usual
in short texts). The best few go to R: with a window's most salient words as a stand-in for its summary, how much
better is a sample of the document rebuilt than from nothing?

For a summary of one line (:func:`choose`) the document is judged as a whole. For one of several
(:func:`choose_in_turn`) each segment of it is judged by itself, and words that a window of an earlier segment
stands for count no more: a greedy cover (Nemhauser et al. 1978) of content words, one window of every segment.

Bounds: ``WINDOWS_JUDGED`` · ``rank.MOST_CHUNKS`` = 64 runs of R of one chunk each for a document, and
``SEGMENT_WINDOWS_JUDGED`` · ``SEGMENT_CHUNKS`` = 18 for a segment, of which there are as many as lines are asked for.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

import numpy as np

from summae.summarizing.centrality import Centrality
from summae.summarizing.document import Document, Window
from summae.summarizing.length import Limit
from summae.summarizing.rank import ChunkSample, Judge
from summae.text.encoding import SourceEncoder

WINDOWS_JUDGED = 8  # by R, of a whole document
SEGMENT_WINDOWS_JUDGED = 6
SEGMENT_CHUNKS = 3  # that R rebuilds of a segment
TYPICAL_WORDS = 5  # added to a window's, so that a very short one is not the densest
DIGIT_PENALTY = 2  # bits of salience: a number is half as telling as a word
UNKNOWN = -1.0  # bits: the salience of a word that is in no table
WINDOWS_PER_LINE = 5  # that proposals are made of
Weight = Callable[[str], float]


@dataclass(frozen=True)
class Line:
    """What one line of a summary is to tell, and in how much room."""

    segment: Document  # the part of the text that it tells; of an only line, all of it
    limit: Limit
    windows: list[int]  # places of those worth telling, best first
    sample: ChunkSample  # of the segment, that candidates are judged on
    centrality: Centrality  # in the whole text
    only: bool  # the summary has no other line: it may well tell what the text begins with
    proposers: tuple[str, ...]  # that say it, of ``summae.summarizing.proposers.PROPOSERS`` …
    otherwise: tuple[str, ...] = ()  # … and those that do where these find nothing


@dataclass(frozen=True)
class Plan:
    """The lines of a summary, in the order of the text."""

    document: Document
    limit: Limit
    lines: list[Line]


def segments_of(document: Document, limit: Limit, longest: int) -> tuple[list[Document], list[Limit]]:
    """The parts of the text that get a line each, of at most ``longest`` words, and the limits of these."""
    parts = min(limit.parts(longest), len(document.windows))
    return document.segments(parts), limit.shared(parts)


def plan(
    document: Document,
    limit: Limit,
    longest: int,
    judge: Judge,
    encoder: SourceEncoder,
    proposers: tuple[str, ...] = ("generator",),
    otherwise: tuple[str, ...] = (),
) -> Plan:
    """For a text of at least one window; ``longest``: words of a line at most."""
    segments, limits = segments_of(document, limit, longest)
    words = [min(each.ask, longest) for each in limits]
    if len(segments) == 1:
        chosen = [choose(document, judge, encoder, count=WINDOWS_PER_LINE, words=words[0])]
    else:
        chosen = choose_in_turn(segments, judge, encoder, count=WINDOWS_PER_LINE, words=words)
    centrality = Centrality(document)
    only = len(segments) == 1
    lines = [
        Line(segment, each, windows, sample, centrality, only, proposers, otherwise)
        for segment, each, (windows, sample) in zip(segments, limits, chosen, strict=True)
    ]
    return Plan(document, limit, lines)


def choose(
    document: Document, judge: Judge, encoder: SourceEncoder, *, count: int, words: int
) -> tuple[list[int], ChunkSample]:
    """Places of the ``count`` windows that are best by themselves, best first, the first window being one of them;
    and the sample they were judged on.
    """
    weight = word_weight(document)
    candidates = sorted(dict.fromkeys([0, *_by_weight(document, weight)][: max(WINDOWS_JUDGED, count)]))
    sample = judge.sample(document, [document.chunk_of[place] for place in candidates])
    if len(candidates) == 1:
        return candidates, sample
    stand_ins = [_salient_words(document.windows[place], weight, words) for place in candidates]
    gains_C = judge.gains(encoder.tokenizer.encode_batch(stand_ins), sample).sum(axis=1)
    return [candidates[place] for place in _best(gains_C, count)], sample


def choose_in_turn(
    segments: Sequence[Document], judge: Judge, encoder: SourceEncoder, *, count: int, words: Sequence[int]
) -> list[tuple[list[int], ChunkSample]]:
    """Of each segment the places of at most ``count`` windows, best first, and the sample they were judged on;
    ``words`` of one of them will be said.
    """
    found: list[tuple[list[int], ChunkSample]] = []
    covered: set[str] = set()
    for segment, room in zip(segments, words, strict=True):
        weight = word_weight(segment, covered)
        first = [] if found else [0]  # the beginning is always considered
        candidates = sorted(list(dict.fromkeys([*first, *_by_weight(segment, weight)]))[:SEGMENT_WINDOWS_JUDGED])
        sample = judge.sample(segment, [segment.chunk_of[place] for place in candidates], SEGMENT_CHUNKS)
        stand_ins = [_salient_words(segment.windows[place], weight, room) for place in candidates]
        order = [0]
        if len(candidates) > 1:
            gains_C = judge.gains(encoder.tokenizer.encode_batch(stand_ins), sample).sum(axis=1)
            order = np.argsort(-gains_C, kind="stable").tolist()[:count]
        covered.update(stand_ins[order[0]].split())
        found.append(([candidates[place] for place in order], sample))
    return found


def weightiest(document: Document) -> Window:
    """The window with the best cheap score: for what the networks cannot read."""
    return document.windows[_by_weight(document, word_weight(document))[0]]


def word_weight(document: Document, covered: Container[str] = ()) -> Weight:
    """log₂(1 + windows with w) · idf(w) · 2^(r(w) / 2) for salience r ≤ 0: the content of the document, as a
    headline would name it. An unknown word has r = ``UNKNOWN``; one with digits counts half, one ``covered`` by another
    line nothing.
    """
    table = document.salience
    spread = Counter(word for window in document.windows for word in set(window.words))

    def weight(word: str) -> float:
        if word in covered:
            return 0.0
        ratio = min(table.ratios.get(word, UNKNOWN), 0.0) - DIGIT_PENALTY * any(map(str.isdigit, word))
        return math.log2(1 + spread[word]) * table.information(word) * 2 ** (ratio / 2)

    return weight


def by_weight_scores(document: Document, weight: Weight) -> list[float]:
    """The cheap score of every window."""
    return [
        sum(map(weight, dict.fromkeys(each.words))) / math.sqrt(len(each.words) + TYPICAL_WORDS)
        for each in document.windows
    ]


def _by_weight(document: Document, weight: Weight) -> list[int]:
    """The windows by falling cheap score."""
    scores = by_weight_scores(document, weight)
    return sorted(range(len(scores)), key=lambda place: -scores[place])


def _salient_words(window: Window, weight: Weight, count: int) -> str:
    """The ``count`` weightiest words of the window, in its order."""
    heaviest = sorted(set(window.words), key=lambda word: (-weight(word), word))[:count]
    return " ".join(word for word in dict.fromkeys(window.words) if word in heaviest)


def _best(gains_C: np.ndarray, count: int) -> list[int]:
    """The ``count`` candidates that gain most, the first being one of them: the beginning is always considered."""
    order = np.argsort(-gains_C, kind="stable").tolist()
    return order[:count] if 0 in order[:count] else [*order[: count - 1], 0]
