"""Whole sentences: which of them may be told, the exact choice against enumeration, and what comes of it."""

from __future__ import annotations

import itertools
import random

import pytest

from summae import Length, Summarizer
from summae.summarizing.select import LEANING, best_in_order, sentences_of
from summae.summarizing.sentence import COMFORTABLE_WORDS, is_sentence, leans, told, wordings
from summae.text.words import budget_units

ARTICLE = (
    "NORHAM (Newsroom) - The council of Norham will close the indoor pool for two years from May, the mayor said. "
    "The roof of the pool, which was built in 1931, lets in rain and must be replaced. "
    "It will cost 3.2 million pounds. "
    "Schools will use the pool at Kelso, and the town pays for the buses, the mayor told reporters. "
    "However, two of the schools have asked for more time. "
    "The mayor expects the council to vote on the plan for the pool in March. "
    "(Reporting by A. Example; Editing by B. Example)"
)


@pytest.fixture(scope="module")
def model() -> Summarizer:
    return Summarizer.load()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The council will close the pool in May.", True),
        ('"We cannot pay for a new roof," the mayor said.', True),
        ("Der Rat schließt das Bad im Mai.", True),
        ("Closing of the indoor pool", False),  # a heading
        ("Dear all,", False),
        ("(Reporting by A. Example; Editing by B. Example)", False),
        ("Best regards, Ana", False),
        ("Write to ana@example.org or call us today.", False),
        ("Name | Price | Stock of the day.", False),
        ('"We cannot pay for a new roof.', False),  # a quotation that ends elsewhere
        ("A FLASH FLOOD WATCH IS IN EFFECT FOR THE COAST.", False),
        ("It rains.", False),
        ("Below are comments from investors and economists.", False),
        ("2. High costs of doing business in the town.", False),
        ("KEY POINTS: The council will close the pool in May.", False),
    ],
)
def test_what_is_a_sentence(text, expected):
    assert is_sentence(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He said the roof lets in rain.", True),
        ("However, the roof lets in rain.", True),
        ("This will cost 3.2 million pounds.", True),
        ('"The roof cannot be mended."', True),  # who says so?
        ("In March he will ask the council to vote.", True),
        ("The mayor, Ann Smith, says she will ask the council.", False),
        ("There is no money for a new roof.", False),
        ("The roof lets in rain.", False),
        ('"We cannot pay," the mayor said.', False),
    ],
)
def test_what_leans_on_the_sentence_before(text, expected):
    assert leans(text) is expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("LONDON (Agency) - The pound fell.", "The pound fell."),
        ("NEW YORK, Nov 3 - Shares rose.", "Shares rose."),
        ("Hi Ana, the pool will close.", "The pool will close."),
        ("The pool - which is old - will close.", "The pool - which is old - will close."),
    ],
)
def test_datelines_and_salutations_are_not_told(raw, expected):
    assert told(raw) == expected


def test_a_long_sentence_is_told_without_its_asides_and_to_its_end():
    short = "The council of Norham will close the indoor pool for two years from May."
    assert wordings(short)[0] == short
    aside = ", which was built by the town in 1931 and lets in rain,"
    long = (
        f"The council of the old harbour town of Norham on the east coast{aside} will close its indoor pool for two "
        "whole years from the first of May."
    )
    assert len(budget_units(long)) > COMFORTABLE_WORDS
    (found,) = wordings(long)
    assert found == long.replace(aside, "")
    assert wordings("word " * 60 + "end.") == []


def test_the_choice_is_the_best_of_all():
    chosen = random.Random(5)
    for _ in range(60):
        size = chosen.randint(1, 7)
        values = [chosen.uniform(0, 2) for _ in range(size)]
        leaning = [chosen.random() < 0.5 for _ in range(size)]
        follows = [place > 0 and chosen.random() < 0.8 for place in range(size)]
        for count in range(1, size + 1):

            def total(way: tuple[int, ...]) -> float:
                lean = sum(leaning[i] and not (follows[i] and i - 1 in way) for i in way)  # noqa: B023
                return sum(values[i] for i in way) - LEANING * lean  # noqa: B023

            best = max(map(total, itertools.combinations(range(size), count)))
            found = best_in_order(values, leaning, follows, count)
            assert found == sorted(set(found)) and len(found) == count
            assert total(tuple(found)) == pytest.approx(best)


def test_sentences_are_told_whole_and_in_order(model):
    (summary,) = model.summarize([ARTICLE], Length("sentences", 3))
    said = [each.wordings[0] for each in sentences_of(model.read(ARTICLE, least_words=0))]
    assert "It will cost 3.2 million pounds." in said and not any("Reporting" in each for each in said)
    places = [said.index(f"{line.rstrip('.')}.") for line in summary.text.replace(". ", ".|").split("|")]
    assert len(places) == 3 and places == sorted(places)
    assert places[0] == 0, "news tells its point first"
    assert set(summary.scores) == {"words", "coverage", "coverage_bits", "realism", "fluency", "length", "early"} | {
        "centrality",
        "score",
    }


def test_a_headline_style_still_gives_headlines(model):
    (summary,) = model.summarize([ARTICLE], Length("sentences", 2), style="headline")
    assert len(budget_units(summary.text)) <= 2 * model.longest_words


def test_an_automatic_length_is_a_headline_of_a_short_text_and_sentences_of_a_long_one(model):
    assert len(budget_units(ARTICLE)) < 100 < len(budget_units(f"{ARTICLE} {ARTICLE}"))
    short, long = model.summarize([ARTICLE, f"{ARTICLE} {ARTICLE}"], Length.automatic())
    assert len(budget_units(short.text)) <= model.checkpoint.manifest.default_words
    assert long.text.count(".") >= 3


def test_a_text_without_sentences_gives_what_its_windows_do(model):
    text = "the council will close the pool in may and the roof lets in rain and schools use the pool at kelso " * 3
    (summary,) = model.summarize([text], Length("sentences", 2))
    assert summary.text
