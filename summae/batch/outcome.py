"""What came of a chunk of rows, and the line of the journal that keeps it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Failure:
    """A row without a summary, and why."""

    row: int  # from 1
    line: int | None  # from 1, in a text file
    reason: str

    def to_dict(self) -> dict[str, int | str]:
        return {name: value for name, value in asdict(self).items() if value is not None}

    def __str__(self) -> str:
        place = f"row {self.row}" if self.line is None else f"line {self.line}"
        return f"{place}: {self.reason}"


@dataclass(frozen=True)
class Outcome:
    chunk: int  # its number, from 0
    summaries: list[str | None]  # one for each row; ``None`` where it failed
    failures: list[Failure] = field(default_factory=list)

    def to_line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Outcome:
        """Raises ``ValueError``, ``KeyError`` or ``TypeError`` for a line that is not whole."""
        if not line.endswith(b"\n"):
            raise ValueError("cut off")
        stored = json.loads(line)
        failures = [Failure(**failure) for failure in stored["failures"]]
        return cls(stored["chunk"], stored["summaries"], failures)
