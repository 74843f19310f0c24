"""Transformers finds summae's networks and task, without being loaded by it.

After ``import summae``, in whatever order, with ``trust_remote_code=False``:

    >>> AutoModelForSeq2SeqLM.from_pretrained(f"{CHECKPOINT}/generator")     # reconstructor/ and AutoModel too
    >>> AutoTokenizer.from_pretrained(f"{CHECKPOINT}/generator")             # and of the checkpoint itself
    >>> transformers.pipeline("unsupervised-summarization")                  # the embedded model, or model=...

What Transformers has loaded already is told at once; otherwise an import hook waits until it has loaded what it must
be told about, and nothing of it is half loaded.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:  # at run time these cost 30 ms, and importing summae comes through here
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec
    from types import ModuleType

TASK = "unsupervised-summarization"


def _register_networks() -> None:
    for name in ("summae.networks", "summae.model.critic"):
        import_module(name)


def _register_task() -> None:
    from transformers import AutoModelForSeq2SeqLM
    from transformers.pipelines import PIPELINE_REGISTRY

    from summae.integrations.transformers_pipeline import UnsupervisedSummarizationPipeline
    from summae.model.checkpoint import DEFAULT, EMBEDDED

    PIPELINE_REGISTRY.supported_tasks.pop(TASK, None)  # or it warns of being told twice
    PIPELINE_REGISTRY.register_pipeline(
        TASK,
        pipeline_class=UnsupervisedSummarizationPipeline,
        pt_model=(AutoModelForSeq2SeqLM,),
        default={"model": (str(EMBEDDED / DEFAULT / "generator"), "main")},
        type="text",
    )


#: module of Transformers → what to do once it is loaded
TOLD: dict[str, Callable[[], None]] = {
    "transformers.models.auto.configuration_auto": _register_networks,
    "transformers.pipelines": _register_task,
}


def register_when_loaded() -> None:
    """Register now with what of Transformers is loaded, with the rest as soon as it is."""
    hook = next((finder for finder in sys.meta_path if isinstance(finder, _Hook)), None)
    if hook is None:
        hook = _Hook()
        sys.meta_path.insert(0, hook)
    hook.tell()


class _Hook:
    """A meta path finder that sees the modules of Transformers come, and steps aside when all in ``TOLD`` are there."""

    def __init__(self) -> None:
        self.waiting = dict(TOLD)
        self.busy = 0  # imports that are going on, one inside the other

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name.partition(".")[0] != "transformers":
            return None
        others = (finder.find_spec(name, path, target) for finder in sys.meta_path if finder is not self)
        spec = next(filter(None, others), None)
        if spec is not None and spec.loader is not None:
            spec.loader = cast("Loader", _Counted(spec.loader, self))  # it answers to all that a loader does
        return spec

    def tell(self) -> None:
        """Register with what is loaded, unless something is being loaded: by Transformers, or by what is done here."""
        if self.busy:
            return
        with self.work():
            for name in [name for name in self.waiting if name in sys.modules]:
                self.waiting.pop(name)()
        if any(name in sys.modules for name in self.waiting):  # come in while that was done
            self.tell()
        elif not self.waiting and self in sys.meta_path:
            sys.meta_path.remove(self)

    @contextmanager
    def work(self) -> Iterator[None]:
        self.busy += 1
        try:
            yield
        finally:
            self.busy -= 1


class _Counted:
    """A loader: loads as ``inner`` does, and tells the hook before and after."""

    def __init__(self, inner: Loader, hook: _Hook):
        self.inner, self.hook = inner, hook

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = module.__loader__ = self.inner  # from here on all is as without the hook
        with self.hook.work():
            self.inner.exec_module(module)
        self.hook.tell()
