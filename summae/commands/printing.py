"""How ``summarize`` prints its results: as text, Markdown, one JSON array, or a JSON object a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from summae.commands.display import DisplayOptions

if TYPE_CHECKING:
    from summae.explanation.findings import Explanation
    from summae.summarizing.summarizer import Summary

_SPECIAL = re.compile(r"([\\`*_\[\]<>&#|~$])")
_LIST = re.compile(r"^(\d+(?=[.)])|(?=[-+=]))(.)")


@dataclass(frozen=True)
class TextResult:
    """What came of one text."""

    source: str  # the file it came from, ``-`` for standard input
    text: str
    summaries: list[Summary]  # best first; one, unless more were asked for
    explanation: Explanation | None
    display: DisplayOptions

    @property
    def summary(self) -> Summary:
        return self.summaries[0]

    @property
    def heat_map(self) -> str | None:
        if self.explanation is None or not self.display.heat_map:
            return None
        from summae.explanation.terminal import heat_map

        return heat_map(self.explanation, self.display.colors, self.source)

    def record(self) -> dict[str, Any]:
        """All of it, for JSON."""
        from summae.metrics.faithful import unsupported_places

        records = []
        for each in self.summaries:
            places = unsupported_places(each.text, self.text, each.abbreviations)
            records.append({**each.to_dict(), "unsupported": [place.to_dict() for place in places]})
        record = {"source": self.source, **records[0]}
        if self.display.candidates:
            record["candidates"] = records
        if self.explanation is not None and self.display.heat_map:
            record["explanation"] = self.explanation.to_dict()
        return record


class ResultPrinter(Protocol):
    """Prints one result."""

    def __call__(self, result: TextResult) -> None: ...


@contextmanager
def printer(form: str, several: bool) -> Iterator[ResultPrinter]:
    """For one of ``FORMATS``. What is open is closed at the end, even of a run that was interrupted."""
    yield from FORMATS[form](several)


def _text(several: bool) -> Iterator[ResultPrinter]:
    """Several summaries: one line each."""
    from summae.explanation.heat import visible

    def show(result: TextResult) -> None:
        if result.display.candidates:
            print(result.display.table(result.summaries, result.text))
        else:
            summary = visible(result.summary.text)  # what comes back as it is may hold codes that act on a terminal
            print(_line(summary) if several else summary.rstrip("\n"))
        if (heat_map := result.heat_map) is not None:
            print(f"\n{heat_map}", end="\n" if several else "")
        _print("", end="")

    yield show


def _markdown(several: bool) -> Iterator[ResultPrinter]:
    from summae.inputs.decode import name_of

    def show(result: TextResult) -> None:
        print(f"# {_escaped(name_of(result.source))}\n")
        for each in result.summaries:
            print(f"{'- ' if result.display.candidates else ''}{_escaped(each.text)}")
        if (heat_map := result.heat_map) is not None:
            fence = "`" * max(3, 1 + max(map(len, re.findall("`+", heat_map)), default=0))
            print(f"\n{fence}\n{heat_map.rstrip()}\n{fence}")
        _print("")

    yield show


def _json(several: bool) -> Iterator[ResultPrinter]:
    begun: list[str] = []

    def show(result: TextResult) -> None:
        _print((",\n" if begun else "[\n") + _object(result), end="")  # at once: an interrupt leaves no comma behind
        begun.append(result.source)

    whole = False
    try:
        yield show
        whole = True
    finally:
        if begun or whole:
            _print("\n]" if begun else "[]")


def _jsonl(several: bool) -> Iterator[ResultPrinter]:
    yield lambda result: _print(_object(result))


FORMATS = {"text": _text, "markdown": _markdown, "json": _json, "jsonl": _jsonl}


def _object(result: TextResult) -> str:
    return json.dumps(result.record(), ensure_ascii=False)


def _line(text: str) -> str:
    return " ".join(text.split())


def _escaped(text: str) -> str:
    """One line of Markdown that reads as ``text``."""
    from summae.explanation.heat import visible

    return _LIST.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", _line(visible(text))))


def _print(text: str, end: str = "\n") -> None:
    print(text, end=end, flush=True)
