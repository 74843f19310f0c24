"""Batches: a file of texts in, the same file with a summary beside each text out.

    >>> from summae.batch import Request, run
    >>> run(Request("mails.jsonl", "summaries.parquet", column="body", words=10, resume=True))
    Report(rows=1200, failed=0, errors=None)

The rows are cut into *chunks* of 32. An engine (:mod:`summae.batch.engines`) turns chunks into
outcomes, in any order; the journal (:mod:`summae.batch.journal`) keeps them, so that a batch that was killed goes on
where it was; in the end input and journal are read side by side and written to OUT, at once or not at all.
Memory holds a few chunks at a time, whatever the number of rows.
The guide is ``docs/batch.md``.
"""

from summae.batch.request import Report, Request
from summae.batch.running import run
from summae.batch.series import summarize_series

__all__ = ["Report", "Request", "run", "summarize_series"]
