"""The features that candidates are ranked by, and the ranking, by hand-worked figures and enumeration."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from summae.errors import SummaeError
from summae.summarizing.assemble import best_combinations
from summae.summarizing.features import (
    FEATURES,
    RANKED,
    Weights,
    coverage,
    over_lines,
    ranking_score,
    weights_of,
)
from summae.summarizing.propose import Proposal
from summae.summarizing.rank import Ranked
from summae.summarizing.summary import Scores


def test_coverage_is_the_weighted_share_of_the_cost_that_is_saved():
    nothing = np.array([-4.0, -1.0, -2.0]) * np.log(2)
    rebuilt = np.array([[-1.0, -1.0, -2.0], [-4.0, 0.0, 0.0], [-4.0, -1.0, -2.0]]) * np.log(2)
    shares, bits = coverage(rebuilt, nothing, np.array([1.0, 0.0, 0.5]))
    assert shares == pytest.approx([3 / 5, 1 / 5, 0.0])  # cost 4 + 0.5 · 2; the mark in the middle has no weight
    assert bits == pytest.approx([3.0, 3.0, 0.0])


PLAIN = {"generator": -1.0, "coverage": 0.2, "coverage_bits": 9.0, "realism": 0.3, "fluency": -4.0, "length": 1.0}
PLAIN |= {"early": 0.5, "kept": -0.5, "stated": 1.0, "centrality": 0.1}


def test_the_ranking_score_is_the_weighted_sum_of_what_a_candidate_has():
    assert set(PLAIN) == set(FEATURES)
    weights = Weights(
        generator=2.0,
        coverage=10.0,
        realism=1.0,
        fluency=0.5,
        length=0.25,
        early=4.0,
        kept=2.0,
        stated=3.0,
        centrality=20,
    )
    assert ranking_score(PLAIN, weights) == pytest.approx(-2.0 + 2.0 + 0.3 - 2.0 + 0.25 + 2.0 - 1.0 + 3.0 + 2.0)
    assert ranking_score({**PLAIN, "realism": None}, weights) == pytest.approx(4.25)


@pytest.mark.parametrize("name", RANKED)
def test_one_weight_alone_prefers_more_of_its_feature(name):
    alone = Weights(**{**dict.fromkeys(RANKED, 0.0), name: 1.0})
    assert ranking_score({**PLAIN, name: PLAIN[name] + 1}, alone) == pytest.approx(ranking_score(PLAIN, alone) + 1)


def test_lines_become_one_figure_each_in_its_way():
    other = {**PLAIN, "coverage": 0.4, "coverage_bits": 1.0, "generator": None, "fluency": -2.0, "realism": None}
    found = over_lines([PLAIN, other], lines=3)  # of the third line nothing was found
    assert found["coverage"] == pytest.approx(0.6 / 3) and found["coverage_bits"] == 10.0
    assert (found["generator"], found["fluency"], found["realism"]) == (-1.0, -3.0, 0.3)
    assert "realism" not in over_lines([other], lines=1)


def test_best_combinations_against_enumeration():
    random = np.random.default_rng(3)

    def ranked(name: str) -> Ranked:
        return Ranked(Proposal(window=0, text=name, ids=[]), {}, float(random.normal()))

    lines = [[ranked(name) for name in names] for names in ("abc", "d", "efgh", "ij")]
    every = sorted(itertools.product(*lines), key=lambda way: -sum(each.score for each in way))
    for count in (1, 2, 5, 24, 99):
        assert best_combinations(lines, count) == [list(way) for way in every[:count]]
    assert best_combinations([lines[0], []], 3) == []
    ties = [[Ranked(Proposal(window=0, text=name, ids=[]), {}, 1.0) for name in "abc"]]
    assert [way[0].proposal.text for way in best_combinations(ties, 3)] == ["a", "b", "c"], "ties keep their order"


def test_weights_are_read_by_name():
    assert dict(weights_of("coverage=9, fluency = -0.5")) == {**Weights(), "coverage": 9.0, "fluency": -0.5}
    for text, said in (
        ("covrage=3", "weight must be one of generator, coverage, .*, centrality, got 'covrage', did you mean"),
        ("coverage_bits=3", "weight must be one of"),  # told, not ranked by
        ("", "must be one of .*, got ''"),
        ("coverage", "weight 'coverage' must be a number, as in coverage=1.5, got ''"),
        ("fluency=1,coverage=inf", "got 'inf'"),
        ("coverage=4=5", "got '4=5'"),
    ):
        with pytest.raises(SummaeError, match=said):
            weights_of(text)
    with pytest.raises(SummaeError, match="did you mean 'coverage'"):
        Weights(covrage=3.0)


def test_the_score_answers_to_its_old_name_with_a_warning():
    scores = Scores(words=3, score=1.5)
    with pytest.warns(DeprecationWarning, match="scores\\['score'\\]"):
        assert scores["merit"] == 1.5
    with pytest.raises(KeyError):
        Scores(words=3)["merit"]
