"""Does a summary name what its source does not? Hallucinated names and numbers, found without a reference or a model.

A *name* is a word with a capital anywhere ("eBay") that does not begin a sentence, a *number* a word with a digit in
it. Either is supported when it stands in the source in any casing, possessive or not. Words are those of
:mod:`summae.text.words` without currency, per cent and a last point; hyphens and slashes part them, so that "U.S.-led"
supports "U.S.". Sentences end where :class:`~summae.text.sentences.RuleSplitter` has it: not behind "J.C." or "Mr.".

Close to the entity precision of Nan et al. 2021 (arXiv:2102.09130), by a rule where they use a tagger. The rule does
not see that "5 bn" and "5 billion" are one number: such pairs count as unsupported.

Relations: ``novel_share`` in :mod:`summae.metrics.copying` looks at all words of the summary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from summae.text.sentences import RuleSplitter, sentences
from summae.text.words import word_spans

_PART = re.compile(r"[^-/$€£¥%]*[^-/$€£¥%.]")  # of a word
_POSSESSIVE = re.compile(r"['’]s?$")


@dataclass(frozen=True, kw_only=True)
class UnsupportedWord:
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
) -> list[UnsupportedWord]:
    """The same, with their places in ``summary``."""
    supported = {_plain(text[start:end]) for text in (source, *known) for start, end in _parts(text)}
    found = []
    for sentence in sentences(summary, splitter=RuleSplitter()):
        for number, (start, end) in enumerate(_parts(summary[sentence.start : sentence.end], sentence.start)):
            word = summary[start:end]
            names = any(map(str.isupper, word)) and (initial or number > 0)
            if (names or any(map(str.isdigit, word))) and _plain(word) not in supported:
                found.append(UnsupportedWord(start=start, end=end, text=word))
    return found


def _parts(text: str, offset: int = 0) -> list[tuple[int, int]]:
    """Where the words of ``text``, parted as told above, begin and end, if it begins at ``offset``."""
    return [
        (offset + start + part.start(), offset + start + part.end())
        for start, end in word_spans(text)
        for part in _PART.finditer(text[start:end])
    ]


def _plain(word: str) -> str:
    return _POSSESSIVE.sub("", word.casefold())
