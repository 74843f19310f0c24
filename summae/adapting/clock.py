"""The time that a run may take, shared out to its stages, and the one bar that shows it on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from tqdm import tqdm

#: The share of all time by which a stage ends; what an earlier one overran, a later one lacks. The rest of the time is
#: for averaging, judging, writing and showing.
ENDS = {"language model": 0.12, "reconstructor": 0.34, "generator": 0.85}


ELSEWHERE = 30.0  # seconds between two looks of the bar where it is no terminal: each is a line of a log


class Clock:
    """Minutes counted from its making; also the log (:class:`summae.training.loop.LogSink`) of the stages' loops."""

    def __init__(self, minutes: float, shown: bool):
        self.started, self.seconds = time.monotonic(), 60 * minutes
        form = f"{{desc:<15}}{{percentage:3.0f}}%|{{bar:30}}| {{elapsed}} of {minutes:g} min{{postfix}}"
        self.interval = 0.0 if sys.stderr is not None and sys.stderr.isatty() else ELSEWHERE
        self.looked = self.started
        self.bar = tqdm(total=100, bar_format=form, file=sys.stderr, disable=not shown, leave=False)

    def left(self, stage: str) -> float:
        """Seconds until ``stage`` has to end; at least one, so that it does something."""
        return max(self.started + ENDS[stage] * self.seconds - time.monotonic(), 1.0)

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    def show(self, what: str) -> None:
        """What goes on now."""
        self.bar.set_description_str(what, refresh=False)
        self.bar.set_postfix_str("", refresh=False)
        self.looked = -self.interval
        self._move()

    def begin(self, steps: int, done: int) -> None: ...

    def figures(self, step: int, figures: dict[str, float], seconds: float) -> None:
        if step % 10 == 0:
            self.bar.set_postfix_str(f"step {step}, loss {figures['loss']:.2f}", refresh=False)
        self._move()

    def samples(self, step: int, rows: list[dict[str, str]]) -> None: ...

    def end(self) -> None: ...

    def _move(self) -> None:
        self.bar.n = min(round(100 * self.elapsed / self.seconds), 99)
        if time.monotonic() - self.looked >= self.interval:
            self.looked = time.monotonic()
            self.bar.refresh()

    def beside(self, note: Callable[[str], None]) -> Callable[[str], None]:
        """``note``, the bar out of its way."""

        def said(line: str) -> None:
            with self.bar.external_write_mode(file=sys.stderr):
                note(line)

        return said

    def close(self) -> None:
        """The bar goes: what is printed next stands on a line of its own."""
        self.bar.close()
