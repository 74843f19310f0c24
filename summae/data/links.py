"""Which words follow each other in real short texts: the glue of fluent pseudo-summaries.

    link(u, v) = log2( (c(u, v) + k) / (c(u) · c(v) / N + k) )

pointwise mutual information of neighbours, in bits, counted on the unpaired short texts only. With k = 2, rare words
that were never seen together say nothing (0), frequent ones that shun each other ("on for") say so (below 0).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from summae.text.words import words

EDGE = ""  # stands before the first and after the last word
SMOOTHING = 2.0
LIMIT = 4.0  # bits, either way
REACH = 10  # words back that the search for the best path looks: work grows with it


@dataclass(frozen=True)
class Links:
    """Counts of neighbours; ``link`` is their association in bits."""

    pairs: dict[tuple[str, str], int]
    singles: dict[str, int]
    total: int

    @classmethod
    def count(cls, texts: Iterable[str]) -> Links:
        pairs: Counter[tuple[str, str]] = Counter()
        singles: Counter[str] = Counter()
        for text in texts:
            row = [EDGE, *(word.lower() for word in words(text)), EDGE]
            singles.update(row[:-1])
            pairs.update(zip(row, row[1:], strict=False))
        return cls({pair: count for pair, count in pairs.items() if count > 1}, dict(singles), max(singles.total(), 1))

    def link(self, before: str, after: str) -> float:
        expected = self.singles.get(before, 0) * self.singles.get(after, 0) / self.total
        bits = math.log2((self.pairs.get((before, after), 0) + SMOOTHING) / (expected + SMOOTHING))
        return min(max(bits, -LIMIT), LIMIT)


def fluent_choice(
    row: list[str], ratio: Callable[[str], float], links: Links, threshold: float, reach: int = REACH
) -> list[int]:
    """The positions in ``row`` of words to keep: the best path by salience and glue, found exactly.

        score(path) = Σ_i (r(w_i) − threshold) + Σ_joints min(link, 0) + link(EDGE, first) + link(last, EDGE)

    Only joints are charged, where words were left out between two kept ones: elsewhere the source is fluent. At most
    ``reach − 1`` words are left out in a row. Empty words (marks) are passed over.
    """
    lowered = [word.lower() for word in row]
    kept = [i for i, word in enumerate(lowered) if word]
    best: dict[int, float] = {}
    before: dict[int, int | None] = {}
    for place, i in enumerate(kept):
        best[i], before[i] = links.link(EDGE, lowered[i]) if place < reach else -math.inf, None
        for j in kept[max(0, place - reach) : place]:
            bits = links.link(lowered[j], lowered[i])
            total = best[j] + (0.0 if j == kept[place - 1] else min(bits, 0.0))
            if total > best[i]:
                best[i], before[i] = total, j
        best[i] += ratio(lowered[i]) - threshold
    if not kept:
        return []
    last: int | None = max(kept, key=lambda i: best[i] + links.link(lowered[i], EDGE))
    path = []
    while last is not None:
        path.append(last)
        last = before[last]
    return path[::-1]
