"""Mined pairs: coverage, order and must-have words against figures worked out by hand."""

import math
from itertools import combinations

import numpy as np
import pytest

from summae.data.mining import Index, in_order, mine
from summae.text.stems import Stems


def mined(sources, short_texts, **options):
    return list(mine(sources, short_texts, Stems.of(sources * 3), **options))


SOURCES = [
    "Oil rises as OPEC cuts output in May, traders said on Monday.",
    "The central bank cuts rates in Norway.",
    "A bank in Norway said it opened a museum.",
    "Traders expect output of oil to rise.",
    "Rain is expected in the north of Norway.",
    "A rise in rates, traders said.",
    "OPEC expects the output to rise. Cuts are cuts.",
]


def test_a_stem_is_the_word_without_an_ending_that_leaves_a_word():
    stem = Stems(frozenset({"rise", "cut", "bank", "an"}))
    assert [stem(word) for word in ("rises", "Rise", "cuts", "banking", "any", "ant")] == [
        "rise", "rise", "cut", "bank", "any", "ant",
    ]  # fmt: skip
    assert Stems.of(["Rise: rise,", "rise", "cut", "cut"]).known == {"rise"}


def test_coverage_is_the_covered_share_of_the_information():
    index = Index.of([["a", "b"], ["a"], ["c"], ["a", "c"]])
    assert index.idf("a") == pytest.approx(math.log(4 / 3)) and index.idf("never") == pytest.approx(math.log(4))
    found = dict(index.covering({"b", "c"}, np.arange(4), 0.0))
    total = math.log(4) + math.log(2)  # b in one of four, c in two
    assert found == pytest.approx({0: math.log(4) / total, 1: 0.0, 2: math.log(2) / total, 3: math.log(2) / total})
    assert [number for number, _ in index.covering({"b", "c"}, np.arange(4), 0.5)] == [0]
    assert index.covering({"b", "c"}, np.array([1, 2]), 0.5) == []


def test_order_against_all_subsequences():
    random = np.random.default_rng(5)
    for _ in range(60):
        there = [f"w{n}" for n in random.permutation(8)]
        wanted = [f"w{n}" for n in random.permutation(10)[:6]]
        places = [there.index(word) for word in wanted if word in there]
        longest = max(
            size for size in range(1, len(places) + 1) for run in combinations(places, size) if list(run) == sorted(run)
        )
        assert in_order(wanted, there) == (longest / len(places) if len(places) >= 3 else 0.0)


def test_a_headline_finds_the_report_that_tells_it():
    assert mined(SOURCES, ["Oil rises as OPEC cuts output"]) == [(SOURCES[0], "Oil rises as OPEC cuts output")]


@pytest.mark.parametrize(
    "text",
    [
        "Oil rises as OPEC cuts output by 5 percent",  # a number the source does not have
        "Oil rises as Iran, OPEC cuts output",  # a name it does not have
        "Output cuts, OPEC, rises, oil",  # another order
        "Museum of rain and wine and song",  # nothing covers it
    ],
)
def test_what_would_teach_to_invent_or_reorder_is_no_pair(text):
    assert mined(SOURCES, [text]) == []


def test_at_most_so_many_for_each_short_text():
    sources = [*SOURCES, SOURCES[0] + " Prices rise."]
    assert len(mined(sources, ["Oil rises as OPEC cuts output"], each=1)) == 1
    assert len(mined(sources, ["Oil rises as OPEC cuts output"], each=5)) == 2


def test_the_first_content_word_must_come_early():
    late = "One two three four five six seven eight nine ten eleven twelve thirteen fourteen " + SOURCES[0]
    assert mined([late, *SOURCES[1:]], ["Oil rises as OPEC cuts output"]) == []
