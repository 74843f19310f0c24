"""Rows between a reader and a writer: blocks of them as Python dicts (text formats) or as an Arrow table.

Two kinds, so that nothing changes on the way: JSONL to JSONL keeps fields that only some rows have, Parquet to
Parquet keeps every type. Crossing over turns one into the other.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

SIZE = 32  # rows of a block, and of the chunk of work that it is; the last one of an input may be shorter

_JSON_TYPES = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}


@dataclass(frozen=True)
class Item:
    """One row as the summariser sees it: a text, or the reason why there is none."""

    row: int  # from 1
    line: int | None  # from 1, where it begins in a text file
    text: str = ""
    problem: str | None = None


class InputBlock(Protocol):
    """Up to ``SIZE`` consecutive rows. ``summaries``: one per row, ``None`` leaves the row out."""

    def items(self, column: str) -> list[Item]:
        """What is to be summarised, one for each row."""

    def rows(self, name: str, summaries: Sequence[str | None]) -> list[dict[str, Any]]:
        """The rows with their summaries in the column ``name``."""

    def table(self, name: str, summaries: Sequence[str | None], schema: pa.Schema) -> pa.Table:
        """The same with the types of ``schema``, which has ``name``."""


@dataclass(frozen=True)
class InputRow:
    """A row of a text file, or of a stream."""

    line: int | None
    values: dict[str, Any]
    problem: str | None = None  # why it could not be read


def grouped(rows: Iterator[InputRow]) -> Iterator[list[InputRow]]:
    """The content of blocks."""
    while some := list(islice(rows, SIZE)):
        yield some


@dataclass(frozen=True)
class RowBlock:
    start: int  # rows before it
    content: list[InputRow]

    def items(self, column: str) -> list[Item]:
        return [
            _item(number, row.line, row.values.get(column), column, row.problem)
            for number, row in enumerate(self.content, self.start + 1)
        ]

    def rows(self, name: str, summaries: Sequence[str | None]) -> list[dict[str, Any]]:
        pairs = zip(self.content, summaries, strict=True)
        return [{**row.values, name: summary} for row, summary in pairs if summary is not None]

    def table(self, name: str, summaries: Sequence[str | None], schema: pa.Schema) -> pa.Table:
        import pyarrow as pa

        return pa.Table.from_pylist(self.rows(name, summaries), schema=schema)


@dataclass(frozen=True)
class TableBlock:
    start: int
    content: pa.Table

    def items(self, column: str) -> list[Item]:
        broken = self._broken()
        found = []
        for place in range(len(self.content)):
            value = None if place in broken else self.content.column(column)[place].as_py()
            problem = "broken UTF-8" if place in broken else None
            found.append(_item(self.start + place + 1, None, value, column, problem))
        return found

    def rows(self, name: str, summaries: Sequence[str | None]) -> list[dict[str, Any]]:
        kept, found = self._kept(summaries)
        return [{**row, name: summary} for row, summary in zip(kept.to_pylist(), found, strict=True)]

    def table(self, name: str, summaries: Sequence[str | None], schema: pa.Schema) -> pa.Table:
        import pyarrow as pa

        kept, found = self._kept(summaries)
        place, column = schema.get_field_index(name), pa.array(found, pa.string())
        put = kept.set_column if name in kept.column_names else kept.add_column
        return put(place, schema.field(name), column).replace_schema_metadata(schema.metadata)

    def _broken(self) -> set[int]:
        """The rows with strings, in any column, that are no UTF-8."""
        import pyarrow as pa

        def good(table: pa.Table) -> bool:
            try:
                table.validate(full=True)
            except pa.ArrowInvalid:
                return False
            return True

        if good(self.content):
            return set()
        return {place for place in range(len(self.content)) if not good(self.content.slice(place, 1))}

    def _kept(self, summaries: Sequence[str | None]) -> tuple[pa.Table, list[str]]:
        found = [summary for summary in summaries if summary is not None]
        if len(found) == len(summaries):
            return self.content, found
        return self.content.filter([summary is not None for summary in summaries]), found


def _item(row: int, line: int | None, value: Any, column: str, problem: str | None) -> Item:
    problem = problem or problem_of(value, column)
    return Item(row, line, problem=problem) if problem else Item(row, line, value)


def problem_of(value: Any, column: str = "text") -> str | None:
    """Why ``value`` cannot be summarised, if it cannot."""
    if isinstance(value, str):
        return None if value.strip() else f"'{column}' is empty"
    if value is None:
        return f"'{column}' is missing"
    return f"'{column}' must be a text, got {_JSON_TYPES.get(type(value), type(value).__name__)}"


def plain(value: Any) -> Any:
    """``default`` of ``json.dumps``: dates in ISO 8601, bytes in base64, decimals and the rest as they print."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
