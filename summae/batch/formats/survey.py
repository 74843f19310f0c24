"""What there is in an input, found out in one pass before work begins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from summae.batch.rows import InputRow, problem_of
from summae.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa


def new_digest() -> blake2b:
    """Of what a batch reads: 128 bits, so that no two inputs have one by chance."""
    return blake2b(digest_size=16)


@dataclass(frozen=True)
class Survey:
    rows: int
    columns: list[str]  # in order of appearance
    fingerprint: str  # of the content: another input has another one
    schema: pa.Schema | None = None  # where types were asked for or stand in the input


@dataclass
class Columns:
    """The columns of dicts as they come by, and, if ``typed``, the Arrow types that hold the values of those that are
    written.
    """

    name: str  # of the input
    typed: bool
    found: dict[str, pa.DataType | None] = field(default_factory=dict)

    def add(self, rows: Sequence[dict[str, Any]], written: Sequence[dict[str, Any]]) -> None:
        """``written``: those of ``rows`` that are not left out. Raises :class:`InputError`, one line, when a column has
        no common type.
        """
        for name in dict.fromkeys(name for row in rows for name in row):
            self.found[name] = self._widened(name, [row.get(name) for row in written]) if self.typed else None

    def schema(self) -> pa.Schema | None:
        """``None`` without ``typed``. Raises :class:`InputError` for what Parquet does not have: empty objects."""
        if not self.typed:
            return None
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = pa.schema(list(self.found.items()))
        try:
            pq.ParquetWriter(pa.BufferOutputStream(), schema).close()
        except pa.ArrowException as error:
            raise InputError(f"{self.name}: cannot be Parquet ({error}); write JSONL") from error
        return schema

    def _widened(self, name: str, values: list[Any]) -> pa.DataType:
        import pyarrow as pa

        try:
            seen = pa.array(values).type
            known = self.found.get(name, seen)
            if seen == known:
                return seen
            both = [pa.schema([(name, kind)]) for kind in (known, seen)]
            return pa.unify_schemas(both, promote_options="permissive").field(name).type
        except (pa.ArrowException, OverflowError) as error:
            raise InputError(
                f"{self.name}: column '{name}' has values of several types, and Parquet needs one for all "
                f"({str(error).splitlines()[0]}); write JSONL"
            ) from error


def survey_of(
    name: str, heading: Sequence[str], blocks: Iterable[Sequence[InputRow]], column: str, typed: bool, digest: blake2b
) -> Survey:
    """Of rows as they come by, under a ``heading`` of strings; ``digest`` takes in their content meanwhile."""
    columns, count = Columns(name, typed), 0
    first = [dict.fromkeys(heading, "")]
    columns.add(first, first)
    for rows in blocks:
        good = [row.values for row in rows if row.problem is None and problem_of(row.values.get(column)) is None]
        columns.add([row.values for row in rows], good)
        count += len(rows)
    return Survey(count, list(columns.found), digest.hexdigest(), columns.schema())
