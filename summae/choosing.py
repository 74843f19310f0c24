"""Which windows of a long document are worth compressing: those that tell most about all of it.

Two steps, so that the networks' work is bounded whatever the length. First every window gets a cheap score,
the summed weight of its distinct content words (how common in the document, how rare elsewhere, how usual in
short texts). The best ``MOST_CANDIDATES`` go to R: with a window's most salient words as a stand-in for its
summary, how much better is a sample of the document rebuilt than from nothing?

Bound: at most ``MOST_CANDIDATES`` · ``judging.MOST_CHUNKS`` runs of R of one chunk each, 64.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

import numpy as np

from summae.documents import Document, Window
from summae.judging import Judge, Sample
from summae.text.encoding import SourceEncoder

MOST_CANDIDATES = 8
UNKNOWN = -1.0  # bits: the salience of a word that is in no table
Weight = Callable[[str], float]


def choose(
    document: Document, judge: Judge, encoder: SourceEncoder, *, count: int, words: int, spread: bool
) -> tuple[list[int], Sample]:
    """Places of the ``count`` best windows, best first, and the sample they were judged on.

    ``spread=False``: each as good as possible by itself, and the first window (one of them will be the summary).
    ``spread=True``: as good as possible together (all of them will): a window that tells what another has told
    gains nothing.
    """
    weight = _word_weight(document, encoder)
    best = _by_weight(document, weight)
    candidates = sorted(dict.fromkeys([0, *best][: max(MOST_CANDIDATES, count)]))  # in document order
    sample = judge.sample(document, [document.chunk_of[place] for place in candidates])
    if len(candidates) <= (count if spread else 1):
        return candidates, sample
    stand_ins = [_salient_words(document.windows[place], weight, words) for place in candidates]
    gains_CP = judge.gains(encoder.tokenizer.encode_batch(stand_ins), sample)
    order = _together(gains_CP, count) if spread else _each(gains_CP, count)
    return [candidates[place] for place in order], sample


def weightiest(document: Document, encoder: SourceEncoder) -> Window:
    """The window with the best cheap score: for what the networks cannot read."""
    return document.windows[_by_weight(document, _word_weight(document, encoder))[0]]


def _word_weight(document: Document, encoder: SourceEncoder) -> Weight:
    """log₂(1 + windows with w) · idf(w) · 2^(r(w) / 2) for salience r ≤ 0: the content of the document, as a
    headline would name it. An unknown word has r = ``UNKNOWN``; one with digits counts half.
    """
    table = encoder.salience.of(document.text)
    spread = Counter(word for window in document.windows for word in set(window.words))

    def weight(word: str) -> float:
        ratio = min(table.ratios.get(word, UNKNOWN), 0.0) - 2 * any(map(str.isdigit, word))
        return math.log2(1 + spread[word]) * table.information(word) * 2 ** (ratio / 2)

    return weight


def _by_weight(document: Document, weight: Weight) -> list[int]:
    """The windows by falling cheap score."""
    scores = [sum(map(weight, set(each.words))) / math.sqrt(len(each.words) + 5) for each in document.windows]
    return sorted(range(len(scores)), key=lambda place: -scores[place])


def _salient_words(window: Window, weight: Weight, count: int) -> str:
    """The ``count`` weightiest words of the window, in its order."""
    heaviest = sorted(set(window.words), key=lambda word: (-weight(word), word))[:count]
    return " ".join(word for word in dict.fromkeys(window.words) if word in heaviest)


def _each(gains_CP: np.ndarray, count: int) -> list[int]:
    """The ``count`` rows that gain most, the first row being one of them: the beginning is always considered."""
    order = np.argsort(-gains_CP.sum(axis=1), kind="stable").tolist()
    return order[:count] if 0 in order[:count] else [*order[: count - 1], 0]


def _together(gains_CP: np.ndarray, count: int) -> list[int]:
    """Greedy choice of rows so that Σ_p max over the chosen of gain_p grows most each time (Nemhauser et al.
    1978).
    """
    chosen: list[int] = []
    best_P = np.zeros(gains_CP.shape[1])
    for _ in range(min(count, len(gains_CP))):
        totals = np.maximum(gains_CP, best_P).sum(axis=1)
        totals[chosen] = -np.inf
        chosen.append(int(totals.argmax()))
        best_P = np.maximum(best_P, gains_CP[chosen[-1]])
    return chosen
