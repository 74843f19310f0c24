"""The outcomes of a batch on disk, a line for each chunk in the order they came.

A killed process leaves at worst one line that is not whole: it is cut off, and its chunk done again. Lines are
on disk, not only in the system's cache, after ``EVERY`` seconds. In memory is only where in the file each
chunk lies: 8 bytes for 32 rows.
"""

from __future__ import annotations

import os
import time
from array import array
from collections.abc import Iterator
from pathlib import Path

from summae.batch.outcome import Failure, Outcome

EVERY = 1.0  # seconds between waits for the disk: what a power failure, not a killed process, can lose


class BatchJournal:
    """Opened for a batch of ``chunks`` chunks; what lies at ``path`` already is taken up."""

    def __init__(self, path: Path, chunks: int):
        self.places = array("q", [-1]) * chunks
        self.rows = self.failed = 0  # in all outcomes so far
        path.touch()
        self.stream = path.open("r+b")
        self.synced = time.monotonic()
        end = self._take_up()
        self.stream.truncate(end)
        self.stream.seek(end)

    def __enter__(self) -> BatchJournal:
        return self

    def __exit__(self, *error: object) -> None:
        with self.stream:
            self._sync()

    def add(self, outcome: Outcome) -> None:
        """Keep ``outcome``; a chunk that is done already, by a worker believed dead, is not kept twice."""
        if self.places[outcome.chunk] < 0:
            place = self.stream.seek(0, os.SEEK_END)
            self.stream.write(outcome.to_line())
            self.stream.flush()
            self._note(outcome, place)
        if time.monotonic() - self.synced > EVERY:
            self._sync()

    def missing(self) -> Iterator[int]:
        """The chunks that are not done, in order."""
        return (chunk for chunk, place in enumerate(self.places) if place < 0)

    def outcome(self, chunk: int) -> Outcome:
        self.stream.seek(self.places[chunk])
        return Outcome.from_line(self.stream.readline())

    def failures(self) -> Iterator[Failure]:
        """In the order of the rows."""
        if self.failed:
            for chunk, place in enumerate(self.places):
                yield from self.outcome(chunk).failures if place >= 0 else ()

    def _take_up(self) -> int:
        """Note all whole lines; → where they end."""
        end = 0
        for line in self.stream:
            try:
                self._note(Outcome.from_line(line), end)
            except (ValueError, KeyError, TypeError, IndexError):  # the end of a process killed in writing it
                break
            end += len(line)
        return end

    def _note(self, outcome: Outcome, place: int) -> None:
        self.places[outcome.chunk] = place
        self.rows += len(outcome.summaries)
        self.failed += len(outcome.failures)

    def _sync(self) -> None:
        self.stream.flush()
        os.fsync(self.stream.fileno())
        self.synced = time.monotonic()
