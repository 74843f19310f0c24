"""Where rows come from and go to: one small file per format, one line of ``FORMATS`` for each.

A reader tells what there is (``survey``, one pass) and gives the rows in blocks; a writer takes blocks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from summae.batch.formats import csv, datasets, jsonl, parquet
from summae.batch.formats.compressed import PACKED
from summae.batch.rows import InputBlock
from summae.errors import InputError

if TYPE_CHECKING:
    from summae.batch.formats.survey import Survey


class Source(Protocol):
    """An input. Opening costs nothing; every call reads it anew."""

    @property
    def name(self) -> str:
        """What messages call it."""

    def survey(self, column: str, typed: bool) -> Survey:
        """One pass over it; ``typed``: with Arrow types, of the rows that have a text in ``column``: others are left
        out. Raises :class:`InputError`, one line.
        """

    def blocks(self, first: int) -> Iterator[InputBlock]:
        """The blocks from number ``first`` on."""


class Writer(Protocol):
    """An output, complete when it is closed; ``summaries`` as in :class:`InputBlock`."""

    def write(self, block: InputBlock, summaries: Sequence[str | None]) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Format:
    """``read(path)``; ``write(path, survey, summary column)``; whether writing needs types; may it be packed?"""

    read: Callable[[Path], Source]
    write: Callable[[Path, Survey, str], Writer]
    typed: bool = False
    packed: bool = True


FORMATS: dict[str, Format] = {
    ".jsonl": Format(jsonl.JsonlSource, jsonl.JsonlWriter),
    ".csv": Format(csv.CsvSource, csv.CsvWriter),
    ".tsv": Format(csv.CsvSource, csv.CsvWriter),
    ".parquet": Format(parquet.ParquetSource, parquet.ParquetWriter, typed=True, packed=False),
}
KNOWN = f"{', '.join(FORMATS)}; also .gz and .xz of text formats"


def open_source(source: Any) -> Source:
    """The reader of a path, of ``name:config/split``, or of a data set at hand."""
    if not isinstance(source, str | Path):
        return datasets.source_of(source)
    path, name = Path(source), str(source)
    if path.is_dir():
        return datasets.DatasetSource(name)
    found = format_of(path)
    if path.is_file():
        if found is None:
            raise InputError(f"{name}: the suffix must be one of {KNOWN}")
        return found.read(path)
    if found is None and re.fullmatch(datasets.HUB_NAME, name):
        return datasets.DatasetSource(name)
    raise InputError(f"{name}: no such file")


def output_format(path: Path) -> Format:
    """The format to write to ``path``. Raises :class:`InputError`, one line, for a suffix that is none."""
    found = format_of(path)
    if found is None:
        raise InputError(f"{path}: the suffix must be one of {KNOWN}")
    if path.is_dir():
        raise InputError(f"{path}: is a directory, not a file to write to")
    return found


def format_of(path: Path) -> Format | None:
    """What the suffix says; ``None`` where it says nothing."""
    packed = path.suffix.lower() in PACKED
    found = FORMATS.get((path.with_suffix("") if packed else path).suffix.lower())
    return None if packed and found and not found.packed else found
