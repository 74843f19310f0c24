"""What turns a chunk into its outcome: in this process, or wherever an engine sends it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from summae.batch.formats import Source
from summae.batch.outcome import Failure, Outcome
from summae.batch.rows import InputBlock
from summae.errors import InputError, SummaeError
from summae.summarizing.style import AUTO

if TYPE_CHECKING:
    from summae.summarizing.length import Length
    from summae.summarizing.summarizer import Summarizer


@dataclass(frozen=True)
class WorkerSettings:
    """All that a worker must know: see :class:`summae.batch.batch_options.BatchOptions`."""

    source: Source
    column: str
    words: int | Length | None
    model: str | None
    backend: str
    style: str


class Worker:
    """Loads the model once, when the first text comes, and reads its input forwards."""

    def __init__(self, settings: WorkerSettings):
        self.settings = settings
        self.cursor = Cursor(settings.source)

    @cached_property
    def summarizer(self) -> Summarizer:
        from summae.summarizing.summarizer import Summarizer

        return Summarizer.load(self.settings.model, backend=self.settings.backend)

    def outcome(self, chunk: int) -> Outcome:
        items = self.cursor.block(chunk).items(self.settings.column)
        texts = [item.text for item in items if item.problem is None]
        settings = self.settings
        found = iter(summarize_each(self.summarizer, texts, settings.words, settings.style) if texts else [])
        summaries: list[str | None] = []
        failures = []
        for item in items:
            result = InputError(item.problem) if item.problem else next(found)
            summaries.append(result if isinstance(result, str) else None)
            if not isinstance(result, str):
                failures.append(Failure(item.row, item.line, reason_of(result)))
        return Outcome(chunk, summaries, failures)


class Cursor:
    """The blocks of a source by number; cheap as long as the numbers grow."""

    def __init__(self, source: Source):
        self.source = source
        self.next = -1  # number of the block that comes next in ``blocks``
        self.blocks: Iterator[InputBlock] = iter(())

    def block(self, number: int) -> InputBlock:
        if not 0 <= self.next <= number:
            self.blocks, self.next = self.source.blocks(number), number
        while True:
            block = next(self.blocks, None)
            if block is None:
                raise InputError(f"{self.source.name}: has become shorter while it was read")
            self.next += 1
            if self.next > number:
                return block


def summarize_each(
    summarizer: Summarizer, texts: Sequence[str], words: int | Length | None = None, style: str = AUTO
) -> list[str | Exception]:
    """A summary for each text; where a text brings the model down, the exception raised, and the others go on."""
    try:
        return [summary.text for summary in summarizer.summarize(texts, words=words, style=style)]
    except (MemoryError, OSError):  # not the text's fault
        raise
    except Exception as error:
        if len(texts) == 1:
            return [error]
        return [one for text in texts for one in summarize_each(summarizer, [text], words, style)]


def reason_of(error: Exception) -> str:
    """One line; with the type of an error that is not our own."""
    return str(error) if isinstance(error, SummaeError) else f"{type(error).__name__}: {error}"
