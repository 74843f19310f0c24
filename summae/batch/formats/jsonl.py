"""JSONL: a JSON object on every line. Blank lines are no rows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from summae.batch.formats.compressed import open_bytes
from summae.batch.formats.survey import Survey
from summae.batch.formats.text_lines import LineSource
from summae.batch.rows import InputBlock, InputRow, plain

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class JsonlSource(LineSource):
    def parse(self, lines: Iterable[bytes], skip: int = 0) -> Iterator[InputRow]:
        numbered = ((number, line) for number, line in enumerate(lines, 1) if not line.isspace())
        for number, line in islice(numbered, skip, None):
            yield _row(number, line.rstrip(b"\r\n"))


def _row(number: int, line: bytes) -> InputRow:
    try:
        values = json.loads(line.decode("utf-8"))
        if _SURROGATE.search(line):
            json.dumps(values, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        return InputRow(number, {}, f"not UTF-8 (byte 0x{line[error.start]:02x} at byte {error.start} of the line)")
    except UnicodeEncodeError:
        return InputRow(number, {}, "half a character (a surrogate without its other half)")
    except json.JSONDecodeError as error:
        return InputRow(number, {}, f"not JSON ({error.msg} at character {error.colno})")
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, a thousand brackets
        return InputRow(number, {}, f"not JSON that can be read ({error})")
    if not isinstance(values, dict):
        return InputRow(number, {}, "not a JSON object ({...})")
    return InputRow(number, values)


class JsonlWriter:
    def __init__(self, path: Path, survey: Survey, summary_column: str):
        self.stream, self.column = open_bytes(path, "wb"), summary_column

    def write(self, block: InputBlock, summaries: Sequence[str | None]) -> None:
        for row in block.rows(self.column, summaries):
            self.stream.write(json.dumps(row, ensure_ascii=False, default=plain).encode() + b"\n")

    def close(self) -> None:
        self.stream.close()
