"""Which windows of a document are worth compressing: those that tell most about all of it.

Two steps, so that the networks' work is bounded whatever the length. First every window gets a cheap score,
the summed weight of its distinct content words (how common in the document, how rare elsewhere, how usual in
short texts). The best few go to R: with a window's most salient words as a stand-in for its summary, how much
better is a sample of the document rebuilt than from nothing?

For a summary of one line (:func:`choose`) the document is judged as a whole. For one of several
(:func:`choose_in_turn`) each stretch of it is judged by itself, and words that a window of an earlier stretch
stands for count no more: a greedy cover (Nemhauser et al. 1978) of content words, one window of every stretch.

Bounds: ``MOST_CANDIDATES`` · ``judging.MOST_CHUNKS`` = 64 runs of R of one chunk each for a document, and
``STRETCH_CANDIDATES`` · ``STRETCH_CHUNKS`` = 18 for a stretch, of which there are as many as lines are asked for.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Container, Sequence

import numpy as np

from summae.summarizing.document import Document, Window
from summae.summarizing.rank import Judge, Sample
from summae.text.encoding import SourceEncoder

MOST_CANDIDATES = 8
STRETCH_CANDIDATES = 6
STRETCH_CHUNKS = 3
UNKNOWN = -1.0  # bits: the salience of a word that is in no table
Weight = Callable[[str], float]


def choose(
    document: Document, judge: Judge, encoder: SourceEncoder, *, count: int, words: int
) -> tuple[list[int], Sample]:
    """Places of the ``count`` windows that are best by themselves, best first, the first window being one of them;
    and the sample they were judged on.
    """
    weight = _word_weight(document)
    candidates = sorted(dict.fromkeys([0, *_by_weight(document, weight)][: max(MOST_CANDIDATES, count)]))
    sample = judge.sample(document, [document.chunk_of[place] for place in candidates])
    if len(candidates) == 1:
        return candidates, sample
    stand_ins = [_salient_words(document.windows[place], weight, words) for place in candidates]
    gains_C = judge.gains(encoder.tokenizer.encode_batch(stand_ins), sample).sum(axis=1)
    return [candidates[place] for place in _best(gains_C, count)], sample


def choose_in_turn(
    stretches: Sequence[Document], judge: Judge, encoder: SourceEncoder, *, count: int, words: Sequence[int]
) -> list[tuple[list[int], Sample]]:
    """Of each stretch the places of at most ``count`` windows, best first, and the sample they were judged on;
    ``words`` of one of them will be told.
    """
    found: list[tuple[list[int], Sample]] = []
    told: set[str] = set()
    for stretch, room in zip(stretches, words, strict=True):
        weight = _word_weight(stretch, told)
        first = [] if found else [0]  # the beginning is always considered
        candidates = sorted(list(dict.fromkeys([*first, *_by_weight(stretch, weight)]))[:STRETCH_CANDIDATES])
        sample = judge.sample(stretch, [stretch.chunk_of[place] for place in candidates], STRETCH_CHUNKS)
        stand_ins = [_salient_words(stretch.windows[place], weight, room) for place in candidates]
        order = [0]
        if len(candidates) > 1:
            gains_C = judge.gains(encoder.tokenizer.encode_batch(stand_ins), sample).sum(axis=1)
            order = np.argsort(-gains_C, kind="stable").tolist()[:count]
        told.update(stand_ins[order[0]].split())
        found.append(([candidates[place] for place in order], sample))
    return found


def weightiest(document: Document) -> Window:
    """The window with the best cheap score: for what the networks cannot read."""
    return document.windows[_by_weight(document, _word_weight(document))[0]]


def _word_weight(document: Document, told: Container[str] = ()) -> Weight:
    """log₂(1 + windows with w) · idf(w) · 2^(r(w) / 2) for salience r ≤ 0: the content of the document, as a
    headline would name it. An unknown word has r = ``UNKNOWN``; one with digits counts half, one ``told`` nothing.
    """
    table = document.salience
    spread = Counter(word for window in document.windows for word in set(window.words))

    def weight(word: str) -> float:
        if word in told:
            return 0.0
        ratio = min(table.ratios.get(word, UNKNOWN), 0.0) - 2 * any(map(str.isdigit, word))
        return math.log2(1 + spread[word]) * table.information(word) * 2 ** (ratio / 2)

    return weight


def _by_weight(document: Document, weight: Weight) -> list[int]:
    """The windows by falling cheap score."""
    scores = [sum(map(weight, dict.fromkeys(each.words))) / math.sqrt(len(each.words) + 5) for each in document.windows]
    return sorted(range(len(scores)), key=lambda place: -scores[place])


def _salient_words(window: Window, weight: Weight, count: int) -> str:
    """The ``count`` weightiest words of the window, in its order."""
    heaviest = sorted(set(window.words), key=lambda word: (-weight(word), word))[:count]
    return " ".join(word for word in dict.fromkeys(window.words) if word in heaviest)


def _best(gains_C: np.ndarray, count: int) -> list[int]:
    """The ``count`` candidates that gain most, the first being one of them: the beginning is always considered."""
    order = np.argsort(-gains_C, kind="stable").tolist()
    return order[:count] if 0 in order[:count] else [*order[: count - 1], 0]
