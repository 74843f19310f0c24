"""Does a summary name what its source does not? Hallucinated names and numbers, found without a reference or a model.

A *name* is a word with a capital anywhere ("eBay") that does not begin a sentence, a *number* a word with a digit in
it. Either is supported when it stands in the source in any casing, possessive or not. Words are runs of letters and
digits with their inner points, commas, apostrophes and ampersands ("1,000", "U.S", "AT&T"); hyphens and slashes part
them, so that "U.S.-led" supports "U.S.". A point after a capital ("J.C. Penney") ends no sentence.

Close to the entity precision of Nan et al. 2021 (arXiv:2102.09130), by a rule where they use a tagger. The rule does
not see that "5 bn" and "5 billion" are one number: such pairs count as unsupported.

Relations: ``novel_share`` in :mod:`summae.metrics.copying` looks at all words of the summary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_WORD = re.compile(r"[^\W_]+(?:[.,'’&][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s?$")
_SENTENCE_END = re.compile(r"(?<![A-Z])[.!?…][\"”’')\]]*\s+[\"“‘'(\[]*$")


@dataclass(frozen=True, kw_only=True)
class Unsupported:
    """A number or name of the summary that the text does not contain."""

    start: int  # in the summary
    end: int
    text: str

    def to_dict(self) -> dict[str, Any]:
        return {"start": self.start, "end": self.end, "text": self.text}


def unsupported(summary: str, source: str, known: Iterable[str] = (), *, initial: bool = False) -> list[str]:
    """The names and numbers of ``summary``, as written, that ``source`` does not contain.

    ``known``: abbreviations of what it does contain ("ECB", where it names the European Central Bank).
    ``initial``: capitalised words that begin a sentence count as names too, which they need not be.
    """
    return [each.text for each in unsupported_places(summary, source, known, initial=initial)]


def unsupported_places(
    summary: str, source: str, known: Iterable[str] = (), *, initial: bool = False
) -> list[Unsupported]:
    """The same, with their places in ``summary``."""
    supported = {_plain(word) for text in (source, *known) for word in _WORD.findall(text)}
    found = []
    last = -1  # character of the word before
    for match in _WORD.finditer(summary):
        word, before = match.group(), summary[max(last, 0) : match.start()]
        begins = last < 0 or _SENTENCE_END.search(before)
        last = match.end() - 1
        names = any(map(str.isupper, word)) and (initial or not begins)
        if (names or any(map(str.isdigit, word))) and _plain(word) not in supported:
            found.append(Unsupported(start=match.start(), end=match.end(), text=word))
    return found


def _plain(word: str) -> str:
    return _POSSESSIVE.sub("", word.casefold())
