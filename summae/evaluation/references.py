"""What summaries are judged by: texts with references, from a JSONL data set or from files aligned by lines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from summae.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Example:
    """One thing to summarise and how people did it."""

    text: str  # "" when the source is not known
    references: tuple[str, ...]  # one or more, none blank


def read_lines(path: str | Path) -> list[str]:
    """The lines of a UTF-8 file, at least one; only line feeds end a line, not the rarer Unicode marks."""
    try:
        pieces = Path(path).read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    if not pieces[-1]:
        pieces.pop()
    if not pieces:
        raise InputError(f"{path}: the file is empty")
    lines = []
    for number, piece in enumerate(pieces, 1):
        try:
            lines.append(piece.decode("utf-8").removesuffix("\r"))
        except UnicodeDecodeError as error:
            raise InputError(f"{path}:{number}: not UTF-8 ({error.reason})") from error
    return lines


def _filled(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _example(line: str, where: str) -> Example:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise InputError(f"{where}: broken JSON ({error})") from error
    if not isinstance(record, dict):
        raise InputError(f"{where}: a line must be a JSON object, got {type(record).__name__}")
    for field in ("text", "summaries"):
        if field not in record:
            raise InputError(f"{where}: field '{field}' is missing")
    text, references = record["text"], record["summaries"]
    if not _filled(text):
        raise InputError(f"{where}: 'text' must be a string that is not blank")
    if not isinstance(references, list) or not references or not all(map(_filled, references)):
        raise InputError(f"{where}: 'summaries' must be a list of one or more strings, none of them blank")
    return Example(text=text, references=tuple(references))


def read_dataset(path: str | Path, limit: int | None = None) -> list[Example]:
    """The first ``limit`` examples of a JSONL file; blank lines are passed over."""
    numbered = [(number, line) for number, line in enumerate(read_lines(path), 1) if line.strip()]
    if not numbered:
        raise InputError(f"{path}: the file holds no example")
    return [_example(line, f"{path}:{number}") for number, line in numbered[:limit]]


def _aligned(path: str | Path, outputs: list[str], hypotheses: str | Path) -> list[str]:
    lines = read_lines(path)
    if len(lines) != len(outputs):
        where = f"{path}:{min(len(lines), len(outputs)) + 1}"
        raise InputError(f"{where}: must have {len(outputs)} lines as {hypotheses} has, got {len(lines)}")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            raise InputError(f"{path}:{number}: the line must not be blank")
    return lines


def read_outputs(
    hypotheses: str | Path, references: Sequence[str | Path], sources: str | Path | None = None
) -> tuple[list[Example], list[str]]:
    """Line-aligned files as examples and outputs; a blank hypothesis is a summary of no words."""
    outputs = read_lines(hypotheses)
    columns = [_aligned(path, outputs, hypotheses) for path in references]
    texts = _aligned(sources, outputs, hypotheses) if sources else [""] * len(outputs)
    by_line = zip(texts, zip(*columns, strict=True), strict=True)
    return [Example(text=text, references=lines) for text, lines in by_line], outputs
