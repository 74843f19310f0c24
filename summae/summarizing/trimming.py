"""Shortenings of a text in its own words: asides go first, then the end. No network; most remain sentences.

    "Bill Kristol, the editor of X (a weekly), has joined Y."  →  "Bill Kristol has joined Y"

Brackets go with what is in them. What stands between commas, semicolons and dashes, a space behind each, is a
*segment*; marks inside a number, a date or a quotation part nothing. Two segments may go:

- the *lead-in*: the first one, if it begins with a word that opens an aside ("After the vote, …");
- the *parenthetical*: the second one of what is behind a lead-in, between two marks of one kind, no semicolons, unless
  it begins with "and" or its like, or what follows with a linking word ("Cars, buses and vans use it, which is old").

Neither has more than ``ASIDE`` words, or the end of a sentence in it. That preposed adjuncts and parentheticals go
before anything else is the rule of Trimmer (Dorr et al. 2003), there by parse trees, here by marks alone. ``ASIDE`` was
set by hand beforehand, not fitted to data. Full-width marks (，；) part nothing: between them stand clauses as a rule.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right

from summae.text.sentences import RuleSplitter, sentences
from summae.text.words import budget_units, coordinates, is_function_word, is_linking_word, opens_aside, words

ASIDE = 12  # words at most
_PAIRS = {")": "(", "]": "[", "}": "{", "）": "（", "】": "【"}
_QUOTED = re.compile(r'"[^"]*"|“[^”]*”|«[^»]*»|„[^“]*“|「[^」]*」')
_PARTING = re.compile(r"(?<!\d), |, (?!\d)|; | (?:--?|–|—) ")
_SPACED_MARK = re.compile(r" +(?=[,;.:!?](?: |$))")
_OPENING_MARKS = "\"'“«„‘「『¿¡"
_CLOSING = re.compile(r"[?!？！]*[\"'”’»“」』]*")


def trimmed(text: str, most: int) -> list[str]:
    """Different shortenings of ``text`` to at most ``most`` ≥ 1 words, the preferred one first: without lead-in and
    parenthetical, without the lead-in, without the parenthetical, with both. None of a text without words only.
    """
    text = " ".join(text.split())
    for whole in (_without_brackets(text), text):  # there may be nothing outside brackets
        found = [_cut(each, most) for each in _variants(whole)]
        if any(found):
            return list(dict.fromkeys(filter(None, found)))
    return []


def _without_brackets(text: str) -> str:
    """Brackets without their partner stay."""
    opened: list[int] = []
    gone: list[tuple[int, int]] = []
    for place, mark in enumerate(text):
        if mark in _PAIRS.values():
            opened.append(place)
        elif mark in _PAIRS and opened and text[opened[-1]] == _PAIRS[mark]:
            begin = opened.pop()
            while gone and gone[-1][0] > begin:  # inside this pair
                gone.pop()
            gone.append((begin, place + 1))
    begins, ends = [0, *(end for _, end in gone)], [*(begin for begin, _ in gone), len(text)]
    left = " ".join(text[begin:end] for begin, end in zip(begins, ends, strict=True))
    return _SPACED_MARK.sub("", " ".join(left.split()))


def _variants(text: str) -> list[str]:
    """``text`` without asides, the preferred one first; the same may come twice."""
    parts = _parted(text)
    first = words(parts[0])
    leads = len(parts) > 2 and bool(first) and opens_aside(first[0]) and _may_go(parts, 0)
    lead, rest = (parts[:2], parts[2:]) if leads else ([], parts)
    plain = rest
    if len(rest) > 4 and rest[1] == rest[3] != "; " and _may_go(parts, len(lead) + 2):
        begins, follows = words(rest[2])[:1], words(rest[4])[:1]
        if not any(map(coordinates, begins)) and not any(map(is_linking_word, follows)):
            plain = [rest[0], " ", *rest[4:]]
    return ["".join(each) for each in (plain, rest, [*lead, *plain], parts)]


def _parted(text: str) -> list[str]:
    """Segments, the marks behind them in between: [segment, mark, segment, …]."""
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    parts, begin = [], 0
    for match in _PARTING.finditer(text):
        while quoted and quoted[0][1] <= match.start():
            quoted.pop(0)
        if not quoted or match.start() < quoted[0][0]:
            parts += [text[begin : match.start()], match.group()]
            begin = match.end()
    return [*parts, text[begin:]]


def _may_go(parts: list[str], place: int) -> bool:
    """Whether the segment is short, and no sentence of the text ends in it."""
    if len(budget_units(parts[place])) > ASIDE:
        return False
    begin = sum(map(len, parts[:place]))
    found = sentences("".join(parts), splitter=RuleSplitter(before_small_letters=True))
    return not any(begin < sentence.end <= begin + len(parts[place]) for sentence in found)


def _cut(text: str, most: int) -> str:
    """The first ``most`` words, without what leads nowhere behind the last one: marks, and function words if something
    is cut off. Empty if there is no word.
    """
    found = words(text)
    if not found:
        return ""
    begin = text.index(found[0])
    while begin and text[begin - 1] in _OPENING_MARKS:
        begin -= 1
    text = text[begin:]
    ends: list[int] = []
    for word in found:
        ends.append(text.index(word, ends[-1] if ends else 0) + len(word))
    count = bisect_right(ends, most, key=lambda end: len(budget_units(text[:end])))
    if count < len(ends):
        while count > 1 and (is_function_word(found[count - 1]) or _goes_on(text, ends[count - 1])):
            count -= 1
    end = ends[count - 1]
    closing = _CLOSING.match(text, end)
    return text[: closing.end() if closing else end]


def _goes_on(text: str, end: int) -> bool:
    """Whether a combining mark stands at ``end``."""
    return unicodedata.category(text[end : end + 1] or " ")[0] == "M"
