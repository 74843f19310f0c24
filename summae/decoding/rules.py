"""What a summary may say: small rules about words, each of them a few lines, together a :class:`Guide`.

A rule answers three questions about a draft: may it stand as it is (``allows``), may the chunk being written
end here (``may_close``), may the summary end here (``may_end``)? A search asks all rules before it keeps a
draft, so a rule never sees a network or a probability.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from summae.decoding.drafts import Detokenizer, Draft, chunk_words, is_character
from summae.decoding.lexicon import Lexicon
from summae.text.words import is_function_word, words

COMMON_MARKS = ".,;:!?-()'\"‘’“”"
OPENING_MARKS = "\"'“‘«([¿¡$€£¥#@"
_JOINT = re.compile(r"[-/&'’]")
_APOSTROPHE = re.compile("['’]")
_DIGIT = re.compile(r"\d")


class Rule:
    """Allows everything; rules override what they care about."""

    def allows(self, draft: Draft) -> bool:
        return True

    def may_close(self, draft: Draft) -> bool:
        return True

    def may_end(self, draft: Draft) -> bool:
        return True


@dataclass(frozen=True)
class WordBudget(Rule):
    """At least ``least`` and at most ``most`` words, as :func:`~summae.text.words.budget_units` counts them."""

    least: int
    most: int

    def allows(self, draft: Draft) -> bool:
        return draft.units <= self.most

    def may_end(self, draft: Draft) -> bool:
        return draft.units >= self.least


class SourceWords:
    """The words of one source and their parts ("Iran" of "Iran's"; numbers have none), in lower case; the
    chunks they stand in; the marks that may be used, and the first bytes of its rarer characters.
    """

    def __init__(self, text: str):
        self.text, lowered = text, text.lower()
        found = {word.lower() for word in words(text)}
        parts = {part for word in found if not _DIGIT.search(word) for part in _JOINT.split(word)}
        self.words = Lexicon(found | parts - {""})
        self.chunks = Lexicon(lowered.split())
        self.marks = frozenset(text) | frozenset(COMMON_MARKS)
        self.starts = frozenset(
            bytes_[:length]
            for bytes_ in {character.encode() for character in text if not character.isascii()}
            for length in range(1, len(bytes_))
        )


@dataclass(frozen=True)
class RealWords(Rule):
    """A word is one of the source or a known one, and what is begun must be able to become one.

    Compounds are fine when their parts are ("Russian-backed", "Iran's"). Numbers, rare characters and marks, longer
    chains, and words that stand together without a space ("U.S.-led") come from the source only.
    """

    source: SourceWords
    known: Lexicon

    def allows(self, draft: Draft) -> bool:
        if draft.pending and draft.pending not in self.source.starts:
            return False
        if not draft.chunk or self.source.chunks.continues(draft.chunk.lower()):
            return True
        words, _, is_open = chunk_words(draft.chunk)
        if sum(not is_character(word) for word in words) > 1:
            return False
        if not all(mark.isalnum() or mark in self.source.marks for mark in draft.chunk):
            return False
        whole = words[:-1] if is_open else words
        return all(map(self._real, whole)) and (not is_open or self._begins(words[-1]))

    def may_close(self, draft: Draft) -> bool:
        return not draft.pending and all(map(self._real, chunk_words(draft.chunk).words))

    def _known(self, word: str) -> bool:
        return word in self.source.words or word in self.known

    def _real(self, word: str) -> bool:
        if word in self.source.words:
            return True
        if _DIGIT.search(word) or f"{word}." in self.source.words:  # "U.S" for "U.S."
            return False
        return word in self.known or (_joined_well(word) and all(map(self._known, _JOINT.split(word))))

    def _begins(self, word: str) -> bool:
        if self.source.words.continues(word):
            return True
        if _DIGIT.search(word):
            return False
        *before, last = _JOINT.split(word)
        continues = self.source.words.continues(last) or self.known.continues(last)
        return self.known.continues(word) or (continues and _joined_well(word) and all(map(self._known, before)))


def _joined_well(word: str) -> bool:
    """Two parts at most, around an apostrophe one of a single letter ("Iran's", "l'accord"): else a budget that leaves
    no room for a second word is filled with one that never ends.
    """
    first, *others = _JOINT.split(word)
    return not others or (len(others) == 1 and (not _APOSTROPHE.search(word) or min(len(first), len(others[0])) <= 1))


@dataclass(frozen=True)
class NoRepeats(Rule):
    """No content word twice, no word twice running, no run of marks but of the source. In scripts without
    spaces: no pair of characters twice.
    """

    source: SourceWords

    def allows(self, draft: Draft) -> bool:
        chunk = draft.chunk
        if len(chunk) > 1 and not chunk[-1].isalnum() and not chunk[-2].isalnum():
            if chunk[-1] == chunk[-2] or chunk[-2:] not in self.source.text:
                return False
        words, _, is_open = chunk_words(chunk)
        unsure = is_open and bool(words) and self.source.words.extends(words[-1])
        return self._fresh(draft.finished, words[:-1] if unsure else words)

    def may_close(self, draft: Draft) -> bool:
        return self._fresh(draft.finished, chunk_words(draft.chunk).words)

    def _fresh(self, said: tuple[str, ...], words: tuple[str, ...]) -> bool:
        for word in words:
            if self._repeats(word, said):
                return False
            said = (*said, word)
        return True

    def _repeats(self, word: str, said: tuple[str, ...]) -> bool:
        if not said or word not in said:
            return False
        if is_character(word):
            return (said[-1], word) in zip(said, said[1:], strict=False)
        return said[-1] == word or not is_function_word(word)


@dataclass(frozen=True)
class GoodEnds(Rule):
    """The summary begins with a word, a number or an opening mark, and ends on a word that is no function
    word.

    Not even the last word that the budget has room for may be a function word: there would be no way to go
    on.
    """

    source: SourceWords
    most: int  # budget

    def allows(self, draft: Draft) -> bool:
        first = draft.chunk[:1]
        begins = bool(first) and not draft.finished and not draft.finished_units
        if begins and not (first.isalnum() or first in OPENING_MARKS):
            return False
        words, _, _ = chunk_words(draft.chunk)
        if draft.units < self.most or not self._dangles(words):
            return True
        return self.source.words.extends(words[-1]) or self.source.chunks.extends(draft.chunk.lower())

    def may_end(self, draft: Draft) -> bool:
        words, _, _ = chunk_words(draft.chunk)
        return bool(words) and not self._dangles(words)

    def _dangles(self, words: tuple[str, ...]) -> bool:
        return bool(words) and is_function_word(words[-1])


@dataclass(frozen=True)
class Guide:
    """All rules for one source; what a search asks."""

    detokenizer: Detokenizer
    rules: Sequence[Rule]
    most: int  # budget

    def begin(self) -> Draft:
        return Draft()

    def extend(self, draft: Draft, piece: int) -> Draft | None:
        """The draft with one more piece, or ``None`` when a rule forbids it."""
        if self.detokenizer.closes(draft, piece) and not all(rule.may_close(draft) for rule in self.rules):
            return None
        longer = self.detokenizer.extend(draft, piece)
        return longer if longer is not None and all(rule.allows(longer) for rule in self.rules) else None

    def barred(self, draft: Draft) -> np.ndarray | None:
        """Pieces that :meth:`extend` would refuse, bool [V], as far as one look at the draft tells."""
        if (draft.chunk or draft.pending) and not all(rule.may_close(draft) for rule in self.rules):
            return self.detokenizer.opening_V
        return self.detokenizer.spending_V if draft.units >= self.most else None

    def may_end(self, draft: Draft) -> bool:
        return not draft.pending and all(rule.may_close(draft) and rule.may_end(draft) for rule in self.rules)


def word_rules(detokenizer: Detokenizer, source: str, known: Lexicon, *, least: int, most: int) -> Guide:
    """The rules that every summary of ``source`` obeys: ``least`` … ``most`` words, real, not repeated, well
    ended.
    """
    of_source = SourceWords(source)
    rules = (
        WordBudget(least, most),
        RealWords(of_source, known),
        NoRepeats(of_source),
        GoodEnds(of_source, most),
    )
    return Guide(detokenizer, rules, most)
