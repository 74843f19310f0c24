"""Runs of whole sentences: the only place that cuts a text into what a network reads at once.

Summarising, training and adapting cut by the same three rules:

1. neighbouring sentences are joined until a run has as many words as are wanted (:func:`runs`);
2. a run has no more than can be read, unless a single sentence has;
3. such a sentence is cut between words, into parts as even as possible (:func:`cuts`).

They differ in what they want: summarising a fixed number of words, and all of the text (:func:`covering_runs`);
training numbers drawn by chance, as users' texts differ, and only what is long enough (:func:`drawn_windows`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from summae.text.sentences import RuleSplitter, Span, sentences
from summae.text.words import word_spans, words

Run = tuple[int, int]  # numbers of its first sentence, and of the first behind it


def _always(first: int, last: int) -> bool:
    return True


def runs(sizes: Sequence[int], wanted: Callable[[], int], fit: Callable[[int, int], bool] = _always) -> Iterator[Run]:
    """Neighbours joined until their ``sizes`` add up to what ``wanted`` says, asked anew for each run; the last run may
    have less, and so may one that would not ``fit`` (first, last) with the next neighbour.
    """
    first, size, least = 0, 0, wanted()
    for place, each in enumerate(sizes):
        if place > first and (size >= least or not fit(first, place + 1)):
            yield first, place
            first, size, least = place, 0, wanted()
        size += each
    if first < len(sizes):
        yield first, len(sizes)


def covering_runs(text: str, spans: Sequence[Span], least: int) -> list[Span]:
    """The sentences at ``spans`` joined until each run has ``least`` words; a shorter rest joins the run before it."""
    sizes = [len(words(text[start:end])) for start, end in spans]
    found = list(runs(sizes, lambda: least))
    if len(found) > 1 and sum(sizes[slice(*found[-1])]) < least:
        found[-2:] = [(found[-2][0], found[-1][1])]
    return [Span(spans[first].start, spans[last - 1].end) for first, last in found]


def drawn_windows(texts: Iterable[str], length: tuple[int, int], seed: int = 0) -> list[str]:
    """Runs of ``length[0]`` … ``length[1]`` words, joined up to a number drawn from these; what is shorter is left out.

    Sentences are found by our own rule: pysbd would take hours for a corpus.
    """
    low, high = length
    random = np.random.default_rng(seed)
    found: list[str] = []
    for text in texts:
        spans = [part for span in sentences(text, splitter=RuleSplitter()) for part in _parts(text, span, high)]
        sizes = [len(words(text[start:end])) for start, end in spans]

        def fit(first: int, last: int, sizes: list[int] = sizes) -> bool:
            return sum(sizes[first:last]) <= high

        for first, last in runs(sizes, lambda: int(random.integers(low, high + 1)), fit):
            if sum(sizes[first:last]) >= low:
                found.append(" ".join(text[spans[first].start : spans[last - 1].end].split()))
    return found


def _parts(text: str, sentence: Span, most: int) -> list[Span]:
    """The sentence; one of more than ``most`` words in parts."""
    starts = [sentence.start + start for start, _ in word_spans(text[sentence.start : sentence.end])]
    if len(starts) <= most:
        return [sentence]
    edges = [sentence.start, *(starts[first] for first, _ in cuts(range(len(starts)), most) if first), sentence.end]
    return [Span(start, end) for start, end in zip(edges, edges[1:], strict=False)]


def cuts(word_ids: Sequence[int | None], most: int) -> Iterator[tuple[int, int]]:
    """Runs of at most ``most`` pieces, as even as possible, cut where a word begins if there is such a place;
    ``word_ids``: of each piece the word that it belongs to.
    """
    total, first = len(word_ids), 0
    while first < total:
        parts = -(-(total - first) // most)
        last = min(first + -(-(total - first) // parts), total)
        while parts > 1 and last > first + 1 and word_ids[last] == word_ids[last - 1]:
            last -= 1
        if last == first + 1 and parts > 1:
            last = first + most  # one endless word
        yield first, last
        first = last
