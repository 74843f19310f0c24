"""Baselines: within the budget in any script, and what each is expected to pick."""

from __future__ import annotations

import nltk
import pytest

from summae.errors import InputError, SummaeError
from summae.metrics.baselines import BASELINES, ratio_filter
from summae.tables import look_up
from summae.text.finishing import cut
from summae.text.salience import SalienceTable
from summae.text.words import budget_units

RATIOS = {"the": -5.0, "said": -4.0, "of": -2.5, "on": -3.5, "monday": -3.0, "的": -6.0, "了": -3.0}
SALIENCE = SalienceTable(RATIOS, {})
TEXTS = [
    "The bank said on Monday that the chief of the board, U.S. citizen Ann Lee, left. It rose 5.6%!",
    "海关总署今天（5月9日）发布的数据显示，进出口增长了14.9%。其中，AI模型出口 9.33万亿元。",
    "Nur ein Satz über größere Straßen",
    "mixed 中国AI text，with 日本語 inside",
    "!!! ???",
    "one",
    "the the said",
]


@pytest.mark.parametrize("name", BASELINES)
@pytest.mark.parametrize("budget", [1, 3, 8])
def test_never_empty_and_never_over_the_budget(name, budget):
    summaries = BASELINES[name](TEXTS, budget, SALIENCE)
    assert len(summaries) == len(TEXTS)
    for summary, text in zip(summaries, TEXTS, strict=True):
        if text != "!!! ???":
            assert summary
        assert len(budget_units(summary)) <= budget


def test_lead_is_the_first_words():
    assert BASELINES["lead"]([" The bank,  said \n on Monday"], 3) == ["The bank, said"]
    assert BASELINES["lead"](["海关总署今天（5月9日）发布"], 8) == ["海关总署今天（5月"]


@pytest.mark.parametrize(
    ("text", "budget", "expected"),
    [
        ("a b c", 3, "a b c"),
        ("  a b c ", 5, "a b c"),
        ("a aa aaa", 2, "a aa"),
        ("中国，AI模型！好", 4, "中国，AI模"),
        ("half-year U.S. profit", 2, "half-year U.S."),
        ("", 2, ""),
    ],
)
def test_cutting_keeps_the_text_up_to_the_last_unit(text, budget, expected):
    assert cut(text, budget) == expected


def test_ratio_filter_drops_what_short_texts_avoid():
    # above -3 strictly: "of" (-2.5) stays, "on" (-3.5), "said" and "the" go, and so does "Monday", at -3 exactly
    text = "The head of the bank, Ann Lee, said on Monday"
    assert ratio_filter([text], 6, SALIENCE) == ["head of bank Ann Lee"]
    assert ratio_filter(["国家的经济增了"], 10, SALIENCE) == ["国家经济增"]
    assert ratio_filter([text], 2, SALIENCE, threshold=-2.0) == ["head bank"]


def test_ratio_filter_falls_back_to_the_lead():
    assert ratio_filter(["the the said"], 2, SALIENCE) == ["the the"]


def test_ratio_filter_needs_a_salience_table():
    with pytest.raises(InputError, match="salience"):
        ratio_filter(["a"], 2)


HUB = "Schools closed, roads flooded and power failed."
STAR = f"Many schools closed. {HUB} Coastal roads flooded. City power failed."


@pytest.mark.parametrize("name", ["lexrank", "textrank"])
def test_ranks_pick_the_hub_of_a_star_and_need_no_download(name, monkeypatch):
    """HUB shares words with each other sentence, and those share none among themselves."""

    def offline(*arguments, **options):
        raise LookupError("no NLTK data here")

    monkeypatch.setattr(nltk.data, "find", offline)
    assert BASELINES[name]([STAR], 7) == [HUB]
    assert BASELINES[name]([STAR], 3) == ["Schools closed, roads"]


def test_lexrank_fills_up_in_document_order():
    (summary,) = BASELINES["lexrank"]([STAR], 9)
    assert HUB in summary
    assert len(summary.split()) == 9
    assert BASELINES["lexrank"]([STAR], 99) == [STAR]


@pytest.mark.filterwarnings("error")
def test_lexrank_of_unrelated_sentences_is_quiet():
    assert BASELINES["lexrank"](["Cats sleep. Stocks fell."], 2) == ["Cats sleep."]


def test_an_unknown_baseline_is_named_with_the_choices():
    with pytest.raises(SummaeError, match="lead, ratio_filter, lexrank, textrank.*did you mean 'lexrank'"):
        look_up(BASELINES, "lexrnak", "baseline")
