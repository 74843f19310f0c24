"""A summary while it is being written: what its pieces spell, chunk by chunk.

Pieces are byte strings (byte-level BPE), so a piece may hold a word, a part of one, or a part of a
character. A *chunk* is what stands between two spaces; the rules look at the words inside the chunk being
written and at the words said before it, never at pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np


@dataclass(frozen=True, slots=True)
class Draft:
    """An unfinished summary. ``said`` is in lower case, marks left out."""

    said: tuple[str, ...] = ()  # words of the finished chunks
    units: int = 0  # what a word budget counts in the finished chunks
    chunk: str = ""  # the chunk being written
    pending: bytes = b""  # the first bytes of a character that is not complete yet


class Facts(NamedTuple):
    """What there is to know about a chunk."""

    words: tuple[str, ...]  # in lower case, marks left out
    units: int  # what a word budget counts
    open: bool  # the last word reaches to the end: it may go on


@dataclass(frozen=True, kw_only=True)
class WordSense:
    """What a word is, handed in from above (see :mod:`summae.text.words`)."""

    split: Callable[[str], list[str]]  # text → its words, marks left out
    units: Callable[[str], int]  # text → how much of a word budget it takes
    is_function: Callable[[str], bool]  # word → is it a function word?
    opens_aside: Callable[[str], bool]  # word → may a phrase that can be left out begin with it?
    coordinates: Callable[[str], bool]  # word → does it put what follows beside what is before it, as "and" does?
    links: Callable[[str], bool]  # word → does it do so, or hang a clause on it, as "which" does?


class Speller:
    """Extends drafts piece by piece. ``pieces[id]``: the bytes of a piece, ``None`` for a special one."""

    def __init__(self, pieces: Sequence[bytes | None], sense: WordSense):
        self.pieces, self.sense = pieces, sense
        self.facts = lru_cache(maxsize=1 << 16)(self._facts)
        self.per_character = lru_cache(maxsize=1 << 14)(self._per_character)

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
            return None if _has_space(text) else Draft(draft.said, draft.units, draft.chunk + text, pending)
        if _has_space(text[1:]):
            return None
        facts = self.facts(draft.chunk)
        return Draft(draft.said + facts.words, draft.units + facts.units, text[1:], pending)

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
        return self.opening_V & np.array([self.sense.units(text) > 0 for text in texts])

    def words(self, draft: Draft) -> tuple[str, ...]:
        """All words so far, the unfinished one included."""
        return draft.said + self.facts(draft.chunk).words

    def units(self, draft: Draft) -> int:
        """How much of the budget is spent, a character begun included."""
        return draft.units + self.facts(draft.chunk).units + bool(draft.pending and not draft.chunk)

    def _facts(self, chunk: str) -> Facts:
        words = self.sense.split(chunk)
        is_open = bool(words) and chunk.endswith(words[-1]) and not self.per_character(words[-1])
        return Facts(tuple(word.lower() for word in words), self.sense.units(chunk), is_open)

    def _per_character(self, word: str) -> bool:
        """Whether ``word`` is a character of a script without spaces, each of which counts as a word."""
        return len(word) == 1 and self.sense.units(word + word) == 2


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
