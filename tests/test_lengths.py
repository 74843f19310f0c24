"""Lengths: what may be asked for, what it means for a text, and that no summary in any script ever exceeds it."""

from __future__ import annotations

import math
import random
import re
from pathlib import Path

import pytest
from conftest import SOURCES
from languages import ENGLISH, UNLEARNT, UNREADABLE, UNSPACED

from summae.errors import InputError
from summae.summarizing.length import Length
from summae.summarizing.proposers.generator import Compressor
from summae.summarizing.summarizer import Summarizer
from summae.summarizing.summary import NOT_FOUND, TOO_SHORT
from summae.text.finishing import cut_characters

TEXTS = {"en": ENGLISH, "de": UNLEARNT["de"], "pl": UNLEARNT["pl"], **UNREADABLE}


@pytest.fixture(scope="module")
def model(tiny_checkpoint: Path) -> Summarizer:
    """Writes lines of at most 8 words."""
    return Summarizer.load(tiny_checkpoint)


@pytest.fixture(scope="module")
def embedded() -> Summarizer:
    """Writes lines of at most 15 words."""
    return Summarizer.load(backend="onnx")


def units(text: str, language: str) -> int:
    """Words where there are spaces, else characters, marks left out."""
    if language not in UNSPACED:
        return len(text.split())
    return sum(not character.isspace() and character not in "，。、" for character in text)


def stops(text: str) -> int:
    """Sentences of the hand-written texts, in which no abbreviation and no number has a full stop."""
    return len([part for part in re.split(r"[.!?]+(?:\s|$)|。", text) if part.strip()])


# -- asking -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text", "amount"),
    [("words", "12", 12), ("sentences", "3", 3), ("chars", "280", 280), ("ratio", "20%", 0.2), ("ratio", "0.2", 0.2),
     ("ratio", " 12.5 %", 0.125), ("ratio", ".5", 0.5), ("ratio", "100%", 1.0)],
)  # fmt: skip
def test_parsing(kind, text, amount):
    assert Length.parse(kind, text) == Length(kind, amount)


@pytest.mark.parametrize(
    ("kind", "text"),
    [("words", "0"), ("words", "-1"), ("words", "1.5"), ("words", "9" * 5000), ("chars", ""), ("sentences", "two"),
     ("ratio", "0"), ("ratio", "0%"), ("ratio", "101%"), ("ratio", "1.01"),
     ("ratio", "20"), ("ratio", "nan"), ("ratio", "1e-1"), ("ratio", "-20%")],
)  # fmt: skip
def test_parsing_refuses(kind, text):
    with pytest.raises(InputError, match=f"{kind} must be a .*, got "):
        Length.parse(kind, text)


@pytest.mark.parametrize(
    ("kind", "amount"),
    [("words", True), ("words", 2.0), ("sentences", 0), ("chars", None), ("ratio", 2), ("ratio", math.nan)],
)
def test_wrong_amounts(kind, amount):
    with pytest.raises(InputError, match=f"{kind} must be"):
        Length(kind, amount)


@pytest.mark.parametrize("piece", [".", ". ", "(", "… ", "a.", "Mr. ", "a-"])
def test_sentences_are_counted_in_linear_time(piece):
    """Leaders of a table of contents, say; four minutes when every mark was looked at from every other."""
    text = piece * (200_000 // len(piece)) + " end"
    assert len(Length("sentences", 3).limit(text, 15).cut(text)) <= len(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [("He went. she came", 2), ("He went.she came", 1), ("He said “no.” (she came)", 2),
     ("Wait… what", 2), ("well, yes", 1), ("e-mail me. ünder", 1)],
)  # fmt: skip
def test_an_end_before_a_small_letter_is_one(text, count):
    """Small letters beyond a to z are left to the splitter."""
    assert Length("sentences", count).limit(text, 15).allows(text)
    assert count == 1 or not Length("sentences", count - 1).limit(text, 15).allows(text)


def test_wrong_names():
    with pytest.raises(InputError, match="one of words, sentences, ratio, chars, got 'pages'"):
        Length("pages", 1)
    with pytest.raises(InputError, match="one of short, medium, long, got 'tiny'"):
        Length.named("tiny")
    assert Length.named("medium") == Length("sentences", 3) and Length.of(7) == Length("words", 7)


def test_a_ratio_is_of_the_texts_words_rounded_down():
    """0.29 · 100 is 28.999… in binary; a fifth of Chinese characters is counted without marks."""
    for amount, count, words in ((0.2, 14, 2), (0.29, 100, 29), (0.01, 5, 1), (1.0, 3, 3)):
        assert Length("ratio", amount).limit("word " * count, 15).words == words
    assert Length("ratio", 0.2).limit("市议会星期一决定，关闭。", 15).words == 2  # of ten


def test_shares_add_up():
    parts = Length("words", 31).limit("", 15).shared(3)
    assert [part.words for part in parts] == [11, 10, 10]
    each = Length("chars", 100).limit(ENGLISH, 15).shared(2)
    assert sum(part.chars + len(". ") for part in each) <= 100


# -- never exceeded -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", TEXTS)
def test_every_length_in_every_language(model, language):
    """The text five times over: long enough for joined lines."""
    text = "\n".join([TEXTS[language]] * 5)
    whole = units(text, language)
    for amount in (7, 50):
        assert units(model.summarize([text], amount, beams=2, style="headline")[0].text, language) <= amount
    for share in (0.03, 0.4):
        (summary,) = model.summarize([text], Length("ratio", share), beams=2, style="headline")
        assert units(summary.text, language) <= max(1, share * whole)
    for amount in (2, 30, 200):
        assert 0 < len(model.summarize([text], Length("chars", amount), beams=2, style="headline")[0].text) <= amount
    for amount in (1, 4):
        (summary,) = model.summarize([text], Length("sentences", amount), beams=2, style="headline")
        assert 0 < stops(summary.text) <= amount and units(summary.text, language) <= 8 * amount


def strange_texts(count: int) -> list[str]:
    chosen = random.Random(11)
    marks = [*"我国，。！?\"'()-$%…:&/", "\n", "😀", "ж", "ﬁ", "ŉ", "a" * 99, "e\u0301", "ที่", "3."]
    parts = [*" ".join(SOURCES).split(), *marks]
    return ["".join(chosen.choice(parts) + chosen.choice(["", " "]) for _ in range(2 * n)) for n in range(count)]


@pytest.mark.parametrize(
    ("kind", "amount"), [("chars", 3), ("chars", 70), ("sentences", 2), ("ratio", 0.4), ("words", 23)]
)
def test_strange_texts(model, kind, amount):
    texts, length = strange_texts(40), Length(kind, amount)
    for text, summary in zip(texts, model.summarize(texts, length, beams=1, style="headline"), strict=True):
        limit = length.limit(text, 8)
        assert limit.allows(summary.text) and len(summary.text) <= max(len(text), 1)
        assert bool(summary.text) == bool(text.strip())


def test_nothing_found_keeps_to_the_length_too(model, monkeypatch):
    monkeypatch.setattr(Compressor, "candidates", lambda self, jobs, beams: [[] for _ in jobs])
    text = " ".join([ENGLISH, UNLEARNT["de"], UNLEARNT["pl"]])
    for length in (Length("words", 20), Length("chars", 90), Length("sentences", 3)):
        (summary,) = model.summarize([text], length, style="headline")
        assert summary.note == NOT_FOUND and length.limit(text, 8).allows(summary.text)
    assert len(summary.text.split(". ")) == 3, "words of every segment"


def test_texts_no_longer_than_asked_for(model):
    asked = [Length("words", 50), Length("ratio", 1.0), Length("chars", 300), Length("sentences", 6)]
    for length in asked:
        (summary,) = model.summarize([f" {ENGLISH}\n"], length, style="headline")
        assert (summary.text, summary.note) == (ENGLISH, TOO_SHORT)
    (summary,) = model.summarize([ENGLISH], Length("sentences", 3), style="headline")
    assert summary.note != TOO_SHORT, "three sentences, but of more words than three lines can have"


def test_characters_are_cut_between_words_and_never_between_a_letter_and_its_signs():
    assert cut_characters("A storm closed schools", 7) == "A storm"
    assert cut_characters("A storm closed schools", 6) == "A"
    assert cut_characters("Internationalisation", 5) == "Inter"
    assert cut_characters("ที่นี่", 5) == "ที่" and cut_characters("我国abcdef", 5) == "我国"


# -- what is said -------------------------------------------------------------------------------------------


def test_sentences_come_from_different_parts_in_order(embedded):
    text = (Path(__file__).parents[1] / "examples" / "report.txt").read_text(encoding="utf-8")
    (summary,) = embedded.summarize([text], Length("sentences", 4), style="headline")
    lines = re.split(r"(?<=[.!?])\s+(?=[A-Z\d])", summary.text)
    places = [places_of(line, text) for line in lines]
    assert len(lines) >= 4 and summary.note is None
    assert places == sorted(places) and places[0] < 0.25 and places[-1] > 0.7


def places_of(line: str, text: str) -> float:
    """Where the rarest words of a line stand in the text: the median, 0 to 1."""
    words = [word for word in re.findall(r"\w+", line) if len(re.findall(rf"\b{word}\b", text)) == 1]
    found = sorted(text.index(word) / len(text) for word in words)
    return found[len(found) // 2] if found else math.nan


def test_a_long_text_is_told_to_its_end_in_any_script(embedded):
    """Thirty paragraphs; each has a number or character of its own."""
    marks = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥云地玄黄宇宙洪荒"
    text = "\n".join(f"{mark}市议会星期一决定，在春天以前禁止卡车通过河上的旧桥。" for mark in marks)
    (summary,) = embedded.summarize([text], Length("sentences", 6), style="headline")
    where = [marks.index(character) for character in summary.text if character in marks]
    assert where == sorted(where) and {place // 10 for place in where} == {0, 1, 2}
    line = "На мосту номер {} через реку с понедельника запрещено движение грузовиков."
    russian = "\n".join(line.format(number) for number in range(80))
    (summary,) = embedded.summarize([russian], 120)
    numbers = [int(number) for number in re.findall(r"\d+", summary.text)]
    assert numbers == sorted(numbers) and {number // 10 for number in numbers} == set(range(8))


def test_lines_are_not_repeated(embedded):
    (summary,) = embedded.summarize(["\n".join([ENGLISH] * 30)], 60)
    lines = summary.text.split(". ")
    assert len(lines) == len(set(lines))
