"""ROUGE, its intervals, copy figures and signature, against rouge-score, closed forms and hand counts."""

from __future__ import annotations

import math
import random
import string

import numpy as np
import pytest
from rouge_score.rouge_scorer import RougeScorer

from summae.metrics.bootstrap import mean_intervals
from summae.metrics.copying import copy_rate, mean_copying, mean_length, novel_share, starts_alike
from summae.metrics.rouge import METRICS, score_examples, stemmed_tokens, tokens, vanished_share
from summae.metrics.signature import rouge_signature

ENGLISH = [
    ("Police killed the gunman", ["The gunman was killed by police officers."]),
    ("running dogs ran quickly, generally", ["The dog's run was quick; dogs generally run"]),
    (
        "U.S. stocks fell 5.6% -- snake_case, half-year",
        ["U.S. stocks falling 5.6 percent in half year", "snake case"],
    ),
    ("", ["something"]),
    ("?!", ["something else"]),
]


def library_scores(pairs):
    """rouge-score's own defaults with stemming: the authority for English."""
    scorer = RougeScorer(list(METRICS), use_stemmer=True)
    best = [scorer.score_multi(references, hypothesis) for hypothesis, references in pairs]
    return np.array([[each[metric].fmeasure for metric in METRICS] for each in best])


def test_english_scores_are_those_of_rouge_score():
    hypotheses, references = zip(*ENGLISH, strict=True)
    assert np.array_equal(score_examples(hypotheses, references), library_scores(ENGLISH))


def test_any_printable_ascii_scores_as_rouge_score_does():
    generator = random.Random(7)
    vocabulary = [
        "connection",
        "Connected",
        "sky",
        "ties",
        "o'clock",
        "3,000",
        "a_b",
        "WILLINGNESS",
        *string.punctuation,
    ]
    texts = ["".join(generator.choices([*vocabulary, " ", "\n", "\t"], k=30)) for _ in range(200)]
    pairs = [(texts[i], texts[i + 1 : i + 3]) for i in range(0, 197, 3)]
    hypotheses, references = zip(*pairs, strict=True)
    assert np.array_equal(score_examples(hypotheses, references), library_scores(pairs))


def test_chinese_counts_characters():
    # 中国经济增 against 我国经济增长: 4 of 5 and of 6 characters, 3 of 4 and of 5 pairs, LCS 4.
    scores = score_examples(["中国经济增"], [["我国经济增长"]])
    assert scores[0] == pytest.approx([8 / 11, 6 / 9, 8 / 11])
    assert library_scores([("中国经济增", ["我国经济增长"])]).max() == 0  # why the tokeniser is our own


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Die Straße, größer!", ["die", "straße", "größer"]),
        ("Cafe\u0301 CAFÉ", ["café", "café"]),  # decomposed and composed
        ("हिन्दी में", ["हिन्दी", "में"]),  # vowel signs and the virama are marks, not letters
        ("2024年的AI模型，5.6％", ["2024", "年", "的", "ai", "模", "型", "5", "6"]),
        ("５万", ["5", "万"]),
        ("トヨタ自動車", list("トヨタ自動車")),
        ("서울 날씨", ["서울", "날씨"]),
        ("Москва_говорит", ["москва", "говорит"]),
        ("❤️ 👍🏽 …", []),  # a variation selector alone is no word
    ],
)
def test_words_of_every_script_are_kept(text, expected):
    assert tokens(text) == expected


def test_only_latin_words_of_four_letters_are_stemmed():
    # Porter's own examples: http://tartarus.org/martin/PorterStemmer/ (ponies, cats, relational)
    assert stemmed_tokens("ponies cats relational was gas Москвы") == [
        "poni",
        "cat",
        "relat",
        "was",
        "gas",
        "москвы",
    ]


def test_of_several_references_the_best_counts_per_metric():
    # against "d c b a": 1, 0, 1/4; against "a b x y": 2/4, 1/3, 2/4
    assert score_examples(["a b c d"], [["d c b a", "a b x y"]])[0] == pytest.approx([1, 1 / 3, 1 / 2])


def test_processes_do_not_change_the_scores():
    hypotheses, references = zip(*ENGLISH, strict=True)
    alone = score_examples(hypotheses, references)
    assert np.array_equal(score_examples(hypotheses, references, processes=2), alone)


@pytest.mark.parametrize("references", [[["a"], []], [["a"]]])
def test_a_hypothesis_without_reference_is_refused(references):
    with pytest.raises(ValueError, match="at least one reference"):
        score_examples(["x", "y"], references)


def test_vanished_share_counts_visible_characters():
    assert vanished_share(["ab, c!"]) == pytest.approx(2 / 5)
    assert vanished_share(["我国经济"]) == 0
    assert vanished_share(["", " "]) == 0


def binomial_quantile(count, chance, level):
    """The smallest k with P(X <= k) >= level for X ~ Binomial(count, chance), by summation."""
    total = 0.0
    for k in range(count + 1):
        total += math.comb(count, k) * chance**k * (1 - chance) ** (count - k)
        if total >= level:
            return k
    return count


@pytest.mark.parametrize(("count", "ones"), [(40, 12), (200, 100), (500, 5)])
def test_bootstrap_of_zeros_and_ones_is_binomial(count, ones):
    """The mean of a resample of 0s and 1s is Binomial(n, k/n)/n exactly, so the ends are known."""
    values = np.repeat([1.0, 0.0], [ones, count - ones])[:, None]
    interval = mean_intervals(values, resamples=4000)[0]
    assert interval.mean == pytest.approx(ones / count)
    for end, level in ((interval.low, 0.025), (interval.high, 0.975)):
        assert abs(end * count - binomial_quantile(count, ones / count, level)) <= 1


def test_bootstrap_of_many_values_is_nearly_normal():
    values = np.random.default_rng(1).normal(3.0, 2.0, size=(5000, 1))
    interval = mean_intervals(values)[0]
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * 2.0 / math.sqrt(5000), rel=0.1)


def test_bootstrap_is_seeded_and_shares_resamples_between_columns():
    values = np.random.default_rng(2).random((50, 1))
    first, doubled = mean_intervals(np.hstack([values, 2 * values]))
    assert [doubled.low, doubled.high] == pytest.approx([2 * first.low, 2 * first.high])
    assert mean_intervals(values)[0] == first
    assert mean_intervals(values, seed=1)[0] != first


@pytest.mark.parametrize("values", [np.zeros((0, 3)), np.zeros(4)])
def test_bootstrap_refuses_what_is_no_sample(values):
    with pytest.raises(ValueError, match="N > 0"):
        mean_intervals(values)


SOURCE = "The central bank raised its main rate by half a point on Monday, officials said."


def test_copying_counted_by_hand():
    # central-bank, bank-raised, main-rate are pairs of the source; raised-main, rate-sharply are not
    summary = "Central bank raised main rate sharply"
    assert copy_rate(summary, SOURCE) == pytest.approx(3 / 5)
    assert novel_share(summary, SOURCE) == pytest.approx(1 / 6)
    assert not starts_alike(summary, SOURCE)
    assert starts_alike("the CENTRAL bank raised eyebrows", SOURCE)
    assert not starts_alike("The central bank", SOURCE)
    assert copy_rate("我国经济", "据悉我国的经济") == pytest.approx(2 / 3)


def test_undefined_shares_are_left_out_of_means():
    means = mean_copying(["bank", "", "main rate"], [SOURCE] * 3)
    assert means.copy_rate == 1.0  # of "main rate" alone
    assert means.novel_share == 0.0
    assert means.first_four == 0.0
    assert math.isnan(mean_copying([""], [SOURCE]).copy_rate)
    assert mean_length(["one two", "half-year", ""]) == pytest.approx(1.0)


def test_signature_in_full(monkeypatch):
    versions = {"rouge-score": "0.1.2", "summae": "0.1.0"}
    monkeypatch.setattr("summae.metrics.signature.version", versions.__getitem__)
    assert rouge_signature(reference_counts=[1] * 2000, words=8) == (
        "rouge|nrefs:1|multi:max|case:lc|tok:unicode|stem:porter|len:words8|n:2000|bs:1000|seed:12345"
        "|impl:rouge-score-0.1.2|version:summae-0.1.0"
    )
    assert "|nrefs:1-4|" in rouge_signature(reference_counts=[2, 1, 4], words=None)
    assert "|len:uncut|n:3|" in rouge_signature(reference_counts=[2, 1, 4], words=None)
