"""A summary while it is being written: what its pieces spell, chunk by chunk.

Pieces are byte strings (byte-level BPE), so a piece may hold a word, a part of one, or a part of a
character. A *chunk* is what stands between two spaces; the rules look at the words inside the chunk being
written and at the words said before it, never at pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from summae.text.words import UNSPACED_CHARACTER, budget_units, words

CHUNKS_REMEMBERED = 1 << 16  # a search asks for the same few thousand again and again


@dataclass(frozen=True, slots=True)
class Draft:
    """An unfinished summary. Words are in lower case, marks left out."""

    finished: tuple[str, ...] = ()  # words of the finished chunks
    finished_units: int = 0  # what a word budget counts in them
    chunk: str = ""  # the chunk being written
    pending: bytes = b""  # the first bytes of a character that is not complete yet

    @property
    def words(self) -> tuple[str, ...]:
        """All words so far, the unfinished one included."""
        return self.finished + chunk_words(self.chunk).words

    @property
    def units(self) -> int:
        """How much of the budget is spent, a character begun included."""
        return self.finished_units + chunk_words(self.chunk).units + bool(self.pending and not self.chunk)


class ChunkWords(NamedTuple):
    """The words of a chunk."""

    words: tuple[str, ...]  # in lower case, marks left out
    units: int  # what a word budget counts
    open: bool  # the last word reaches to the end: it may go on


@lru_cache(maxsize=CHUNKS_REMEMBERED)
def chunk_words(chunk: str) -> ChunkWords:
    found = words(chunk)
    is_open = bool(found) and chunk.endswith(found[-1]) and not is_character(found[-1])
    return ChunkWords(tuple(word.lower() for word in found), len(budget_units(chunk)), is_open)


def is_character(word: str) -> bool:
    """Whether ``word`` is a character of a script without spaces, each of which counts as a word."""
    return len(word) == 1 and UNSPACED_CHARACTER.match(word) is not None


class Detokenizer:
    """Extends drafts piece by piece. ``pieces[id]``: the bytes of a piece, ``None`` for a special one."""

    def __init__(self, pieces: Sequence[bytes | None]):
        self.pieces = pieces

    def extend(self, draft: Draft, piece: int) -> Draft | None:
        """``draft`` with ``piece`` behind it; ``None`` when that is no text."""
        data = self.pieces[piece]
        if not data:
            return None
        spelt = _decode(draft.pending + data)
        if spelt is None:
            return None
        text, pending = spelt
        if not text.startswith(" "):
            return (
                None if _has_space(text) else Draft(draft.finished, draft.finished_units, draft.chunk + text, pending)
            )
        if _has_space(text[1:]):
            return None
        units = draft.finished_units + chunk_words(draft.chunk).units
        return Draft(draft.words, units, text[1:], pending)

    def closes(self, draft: Draft, piece: int) -> bool:
        """Whether ``piece`` ends the chunk being written by beginning another one."""
        data = self.pieces[piece]
        return bool(draft.chunk or draft.pending) and data is not None and data.startswith(b" ")

    @cached_property
    def opening_V(self) -> np.ndarray:
        """Which pieces begin a chunk: bool [V]."""
        return np.array([data is not None and data.startswith(b" ") for data in self.pieces])

    @cached_property
    def spending_V(self) -> np.ndarray:
        """Which pieces begin a chunk that takes of the budget whatever follows: bool [V]."""
        texts = [(data or b"").decode("utf-8", "ignore") for data in self.pieces]
        return self.opening_V & np.array([len(budget_units(text)) > 0 for text in texts])


def _has_space(text: str) -> bool:
    return any(character.isspace() for character in text)


def _decode(data: bytes) -> tuple[str, bytes] | None:
    """``(text, rest)``: ``rest`` begins a character that more bytes may complete; ``None``: no UTF-8."""
    try:
        return data.decode("utf-8"), b""
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data":
            return None
        return data[: error.start].decode("utf-8"), data[error.start :]
