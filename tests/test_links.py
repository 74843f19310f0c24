"""Fluent pseudo-summaries: the exact search against exhaustive enumeration, the association against hand counts."""

import itertools
import math

import numpy as np
import pytest

from summae.data.links import EDGE, Links, fluent_choice

TEXTS = ["bank cuts jobs in london", "bank cuts rates", "storm cuts power in london", "jobs in london"] * 3


def test_association_by_hand():
    links = Links.count(TEXTS)
    # 12 texts, 15 words a round and an edge each: 3 * (5 + 3 + 5 + 3 + 4) positions before an end
    assert links.total == 3 * (5 + 3 + 5 + 3 + 4)
    # "cuts" stands 9 times, "power" 3 times, together 3 times
    assert links.link("cuts", "power") == pytest.approx(math.log2((3 + 2) / (9 * 3 / 60 + 2)))
    assert links.link("nowhere", "seen") == 0.0
    assert links.link(EDGE, "bank") > 0 > links.link("in", "cuts")


def score(path, words, ratio, links, threshold):
    kept = [words[i] for i in path]
    joints = [min(links.link(words[i], words[j]), 0.0) for i, j in itertools.pairwise(path) if j != i + 1]
    ends = links.link(EDGE, kept[0]) + links.link(kept[-1], EDGE)
    return sum(ratio(word) - threshold for word in kept) + sum(joints) + ends


@pytest.mark.parametrize("seed", range(6))
def test_the_choice_is_the_best_of_all_subsets(seed):
    random = np.random.default_rng(seed)
    words = [str(word) for word in random.choice(sorted({w for t in TEXTS for w in t.split()}), size=8)]
    values = {word: float(random.normal(-3, 2)) for word in words}
    links = Links.count(TEXTS)
    chosen = fluent_choice(words, values.__getitem__, links, -3.0)
    subsets = (path for size in range(1, 9) for path in itertools.combinations(range(8), size))
    best = max(score(path, words, values.__getitem__, links, -3.0) for path in subsets)
    assert score(chosen, words, values.__getitem__, links, -3.0) == pytest.approx(best)


def test_marks_are_passed_over():
    links = Links.count(TEXTS)
    assert fluent_choice(["bank", "", "cuts"], lambda word: 1.0, links, 0.0) == [0, 2]
    assert fluent_choice(["", ""], lambda word: 1.0, links, 0.0) == []
