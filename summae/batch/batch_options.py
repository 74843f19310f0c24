"""What is asked of a batch, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from summae.errors import InputError
from summae.summarizing.length import Length
from summae.summarizing.style import AUTO, style_of


@dataclass(frozen=True)
class BatchOptions:
    """The arguments of ``summae batch``. Wrong ones raise :class:`InputError` when the request is made."""

    source: Any  #: a path (JSONL, CSV, Parquet, a saved dataset), ``name:config/split``, or a data set of ``datasets``
    out: str | Path  #: its suffix is its format
    column: str = "text"  #: what is summarised
    summary_column: str = "summary"  #: what is added
    replace_column: bool = False  #: ``summary_column`` may be there already, and is replaced
    words: int | Length | None = None  #: a number is one of words; ``None``: the model's own length
    style: str = AUTO  #: or a key of :data:`summae.summarizing.style.STYLES`
    model: str | None = None  #: a model directory; ``None``: the embedded model
    backend: str = "auto"
    engine: str = "local"  #: a key of :data:`summae.batch.engines.ENGINES`
    workers: int | None = None  #: of the engine ``ray``; ``None``: one for each processor
    resume: bool = False  #: go on with an interrupted batch, or begin if there is none
    overwrite: bool = False  #: throw away ``out`` and unfinished work
    strict: bool = False  #: stop at the first row that cannot be summarised

    def __post_init__(self) -> None:
        if self.resume and self.overwrite:
            raise InputError("--resume and --overwrite exclude each other")
        if self.words is not None:
            Length.of(self.words)  # raises what is wrong with it
        style_of(self.style)  # likewise
        if self.workers is not None and (type(self.workers) is not int or self.workers < 1):
            raise InputError(f"workers must be a whole number from 1, got {self.workers!r}")
        if self.workers and self.engine != "ray":
            raise InputError("--workers is an option of --engine ray")


@dataclass(frozen=True)
class BatchReport:
    """Of the whole batch, rows finished by earlier runs included."""

    rows: int  #: of the input
    failed: int  #: that could not be summarised; they are not in ``out``
    errors: Path | None  #: the file that names them
