"""A text cut into what the networks can read: *windows* for G, *chunks* for R.

A window is a run of whole sentences, long enough to be worth summarising; only a sentence that G could not
read in one go is cut, between words. Windows cover the text in order, so nothing is left out silently. A
chunk is what R rebuilds in one go: the pieces of neighbouring windows.

Time and memory are linear in the text (0.4 MB per 1,000 words: the tokeniser's own records are dropped every few
windows). What is done with networks is bounded: see :mod:`summae.summarizing.plan`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from tokenizers import Encoding

from summae.text.encoding import SourceEncoder
from summae.text.salience import SalienceTable
from summae.text.sentences import Span, sentences
from summae.text.weights import piece_weights, word_spans
from summae.text.windows import covering_runs, cuts
from summae.text.words import words

LEAST_WORDS = 10  # shorter sentences are joined with the next one: G has read 10 to 60 words in training
MOST_PIECES = 1.4  # per character, of a text in a script that the tokeniser has learnt
OUT_OF_DISTRIBUTION = 0.75  # normalised mean idf of a text in a language never learnt
LEAST_EVIDENCE = 10  # words, to say so
AT_ONCE = 256  # runs of sentences that the tokeniser reads together


@dataclass(frozen=True)
class Window:
    """A part of the text, at ``text[start:end]`` of it."""

    text: str
    start: int
    end: int
    ids: list[int]  # pieces
    weights: list[float]  # of each piece: its share of its word's idf, in bits / 16; 0 for marks
    words: tuple[str, ...]  # in lower case
    spans_P2: np.ndarray  # of each piece: where in the text its word (or mark) begins and ends


@dataclass(frozen=True)
class Document:
    """A text, windows of it in order, and the chunks they fall into."""

    text: str
    windows: list[Window]
    chunk_length: int  # pieces
    salience: SalienceTable  # of the domain that the whole text belongs to

    @property
    def readable(self) -> bool:
        """Whether the tokeniser knows the script: characters of others fall apart into two to four bytes."""
        pieces = sum(len(window.ids) for window in self.windows)
        return pieces <= MOST_PIECES * sum(len("".join(window.text.split())) for window in self.windows)

    @cached_property
    def mean_information(self) -> float:
        """The mean information of a running word, as a share of what a word never seen tells; 0 without words.

        In a language that the model has learnt most words are common ones: 0.3 to 0.45 at the median of texts; in
        another one 0.8 to 1 (docs/languages.md).
        """
        found = [word for window in self.windows for word in window.words]
        return sum(map(self.salience.information, found)) / max(self.salience.unseen_idf * len(found), 1e-9)

    @property
    def familiar(self) -> bool:
        """Whether the words look like a language that the model has learnt; a few of them prove nothing."""
        count = sum(len(window.words) for window in self.windows)
        return count < LEAST_EVIDENCE or self.mean_information <= OUT_OF_DISTRIBUTION

    def segments(self, count: int) -> list[Document]:
        """``count`` ≤ windows documents of neighbouring windows, as many in each; one is the document itself."""
        if count == 1:
            return [self]
        edges = np.linspace(0, len(self.windows), count + 1).round().astype(int).tolist()
        return [
            Document(self.text, self.windows[first:last], self.chunk_length, self.salience)
            for first, last in zip(edges, edges[1:], strict=False)
        ]

    @cached_property
    def chunks(self) -> list[tuple[list[int], list[float]]]:
        """(pieces, weights) of all windows in order, packed into chunks of at most ``chunk_length``."""
        return self._packed[0]

    @cached_property
    def chunk_of(self) -> list[int]:
        """For every window: the chunk where it begins."""
        return self._packed[1]

    @cached_property
    def _packed(self) -> tuple[list[tuple[list[int], list[float]]], list[int]]:
        chunks: list[tuple[list[int], list[float]]] = []
        begins: list[int] = []
        for window in self.windows:
            whole = chunks and len(chunks[-1][0]) + len(window.ids) <= self.chunk_length
            parts = 1 if whole else -(-len(window.ids) // self.chunk_length)
            if not whole:
                chunks += [([], []) for _ in range(parts)]
            begins.append(len(chunks) - parts)
            for part, places in enumerate(np.array_split(np.arange(len(window.ids)), parts)):
                ids, weights = chunks[begins[-1] + part]
                ids += [window.ids[place] for place in places]
                weights += [window.weights[place] for place in places]
        return chunks, begins


def read_document(
    text: str, encoder: SourceEncoder, chunk_length: int, language: str | None = None, least_words: int = LEAST_WORDS
) -> Document:
    """Cut ``text``; ``language`` is a code like ``en``, guessed from the script when not given. With ``least_words=0``
    every sentence is a window.
    """
    spans = covering_runs(text, sentences(text, language), least_words)
    salience = encoder.salience.of(text)
    return Document(text, list(_windows(text, spans, encoder, salience.information)), chunk_length, salience)


def _windows(
    text: str, runs: list[Span], encoder: SourceEncoder, information: Callable[[str], float]
) -> Iterator[Window]:
    for some in (runs[first : first + AT_ONCE] for first in range(0, len(runs), AT_ONCE)):
        encodings = encoder.tokenizer.backend.encode_batch([text[a:b] for a, b in some], add_special_tokens=False)
        for (start, end), encoding in zip(some, encodings, strict=True):
            yield from _windows_of_run(text[start:end], start, encoding, information, encoder.max_length - 1)


def _windows_of_run(
    run: str, start: int, encoding: Encoding, information: Callable[[str], float], room: int
) -> Iterator[Window]:
    all_ids, word_ids, offsets = encoding.ids, encoding.word_ids, encoding.offsets  # each of them made when asked for
    spans = word_spans(run, word_ids, offsets)
    weights = piece_weights(run, spans, information)
    for first, last in cuts(word_ids, room):
        begin, end = offsets[first][0], offsets[last - 1][1]
        part = run[begin:end].strip()
        found = tuple(word.lower() for word in words(part))
        if found:
            ids, places = all_ids[first:last], start + np.array(spans[first:last], dtype=np.int32)
            yield Window(part, start + begin, start + end, ids, weights[first:last], found, places)
