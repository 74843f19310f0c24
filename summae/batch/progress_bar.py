"""How a batch goes, on standard error: rows, their rate, the time left, and notes."""

from __future__ import annotations

import sys

from tqdm import tqdm

TERMINAL, ELSEWHERE = 0.5, 30.0  # seconds between two looks of the bar; elsewhere each is a line of a log


class BatchProgress:
    """A bar of ``total`` rows, ``done`` of which were done by earlier runs."""

    def __init__(self, total: int, done: int, quiet: bool):
        interval = TERMINAL if sys.stderr is not None and sys.stderr.isatty() else ELSEWHERE
        self.bar = tqdm(
            total=total, initial=done, unit="row", mininterval=interval, maxinterval=interval, dynamic_ncols=True,
            file=sys.stderr, disable=quiet,
        )  # fmt: skip

    def __enter__(self) -> BatchProgress:
        return self

    def __exit__(self, *error: object) -> None:
        self.bar.close()

    def advance(self, rows: int, failed: int) -> None:
        """``rows`` more; ``failed`` altogether."""
        if failed:
            self.bar.set_postfix(failed=failed, refresh=False)
        self.bar.update(rows)

    def note(self, line: str) -> None:
        if not self.bar.disable:
            tqdm.write(line, file=sys.stderr)
