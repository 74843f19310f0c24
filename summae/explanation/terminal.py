"""The heat map in a terminal: the text, shaded where the summary covers it, and what is attributed to each word of
the summary.

Colour never stands alone: a lost sentence begins with ``✗``, what the text does not contain ends with ``[?]``, and
without colours the shades are small figures behind the words. Colours follow https://no-color.org.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from itertools import groupby
from typing import TextIO

from summae.explanation.findings import Explanation, UnsupportedWord
from summae.explanation.heat import (
    NEGATIVE_GAIN,
    SHADES,
    is_unsupported,
    kept_share,
    lost_count,
    read_share,
    shade,
    shaded_spans,
    token_text,
    visible,
)

LOST = "✗"
UNSUPPORTED = "[?]"
MOST_NAMED = 8  # attributed words named beside each word of the summary
_RESET = "\x1b[0m"


class Colors(Enum):
    """What a terminal can do."""

    NONE = "none"
    INDEXED = "256"
    TRUE = "truecolor"


#: Behind words of shade 0, 1, 2, …; the last is that of ``NEGATIVE_GAIN``.
_FIGURES = ("", "¹", "²", "³", "⁴", "⁻")
#: Black on ever deeper orange, whatever the terminal's own colours are; ``NEGATIVE_GAIN`` is underlined in blue.
_PAINTS = {
    Colors.INDEXED: ("", "38;5;16;48;5;230", "38;5;16;48;5;222", "38;5;16;48;5;214", "38;5;16;48;5;208", "4;34"),
    Colors.TRUE: (
        "",
        *(f"38;2;32;20;0;48;2;{paper}" for paper in ("255;240;200", "255;214;130", "255;176;70", "246;130;30")),
        "4;34",
    ),
}
_FAINT, _STRONG, _WRONG = "2", "1", "1;4;31"
_Run = tuple[int | None, int, str]  # sentence, shade, text


def colors(choice: str, stream: TextIO, environment: Mapping[str, str]) -> Colors:
    """What to use on ``stream``, ``always``, ``never``, or as the terminal and ``NO_COLOR`` say (``auto``)."""
    usable = stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    if choice == "never" or (choice == "auto" and not usable):
        return Colors.NONE
    return Colors.TRUE if environment.get("COLORTERM") in ("truecolor", "24bit") else Colors.INDEXED


def heat_map(explanation: Explanation, use: Colors, name: str = "") -> str:
    """Several lines: what was kept in a line, the text, what is attributed to each word of the summary, a legend."""
    head = f"{kept_share(explanation)}, {lost_count(explanation)}"
    blocks = [_painted(f"{visible(name)}: {head}" if name else head, _STRONG, use)]
    blocks += [f"({remark})" for remark in (explanation.note, read_share(explanation)) if remark]
    blocks += ["", _text(explanation, use), "", *_words(explanation, use), "", _legend(explanation, use)]
    return "\n".join(blocks) + "\n"


def marked(summary: str, places: Iterable[UnsupportedWord], use: Colors) -> str:
    """``summary``, fit to be shown, with what the text does not contain marked."""
    shown, place = "", 0
    for each in places:
        shown += visible(summary[place : each.start]) + _painted(visible(each.text) + UNSUPPORTED, _WRONG, use)
        place = each.end
    return shown + visible(summary[place:])


def _text(explanation: Explanation, use: Colors) -> str:
    shown: list[str] = []
    opened: set[int | None] = set()
    for sentence, depth, text in _runs(explanation, use):
        lost = sentence is not None and explanation.sentences[sentence].lost
        if lost and sentence not in opened:
            shown.append(_painted(LOST, _FAINT, use) + " ")
            opened.add(sentence)
        shown.append(_shaded(text, depth, lost, use))
    return "".join(shown).strip("\n")


def _runs(explanation: Explanation, use: Colors) -> Iterator[_Run]:
    """The text in order; in colours, neighbours of one shade together with the spaces between them."""
    found = list(shaded_spans(explanation))
    runs = [(each.sentence, each.shade, each.text) for each in found]
    if use is Colors.NONE:
        yield from runs
        return
    for place in range(1, len(runs) - 1):
        before, (sentence, _, text), after = runs[place - 1 : place + 2]
        if found[place].token is None and before[:2] == after[:2] and "\n" not in text:
            runs[place] = (sentence, before[1], text)
    for (sentence, depth), some in groupby(runs, key=lambda run: run[:2]):
        yield sentence, depth, "".join(text for *_, text in some)


def _shaded(text: str, depth: int, faint: bool, use: Colors) -> str:
    if use is Colors.NONE:
        return text + _FIGURES[depth]
    return _painted(text, _PAINTS[use][depth] or (_FAINT if faint else ""), use)


def _painted(text: str, paint: str, use: Colors) -> str:
    """Every line by itself, so that no colour runs over the edge."""
    if use is Colors.NONE or not paint:
        return text
    return "\n".join(f"\x1b[{paint}m{line}{_RESET}" if line else "" for line in text.split("\n"))


def _words(explanation: Explanation, use: Colors) -> list[str]:
    """A line for each word of the summary to which something is attributed, or that the text does not contain."""
    rows = []
    for word in explanation.attributions:
        unknown = is_unsupported(explanation, word)
        if word.tokens or unknown:
            named = " ".join(token_text(explanation, token) for token in word.tokens[:MOST_NAMED])
            more = f" and {len(word.tokens) - MOST_NAMED} more" if len(word.tokens) > MOST_NAMED else ""
            shown, paint = visible(word.word) + UNSUPPORTED * unknown, _WRONG if unknown else _STRONG
            rows.append((shown, paint, f"{word.bits:+.0f} bits", named + more))
    width = max((len(shown) for shown, *_ in rows), default=0)
    return [
        f"  {_painted(shown, paint, use)}{' ' * (width - len(shown))}  {bits:>9}  {rest}".rstrip()
        for shown, paint, bits, rest in rows
    ]


def _legend(explanation: Explanation, use: Colors) -> str:
    names = [f"{bits:g}" if use is Colors.NONE else f" {bits:g} " for bits in SHADES]
    shades = " ".join(_shaded(name, number, False, use) for number, name in enumerate(names, start=1))
    parts = [f"bits saved: {shades} or more"]
    if any(shade(token.bits) == NEGATIVE_GAIN for token in explanation.tokens):
        parts.append(_shaded("negative gain", NEGATIVE_GAIN, False, use))
    if any(sentence.lost for sentence in explanation.sentences):
        parts.append(f"{LOST} sentence lost")
    if explanation.unsupported:
        parts.append(f"{UNSUPPORTED} not in the text")
    return " · ".join(parts)
