"""Where the sentences of a text are, as character offsets into it: the only place that knows what ends one.

A line never shares a sentence with the next one. Inside a line pysbd decides (22 languages), together
with a short rule of our own for the end marks of Chinese and Japanese; the same rule serves languages
that pysbd does not know, blocks on which it fails, and texts too long for it. Every character that is not white space
lies in exactly one span; the spans are in order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, Protocol

from summae.text.words import UNSPACED_CHARACTER

#: Longest stretch given to a splitter: pysbd is quadratic in it. No sentence is ever longer.
BLOCK = 2000
QUICK_ABOVE = 100_000  # characters from which the plain rule splits a text (pysbd takes 10 s per million)
#: Marks that end a sentence: wherever they stand …
FULL_STOPS = "。！？；｡।॥۔။។։።"
#: … and before white space.
END_MARKS = f"{FULL_STOPS}.!?…؟"

#: Languages to split as, by the script of a quarter of the first ``LOOKED_AT`` characters; else as English. Both mean
#: our own rule: pysbd ends Arabic sentences at commas.
_SCRIPTS = {
    "zh": UNSPACED_CHARACTER,
    "und": re.compile("[\u0370-\u1dff\uac00-\ud7af]"),  # Greek to Ethiopic, Hangul
}
LOOKED_AT, SHARE_OF_SCRIPT = 2000, 1 / 4

_LINE = re.compile(r"[^\n\r\x0b\x0c\x85\u2028\u2029]+")
_MARKS = re.compile(rf"[{END_MARKS}]+")
_CLOSERS = "」』”’》〉）】］｝〗〕»)]}"
_AFTER = re.compile(r"\s+[\"'“‘«(\[¿¡]*(?P<first>\S?)")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'“‘])(?:\w|(?:\w\.)+\w|Mrs?|Ms|Dr|Prof|Sra?|St|No|Nr|vs|etc|cf|ca|Fig|Vol|Jr|Inc|Ltd|Co)$"
)
#: A stop behind white space and before a letter opens something, and ends nothing: "the index .SPX fell".
_OPENING_STOP = re.compile(r"(?<=\s)\.(?=\w)")
_LONGEST = 16  # characters, of an abbreviation and what stands before it
#: Markers like "a)", "iv)" or "1.": pysbd takes time cubic in their number.
_ITEM = re.compile(r"(?<![^\s(])[a-zA-Z]{1,5}\)|(?<!\S)[a-zA-Z]\.(?=\s)|(?<!\d)\d{1,2}[.)]{1,2}(?=\s)")
_MANY_ITEMS = 40  # in a block: then the rule decides


class Span(NamedTuple):
    """``text[start:end]`` is one sentence, without the white space around it."""

    start: int
    end: int


class Splitter(Protocol):
    """Finds sentence ends inside one line of at most ``BLOCK`` characters."""

    def ends(self, block: str) -> list[int]:
        """Increasing offsets just behind each sentence of ``block``; the last one may be left out."""
        ...


def sentences(text: str, language: str | None = None, splitter: Splitter | None = None) -> list[Span]:
    """The sentences of ``text`` in order; ``language`` is a code such as ``en``, ``zh`` or ``pt-BR``, guessed from the
    script if it is not given.
    """
    splitter = splitter or _splitter_of(text, language)
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


def language_of(text: str) -> str:
    """The language to split ``text`` as, by its script."""
    head = text[:LOOKED_AT]
    least = SHARE_OF_SCRIPT * len(head)
    return next((code for code, script in _SCRIPTS.items() if len(script.findall(head)) > least), "en")


def _splitter_of(text: str, language: str | None) -> Splitter:
    """pysbd where it knows the language, our own rule for Chinese, Japanese, all others and long texts."""
    if len(text) > QUICK_ABOVE:
        return RuleSplitter()
    language = language or language_of(text)
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


@dataclass(frozen=True)
class RuleSplitter:
    """End marks, the closing quotes behind them, and a glance at the words on both sides."""

    before_small_letters: bool = False  # a sentence may end before one of a to z: a reader takes it for an end

    def ends(self, block: str) -> list[int]:
        ends = []
        for marks in _MARKS.finditer(block):
            end = _past_closers(block, marks.end())
            if self._ends_here(block, marks, end):
                ends.append(end)
        return ends

    def _ends_here(self, block: str, marks: re.Match[str], end: int) -> bool:
        if _always(marks):
            return True
        if _OPENING_STOP.match(block, marks.start()):
            return False
        after = _AFTER.match(block, end)
        if after is None:  # no white space behind: only between characters of an unspaced script
            beside = UNSPACED_CHARACTER.match(block, end) or UNSPACED_CHARACTER.match(block, max(marks.start() - 1, 0))
            return end == len(block) or (bool(beside) and marks.group()[-1] in "!?")
        if marks.group() == "." and _ABBREVIATION.search(block[max(0, marks.start() - _LONGEST) : marks.start()]):
            return False
        first = after["first"]
        return not first.islower() or (self.before_small_letters and first.isascii())


def _always(marks: re.Match[str]) -> bool:
    return any(mark in FULL_STOPS for mark in marks.group())


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
        unspaced = len(UNSPACED_CHARACTER.findall(block)) > SHARE_OF_SCRIPT * len(block)
        if unspaced or len(_ITEM.findall(block)) > _MANY_ITEMS:
            return self.rule.ends(block)
        found = self._pysbd_ends(block)
        if found is None:
            return self.rule.ends(block)
        opening = {mark.end() for mark in _OPENING_STOP.finditer(block)}
        moved = {end if block[end - 1].isspace() else _past_closers(block, end) for end in found if end not in opening}
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
