"""``pipeline()``: texts in, ``[{"summary_text": ...}]`` out; and the same task for Transformers.

    >>> summae.pipeline()("A long text ...", words=8)
    [{'summary_text': '...'}]

``transformers.pipeline("unsupervised-summarization", model=CHECKPOINT/generator, tokenizer=CHECKPOINT)``
works after ``import summae`` in whatever order: when Transformers' pipelines are loaded already, the task is
registered at once; otherwise an import hook registers it as soon as they are. So importing summae itself
never loads Transformers. (That pipeline has G alone; ``summae.pipeline`` and
:class:`summae.summarizer.Summarizer` choose among its candidates.)
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:  # at run time these cost 30 ms, and importing summae comes through here
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec
    from pathlib import Path
    from types import ModuleType

    from summae.summarizer import Summarizer

TASK = "unsupervised-summarization"
_HOME = "transformers.pipelines"


class SummarizationPipeline:
    """A :class:`~summae.summarizer.Summarizer` with the manners of a Transformers pipeline."""

    def __init__(self, summarizer: Summarizer, *, batch_size: int = 64, **options: Any):
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
    model: str | Path | None = None, *, backend: str = "auto", batch_size: int = 64, **options: Any
) -> SummarizationPipeline:
    """A callable that summarises. ``model``, ``backend``: see :meth:`Summarizer.load`; ``options``
    (``words``: a number or a :class:`~summae.lengths.Length`; ``beams``, ``language``): defaults of its calls.
    """
    from summae.summarizer import Summarizer

    return SummarizationPipeline(Summarizer.load(model, backend), batch_size=batch_size, **options)


# -- Transformers -------------------------------------------------------------------------------------------


def register() -> None:
    """Tell Transformers of the task. Loads torch and Transformers."""
    from transformers import AutoModelForSeq2SeqLM
    from transformers.pipelines import PIPELINE_REGISTRY

    from summae.backends.transformers_pipeline import UnsupervisedSummarizationPipeline

    PIPELINE_REGISTRY.supported_tasks.pop(TASK, None)  # or it warns of being told twice
    PIPELINE_REGISTRY.register_pipeline(
        TASK, pipeline_class=UnsupervisedSummarizationPipeline, pt_model=(AutoModelForSeq2SeqLM,), type="text"
    )


def register_when_loaded() -> None:
    """Register now if Transformers' pipelines are loaded, else as soon as they are."""
    if _HOME in sys.modules:
        register()
    elif not any(isinstance(finder, _Hook) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Hook())


class _Hook:
    """A meta path finder that waits for one import, then steps aside."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != _HOME:
            return None
        sys.meta_path.remove(self)
        from importlib.util import find_spec

        spec = find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = cast("Loader", _Registering(spec.loader))  # it answers to all that a loader does
        return spec


class _Registering:
    """A loader: loads as ``inner`` does, then registers."""

    def __init__(self, inner: Loader):
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self.inner.exec_module(module)
        register()
