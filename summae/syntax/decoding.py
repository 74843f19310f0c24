"""The dependency tree of highest score, exactly.

Chu & Liu 1965; Edmonds 1967: let every token take its best head; when that is no tree, contract a cycle and solve
the smaller problem. One root: Zmigrod, Vieira & Cotterell, Please Mind the Root (EMNLP 2020), section 2, show that
trees with several roots do win where nothing forbids it; here the root arcs are made so dear that one more is never
worth it, which is exact for finite scores. Most sentences need no contraction: the greedy heads are a tree already.

Sizes: N tokens, N + 1 heads, of which 0 is the root.
"""

from __future__ import annotations

import numpy as np

from summae.syntax.tree import tree_problem


def best_heads(scores_NH: np.ndarray) -> list[int]:
    """The heads of the tree with one root whose arcs' scores add up to most.

    Args:
        scores_NH: score of the arc from head h (0 the root, h the token h - 1) to token n, finite; ``[N, N + 1]``.

    Returns:
        For every token the index of its head among the tokens, :data:`~summae.syntax.tree.ROOT_HEAD` for the root.
    """
    count = len(scores_NH)
    if scores_NH.shape != (count, count + 1) or not count:
        raise ValueError(f"arc scores must be [N, N + 1] with N > 0, got {list(scores_NH.shape)}")
    scores = scores_NH.astype(np.float64)
    scores[np.arange(count), np.arange(1, count + 1)] = -np.inf  # no token heads itself
    heads = (scores.argmax(axis=1) - 1).tolist()
    if tree_problem(heads) is None:
        return heads
    finite = scores[np.isfinite(scores)]
    square = np.full((count + 1, count + 1), -np.inf)  # [head, token], the root among both
    square[:, 1:] = scores.T
    square[0, 1:] -= 1 + (finite.max() - finite.min()) * (count + 1)  # no gain elsewhere pays for a second root
    return [head - 1 for head in _arborescence(square)[1:]]


def _arborescence(scores: np.ndarray) -> list[int]:
    """Heads of the best tree rooted in node 0 (its own head is 0), for ``scores[head, node]``; at most O(n³)."""
    heads = scores.argmax(axis=0)
    heads[0] = 0
    cycle = _cycle(heads)
    if not cycle:
        return heads.tolist()
    inside = np.zeros(len(scores), dtype=bool)
    inside[cycle] = True
    outer = np.flatnonzero(~inside)
    members = np.asarray(cycle)
    smaller, entry, leaving = _contracted(scores, heads, outer, members)
    solved = _arborescence(smaller)
    found = heads.copy()  # inside the cycle all arcs stay but one
    node = len(outer)
    for place, head in enumerate(solved[:-1]):
        if place:
            found[outer[place]] = leaving[place] if head == node else outer[head]
    opened = entry[solved[node]]
    found[opened] = outer[solved[node]]
    return found.tolist()


def _contracted(
    scores: np.ndarray, heads: np.ndarray, outer: np.ndarray, members: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The problem with ``members`` as one last node; where each outer node enters the cycle, and by which it leaves."""
    count = len(outer)
    smaller = np.full((count + 1, count + 1), -np.inf)
    smaller[:count, :count] = scores[np.ix_(outer, outer)]
    gains = scores[np.ix_(outer, members)] - scores[heads[members], members]  # what breaking the cycle there costs
    smaller[:count, count] = gains.max(axis=1)
    from_cycle = scores[np.ix_(members, outer)]
    smaller[count, :count] = from_cycle.max(axis=0)
    smaller[:, 0] = -np.inf
    return smaller, members[gains.argmax(axis=1)], members[from_cycle.argmax(axis=0)]


def _cycle(heads: np.ndarray) -> list[int]:
    """The nodes of one cycle that does not hold the root, or none."""
    seen = [0] * len(heads)
    for start in range(1, len(heads)):
        node = start
        while node and not seen[node]:
            seen[node] = start
            node = int(heads[node])
        if node and seen[node] == start:
            cycle = [node]
            while int(heads[cycle[-1]]) != node:
                cycle.append(int(heads[cycle[-1]]))
            return cycle
    return []
