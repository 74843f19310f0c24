"""Windows: whole sentences, in order, of the wanted length; what is too long is cut between words."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from summae.text.sentences import Span, sentences
from summae.text.windows import covering_runs, cuts, drawn_windows, runs
from summae.text.words import words


def sentence(size: int, number: int) -> str:
    return " ".join([f"Word{number}", *["word"] * (size - 1)]) + "."


def test_runs_by_hand():
    sizes = [5, 4, 3, 12, 1, 2]
    assert list(runs(sizes, lambda: 9)) == [(0, 2), (2, 4), (4, 6)]
    assert list(runs(sizes, iter([1, 20, 1, 1]).__next__)) == [(0, 1), (1, 5), (5, 6)]
    assert list(runs(sizes, lambda: 9, lambda first, last: sum(sizes[first:last]) <= 10)) == [
        (0, 2), (2, 3), (3, 4), (4, 6),
    ]  # fmt: skip
    assert list(runs([], lambda: 9)) == []


def test_covering_runs_leave_nothing_out_and_none_is_short():
    random = np.random.default_rng(3)
    for count in range(30):
        text = " ".join(sentence(int(random.integers(1, 14)), number) for number in range(count))
        spans = sentences(text)
        found = covering_runs(text, spans, 10)
        assert "".join(text[start:end] for start, end in found).replace(" ", "") == text.replace(" ", "")
        assert {span.start for span in found} <= {span.start for span in spans}
        assert all(len(words(text[start:end])) >= 10 for start, end in found) or len(found) == 1
    text = "One two. Three four five."
    assert covering_runs(text, sentences(text), 2) == [Span(0, 8), Span(9, 25)]
    assert covering_runs(text, sentences(text), 3) == [Span(0, 25)], "a short rest joins the run before it"


def test_drawn_windows_are_runs_of_whole_sentences_in_order():
    random = np.random.default_rng(0)
    texts = [" ".join(sentence(int(random.integers(1, 9)), i) for i in range(12)) for _ in range(30)]
    found = drawn_windows(texts, (6, 14), seed=1)
    assert len(found) > 100 and found == drawn_windows(texts, (6, 14), seed=1) != drawn_windows(texts, (6, 14), seed=2)
    for window in found:
        assert 6 <= len(window.split()) <= 14
        assert window.startswith("Word") and window.endswith(".")
        assert any(window in text for text in texts)


def test_a_sentence_too_long_is_cut_evenly_and_what_is_too_short_is_no_window():
    text = " ".join([sentence(5, 1), sentence(20, 2), sentence(5, 3), sentence(2, 4)])
    parts = ["Word2" + " word" * 4, *["word word word word word"] * 2, "word word word word word."]
    assert drawn_windows([text], (5, 6)) == [sentence(5, 1), *parts, sentence(5, 3)]


@pytest.mark.parametrize("text", ["一个句子。 又一个句子。", "一个句子。又一个句子。"])
def test_words_are_counted_as_everywhere(text):
    assert drawn_windows([text], (4, 5)) == ["一个句子。", "又一个句子。"]


def test_an_abbreviation_ends_no_sentence_in_training_either():
    assert drawn_windows(["Mr. Smith of the U.S. Senate said so. He left."], (8, 8)) == [
        "Mr. Smith of the U.S. Senate said so."
    ]


def test_cuts_are_even_and_lie_between_words():
    assert list(cuts(range(10), 4)) == [(0, 4), (4, 7), (7, 10)]
    assert list(cuts([0, 0, 0, 1, 1, 2], 4)) == [(0, 3), (3, 6)]
    assert list(cuts([0] * 10, 4)) == [(0, 4), (4, 8), (8, 10)], "one endless word"
    random = np.random.default_rng(7)
    for _ in range(200):
        ids = np.cumsum(random.random(int(random.integers(0, 40))) < 0.6).tolist()
        found = list(cuts(ids, 5))
        assert all(0 < last - first <= 5 for first, last in found)
        assert all(before[1] == after[0] for before, after in pairwise(found))
        assert not ids or (found[0][0], found[-1][1]) == (0, len(ids))
