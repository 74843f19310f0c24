"""Batches: a file of texts in, the same file with a summary beside each text out.

    >>> from summae.batch import BatchOptions, run
    >>> run(BatchOptions("mails.jsonl", "summaries.parquet", column="body", words=10, resume=True))
    BatchReport(rows=1200, failed=0, errors=None)

The rows are cut into *chunks* of 32. An engine (:mod:`summae.batch.engines`) turns chunks into
outcomes, in any order; the journal (:mod:`summae.batch.journal`) keeps them, so that a batch that was killed goes on
where it was; in the end input and journal are read side by side and written to OUT, at once or not at all.
Memory holds a few chunks at a time, whatever the number of rows.
The guide is ``docs/batch.md``.
"""

import warnings
from typing import Any

from summae.batch.batch_options import BatchOptions, BatchReport
from summae.batch.running import run
from summae.batch.series import summarize_series

__all__ = ["BatchReport", "BatchOptions", "run", "summarize_series"]


def __getattr__(name: str) -> Any:
    """The names of 0.1."""
    renamed = {"Request": BatchOptions, "Report": BatchReport}
    if name not in renamed:
        raise AttributeError(f"module 'summae.batch' has no attribute '{name}'")
    warnings.warn(f"summae.batch.{name} is now called {renamed[name].__name__}", DeprecationWarning, stacklevel=2)
    return renamed[name]
