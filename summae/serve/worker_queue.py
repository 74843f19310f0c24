"""A queue with a limit, and the one thread that works it off in micro-batches.

Each batch takes one text of every waiting request in turn, as long as their settings are equal and there is room:
a list of a hundred texts does not stand in the way of a single one that came after it.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

LONGEST_RETRY = 60  # seconds that a client is told to wait at most
FIRST_GUESS = 1.0  # seconds per text, before one has been measured
NEWEST = 0.2  # weight of the newest call in the mean of the seconds per text: the last ten calls count


@dataclass(frozen=True, eq=False)
class QueuedText:
    """A text and what is to be done with it; ``answer`` may be cancelled while it waits."""

    text: str
    settings: Hashable  # texts of equal settings are worked on in one call
    explain: Any = None  # how it is to be explained, if it is
    answer: Future = field(default_factory=Future)


class QueueFullError(Exception):
    """No room for so many more texts; ``retry_after`` seconds from now there probably is."""

    def __init__(self, retry_after: int):
        super().__init__(f"too many texts are waiting; try again in {retry_after} s")
        self.retry_after = retry_after


Work = Callable[[list[QueuedText]], None]


class WorkerQueue:
    """``work`` is called in the queue's thread with texts of equal settings, sets their answers and raises nothing."""

    def __init__(self, name: str, work: Work, *, most_waiting: int, most_texts: int, most_chars: int):
        self.work, self.most_waiting = work, most_waiting
        self.most_texts, self.most_chars = most_texts, most_chars
        self._requests: OrderedDict[int, deque[QueuedText]] = OrderedDict()
        self._arrived = 0
        self._seconds_per_text = FIRST_GUESS
        self._open = True
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=f"summae-{name}", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def waiting(self) -> int:
        """Texts that wait; those whose client has gone do not."""
        with self._changed:
            return sum(1 for _ in self._all())

    def put(self, texts: Sequence[QueuedText]) -> None:
        """The texts of one request, all or none. Raises :class:`QueueFullError`."""
        with self._changed:
            waiting = sum(1 for _ in self._all())
            if not self._open or waiting + len(texts) > self.most_waiting:
                seconds = math.ceil(waiting * self._seconds_per_text)
                raise QueueFullError(min(max(seconds, 1), LONGEST_RETRY))
            self._arrived += 1
            self._requests[self._arrived] = deque(texts)
            self._changed.notify()

    def close(self) -> None:
        """Take no more, and come back when everything that waits has been answered."""
        with self._changed:
            self._open = False
            self._changed.notify()
        self._thread.join()

    # -- the thread -----------------------------------------------------------------------------------------

    def _run(self) -> None:
        while batch := self._next():
            began = time.monotonic()
            self.work(batch)
            taken = (time.monotonic() - began) / len(batch)
            with self._changed:
                self._seconds_per_text += NEWEST * (taken - self._seconds_per_text)

    def _next(self) -> list[QueuedText]:
        """The next batch when there is one; none at all when the queue is closed and empty."""
        with self._changed:
            while True:
                while batch := self._batch():
                    wanted = [each for each in batch if each.answer.set_running_or_notify_cancel()]
                    if wanted:
                        return wanted
                if not self._open:
                    return []
                self._changed.wait()

    def _batch(self) -> list[QueuedText]:
        """One text of each request in turn; a request that was served goes behind the others."""
        batch: list[QueuedText] = []
        room = self.most_chars
        while True:
            before = len(batch)
            for number, request in list(self._requests.items()):
                if len(batch) == self.most_texts:
                    break
                if batch and (request[0].settings != batch[0].settings or len(request[0].text) > room):
                    continue
                batch.append(request.popleft())
                room -= len(batch[-1].text)
                self._requests.move_to_end(number)
                if not request:
                    del self._requests[number]
            if len(batch) in (before, self.most_texts):
                return batch

    def _all(self) -> Iterator[QueuedText]:
        """All that wait, after the requests of clients that have gone were dropped."""
        for number, request in list(self._requests.items()):
            kept = deque(each for each in request if not each.answer.cancelled())
            if kept:
                self._requests[number] = kept
                yield from kept
            else:
                del self._requests[number]
