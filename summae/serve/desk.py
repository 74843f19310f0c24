"""Texts to summaries and explanations: two lanes, each with a thread of its own, before one :class:`Summarizer`.

Short texts share calls; huge ones, and those that take long to explain, go in the other lane, so that nobody
waits behind a book. ONNX Runtime and PyTorch may be called from two threads, and a summary does not depend on
its company.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from summae.serve.lanes import Lane, Task
from summae.serve.limits import Limits
from summae.summarizing.style import HEADLINE

if TYPE_CHECKING:
    from summae.serve.metrics import Metrics
    from summae.summarizing.length import Length
    from summae.summarizing.summarizer import Summarizer, Summary


EXPLAINING = 8  # an explanation takes as long as a summary of a text so many times as long


@dataclass(frozen=True)
class Budget:
    """What makes texts alike: they are summarised in one call."""

    length: int | Length | None = None  # a number is one of words; none: the model's own
    count: int = 1  # summaries of each text
    style: str = HEADLINE


@dataclass(frozen=True)
class Explain:
    """What a summary kept and lost is wanted: of the best one, or of ``summary`` when that is given."""

    summary: str | None = None


@dataclass(frozen=True)
class Answer:
    """Summaries, best first (none when only an explanation was asked for)."""

    summaries: list[Summary]
    explanation: dict[str, Any] | None = None


class Desk:
    """Takes texts in, gives futures of :class:`Answer` out."""

    def __init__(self, summarizer: Summarizer, limits: Limits, metrics: Metrics):
        self.summarizer, self.limits, self.metrics = summarizer, limits, metrics
        room = {"most_texts": limits.batch_texts, "most_chars": limits.batch_chars}
        self.lanes = {
            "short": Lane("short", self.work, most_waiting=limits.queue_texts, **room),
            "huge": Lane("huge", self.work, most_waiting=limits.queue_huge_texts, **room),
        }
        for name, lane in self.lanes.items():
            metrics.queue.labels(name).set_function(lane.waiting)

    def ask(self, texts: Sequence[str], budget: Budget | None, explain: Explain | None) -> list[Future[Answer]]:
        """All texts of a request, or none: :class:`LaneFullError`. Without ``budget`` they are only explained."""
        tasks = [Task(text, budget, explain) for text in texts]
        most = self.limits.batch_chars // (EXPLAINING if explain else 1)
        given = len(explain.summary) if explain and explain.summary else 0  # every part of it is tried on the text
        huge = [task for task in tasks if len(task.text) + given > most]
        short = [task for task in tasks if len(task.text) + given <= most]
        try:
            for name, some in (("huge", huge), ("short", short)):
                if some:
                    self.lanes[name].put(some)
        except Exception:
            for task in huge:
                task.answer.cancel()
            raise
        return [task.answer for task in tasks]

    def close(self) -> None:
        """Answer what was taken in, then stop."""
        for lane in self.lanes.values():
            lane.close()

    # -- in a lane's thread ---------------------------------------------------------------------------------

    def work(self, tasks: list[Task]) -> None:
        """Answers every task; a text that fails does so alone."""
        self.metrics.batch(len(tasks), sum(len(task.text) for task in tasks))
        with self.metrics.batch_seconds.time():
            self._answer(tasks)

    def _answer(self, tasks: list[Task]) -> None:
        try:
            found = self._summaries(tasks)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client hears of it and the lane goes on
            if len(tasks) > 1:
                for task in tasks:
                    self._answer([task])
            else:
                tasks[0].answer.set_exception(error)
            return
        for task, summaries in sorted(zip(tasks, found, strict=True), key=_explained):
            try:
                task.answer.set_result(Answer(summaries, self._explanation(task, summaries)))
            except Exception as error:  # noqa: BLE001
                task.answer.set_exception(error)

    def _summaries(self, tasks: list[Task]) -> list[list[Summary]]:
        texts, budget = [task.text for task in tasks], tasks[0].kind
        if not isinstance(budget, Budget):
            return [[] for _ in texts]
        if budget.count == 1:
            found = self.summarizer.summarize(texts, budget.length, style=budget.style)
            return [[summary] for summary in found]
        return self.summarizer.candidates(texts, budget.length, count=budget.count, style=budget.style)

    def _explanation(self, task: Task, summaries: list[Summary]) -> dict[str, Any] | None:
        if task.wish is None:
            return None
        from summae.explanation.attribution import explain

        summary = summaries[0].text if task.wish.summary is None else task.wish.summary
        return explain(self.summarizer, task.text, summary).to_dict()


def _explained(pair: tuple[Task, list[Summary]]) -> bool:
    """Those who want no explanation do not wait for those of others."""
    return pair[0].wish is not None
