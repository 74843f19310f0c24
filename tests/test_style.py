"""Summaries in the text's own wording: trimming by known answers, the style through every door."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from conftest import SOURCES

from summae import cli
from summae.errors import InputError
from summae.evaluation.comparison import EvaluationRequest, run
from summae.summarizing.features import FEATURES
from summae.summarizing.length import Length, Limit
from summae.summarizing.propose import Proposal
from summae.summarizing.proposers import shortening
from summae.summarizing.proposers.generator import Compressor
from summae.summarizing.proposers.shortening import shortenings
from summae.summarizing.rank import by_preference
from summae.summarizing.sentence import MOST_WORDS
from summae.summarizing.style import AUTO, STYLES
from summae.summarizing.summarizer import Summarizer
from summae.summarizing.summary import NOT_FOUND
from summae.summarizing.trimming import ASIDE, trimmed
from summae.text.words import budget_units, words

ENGLISH = " ".join(SOURCES[:5])


@pytest.fixture(scope="module")
def model(tiny_checkpoint: Path) -> Summarizer:
    return Summarizer.load(tiny_checkpoint)


@pytest.fixture
def no_search(monkeypatch):
    """G must not be asked."""

    def candidates(self, jobs, beams):
        raise AssertionError("G was asked")

    monkeypatch.setattr(Compressor, "candidates", candidates)


# -- trimming -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Bill Kristol, the editor of X, has joined Y.",
            ["Bill Kristol has joined Y", "Bill Kristol, the editor of X, has joined Y"],
        ),
        (
            "In May, Bill Kristol, the editor of X, has joined Y.",
            [
                "Bill Kristol has joined Y",
                "Bill Kristol, the editor of X, has joined Y",
                "In May, Bill Kristol has joined Y",
                "In May, Bill Kristol, the editor of X, has joined Y",
            ],
        ),
        ("After the vote, they left.", ["they left", "After the vote, they left"]),
        ("The dog barked, and the cat ran.", ["The dog barked, and the cat ran"]),  # a subject is no lead-in
        ("If it rains, we stay.", ["If it rains, we stay"]),  # what follows holds only then
        ("About 500 people, mostly men, died.", ["About 500 people died", "About 500 people, mostly men, died"]),
        ("Cars, buses and vans use it, which is old.", ["Cars, buses and vans use it, which is old"]),
        ("Schools closed, and homes lost power, he said.", ["Schools closed, and homes lost power, he said"]),
        ("Sales – as expected – rose.", ["Sales rose", "Sales – as expected – rose"]),
        ("Sales rose; profits fell; Apple won.", ["Sales rose; profits fell; Apple won"]),
        ("Sales rose - as expected, by 7%.", ["Sales rose - as expected, by 7%"]),  # a dash and a comma are no pair
        ("In May he left. Then, she came.", ["In May he left. Then, she came"]),  # no aside goes beyond a sentence
        ("He (the [old] man) won (again).", ["He won"]),
        ("The president(s) met (in May), he said.", ["The president met, he said"]),
        ("(All of it.)", ["All of it"]),
        ("He said :) and left (in", ["He said :) and left (in"]),
        ("It cost 1,000, 2,000 or 3,000 crowns.", ["It cost 1,000, 2,000 or 3,000 crowns"]),
        ("On March 3, 2011, he died in the U.S.", ["he died in the U.S.", "On March 3, 2011, he died in the U.S."]),
        ("“We will, if needed, go,” he said.", ["“We will, if needed, go,” he said"]),
        ('He, "well, so, yes", won.', ["He won", 'He, "well, so, yes", won']),
        ("Will he go?", ["Will he go?"]),
        ("It is what it is for.", ["It is what it is for"]),  # the end of its own
        ("– Hello", ["Hello"]),
        ("我国经济很快，政府说，银行的利率不会改变。", ["我国经济很快，政府说，银行的利率不会改变"]),
        ("…", []),
        ("", []),
    ],
)
def test_known_shortenings(text, expected):
    assert trimmed(text, 30) == expected


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        ("Bill Kristol, the editor of X, has joined Y.", 4, ["Bill Kristol has joined", "Bill Kristol, the editor"]),
        ("The bank will cut the rate in May.", 5, ["The bank will cut"]),  # "the" leads nowhere
        ("The bank will cut the rate – in May.", 7, ["The bank will cut the rate"]),  # nor does the dash
        ("“We go” now", 2, ["“We go”"]),
        ("我国经济的增长很快。", 4, ["我国经济"]),
        ("U.S.-led talks ended", 1, ["U.S.-led"]),
        ("a" * 500, 1, ["a" * 500]),
        ("กำลังใจ", 1, ["ก"]),
    ],
)
def test_known_cuts(text, most, expected):
    assert trimmed(text, most) == expected


@pytest.mark.parametrize("longer", [0, 1])
def test_an_aside_has_at_most_so_many_words(longer):
    aside = " ".join(["word"] * (ASIDE - 1 + longer))
    shortest = trimmed(f"In {aside}, Ann left.", 99)[0]
    assert shortest == (f"In {aside}, Ann left" if longer else "Ann left")
    shortest = trimmed(f"Ann, old {aside}, left.", 99)[0]
    assert shortest == (f"Ann, old {aside}, left" if longer else "Ann left")


def test_never_too_long_never_empty_and_nothing_added():
    """Random words and marks: within the budget, distinct, and the words of the text in its order."""
    chosen = random.Random(11)
    parts = ENGLISH.split() + list("我国经济，。，,;–-()[]“”\"'!?%…") + ["In", "after", "1,000", ", ", " - ", "x" * 40]
    for _ in range(2000):
        text = "".join(chosen.choice(parts) + chosen.choice(["", " ", " "]) for _ in range(chosen.randrange(40)))
        most = chosen.randrange(1, 20)
        found = trimmed(text, most)
        assert bool(found) == bool(words(text)) and len(set(found)) == len(found)
        for each in found:
            letters = iter("".join(filter(str.isalnum, text)))
            assert words(each) and len(budget_units(each)) <= most
            assert all(letter in letters for letter in filter(str.isalnum, each))


# -- proposals and their score ---------------------------------------------------------------------------------


def test_shortenings_fill_any_limit():
    text = "In May, the bank cut its rate (by 1%)."
    assert shortenings(text, text, Limit(ask=9, words=9)) == ["The bank cut its rate", "In May, the bank cut its rate"]
    assert shortenings(text, text, Limit(ask=5, chars=13)) == ["The bank cut"]
    assert shortenings(text, text, Limit(ask=5, chars=2)) == []
    two = "It rained. Then the storm closed all schools in the north."
    assert shortenings(two, two, Limit(ask=9, words=9, sentences=1)) == ["It rained"]
    assert shortenings(text.lower(), text.lower(), Limit(ask=9, words=9))[0] == "the bank cut its rate"


def test_no_shortening_counts_more_than_one_preferred_to_it():
    scores, windows = [2.0, 3.0, 1.0, 5.0, 0.5, 4.0], [0, 0, 0, 1, 1, 1]
    some = [Proposal(window=each, text="", ids=[], by_preference=True) for each in windows]
    assert by_preference(some, scores) == [2.0, 2.0, 1.0, 5.0, 0.5, 0.5]
    assert by_preference([replace(each, by_preference=False) for each in some], scores) == scores


# -- through the summarizer ---------------------------------------------------------------------------------


def test_the_preferred_shortening_is_the_summary(model, no_search):
    text = "In May, the central bank (of Iran), a half-year-old company, closed schools in the north."
    (summary,) = model.summarize([text], 9, style="sentence")
    assert summary.text == "The central bank closed schools in the north" and summary.note is None
    assert summary.scores["words"] == 8 and summary.scores["length"] == pytest.approx(8 / 9, abs=1e-4)
    of_others = {"generator", "kept", "stated"}  # G wrote nothing, no parser shortened anything
    assert set(summary.scores) == {"words", *FEATURES, "score"} - of_others
    (some,) = model.candidates([text], 9, count=4, style="sentence")
    assert [each.text for each in some] == [
        "The central bank closed schools in the north",
        "The central bank, a half-year-old company, closed schools",
        "In May, the central bank closed schools",
        "In May, the central bank, a half-year-old company, closed",
    ]
    ranking = [each.scores["score"] for each in some]
    assert some[0] == summary and ranking == sorted(ranking, reverse=True)


@pytest.mark.parametrize(
    "length", [1, 5, 12, 30, Length("sentences", 2), Length("chars", 40), Length("chars", 90), Length("ratio", 0.3)]
)
def test_every_length_is_kept_to_with_words_of_the_text(model, no_search, length):
    for text in (ENGLISH, SOURCES[1], SOURCES[5] + SOURCES[6]):
        kind = Length.of(length).kind
        limit = Length.of(length).limit(text, MOST_WORDS if kind == "sentences" else model.longest_words)
        for summary in model.candidates([text], length, count=5, style="sentence")[0]:
            assert limit.allows(summary.text) and summary.note != NOT_FOUND
            assert {word.lower() for word in words(summary.text)} <= {word.lower() for word in words(text)}


def test_lines_stand_in_document_order(model, no_search):
    (summary,) = model.summarize([ENGLISH], Length("sentences", 3), style="sentence")
    lines = [line.rstrip(".") for line in summary.text.split(". ")]
    places = [ENGLISH.index(line) for line in lines]
    assert len(lines) == 3 and places == sorted(places)


def test_what_cannot_be_cut_gives_words_of_the_text(model, monkeypatch):
    monkeypatch.setattr(shortening, "shortenings", lambda window, source, limit: [])
    (summary,) = model.summarize([SOURCES[1]], 4, style="sentence")
    assert (summary.text, summary.note) == ("A storm closed schools", NOT_FOUND)


def test_the_headline_is_the_default(model):
    assert model.summarize([ENGLISH], 8, style="headline") == model.summarize([ENGLISH], 8)
    assert "generator" in model.summarize([ENGLISH], 8)[0].scores


@pytest.mark.parametrize("style", ["Sentence", "", None, 1, ["sentence"]])
def test_other_styles_are_refused(model, style):
    with pytest.raises(InputError, match=r"^style must be one of auto, headline, sentence, got .*$"):
        model.summarize([ENGLISH], style=style)


# -- the doors ----------------------------------------------------------------------------------------------


def test_summarize(tiny_checkpoint, tmp_path, capsys):
    (tmp_path / "a.txt").write_text(f"In May, {SOURCES[1]}", encoding="utf-8")
    common = [str(tmp_path / "a.txt"), "--model", str(tiny_checkpoint), "--words", "4"]
    assert cli.summarize_main([*common, "--style", "sentence"]) == 0
    assert capsys.readouterr() == ("A storm closed schools\n", "")
    assert cli.summarize_main([*common, "--style", "sentence", "--candidates", "2", "--explain"]) == 0
    out, err = capsys.readouterr()
    assert "A storm closed schools" in out and "generator" in out and err == ""
    assert cli.summarize_main([*common, "--style", "prose"]) == 2
    assert "--style: invalid choice: 'prose'" in capsys.readouterr().err


def test_help_tells_every_style(capsys):
    for command in ("summarize", "batch", "evaluate"):
        assert cli.main([command, "--help"]) == 0
        told = " ".join(capsys.readouterr().out.split())
        assert all(f"{name}: {style.help}" in told for name, style in STYLES.items())


def test_batch(tiny_checkpoint, tmp_path):
    (tmp_path / "in.jsonl").write_text(json.dumps({"text": f"In May, {SOURCES[1]}"}) + "\n", encoding="utf-8")
    paths = [str(tmp_path / "in.jsonl"), str(tmp_path / "out.jsonl")]
    options = ["--model", str(tiny_checkpoint), "--words", "4", "--quiet", "--style", "sentence"]
    assert cli.main(["batch", *paths, *options]) == 0
    assert json.loads((tmp_path / "out.jsonl").read_text())["summary"] == "A storm closed schools"


def test_evaluate_scores_the_style_and_its_signature_says_so(tiny_checkpoint, tmp_path):
    row = {"text": f"In May, {SOURCES[1]}", "summaries": ["A storm closed schools"]}
    (tmp_path / "data.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    request = {"data": tmp_path / "data.jsonl", "model": tiny_checkpoint, "words": [4]}
    report = run(EvaluationRequest(**request, style="sentence"))
    assert report.rows[0].rouge2.mean == 100
    assert "|len:words4|style:sentence|n:1|" in report.signatures[0]
    assert "style" not in run(EvaluationRequest(**request)).signatures[0]
    for wrong in ({**request, "with_model": False}, {"hypotheses": "h.txt", "references": ["r.txt"]}):
        with pytest.raises(InputError, match="--style goes with a model"):
            EvaluationRequest(**wrong, style="sentence")
    with pytest.raises(InputError, match="style must be one of auto, headline, sentence, got 'prose'"):
        EvaluationRequest(**request, style="prose")


def test_the_service(model):
    from fastapi.testclient import TestClient

    from summae.serve.app import create
    from summae.serve.limits import Limits
    from summae.serve.messages import SummaryOptions

    assert list(get_args(SummaryOptions.model_fields["style"].annotation)) == [AUTO, *STYLES]
    with TestClient(create(model, Limits())) as client:
        wanted = {"text": f"In May, {SOURCES[1]}", "words": 4, "style": "sentence"}
        assert client.post("/summarize", json=wanted).json()["summary"] == "A storm closed schools"
        both = client.post("/summarize", json={**wanted, "candidates": 2, "words": 12}).json()
        assert both["summary"].startswith("A storm closed schools in the north")
        assert [each["summary"][:23] for each in both["alternatives"]] == ["In May, A storm closed "]
        assert client.post("/summarize", json={**wanted, "style": "prose"}).status_code == 422
        schema = client.get("/openapi.json").json()["components"]["schemas"]["SummarizeRequest"]
        assert schema["properties"]["style"]["enum"] == [AUTO, *STYLES]
