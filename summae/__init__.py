"""summae: an unsupervised text summariser, an auto-encoder whose latent is words.

    >>> import summae
    >>> summae.pipeline()("A long text ...")
    [{'summary_text': '...'}]

Importing this module loads nothing heavy: names are looked up when they are used.
"""

from __future__ import annotations

from typing import Any

from summae.integrations.registration import register_when_loaded

__version__ = "0.1.0"

#: name → the module that has it
_HOMES = {
    "pipeline": "summae.integrations.pipeline",
    "Length": "summae.summarizing.length",
    "Summarizer": "summae.summarizing.summarizer",
    "Summary": "summae.summarizing.summarizer",
    "explain": "summae.explanation.attribution",
    "Explanation": "summae.explanation.records",
}

__all__ = ["Explanation", "Length", "Summarizer", "Summary", "__version__", "explain", "pipeline"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'summae' has no attribute '{name}'")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


register_when_loaded()  # with Transformers; loads nothing
