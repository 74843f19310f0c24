"""The best ways to put a summary together, when each of its lines could be one of several."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nlargest
from typing import TypeVar

Line = TypeVar("Line")


def best_combinations(lines: Sequence[Sequence[tuple[float, Line]]], count: int) -> list[tuple[float, list[Line]]]:
    """``(merit, choice)`` of the ``count`` best ways to choose one (merit, line) of each of ``lines``, best first.

    The merit of a choice is the sum of its lines' merits. So the best ``count`` ways to choose the first k lines
    hold all that the best ways to choose k + 1 can begin with, and the work is lines · alternatives · ``count``,
    not alternatives to the power of lines. Ties go to what comes first.
    """
    ways: list[tuple[float, list[Line]]] = [(0.0, [])]
    for alternatives in lines:
        longer = [(total + merit, [*way, line]) for total, way in ways for merit, line in alternatives]
        ways = nlargest(count, longer, key=lambda way: way[0])
    return ways
