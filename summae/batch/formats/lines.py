"""Text files, line by line: what JSONL and CSV have in common."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from summae.batch.formats.compressed import damage_named, open_bytes
from summae.batch.formats.survey import Columns, Survey
from summae.batch.rows import SIZE, Block, Row, RowBlock, problem_of
from summae.errors import InputError

LONGEST = 1 << 28  # bytes of a line: what is no text file of rows may have no line end at all


class LineSource:
    """A sub-class tells how lines become rows (``parse``) and which columns there are in any case."""

    def __init__(self, path: Path):
        self.path, self.name = path, str(path)

    def parse(self, lines: Iterable[bytes], skip: int = 0) -> Iterator[Row]:
        """The rows in ``lines``, without the first ``skip``; those that cannot be read have a ``problem``."""
        raise NotImplementedError

    def header(self) -> list[str]:
        """Columns that every row has."""
        return []

    def survey(self, column: str, typed: bool) -> Survey:
        digest = blake2b(digest_size=16)
        columns, count = Columns(self.name, typed), 0
        heading = [dict.fromkeys(self.header(), "")]
        columns.add(heading, heading)
        for rows in _grouped(self.parse(self._lines(digest))):
            good = [row.values for row in rows if row.problem is None and problem_of(row.values.get(column)) is None]
            columns.add([row.values for row in rows], good)
            count += len(rows)
        return Survey(count, list(columns.found), digest.hexdigest(), columns.schema())

    def blocks(self, first: int) -> Iterator[Block]:
        rows = self.parse(self._lines(), skip=first * SIZE)
        return (RowBlock(number * SIZE, some) for number, some in enumerate(_grouped(rows), first))

    def _lines(self, digest: blake2b | None = None) -> Iterator[bytes]:
        """All lines, without a byte order mark; each adds to ``digest``."""
        with damage_named(self.name), open_bytes(self.path) as stream:
            for number, line in enumerate(iter(lambda: stream.readline(LONGEST), b"")):
                if len(line) == LONGEST:
                    raise InputError(f"{self.name}: line {number + 1}: has {LONGEST:,} bytes or more; is it one row?")
                if digest is not None:
                    digest.update(line)
                if number == 0 and line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                    raise InputError(f"{self.name}: is UTF-16; convert it to UTF-8")
                yield line.removeprefix(codecs.BOM_UTF8) if number == 0 else line


def _grouped(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while some := list(islice(rows, SIZE)):
        yield some
