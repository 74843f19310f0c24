"""How central to a text the words of a summary are: what a text is about it says more than once.

    centrality(y) = 1 / n · Σ_{w ∈ y} min(log2(1 + windows besides y's own that have w), LEVEL) / LEVEL

over the distinct content words w of the summary, n the number of words asked for; 0 … 1. Words are compared without the
endings that the text itself shows to be endings (:mod:`summae.text.stems`). The oldest idea of the field (Luhn 1958),
here one judge among others. Where a text is one window, as a headline's sentence is, it is 0 for every summary.

``LEVEL`` bounds it: seven more tellings prove as much as seventy, whatever the length of the text.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from summae.summarizing.document import Document, Window
from summae.text.stems import Stems
from summae.text.words import is_function_word, words

LEVEL = 3.0  # bits


@dataclass(frozen=True)
class Centrality:
    document: Document

    def of(self, summary: str, window: Window, asked: int) -> float:
        """Of a summary of ``window`` in at most ``asked`` words."""
        own = self._content(window.words)
        said = self._content(tuple(word.lower() for word in words(summary)))
        bits = (math.log2(1 + self._spread[stem] - (stem in own)) for stem in said)
        return min(1.0, sum(min(each, LEVEL) for each in bits) / LEVEL / max(asked, 1))

    @cached_property
    def _stem(self) -> Stems:
        return Stems(frozenset(word for window in self.document.windows for word in window.words))

    @cached_property
    def _spread(self) -> Counter[str]:
        """How many windows have each content word."""
        return Counter(stem for window in self.document.windows for stem in self._content(window.words))

    def _content(self, found: tuple[str, ...]) -> set[str]:
        return {self._stem(word) for word in found if not is_function_word(word)}
