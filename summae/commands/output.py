"""How ``summarize`` prints its results: as text, Markdown, one JSON array, or a JSON object a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from summae.summarizer import Summary

_SPECIAL = re.compile(r"([\\`*_\[\]<>&#|~$])")
_LIST = re.compile(r"^(\d+(?=[.)])|(?=[-+=]))(.)")


class Show(Protocol):
    """Prints one result; ``source`` is the file it came from, ``-`` for standard input."""

    def __call__(self, source: str, summary: Summary) -> None: ...


@contextmanager
def opened(form: str, several: bool) -> Iterator[Show]:
    """A :class:`Show` for one of ``FORMATS``. What is open is closed at the end, even of a run that was interrupted."""
    yield from FORMATS[form](several)


def _text(several: bool) -> Iterator[Show]:
    """Several summaries: one line each."""
    yield lambda source, summary: _print(_line(summary.text) if several else summary.text.rstrip("\n"))


def _markdown(several: bool) -> Iterator[Show]:
    from summae.text.reading import name_of

    yield lambda source, summary: _print(f"# {_escaped(name_of(source))}\n\n{_escaped(summary.text)}\n")


def _json(several: bool) -> Iterator[Show]:
    begun: list[str] = []

    def show(source: str, summary: Summary) -> None:
        print(",\n" if begun else "[\n", end="")
        begun.append(source)
        print(_object(source, summary), end="", flush=True)

    whole = False
    try:
        yield show
        whole = True
    finally:
        if begun or whole:
            _print("\n]" if begun else "[]")


def _jsonl(several: bool) -> Iterator[Show]:
    yield lambda source, summary: _print(_object(source, summary))


FORMATS = {"text": _text, "markdown": _markdown, "json": _json, "jsonl": _jsonl}


def _object(source: str, summary: Summary) -> str:
    return json.dumps({"source": source, **summary.to_dict()}, ensure_ascii=False)


def _line(text: str) -> str:
    return " ".join(text.split())


def _escaped(text: str) -> str:
    """One line of Markdown that reads as ``text``."""
    return _LIST.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", _line(text)))


def _print(text: str) -> None:
    print(text, flush=True)
