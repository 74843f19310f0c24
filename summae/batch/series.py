"""A pandas Series of texts in, one of summaries out: for data frames, and for Spark as a pandas UDF."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from summae.batch.rows import SIZE, problem_of
from summae.batch.worker import summarize_each

if TYPE_CHECKING:
    import pandas as pd

    from summae.summarizing.length import Length
    from summae.summarizing.summarizer import Summarizer


def summarize_series(
    texts: pd.Series, words: int | Length | None = None, model: str | None = None, backend: str = "auto"
) -> pd.Series:
    """A summary for each of ``texts``, under the same index; missing where there is no text to summarise.

    The model is loaded once in each process. ``words``, ``model``, ``backend``: as of ``Summarizer``.
    """
    import pandas as pd

    good = [place for place, text in enumerate(texts) if problem_of(text) is None]
    found: list[str | None] = [None] * len(texts)
    for start in range(0, len(good), SIZE):
        some = good[start : start + SIZE]
        summaries = summarize_each(_loaded(model, backend), [texts.iloc[place] for place in some], words)
        for place, summary in zip(some, summaries, strict=True):
            found[place] = summary if isinstance(summary, str) else None
    return pd.Series(found, index=texts.index, name=texts.name, dtype=object)


@lru_cache(maxsize=1)
def _loaded(model: str | None, backend: str) -> Summarizer:
    from summae.summarizing.summarizer import Summarizer

    return Summarizer.load(model, backend=backend)
