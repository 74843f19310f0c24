"""Lines put together again to the paragraphs they were wrapped from."""

from __future__ import annotations

import re
from collections.abc import Callable
from unicodedata import east_asian_width

from summae.text.words import IDEOGRAPHS, WIDE_MARKS

#: Typical widths, in columns, of lines that were wrapped: narrower ones are lists and addresses, in wider
#: ones a line is a paragraph.
WRAPPED = range(40, 131)
#: A line that the next word would have taken beyond this share of the typical width was wrapped.
FULL = 0.8

_INVISIBLE = re.compile("[\u00ad\u200b\ufeff]")
#: What needs no space beside it: Kana, Han, and the marks and letters of their width.
_WIDE = f"[{IDEOGRAPHS}{WIDE_MARKS}]"
_BETWEEN_WIDE = re.compile(rf"(?<={_WIDE})[^\S\n]*\n\s*(?={_WIDE})")
_ITEM = re.compile(r"[-*•◦▪–·]\s|\(?(\d{1,3}|[a-z])[.)]\s")


def one_line(text: str) -> str:
    """``text`` without line ends, runs of white space and invisible characters."""
    return " ".join(_BETWEEN_WIDE.sub("", _INVISIBLE.sub("", text)).split())


def paragraphs(text: str, join: Callable[[str], str] = one_line) -> list[str]:
    """The paragraphs of ``text``, one line each: blank lines, list items and lines that end early part them.

    ``join`` makes one line of those that belong together.
    """
    lines = [line.strip() for line in text.split("\n")]
    widths = sorted(_width(line) for line in lines if line)
    typical = widths[len(widths) * 9 // 10] if widths else 0
    found: list[list[str]] = [[]]
    for before, line in zip(["", *lines], lines, strict=False):
        if before and line and typical in WRAPPED and _goes_on(before, line, typical):
            found[-1].append(line)
        else:
            found.append([line])
    return [block for block in (join("\n".join(lines)) for lines in found) if block]


def _goes_on(before: str, line: str, typical: int) -> bool:
    if _ITEM.match(line):
        return False
    return line[0].islower() or _width(before) + 1 + _width(line.split()[0]) > FULL * typical


def _width(text: str) -> int:
    """In columns of a terminal: characters of Chinese, Japanese and Korean take two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
