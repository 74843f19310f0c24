"""What a *word* is, once for everybody: counting, budgets, salience and the tokeniser share it.

A word is a run of letters and digits with its inner marks (``half-year``, ``U.S.``, ``1,000``,
``$5``, ``7%``); every Han, kana, Thai, Lao, Khmer or Burmese character is a word of its own, as those scripts
put no spaces between words. The patterns are valid both for :mod:`re` and for ``tokenizers``.
"""

from __future__ import annotations

import re

#: Kana and Han: no spaces at all.
IDEOGRAPHS = "\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
#: Their marks, and marks and letters as wide as theirs.
WIDE_MARKS = "\u3000-\u303f\uff00-\uffef"
#: Thai, Lao, Burmese and Khmer besides: no spaces between words.
UNSPACED = f"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff{IDEOGRAPHS}"
#: Accents and vowel signs, Hebrew to Sinhala, and the joiners: parts of a word, though no letters to :mod:`re`.
_SIGNS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06ed"
    "\u0900-\u0903\u093a-\u094f\u0951-\u0963\u0971-\u0df3\u200c\u200d"
)
_LETTER = rf"[^\W_{UNSPACED}]"
_LETTERS = rf"{_LETTER}+(?:[{_SIGNS}]+{_LETTER}*)*"
_ABBREVIATION = rf"(?:{_LETTER}\.){{2,}}"
_RUN = rf"[$€£¥]?{_LETTERS}(?:['’.,\-&/]{_LETTERS})*%?"
WORD_PATTERN = rf"{_ABBREVIATION}|{_RUN}|[{UNSPACED}]"
#: Everything there is, cut into words (with the space before them), marks and white space.
PRETOKEN_PATTERN = rf" ?(?:{WORD_PATTERN})| ?[^\s\w]| ?_|\s"

#: One character of a script that puts no spaces between words.
UNSPACED_CHARACTER = re.compile(f"[{UNSPACED}]")
_WORD = re.compile(WORD_PATTERN)

#: English function words: never the last word of a summary, never counted as content.
FUNCTION_WORDS = frozenset(
    "a an the of to in on at by for from with without as and or but nor if than then that which who whom "
    "whose its it's their his her our your my is are was were be been being am has have had having do does did "
    "will would shall should may might can could must not no into onto over under after before between among "
    "about against during through per via amid while when where because so such this these those we they he "
    "she it i you says said say also".split()
)

#: Those of them that open an adverbial, which can be left out: not "the" or "he" (a subject), "about" and "over" (a
#: number), "if" and "without" (what follows holds only then).
OPENERS = frozenset(
    "to in on at by for from with as into onto under after before between among amid against during through per "
    "via while when where because".split()
)

#: Those that put a clause, or one more of a list, beside what is before them …
COORDINATORS = frozenset("and or but nor so".split())
#: … and these, and those that hang a clause on it.
LINKING_WORDS = COORDINATORS | frozenset("which who whom whose where when while because".split())


def words(text: str) -> list[str]:
    """The words of ``text`` in order, marks left out."""
    return _WORD.findall(text)


def word_spans(text: str) -> list[tuple[int, int]]:
    """The ``(start, end)`` character offsets of the words of ``text``."""
    return [match.span() for match in _WORD.finditer(text)]


def budget_units(text: str) -> list[str]:
    """What a word budget counts: white-space separated chunks, single characters in unspaced scripts."""
    units: list[str] = []
    for chunk in text.split():
        units.extend(words(chunk) if UNSPACED_CHARACTER.search(chunk) else [chunk])
    return units


def opens_aside(word: str) -> bool:
    """Whether a phrase that can be left out may begin with ``word``, in any casing."""
    return word.lower() in OPENERS


def coordinates(word: str) -> bool:
    """Whether ``word`` puts what follows beside what is before it, in any casing."""
    return word.lower() in COORDINATORS


def is_linking_word(word: str) -> bool:
    """Whether ``word`` links what follows to what is before it, by coordination or as a clause of it, in any casing."""
    return word.lower() in LINKING_WORDS


def is_function_word(word: str) -> bool:
    """Whether ``word`` is an English function word, in any casing."""
    return word.lower() in FUNCTION_WORDS
