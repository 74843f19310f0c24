"""The sources of a reading (scripts/reading.py).

Nobody picks one: they are every k-th line of a file from a line on, of those that are long enough. Of a long source
the reader is shown the first sentences; the model and the baselines that run here are given the same.
"""

from __future__ import annotations

import itertools
import json
import lzma
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from summae.errors import InputError
from summae.text.sentences import sentences
from summae.text.words import budget_units


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Which lines of a JSONL file are the sources of a set."""

    path: Path
    field: str = "text"
    start: int = 0  # lines passed over first
    every: int = 1  # 1: consecutive lines
    count: int = 40
    least_words: int = 0  # shorter texts are passed over
    most_words: int = 600  # of a text that a reader is shown

    def __str__(self) -> str:
        step = "consecutive lines" if self.every == 1 else f"one line in {self.every}"
        least = f" of at least {self.least_words} words" if self.least_words else ""
        where = f"{'/'.join(self.path.parts[-2:])}, field {self.field}, {step} from line {self.start + 1} on{least}"
        return f"{where}, at most {self.most_words} words shown"


@dataclass(frozen=True, kw_only=True)
class Source:
    id: str
    line: int  # of the file, from 0; blank lines not counted
    text: str  # as it is shown
    shortened: bool  # there is more of it
    record: Mapping[str, Any]  # all that the line says


def open_text(path: Path) -> Iterator[str]:
    """The lines of a file that are not blank, ``.xz`` unpacked."""
    try:
        with (lzma.open if path.suffix == ".xz" else open)(path, "rt", encoding="utf-8") as lines:
            yield from (line for line in lines if line.strip())
    except (OSError, UnicodeDecodeError, lzma.LZMAError, EOFError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from error


def record_of(line: str, where: str, name: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise InputError(f"{where}: broken JSON ({error})") from error
    if not isinstance(record, dict) or not isinstance(record.get(name), str) or not record[name].strip():
        raise InputError(f"{where}: must be an object whose '{name}' is a text that is not blank")
    return record


def beginning(text: str, most: int) -> str:
    """The sentences of ``text`` that end within its first ``most`` words; its first words when none does."""
    whole = _first_units(text, most)
    if whole == text.strip():
        return whole
    ends = [span.end for span in sentences(text) if span.end <= text.index(whole) + len(whole)]
    return text[: ends[-1]].strip() if ends else whole


def _first_units(text: str, most: int) -> str:
    end = 0
    for unit in budget_units(text)[:most]:
        end = text.index(unit, end) + len(unit)
    return text[:end]


def read_sources(choice: Choice) -> list[Source]:
    """The sources; raises :class:`InputError` if the file has too few."""
    found: list[Source] = []
    chosen = itertools.islice(enumerate(open_text(choice.path)), choice.start, None, choice.every)
    for number, line in chosen:
        record = record_of(line, f"{choice.path}, text {number + 1}", choice.field)
        whole = record[choice.field].strip()
        if len(budget_units(whole)) < choice.least_words:
            continue
        text = beginning(whole, choice.most_words)
        name = str(record.get("id", f"text {number + 1}"))
        if name in [source.id for source in found]:
            raise InputError(f"{choice.path}: sources must have different ids, got '{name}' twice")
        found.append(Source(id=name, line=number, text=text, shortened=text != whole, record=record))
        if len(found) == choice.count:
            return found
    raise InputError(f"{choice.path}: must have {choice.count} sources ({choice}), got {len(found)}")
