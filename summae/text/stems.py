"""Words without their endings, in any language that puts endings behind words: learnt from a list of words only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from summae.text.words import words

LONGEST_ENDING = 3  # characters
SHORTEST_STEM = 3  # characters
OFTEN = 3  # a word seen less often may be a misprint


@dataclass(frozen=True)
class Stems:
    """Word → stem: the word without an ending, if what is left is a word too ("rises" → "rise"). No language."""

    known: frozenset[str]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Stems:
        """From running text."""
        counts = Counter(word.lower() for text in texts for word in words(text))
        return cls(frozenset(word for word, count in counts.items() if count >= OFTEN))

    def __call__(self, word: str) -> str:
        word = word.lower()
        for size in range(1, LONGEST_ENDING + 1):
            if len(word) - size >= SHORTEST_STEM and word[:-size] in self.known:
                return word[:-size]
        return word
