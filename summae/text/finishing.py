"""From a decoded run of words to a text fit to be read: spaces, quotes, capitals, loose ends.

Nothing here adds a word: at most marks and spaces go, and the first letter becomes a capital.
"""

from __future__ import annotations

import re
import unicodedata

from summae.text.sentences import END_MARKS
from summae.text.words import IDEOGRAPHS, budget_units

_BETWEEN_CHARACTERS = re.compile(rf"(?<=[{IDEOGRAPHS}，。！？；：、])\s+(?=[{IDEOGRAPHS}，。！？；：、])")
_BEFORE_MARK = re.compile(r"\s+(?=[,.;:!?%)\]}’”»，。！？；：、](?:\s|$))")
_AFTER_OPENER = re.compile(r"(?<=[(\[{“«])\s+")
_LOOSE_START = " \t,;:.-–—/&!?，。；：、)]}"
_LOOSE_END = " \t,;:-–—/&([{“«，；：、"
_PAIRS = {"(": ")", "[": "]", "{": "}", "“": "”", "«": "»", "「": "」", "《": "》"}
_QUOTE_ENDS = "\"'”’»"
_CLOSERS = {close: opening for opening, close in _PAIRS.items()}
_OPENING_QUOTE = re.compile(r"(?<!\S)'(?=[^\W\d])")
_CLOSING_QUOTE = re.compile(r"(?<=\w)'(?=\W|$)")
#: Scripts with a full stop of their own, or without one: Thai and Lao part sentences by a space.
_STOPS = {
    f"[{IDEOGRAPHS}]": "。",
    "[\u0e00-\u0eff]": "",
    "[\u0900-\u097f]": "।",
    "[\u1000-\u109f]": "။",
    "[\u1780-\u17ff]": "។",
}


def finish(text: str, source: str) -> str:
    """``text`` as a reader expects it; a capital in front unless ``source`` has none at all."""
    text = _unpaired_removed(" ".join(text.split()))
    for pattern in (_BETWEEN_CHARACTERS, _BEFORE_MARK, _AFTER_OPENER):
        text = pattern.sub("", text)
    text = " ".join(text.split()).rstrip(_LOOSE_END).lstrip(_LOOSE_START)
    return text if source == source.lower() else _capitalised(text)


def normalize_for_critic(text: str) -> str:
    """``text`` without what a critic should recognise nobody by: capitals, final marks, odd spaces."""
    return " ".join(text.lower().split()).rstrip(f" {END_MARKS}")


def join(parts: list[str]) -> str:
    """Several summaries as sentences of one text."""
    return _BETWEEN_CHARACTERS.sub("", " ".join(part + _full_stop(part) for part in parts))


def cut(text: str, budget: int) -> str:
    """The first ``budget`` words of ``text``, white space folded."""
    text = " ".join(text.split())
    end = 0
    for unit in budget_units(text)[:budget]:
        end = text.index(unit, end) + len(unit)
    return text[: _before_marks(text, end)]


def cut_characters(text: str, most: int) -> str:
    """The first words of ``text`` that have at most ``most`` characters together, white space folded; of a first
    word that is longer by itself, its beginning.
    """
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    end = 0
    for unit in budget_units(text[: most + 1]):
        begin = text.index(unit, end)
        if begin + len(unit) > most:
            break
        end = begin + len(unit)
    return text[: _before_marks(text, end or most)]


def _before_marks(text: str, end: int) -> int:
    """``end`` moved to the left until it parts no letter from the combining marks behind it, if it can be."""
    moved = end
    while 0 < moved < len(text) and unicodedata.category(text[moved])[0] == "M":
        moved -= 1
    return moved or end


def _full_stop(sentence: str) -> str:
    """What ends a sentence: the mark of its last character's script; nothing behind a mark, in a quotation or not."""
    last = sentence[-1:]
    if last in END_MARKS or sentence.rstrip(_QUOTE_ENDS)[-1:] in END_MARKS:
        return ""
    return next((stop for script, stop in _STOPS.items() if re.fullmatch(script, last)), ".")


def _capitalised(text: str) -> str:
    first = re.search(r"\w+", text)
    if first is None or not first.group().islower():  # "eBay" and "iPhone" stay
        return text
    return text[: first.start()] + first.group()[0].upper() + text[first.start() + 1 :]


def _unpaired_removed(text: str) -> str:
    """Brackets and quotes without their partner go."""
    loose: set[int] = set()
    opened: list[int] = []
    for place, mark in enumerate(text):
        if mark in _PAIRS:
            opened.append(place)
        elif mark in _CLOSERS:
            if opened and text[opened[-1]] == _CLOSERS[mark]:
                opened.pop()
            else:
                loose.add(place)
    straight = [place for place, mark in enumerate(text) if mark == '"']
    opening, closing = list(_OPENING_QUOTE.finditer(text)), list(_CLOSING_QUOTE.finditer(text))
    if opening and not any(match.start() > opening[-1].start() for match in closing):
        loose.add(opening[-1].start())
    if closing and not opening and text.endswith("'"):  # "the workers'" of what, once nothing follows?
        loose.add(len(text) - 1)
    loose.update(opened, straight[-1:] if len(straight) % 2 else [])
    return "".join(mark for place, mark in enumerate(text) if place not in loose)
