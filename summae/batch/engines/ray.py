"""Ray Data: actors on a cluster, each with the model loaded once.

Only numbers of chunks travel to the actors and only outcomes back; every actor reads the input for itself, so the
input must lie under the same name on every node. An actor that dies is started again and its chunks redone;
a chunk that comes twice is kept once (:meth:`summae.batch.journal.Journal.add`).
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from summae.batch.outcome import Outcome
from summae.batch.worker import Task, Worker
from summae.errors import MissingExtraError, SummaeError

TOGETHER = 8  # chunks of a Ray task at most: what is redone when its actor dies
SHARES = 8  # tasks for each worker at least, where there are chunks enough
RETRIES = 3  # of a task whose actor dies: one that kills every actor must end


def outcomes(task: Task, chunks: Iterable[int], workers: int | None = None) -> Iterator[Outcome]:
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
                fn_constructor_args=(task,),
                batch_size=None,
                compute=ray.data.ActorPoolStrategy(size=min(actors, tasks)),
                num_cpus=1,
                max_restarts=-1,
                max_task_retries=RETRIES,
            )
        try:
            for batch in found.iter_batches(batch_size=None, batch_format="pyarrow"):
                for line in batch.column("line"):
                    yield Outcome.from_line(line.as_py())
        except ray.exceptions.RayError as error:
            raise SummaeError(f"ray: {_cause(error)}; --resume goes on with what is missing") from error


class _Actor:
    def __init__(self, task: Task):
        self.worker = Worker(task)

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[bytes]]:
        return {"line": [self.worker.outcome(int(chunk)).to_line() for chunk in batch["item"]]}


@contextmanager
def _cluster(workers: int | None) -> Iterator[Any]:
    """The cluster the process is connected to, or the one that ``RAY_ADDRESS`` names, or one on this machine."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # what concerns the user arrives as an exception
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise MissingExtraError("--engine ray needs the extra 'ray': pip install 'summae[ray]'") from error
    ours = not ray.is_initialized()
    if ours:
        here = {} if "RAY_ADDRESS" in os.environ else {"address": "local", "num_cpus": workers}
        ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR, **here)
    context = ray.data.DataContext.get_current()
    bars, context.enable_progress_bars = context.enable_progress_bars, False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    try:
        yield ray
    finally:
        context.enable_progress_bars = bars
        if ours:
            ray.shutdown()


def _cause(error: BaseException) -> str:
    """The last line of what Ray says: the exception itself, without the traces of its processes."""
    return (str(error).strip().splitlines() or [type(error).__name__])[-1].strip()
