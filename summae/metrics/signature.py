"""One line that says how a score was computed, to be pasted beside it.

The idea and the ``key:value|key:value`` form are sacrebleu's (Post 2018, arXiv:1804.08771).
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from summae.metrics.bootstrap import RESAMPLES, SEED
from summae.metrics.rouge import TOKENISER


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "uninstalled"


def rouge_signature(
    *,
    reference_counts: Sequence[int],
    words: int | None,
    style: str | None = None,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> str:
    """The signature of ROUGE means over ``len(reference_counts)`` examples.

    ``reference_counts``: references of every example (printed as "1" or as a range, "1-4"); ``words``: the
    budget that every output was cut to, ``None`` for uncut; ``style``: of the model's summaries, unless it is the usual
    one.
    """
    fewest, most = min(reference_counts), max(reference_counts)
    parts = {
        "nrefs": str(most) if fewest == most else f"{fewest}-{most}",
        "multi": "max",
        "case": "lc",
        "tok": TOKENISER,
        "stem": "porter",
        "len": "uncut" if words is None else f"words{words}",
        **({"style": style} if style else {}),
        "n": len(reference_counts),
        "bs": resamples,
        "seed": seed,
        "impl": f"rouge-score-{_version('rouge-score')}",
        "version": f"summae-{_version('summae')}",
    }
    return "|".join(["rouge", *(f"{key}:{value}" for key, value in parts.items())])
