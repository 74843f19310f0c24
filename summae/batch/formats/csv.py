"""CSV with a header line, in UTF-8; ``.tsv`` has tabs for commas. Values are strings; empty lines are no rows."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from summae.batch.formats.compressed import open_bytes
from summae.batch.formats.survey import Survey
from summae.batch.formats.text_lines import LineSource
from summae.batch.rows import InputBlock, InputRow, plain
from summae.errors import InputError

LONGEST = 1 << 27  # characters of a value; a quote that is never closed ends there at the latest
SURROGATES = 0xDC00  # where ``surrogateescape`` puts byte 0 of what is no UTF-8


class CsvSource(LineSource):
    def parse(self, lines: Iterable[bytes], skip: int = 0) -> Iterator[InputRow]:
        records = _records(lines, _delimiter(self.path))
        names = self._named(next(records, None))
        for line, fields, problem in islice(records, skip, None):
            yield _row(line, fields, problem, names)

    def header(self) -> list[str]:
        return self._named(next(_records(self._lines(), _delimiter(self.path)), None))

    def _named(self, first: tuple[int, list[str], str | None] | None) -> list[str]:
        line, names, problem = first or (1, [], "empty: a header line must name the columns")
        twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
        if twice is not None:
            problem = f"the header names '{twice}' twice"
        if problem := problem or _broken(names):
            raise InputError(f"{self.name}: line {line}: {problem}")
        return names


def _records(lines: Iterable[bytes], delimiter: str) -> Iterator[tuple[int, list[str], str | None]]:
    """(line where it begins, its fields, why it cannot be read) of every record that is not empty."""
    csv.field_size_limit(LONGEST)  # of the whole process; the default is too short for a book
    reader = csv.reader((line.decode("utf-8", "surrogateescape") for line in lines), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:  # the reader goes on with the next line
            reason = str(error).partition(" - ")[0]  # without advice to programmers
            yield line, [], f"not CSV ({reason})"
            continue
        if fields:
            yield line, fields, None


def _row(line: int, fields: list[str], problem: str | None, names: list[str]) -> InputRow:
    if problem is None and len(fields) != len(names):
        problem = f"has {len(fields)} values, the header {len(names)} columns"
    if problem := problem or _broken(fields):
        return InputRow(line, {}, problem)
    return InputRow(line, dict(zip(names, fields, strict=True)))


def _broken(fields: list[str]) -> str | None:
    """Bytes that are no UTF-8 have become half characters."""
    try:
        "".join(fields).encode()
    except UnicodeEncodeError as error:
        return f"not UTF-8 (byte 0x{ord(error.object[error.start]) - SURROGATES:02x})"
    return None


def _delimiter(path: Path) -> str:
    return "\t" if ".tsv" in (suffix.lower() for suffix in path.suffixes) else ","


class CsvWriter:
    def __init__(self, path: Path, survey: Survey, summary_column: str):
        self.names, self.column = list(dict.fromkeys([*survey.columns, summary_column])), summary_column
        self.stream = io.TextIOWrapper(open_bytes(path, "wb"), encoding="utf-8", newline="")
        self.writer = csv.writer(self.stream, delimiter=_delimiter(path), lineterminator="\n")
        self.writer.writerow(self.names)

    def write(self, block: InputBlock, summaries: Sequence[str | None]) -> None:
        rows = block.rows(self.column, summaries)
        self.writer.writerows([_cell(row.get(name)) for name in self.names] for row in rows)

    def close(self) -> None:
        self.stream.close()


def _cell(value: Any) -> str:
    """Strings as they are, nothing for nothing, dates in ISO 8601, the rest as JSON."""
    if value is None:
        return ""
    if not isinstance(value, bool | int | float | list | dict | str):
        value = plain(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=plain)
