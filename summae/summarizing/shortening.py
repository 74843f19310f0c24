"""Windows to drafts in the text's own wording, and how the preference among these meets the merit of all.

The judges know what a window tells, but G's telegrams are what they were made for: among shortenings of one window the
order of :func:`~summae.summarizing.trimming.trimmed` decides, among windows the merit of what is preferred of each.
"""

from __future__ import annotations

from collections.abc import Sequence

from summae.summarizing.length import Limit
from summae.summarizing.trimming import trimmed
from summae.text.finishing import finish


def shortenings(window: str, source: str, limit: Limit) -> list[str]:
    """Finished shortenings within the limit, preferred ones first, to the most words that the first of them may have;
    none if not even a word fits.
    """
    for most in range(limit.ask, 0, -1):
        texts = [text for text in (finish(each, source) for each in trimmed(window, most)) if text]
        if texts and limit.allows(texts[0]):
            return [text for text in dict.fromkeys(texts) if limit.allows(text) and len(text) <= len(source)]
    return []


def by_preference(merits: Sequence[float], places: Sequence[int]) -> list[float]:
    """The merit of each draft, at most that of any before it of the same window; ``places``: the windows."""
    least: dict[int, float] = {}
    capped = []
    for place, merit in zip(places, merits, strict=True):
        least[place] = min(merit, least.get(place, merit))
        capped.append(least[place])
    return capped
