"""summae: an unsupervised text summariser, an auto-encoder whose latent is words.

    >>> import summae
    >>> summae.pipeline()("A long text ...")
    [{'summary_text': '...'}]

Importing this module loads nothing heavy: names are looked up when they are used. What Transformers finds of it is
told it by ``summae.register_with_transformers()``.
"""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"

#: name → the module that has it
_HOMES = {
    "pipeline": "summae.integrations.pipeline",
    "Length": "summae.summarizing.length",
    "Summarizer": "summae.summarizing.summarizer",
    "Summary": "summae.summarizing.summarizer",
    "register_with_transformers": "summae.integrations.registration",
    "explain": "summae.explanation.attribution",
    "Explanation": "summae.explanation.findings",
}

__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'summae' has no attribute '{name}'")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
