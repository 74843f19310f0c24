"""Ray Data: actors on a cluster, each with the model loaded once.

Only numbers of chunks travel to the actors and only outcomes back; every actor reads the input for itself, so the
input must lie under the same name on every node. An actor that dies is started again and its chunks redone;
a chunk that comes twice is kept once (:meth:`summae.batch.journal.BatchJournal.add`).
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from summae.batch.outcome import Outcome
from summae.batch.worker import Worker, WorkerSettings, reason_of
from summae.errors import MissingExtraError, SummaeError

TOGETHER = 8  # chunks of a Ray task at most: what is redone when its actor dies
SHARES = 8  # tasks for each worker at least, where there are chunks enough
RETRIES = 3  # of a task whose actor dies: one that kills every actor must end


def outcomes(settings: WorkerSettings, chunks: Iterable[int], workers: int | None = None) -> Iterator[Outcome]:
    """The outcomes of ``chunks`` in the order they are finished; ``workers``: actors, one for each processor."""
    wanted = list(chunks)
    if not wanted:
        return
    with _cluster(workers) as ray:
        actors = workers or max(int(ray.cluster_resources().get("CPU", 1)), 1)
        tasks = max(-(-len(wanted) // TOGETHER), min(len(wanted), SHARES * actors))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of ``max_task_retries``, before Ray 2.64; without it there is no end
            found = ray.data.from_items(wanted, override_num_blocks=tasks).map_batches(
                _Actor,
                fn_constructor_args=(settings,),
                batch_size=None,
                compute=ray.data.ActorPoolStrategy(size=min(actors, tasks)),
                num_cpus=1,
                max_restarts=-1,
                max_task_retries=RETRIES,
            )
        try:
            for batch in found.iter_batches(batch_size=None, batch_format="pyarrow"):
                for row in batch.to_pylist():
                    if row["error"]:
                        raise SummaeError(f"a worker: {row['error']}")
                    yield Outcome.from_line(row["line"])
        except ray.exceptions.RayError as error:  # actors died, again and again
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise SummaeError(f"ray: {reason}; --resume goes on with what is missing") from error


class _Actor:
    def __init__(self, settings: WorkerSettings):
        self.worker = Worker(settings)

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[Any]]:
        """Lines of the journal, and in the last row what has gone wrong: Ray would wrap an exception in its traces."""
        lines, errors = [], []
        for chunk in batch["item"]:
            try:
                line, error = self.worker.outcome(int(chunk)).to_line(), ""
            except Exception as raised:
                line, error = b"", reason_of(raised)
            lines.append(line)
            errors.append(error)
            if error:
                break
        return {"line": lines, "error": errors}


@contextmanager
def _cluster(workers: int | None) -> Iterator[Any]:
    """The cluster the process is connected to, or the one that ``RAY_ADDRESS`` names, or one on this machine."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # what concerns the user arrives as an exception, and
    os.environ.setdefault("RAY_DEDUP_LOGS_SKIP_REGEX", ".")  # is not said of every dead worker on standard output
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise MissingExtraError("--engine ray needs the extra 'ray': pip install 'summae[ray]'") from error
    ours = not ray.is_initialized()
    if ours:
        new: dict[str, Any] = {"address": "local", "num_cpus": workers, "include_dashboard": False}
        where = {} if "RAY_ADDRESS" in os.environ else new
        with _mute():
            ray.init(log_to_driver=False, logging_level=logging.ERROR, **where)
    context = ray.data.DataContext.get_current()
    bars, context.enable_progress_bars = context.enable_progress_bars, False
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    try:
        yield ray
    finally:
        context.enable_progress_bars = bars
        if ours:
            ray.shutdown()


@contextmanager
def _mute() -> Iterator[None]:
    """Standard error goes nowhere, also that of code below Python, which tells there that it has been told to tell
    nothing.
    """
    if sys.stderr is not None:
        sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # closed already
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
