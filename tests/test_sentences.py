"""Sentence spans: known splits, nothing lost, and no text that takes for ever."""

from __future__ import annotations

import random
import time
from itertools import pairwise
from pathlib import Path

import pytest

from summae.text.sentences import (
    BLOCK,
    QUICK_ABOVE,
    PysbdSplitter,
    RuleSplitter,
    Span,
    Splitter,
    language_of,
    sentences,
)

EXAMPLES = Path(__file__).parent.parent / "examples"


def split(text: str, language: str = "en", splitter: Splitter | None = None) -> list[str]:
    spans = sentences(text, language, splitter)
    kept = "".join(text[start:end] for start, end in spans)
    assert "".join(kept.split()) == "".join(text.split()), "a character is lost or doubled"
    assert all(a.end <= b.start for a, b in pairwise(spans)), "spans overlap"
    pieces = [text[start:end] for start, end in spans]
    assert all(piece == piece.strip() != "" for piece in pieces)
    return pieces


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["Dr. Smith paid $5.50 for the U.S. edition.", '"Why?" she asked.', "He left."]),
        ("en", ["He came at 5 p.m. yesterday.", "It cost 3.5 million.", "Ask e.g. Bob."]),
        ("en-GB", ['She said, "Go."', "Then we left."]),
        ("de", ["Das ist z.B. ein Test.", "Er kam am 3. Mai an.", "Gut."]),
        ("pt", ["O Sr. Silva chegou.", 'Ele disse "vamos."', "Depois saiu.", "Sim!"]),  # not in pysbd
        ("hi", ["संसद ने बिल पास किया।", "अब यह कानून है।"]),
    ],
)
def test_known_splits(language: str, expected: list[str]) -> None:
    assert split(" ".join(expected), language) == expected


CHINESE = [
    "他说：“今天下雨。”",
    "我们没有出门；",
    "大家都很高兴！",
    "真的吗?",
    '"好。"',
    "他说完就走了……没有回头。",
]


@pytest.mark.parametrize("language", ["zh", "zh-TW", "en", "xx"])
def test_chinese_in_any_language_setting(language: str) -> None:
    assert split("".join(CHINESE), language) == CHINESE


def test_japanese_quotes() -> None:
    assert split("「行きます。」次の文です！（終わり。）", "ja") == [
        "「行きます。」",
        "次の文です！",
        "（終わり。）",
    ]


def test_chinese_marks_inside_english() -> None:
    assert split("The sign read 出口。 We left. It was late.") == [
        "The sign read 出口。",
        "We left.",
        "It was late.",
    ]


def test_lines_are_never_joined() -> None:
    text = "A headline\nThe first. The second\ngoes on.\r\n\r\n- item\x0cnew page"
    assert split(text) == ["A headline", "The first.", "The second", "goes on.", "- item", "new page"]


def test_offsets() -> None:
    assert sentences("  Hello there.  It rains. \n\n Yes. ") == [Span(2, 14), Span(16, 25), Span(29, 33)]
    assert sentences("") == sentences(" \n\t ") == []


def test_a_stop_before_a_letter_ends_nothing() -> None:
    text = "The index .SPX fell. He came at 5 p.m. yesterday."
    assert [text[start:end] for start, end in sentences(text)] == [
        "The index .SPX fell.",
        "He came at 5 p.m. yesterday.",
    ]
    assert [text[start:end] for start, end in sentences(text, splitter=RuleSplitter())][0] == "The index .SPX fell."


def test_the_rule_alone() -> None:
    expected = ["He met J. R. Hall (vs. nobody).", "It was late...", "“Go now.”", "Was it 3.5?!", "Yes"]
    assert split(" ".join(expected), splitter=RuleSplitter()) == expected
    assert split("It was late... and dark.", splitter=RuleSplitter()) == ["It was late... and dark."]


def test_a_reader_takes_an_end_mark_before_a_small_letter_for_an_end() -> None:
    text = "He went. she came etc. and. ünder."
    assert split(text, splitter=RuleSplitter(before_small_letters=True)) == ["He went.", "she came etc. and. ünder."]
    assert split(text, splitter=RuleSplitter()) == [text]


def test_the_language_is_guessed_by_the_script() -> None:
    assert [language_of(text) for text in ("It rains.", "下雨了。", "雨が降る。", "Идёт дождь.", "")] == [
        "en", "zh", "zh", "und", "en",
    ]  # fmt: skip


def test_a_very_long_text_is_split_by_the_rule_in_any_language() -> None:
    text = "Er kam am 3. Mai an. " * (QUICK_ABOVE // 20)
    assert split(text, "de") == split(text, splitter=RuleSplitter()) != split(text[:BLOCK], "de")


def test_misaligned_pysbd_falls_back_to_the_rule() -> None:
    text = "One &ᓰ& here. Two ∯ there. &⎋& Three."  # marks pysbd uses inside itself
    assert split(text) == split(text, splitter=RuleSplitter())


class _Failing:
    def __init__(self, **_: object):
        pass

    def segment(self, block: str) -> list:
        raise IndexError(block)


def test_failing_pysbd_falls_back_to_the_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pysbd.Segmenter", _Failing)
    assert split("One here. Two there.", splitter=PysbdSplitter("en")) == ["One here.", "Two there."]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.txt")), ids=lambda path: path.stem)
def test_examples(path: Path) -> None:
    pieces = split(path.read_text(encoding="utf-8"))
    assert len(pieces) >= 5
    assert max(map(len, pieces)) < 320


def test_random_text_loses_nothing() -> None:
    choose = random.Random(1)
    parts = [
        "a",
        "i",
        "12",
        ".",
        ")",
        "(",
        "!",
        "?",
        '"',
        "'",
        "”",
        "Dr.",
        "...",
        " ",
        "\n",
        "Go",
        "«",
        "。",
        "；",
        "☝",
    ]
    for _ in range(200):
        some = choose.sample(parts, 6)
        split("".join(choose.choice(some) for _ in range(choose.randint(1, 300))))


def test_a_sentence_across_blocks_stays_whole() -> None:
    expected = [f"Sentence number {number} is as long as the others are." for number in range(200)]
    assert len(" ".join(expected)) > 4 * BLOCK
    assert split(" ".join(expected)) == expected


def test_endless_sentences_are_cut_between_words() -> None:
    pieces = split("word " * 2000)
    assert max(map(len, pieces)) <= BLOCK
    assert set(" ".join(pieces).split()) == {"word"}
    assert list(map(len, split("x" * 4500))) == [2000, 2000, 500]


@pytest.mark.parametrize(
    "unit", ["It rains a lot here. ", "a) b) c) ", "a. b. c. ", "x", '" ', "1. ", "雨。", "(", ". "]
)
def test_time_is_linear(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    start = time.process_time()
    split(text)
    assert time.process_time() - start < 5  # measured 0.01 to 0.6 s; "a) b) c)" took hours in one piece
