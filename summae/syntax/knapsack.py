"""The k best prunings of a dependency tree within a budget of words, exactly.

A pruning K keeps the top of the tree and, with every token, its head: whole subtrees go. It is worth

    S(K) = Σ_{i ∈ K} (value_i − price · words_i)  +  weight · Σ_{i ∈ K, i ≠ top} loss(l_i | h_i)
         − weight · Σ_{i ∈ K without any complement that it had} bareness(i)

``value`` is what a word tells (salience; earlier is better), ``loss`` what its head lacks without it (how often short
texts keep that relation, :mod:`summae.syntax.optionality`), ``bareness`` what a word lacks without all that completes
it ("a victory"), and the price makes a word that brings nothing cost: a budget is a maximum, never a target.
Σ words ≤ budget; dependents that the constraints name *required* stay with their head, *bundles* of dependents stay or
go together (:mod:`summae.syntax.constraints`).

The maximum over a tree is a knapsack with a precedence tree (Johnson & Niemi, Mathematics of Operations Research 1983;
for sentences Filippova & Strube, INLG 2008, who ask a solver). ``best[i][w]`` holds the k best ways to keep ``i`` and
spend w words on its subtree; dependents are added one after another, by (max, +) convolution. Of two sorted lists of
ways only pairs with rank · rank ≤ k can be among the k best sums, so k costs k log k, not k².
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest
from operator import itemgetter

from summae.syntax.tree import Tree

#: A way to keep a subtree: what it is worth, and the tokens as nested pairs (token, ways of its dependents).
Way = tuple[float, tuple]
#: ``ways[w]``: the best ways that cost w words, the best first.
Ways = list[list[Way]]
_SCORE = itemgetter(0)


@dataclass(frozen=True)
class Shape:
    """What may go, per token: dependents that stay with it, and bundles of those that stay or go together; what the
    token costs without any of its ``complements``.
    """

    required: tuple[tuple[int, ...], ...]
    optional: tuple[tuple[tuple[int, ...], ...], ...]
    bareness: tuple[float, ...]
    complements: frozenset[int] = frozenset()

    @classmethod
    def of(
        cls,
        tree: Tree,
        required: frozenset[int],
        bundles: Sequence[frozenset[int]],
        gone: frozenset[int],
        bareness: Sequence[float] = (),
        complements: frozenset[int] = frozenset(),
    ) -> Shape:
        """From the tokens that stay with their heads, the bundles of siblings, and those that never stay."""
        stays, goes = [], []
        for index in range(len(tree)):
            dependents = [child for child in tree.children(index) if child not in gone]
            stays.append(tuple(child for child in dependents if child in required))
            goes.append(_bundled([child for child in dependents if child not in required], bundles))
        costs = bareness or [0.0] * len(tree)
        lacking = (0.0 if complements.intersection(stay) else cost for stay, cost in zip(stays, costs, strict=True))
        return cls(tuple(stays), tuple(goes), tuple(lacking), complements)


def _bundled(dependents: list[int], bundles: Sequence[frozenset[int]]) -> tuple[tuple[int, ...], ...]:
    """``dependents`` in groups: those of one bundle together, the others alone."""
    groups: dict[int, list[int]] = {}
    for child in dependents:
        bundle = next((number for number, bundle in enumerate(bundles) if child in bundle), -1 - child)
        groups.setdefault(bundle, []).append(child)
    return tuple(map(tuple, groups.values()))


@dataclass(frozen=True)
class Kept:
    """The tokens that a pruning keeps, in their order, what they cost and what they are worth."""

    tokens: tuple[int, ...]
    words: int
    score: float


def k_best(shape: Shape, top: int, gains: Sequence[float], costs: Sequence[int], budget: int, k: int) -> list[Kept]:
    """The k best ways to keep ``top`` and some of what is below it within ``budget``, the best first.

    ``gains[i]``: everything that keeping token i adds to the score; ``costs[i]``: its words.
    """
    ways = _ways(shape, top, gains, costs, budget, k)
    found = [(score, words, way) for words, list_ in enumerate(ways) for score, way in list_]
    return [Kept(tuple(sorted(_tokens(way))), words, score) for score, words, way in nlargest(k, found, key=_SCORE)]


def _ways(shape: Shape, index: int, gains: Sequence[float], costs: Sequence[int], budget: int, k: int) -> Ways:
    """The ways to keep ``index``; trees of sentences are shallow enough for recursion."""
    ways = _none(budget)
    if costs[index] > budget:
        return ways
    ways[costs[index]].append((gains[index], (index,)))
    for child in shape.required[index]:
        ways = _sums(ways, _ways(shape, child, gains, costs, budget, k), k)
    completed = _none(budget)  # the ways that keep a complement; ``ways`` are those that do not
    for bundle in shape.optional[index]:
        kept = _bundle_ways(shape, bundle, gains, costs, budget, k)
        completing = shape.bareness[index] > 0 and not shape.complements.isdisjoint(bundle)
        more = _sums(ways, kept, k) if completing else _none(budget)
        ways = ways if completing else _sums(ways, _or_nothing(kept, k), k)
        completed = _best_of(_sums(completed, _or_nothing(kept, k), k), more, k)
    bare = [[(score - shape.bareness[index], way) for score, way in some] for some in ways]
    return _best_of(completed, bare, k)


def _bundle_ways(
    shape: Shape, bundle: tuple[int, ...], gains: Sequence[float], costs: Sequence[int], budget: int, k: int
) -> Ways:
    """All of the bundle."""
    ways = _nothing(budget)
    for child in bundle:
        ways = _sums(ways, _ways(shape, child, gains, costs, budget, k), k)
    return ways


def _or_nothing(ways: Ways, k: int) -> Ways:
    return [nlargest(k, [*ways[0], (0.0, ())], key=_SCORE), *ways[1:]]


def _best_of(left: Ways, right: Ways, k: int) -> Ways:
    return [nlargest(k, [*a, *b], key=_SCORE) if a and b else a or b for a, b in zip(left, right, strict=True)]


def _none(budget: int) -> Ways:
    return [[] for _ in range(budget + 1)]


def _nothing(budget: int) -> Ways:
    return [[(0.0, ())], *([] for _ in range(budget))]


def _sums(left: Ways, right: Ways, k: int) -> Ways:
    """One way of the left and one of the right: the k best of every cost."""
    found: Ways = [[] for _ in left]
    filled = [(words, ways) for words, ways in enumerate(right) if ways]
    for used, first_ways in enumerate(left):
        for more, second_ways in filled if first_ways else ():
            if used + more < len(found):
                found[used + more] += _pairs(first_ways, second_ways, k)
    return [nlargest(k, ways, key=_SCORE) if len(ways) > 1 else ways for ways in found]


def _pairs(left: list[Way], right: list[Way], k: int) -> list[Way]:
    pairs = []
    for rank, (score, way) in enumerate(left, start=1):
        pairs += [(score + more, (way, part)) for more, part in right[: k // rank]]
    return pairs


def _tokens(way: tuple) -> list[int]:
    """The tokens of nested pairs."""
    found: list[int] = []
    waiting: list = [way]
    while waiting:
        for part in waiting.pop():
            (found if isinstance(part, int) else waiting).append(part)
    return found
