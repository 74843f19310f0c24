"""What computes a batch: one small file per engine, one line of ``ENGINES`` for each.

An engine is told the task, the chunks that are to be done and a number of workers, and yields their outcomes in
any order. Its libraries are imported when it is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from summae.batch.engines import local, ray
from summae.batch.outcome import Outcome
from summae.batch.worker import WorkerSettings

Engine = Callable[[WorkerSettings, Iterable[int], int | None], Iterator[Outcome]]

ENGINES: dict[str, Engine] = {"local": local.outcomes, "ray": ray.outcomes}
