"""The decoder against all trees there are."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from summae.syntax.decoding import best_heads
from summae.syntax.tree import ROOT_HEAD, tree_problem


def every_tree(count: int) -> list[tuple[int, ...]]:
    """All head sequences of ``count`` tokens that are trees with one root, found without the decoder's own test."""

    def reaches_root(heads: tuple[int, ...], index: int) -> bool:
        for _ in range(count):
            if heads[index] == ROOT_HEAD:
                return True
            index = heads[index]
        return False

    candidates = product(range(ROOT_HEAD, count), repeat=count)
    return [
        heads
        for heads in candidates
        if heads.count(ROOT_HEAD) == 1 and all(reaches_root(heads, index) for index in range(count))
    ]


def total(scores_NH: np.ndarray, heads: tuple[int, ...] | list[int]) -> float:
    return float(sum(scores_NH[index, head + 1] for index, head in enumerate(heads)))


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_all_trees_are_enumerated(count: int) -> None:
    # Cayley: (n + 1)^(n - 1) trees over n tokens and the root; of those, n^(n - 1) have one root
    assert len(every_tree(count)) == count ** (count - 1)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_the_best_of_all_trees_is_found(count: int) -> None:
    generator = np.random.default_rng(count)
    trees = every_tree(count)
    for _ in range(60):
        scores = generator.normal(scale=3, size=(count, count + 1)).astype(np.float32)
        heads = best_heads(scores)
        assert tree_problem(heads) is None
        assert total(scores, heads) == pytest.approx(max(total(scores, tree) for tree in trees), abs=1e-4)


def test_one_root_even_where_every_token_would_be_one() -> None:
    generator = np.random.default_rng(7)
    trees = every_tree(5)
    for _ in range(30):
        scores = generator.normal(size=(5, 6)).astype(np.float32)
        scores[:, 0] += 50
        heads = best_heads(scores)
        assert heads.count(ROOT_HEAD) == 1
        assert total(scores, heads) == pytest.approx(max(total(scores, tree) for tree in trees), abs=1e-3)


def test_cycles_in_cycles_are_opened() -> None:
    # 0 and 1 prefer each other; with 2 they would be a cycle again; the root is dear everywhere
    scores = np.array([[-9, 0, 5, 1], [-8, 5, 0, 2], [-7, 4, 1, 0]], dtype=np.float32)
    heads = best_heads(scores)
    assert total(scores, heads) == max(total(scores, tree) for tree in every_tree(3))


def test_a_tree_of_many_tokens_is_a_tree() -> None:
    heads = best_heads(np.random.default_rng(1).normal(size=(150, 151)).astype(np.float32))
    assert tree_problem(heads) is None


@pytest.mark.parametrize("shape", [(0, 1), (3, 3), (2, 4)])
def test_scores_of_another_shape_are_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"\[N, N \+ 1\]"):
        best_heads(np.zeros(shape, dtype=np.float32))
