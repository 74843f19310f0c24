"""Parquet, read and written in pieces of bounded size; all types stay as they are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING

from summae.batch.formats.compressed import damage_named
from summae.batch.formats.survey import Survey, new_digest
from summae.batch.rows import SIZE, InputBlock, TableBlock
from summae.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

GROUP_ROWS = 4096  # rows and
GROUP_BYTES = 32 << 20  # bytes after which a row group is written
BUFFER = 1 << 16  # bytes of a column read from disk at once: a row group may be as large as the file


class ParquetSource:
    def __init__(self, path: Path):
        self.path, self.name = path.absolute(), str(path)  # workers may stand elsewhere

    def survey(self, column: str, typed: bool) -> Survey:
        with self._opened() as file, self.path.open("rb") as stream:
            fingerprint = file_digest(stream, new_digest).hexdigest()
            schema = file.schema_arrow
            return Survey(file.metadata.num_rows, schema.names, fingerprint, schema)

    def blocks(self, first: int) -> Iterator[InputBlock]:
        import pyarrow as pa

        with self._opened() as file:
            skip, groups = first * SIZE, list(range(file.num_row_groups))
            while groups and skip >= file.metadata.row_group(groups[0]).num_rows:
                skip -= file.metadata.row_group(groups.pop(0)).num_rows
            pieces = file.iter_batches(batch_size=SIZE, row_groups=groups, use_threads=False)
            tables = (pa.Table.from_batches([piece]) for piece in pieces)
            for number, table in enumerate(_regrouped(tables, skip), first):
                yield TableBlock(number * SIZE, table)

    @contextmanager
    def _opened(self) -> Iterator[pq.ParquetFile]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        bounded = {"buffer_size": BUFFER, "pre_buffer": False}  # or it holds a whole row group
        try:
            with damage_named(self.name), pq.ParquetFile(self.path, **bounded) as file:
                yield file
        except pa.ArrowException as error:
            raise InputError(f"{self.name}: damaged Parquet: {str(error).splitlines()[0]}") from error


def _regrouped(tables: Iterator[pa.Table], skip: int) -> Iterator[pa.Table]:
    """Tables of ``SIZE`` rows from tables of any, the first ``skip`` rows left out."""
    import pyarrow as pa

    rest: pa.Table | None = None
    for table in tables:
        skipped = min(skip, len(table))
        skip, table = skip - skipped, table.slice(skipped)
        rest = table if rest is None else pa.concat_tables([rest, table])
        while len(rest) >= SIZE:
            yield rest.slice(0, SIZE).combine_chunks()
            rest = rest.slice(SIZE)
    if rest is not None and len(rest):
        yield rest.combine_chunks()


class ParquetWriter:
    def __init__(self, path: Path, survey: Survey, summary_column: str):
        import pyarrow.parquet as pq

        assert survey.schema is not None  # it was asked for
        self.column, self.schema = summary_column, _with_summary(survey.schema, summary_column)
        self.waiting: list[pa.Table] = []
        self.writer = pq.ParquetWriter(path, self.schema)

    def write(self, block: InputBlock, summaries: Sequence[str | None]) -> None:
        self.waiting.append(block.table(self.column, summaries, self.schema))
        rows, size = (sum(getattr(table, what) for table in self.waiting) for what in ("num_rows", "nbytes"))
        if rows >= GROUP_ROWS or size >= GROUP_BYTES:
            self._write_group()

    def close(self) -> None:
        self._write_group()
        self.writer.close()

    def _write_group(self) -> None:
        import pyarrow as pa

        if self.waiting:
            self.writer.write_table(pa.concat_tables(self.waiting).combine_chunks())
        self.waiting = []


def _with_summary(schema: pa.Schema, name: str) -> pa.Schema:
    """``schema`` with the summaries; ``datasets`` keeps a list of the columns in it, which must tell the same."""
    import pyarrow as pa

    place, field = schema.get_field_index(name), pa.field(name, pa.string())
    schema = schema.append(field) if place < 0 else schema.set(place, field)
    metadata = dict(schema.metadata or {})
    if b"huggingface" in metadata:
        told = json.loads(metadata[b"huggingface"])
        told.get("info", {}).get("features", {})[name] = {"dtype": "string", "_type": "Value"}
        metadata[b"huggingface"] = json.dumps(told).encode()
    return schema.with_metadata(metadata or None)
