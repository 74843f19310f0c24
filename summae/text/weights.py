"""How much each piece of a text weighs: the information of its word, shared among the word's pieces.

    w_p = idf(word of p) / 16 / (number of pieces of that word)        in bits / 16; 0 for a piece of a mark

Shared, or a number of nine pieces would count nine times as much as a name of one, and a table beat any sentence. The
same weights say what a summary covers (:mod:`summae.summarizing`) and what R is to rebuild in training.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

BITS = 16  # the unit: about what the rarest words tell


def piece_weights(text: str, spans: Sequence[tuple[int, int]], information: Callable[[str], float]) -> list[float]:
    """One weight per piece; ``spans``: where in ``text`` the word (or mark) of each piece begins and ends."""
    pieces = Counter(spans)
    found = {span: text[slice(*span)].strip() for span in pieces}
    bits = {span: information(word) if any(map(str.isalnum, word)) else 0.0 for span, word in found.items()}
    return [bits[span] / BITS / pieces[span] for span in spans]


def word_spans(text: str, word_ids: Sequence[int | None], offsets: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """For every piece: where the word (or mark) that it belongs to stands in ``text``, without the space before it."""
    spans: dict[int | None, tuple[int, int]] = {}
    for word, (begin, end) in zip(word_ids, offsets, strict=True):
        spans[word] = (spans.get(word, (begin, 0))[0], end)
    for word, (begin, end) in spans.items():
        spans[word] = (end - len(text[begin:end].lstrip()), end)
    return [spans[word] for word in word_ids]
