"""Tokens of raw sentences; how the treebank cuts them is its guidelines', the sentences are ours."""

from __future__ import annotations

import time

import pytest

from summae.syntax.tokens import token_spans


def tokens(text: str) -> list[str]:
    return [text[start:end] for start, end in token_spans(text)]


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Don't stop; it's Ann's.", "Do n't stop ; it 's Ann 's ."),
        ("They’re here, aren’t they?", "They ’re here , are n’t they ?"),
        ("We cannot go, you'll see.", "We can not go , you 'll see ."),
        (
            "A 15-year, well-known non-human pre-Kantian, over-the-counter year-over-year plan",
            "A 15 - year , well - known non-human pre-Kantian , over - the - counter year - over - year plan",
        ),
        ("It cost $1,000.50 (up 7%) and/or less.", "It cost $ 1,000.50 ( up 7 % ) and / or less ."),
        ("Mr. Smith of the U.S. Senate, at 5pm", "Mr. Smith of the U.S. Senate , at 5 pm"),
        ("He left at 10:30 on 11/28/2000 etc.", "He left at 10:30 on 11/28/2000 etc ."),
        ("See http://a.org/b-c?d=1, or mail x.y@z.com.", "See http://a.org/b-c?d=1 , or mail x.y@z.com ."),
        ('O\'Connell said -- "no" ... twice!!!', 'O\'Connell said -- " no " ... twice !!!'),
        ("AT&T's e-mail :)", "AT&T 's e-mail :)"),
        ("今天下雨。", "今 天 下 雨 。"),
        ("Café naïve हिन्दी", "Café naïve हिन्दी"),
        ("", ""),
        (" \t ", ""),
    ],
)
def test_cut_as_the_treebank_cuts(text: str, cut: str) -> None:
    assert tokens(text) == cut.split()


@pytest.mark.parametrize(
    "text", ["a" * 5000, "'" * 300, "\u0301x", "x\u200dy \U0001f600\U0001f600", "\x00 \ufffd", "a.b@-"]
)
def test_every_character_but_white_space_is_in_one_token(text: str) -> None:
    spans = token_spans(text)
    covered = [place for start, end in spans for place in range(start, end)]
    assert covered == [place for place, character in enumerate(text) if not character.isspace()]
    assert all(start < end for start, end in spans)


@pytest.mark.parametrize("part", ["a", "a-", "a.", "a@", "1/", "'", "n't", "日", ".", "(:", "http://"])
def test_time_is_linear(part: str) -> None:
    def seconds(count: int) -> float:
        started = time.process_time()
        token_spans(part * count + "!")  # never met before: nothing is remembered
        return time.process_time() - started

    seconds(100)
    assert seconds(64_000) < 64 * seconds(4_000) + 0.5  # 16 if linear, 256 if quadratic
