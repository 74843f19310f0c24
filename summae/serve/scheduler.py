"""Texts to summaries and explanations: two queues, each with a thread of its own, before one :class:`Summarizer`.

Short texts share calls; huge ones, and those that take long to explain, go in the other queue, so that nobody
waits behind a book. ONNX Runtime and PyTorch may be called from two threads, and a summary does not depend on
its company.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from summae.serve.limits import Limits
from summae.serve.worker_queue import QueuedText, WorkerQueue
from summae.summarizing.style import AUTO

if TYPE_CHECKING:
    from summae.serve.prometheus import Metrics
    from summae.summarizing.length import Length
    from summae.summarizing.summarizer import Summarizer, Summary


EXPLAINING = 8  # an explanation takes as long as a summary of a text so many times as long


@dataclass(frozen=True)
class SummarySettings:
    """What makes texts alike: they are summarised in one call."""

    length: int | Length | None = None  # a number is one of words; none: the model's own
    count: int = 1  # summaries of each text
    style: str = AUTO


@dataclass(frozen=True)
class ExplanationSettings:
    """What a summary kept and lost is wanted: of the best one, or of ``summary`` when that is given."""

    summary: str | None = None


@dataclass(frozen=True)
class Answer:
    """Summaries, best first (none when only an explanation was asked for)."""

    summaries: list[Summary]
    explanation: dict[str, Any] | None = None


class RequestScheduler:
    """Takes texts in, gives futures of :class:`Answer` out."""

    def __init__(self, summarizer: Summarizer, limits: Limits, metrics: Metrics):
        self.summarizer, self.limits, self.metrics = summarizer, limits, metrics
        room = {"most_texts": limits.batch_texts, "most_chars": limits.batch_chars}
        self.queues = {
            "short": WorkerQueue("short", self.work, most_waiting=limits.queue_texts, **room),
            "huge": WorkerQueue("huge", self.work, most_waiting=limits.queue_huge_texts, **room),
        }
        for name, queue in self.queues.items():
            metrics.queue.labels(name).set_function(queue.waiting)

    def ask(
        self, texts: Sequence[str], settings: SummarySettings | None, explain: ExplanationSettings | None
    ) -> list[Future[Answer]]:
        """All texts of a request, or none: :class:`QueueFullError`. Without ``settings`` they are only explained."""
        queued = [QueuedText(text, settings, explain) for text in texts]
        most = self.limits.batch_chars // (EXPLAINING if explain else 1)
        given = len(explain.summary) if explain and explain.summary else 0  # every part of it is tried on the text
        huge = [each for each in queued if len(each.text) + given > most]
        short = [each for each in queued if len(each.text) + given <= most]
        try:
            for name, some in (("huge", huge), ("short", short)):
                if some:
                    self.queues[name].put(some)
        except Exception:
            for each in huge:
                each.answer.cancel()
            raise
        return [each.answer for each in queued]

    def close(self) -> None:
        """Answer what was taken in, then stop."""
        for queue in self.queues.values():
            queue.close()

    # -- in a queue's thread --------------------------------------------------------------------------------

    def work(self, batch: list[QueuedText]) -> None:
        """Answers every text; one that fails does so alone."""
        self.metrics.batch(len(batch), sum(len(each.text) for each in batch))
        with self.metrics.batch_seconds.time():
            self._answer(batch)

    def _answer(self, batch: list[QueuedText]) -> None:
        try:
            found = self._summaries(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client hears of it and the queue goes on
            if len(batch) > 1:
                for each in batch:
                    self._answer([each])
            else:
                batch[0].answer.set_exception(error)
            return
        for each, summaries in sorted(zip(batch, found, strict=True), key=_is_explained):
            try:
                each.answer.set_result(Answer(summaries, self._explanation(each, summaries)))
            except Exception as error:  # noqa: BLE001
                each.answer.set_exception(error)

    def _summaries(self, batch: list[QueuedText]) -> list[list[Summary]]:
        texts, settings = [each.text for each in batch], batch[0].settings
        if not isinstance(settings, SummarySettings):
            return [[] for _ in texts]
        if settings.count == 1:
            found = self.summarizer.summarize(texts, settings.length, style=settings.style)
            return [[summary] for summary in found]
        return self.summarizer.candidates(texts, settings.length, count=settings.count, style=settings.style)

    def _explanation(self, queued: QueuedText, summaries: list[Summary]) -> dict[str, Any] | None:
        if queued.explain is None:
            return None
        from summae.explanation.attribution import explain

        given = queued.explain.summary
        return explain(self.summarizer, queued.text, summaries[0].text if given is None else given).to_dict()


def _is_explained(pair: tuple[QueuedText, list[Summary]]) -> bool:
    """Those who want no explanation do not wait for those of others."""
    return pair[0].explain is not None
