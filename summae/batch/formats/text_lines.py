"""Text files, line by line: what JSONL and CSV have in common."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path

from summae.batch.formats.compressed import damage_named, open_bytes
from summae.batch.formats.survey import Survey, new_digest, survey_of
from summae.batch.rows import SIZE, InputBlock, InputRow, RowBlock, grouped
from summae.errors import InputError

LONGEST = 1 << 28  # bytes of a line: what is no text file of rows may have no line end at all


class LineSource:
    """A sub-class tells how lines become rows (``parse``) and which columns there are in any case."""

    def __init__(self, path: Path):
        self.path, self.name = path.absolute(), str(path)  # workers may stand elsewhere

    def parse(self, lines: Iterable[bytes], skip: int = 0) -> Iterator[InputRow]:
        """The rows in ``lines``, without the first ``skip``; those that cannot be read have a ``problem``."""
        raise NotImplementedError

    def header(self) -> list[str]:
        """Columns that every row has."""
        return []

    def survey(self, column: str, typed: bool) -> Survey:
        digest = new_digest()
        rows = grouped(self.parse(self._lines(digest)))
        return survey_of(self.name, self.header(), rows, column, typed, digest)

    def blocks(self, first: int) -> Iterator[InputBlock]:
        rows = self.parse(self._lines(), skip=first * SIZE)
        return (RowBlock(number * SIZE, some) for number, some in enumerate(grouped(rows), first))

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
