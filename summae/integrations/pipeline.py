"""``pipeline()``: texts in, ``[{"summary_text": ...}]`` out.

    >>> summae.pipeline()("A long text ...", words=8)
    [{'summary_text': '...'}]

``transformers.pipeline("unsupervised-summarization")`` works, too, after ``summae.register_with_transformers()``
(:mod:`summae.integrations.registration`); that one has G alone, this one chooses among G's candidates.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from summae.summarizing.summarizer import Summarizer


BATCH_SIZE = 64  # texts that are summarised in one call


class SummarizationPipeline:
    """A :class:`~summae.summarizing.summarizer.Summarizer` with the manners of a Transformers pipeline."""

    def __init__(self, summarizer: Summarizer, *, batch_size: int = BATCH_SIZE, **options: Any):
        self.summarizer, self.batch_size, self.options = summarizer, batch_size, options

    def __call__(self, texts: str | Iterable[str], **options: Any) -> list[dict[str, str]]:
        """One ``{"summary_text": ...}`` per text; ``options`` are those of :meth:`Summarizer.summarize`."""
        texts = [texts] if isinstance(texts, str) else list(texts)
        found: list[dict[str, str]] = []
        for start in range(0, len(texts), self.batch_size):
            some = texts[start : start + self.batch_size]
            summaries = self.summarizer.summarize(some, **{**self.options, **options})
            found += [{"summary_text": summary.text} for summary in summaries]
        return found


def pipeline(
    model: str | Path | None = None, *, backend: str = "auto", batch_size: int = BATCH_SIZE, **options: Any
) -> SummarizationPipeline:
    """A callable that summarises. ``model``, ``backend``: see :meth:`Summarizer.load`; ``options``
    (``words``: a number or a :class:`~summae.summarizing.length.Length`; ``beams``, ``language``, ``style``): defaults
    of its calls.
    """
    from summae.summarizing.summarizer import Summarizer

    return SummarizationPipeline(Summarizer.load(model, backend), batch_size=batch_size, **options)
