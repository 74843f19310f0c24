"""This process, one chunk after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from summae.batch.outcome import Outcome
from summae.batch.worker import Worker, WorkerSettings


def outcomes(settings: WorkerSettings, chunks: Iterable[int], workers: int | None = None) -> Iterator[Outcome]:
    """The outcomes of ``chunks``, in order; ``workers`` is always one."""
    worker = Worker(settings)
    return map(worker.outcome, chunks)
