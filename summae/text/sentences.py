"""Where the sentences of a text are, as character offsets into it.

A line never shares a sentence with the next one. Inside a line pysbd decides (22 languages), together
with a short rule of our own for the end marks of Chinese and Japanese; the same rule serves languages
that pysbd does not know and blocks on which it fails. Every character that is not white space lies in
exactly one span; the spans are in order.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple, Protocol

from summae.text.words import UNSPACED

#: Longest stretch given to a splitter: pysbd is quadratic in it. No sentence is ever longer.
BLOCK = 2000

_LINE = re.compile(r"[^\n\r\x0b\x0c\x85\u2028\u2029]+")
_UNSPACED = re.compile(f"[{UNSPACED}]")
_ALWAYS = "。！？；｡।॥۔။។։።"  # these end a sentence wherever they stand
_MARKS = re.compile(rf"[{_ALWAYS}.!?…؟]+")
_CLOSERS = "」』”’》〉）】］｝〗〕»)]}"
_AFTER = re.compile(r"\s+[\"'“‘«(\[¿¡]*(?P<first>\S?)")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'“‘])(?:\w|(?:\w\.)+\w|Mrs?|Ms|Dr|Prof|Sra?|St|No|Nr|vs|etc|cf|ca|Fig|Vol|Jr|Inc|Ltd|Co)$"
)
#: Markers like "a)", "iv)" or "1.": pysbd takes time cubic in their number.
_ITEM = re.compile(r"(?<![^\s(])[a-zA-Z]{1,5}\)|(?<!\S)[a-zA-Z]\.(?=\s)|(?<!\d)\d{1,2}[.)]{1,2}(?=\s)")
_MANY_ITEMS = 40


class Span(NamedTuple):
    """``text[start:end]`` is one sentence, without the white space around it."""

    start: int
    end: int


class Splitter(Protocol):
    """Finds sentence ends inside one line of at most ``BLOCK`` characters."""

    def ends(self, block: str) -> list[int]:
        """Increasing offsets just behind each sentence of ``block``; the last one may be left out."""
        ...


def sentences(text: str, language: str = "en", splitter: Splitter | None = None) -> list[Span]:
    """The sentences of ``text`` in order; ``language`` is a code such as ``en``, ``zh`` or ``pt-BR``."""
    splitter = splitter or splitter_for(language)
    found: list[Span] = []
    for line in _LINE.finditer(text):
        start, offset = 0, line.start()
        for end in _line_ends(line.group(), splitter):
            piece = line.group()[start:end]
            left = offset + start + len(piece) - len(piece.lstrip())
            right = offset + start + len(piece.rstrip())
            if left < right:
                found.append(Span(left, right))
            start = end
    return found


def splitter_for(language: str) -> Splitter:
    """pysbd where it knows the language, our own rule for Chinese, Japanese and all others."""
    code = re.split(r"[-_]", language.lower())[0]
    return RuleSplitter() if code in ("zh", "ja") or code not in _pysbd_languages() else PysbdSplitter(code)


def _line_ends(line: str, splitter: Splitter) -> list[int]:
    """Sentence ends in a line of any length, block by block; a block begins where a sentence does."""
    ends, start = [], 0
    while len(line) - start > BLOCK:
        block = line[start : start + BLOCK]
        found = [end for end in splitter.ends(block) if 0 < end < BLOCK]  # the last one is unfinished
        found = found or [block.rstrip().rfind(" ") + 1 or BLOCK]
        ends += [start + end for end in found]
        start += found[-1]
    ends += [start + end for end in splitter.ends(line[start:])]
    return [*ends, len(line)]


class RuleSplitter:
    """End marks, the closing quotes behind them, and a glance at the words on both sides."""

    def ends(self, block: str) -> list[int]:
        ends = []
        for marks in _MARKS.finditer(block):
            end = _past_closers(block, marks.end())
            if _ends_here(block, marks, end):
                ends.append(end)
        return ends


def _always(marks: re.Match[str]) -> bool:
    return any(mark in _ALWAYS for mark in marks.group())


def _ends_here(block: str, marks: re.Match[str], end: int) -> bool:
    if _always(marks):
        return True
    after = _AFTER.match(block, end)
    if after is None:  # no white space behind: only between characters of an unspaced script
        beside = _UNSPACED.match(block, end) or _UNSPACED.match(block, max(marks.start() - 1, 0))
        return end == len(block) or (bool(beside) and marks.group()[-1] in "!?")
    if marks.group() == "." and _ABBREVIATION.search(block[max(0, marks.start() - 16) : marks.start()]):
        return False
    return not after["first"].islower()


def _past_closers(block: str, end: int) -> int:
    """``end`` moved behind the quotes and brackets that close there."""
    while end < len(block):
        mark = block[end]
        closes = mark in _CLOSERS
        if mark == '"':  # closing when one is open
            closes = block.count('"', 0, end) % 2 == 1
        if mark == "'":  # may as well be an apostrophe
            closes = not block[end + 1 : end + 2].strip()
        if not closes:
            break
        end += 1
    return end


class PysbdSplitter:
    """pysbd, checked: where its pieces do not cover the block in order, the rule decides instead."""

    def __init__(self, language: str):
        self.language = language
        self.rule = RuleSplitter()

    def ends(self, block: str) -> list[int]:
        unspaced = len(_UNSPACED.findall(block)) * 4 > len(block)
        if unspaced or len(_ITEM.findall(block)) > _MANY_ITEMS:
            return self.rule.ends(block)
        found = self._pysbd_ends(block)
        if found is None:
            return self.rule.ends(block)
        moved = {end if block[end - 1].isspace() else _past_closers(block, end) for end in found}
        always = {_past_closers(block, mark.end()) for mark in _MARKS.finditer(block) if _always(mark)}
        return sorted(moved | always)

    def _pysbd_ends(self, block: str) -> list[int] | None:
        import pysbd

        try:  # a new one each time: it keeps the text in itself, and threads would mix theirs up
            pieces = pysbd.Segmenter(language=self.language, clean=False, char_span=True).segment(block)
        except Exception:  # noqa: BLE001 - its chains of substitutions fail on some texts, in unlisted ways
            return None
        place, ends = 0, []
        for piece in pieces:
            if piece.start < place or block[place : piece.start].strip():
                return None
            place = piece.end
            ends.append(place)
        return None if block[place:].strip() else ends


@cache
def _pysbd_languages() -> frozenset[str]:
    from pysbd.languages import LANGUAGE_CODES

    return frozenset(LANGUAGE_CODES)
