"""Centrality against figures worked out by hand."""

import math
from types import SimpleNamespace

import pytest

from summae.summarizing.centrality import LEVEL, Centrality
from summae.text.words import words


def _window(text: str) -> SimpleNamespace:
    return SimpleNamespace(words=tuple(word.lower() for word in words(text)))


def _centrality(*texts: str) -> tuple[Centrality, list[SimpleNamespace]]:
    windows = [_window(text) for text in texts]
    return Centrality(SimpleNamespace(windows=windows)), windows  # type: ignore[arg-type]


def test_a_word_counts_by_the_other_windows_that_have_it():
    centrality, (first, *_) = _centrality(
        "The river rose in Velmara", "A bridge over the river fell", "Rivers and bridges matter", "Nothing else"
    )
    # "river" stands in two other windows ("Rivers" is a form of it), "velmara" in none, "the" is no content word
    assert centrality.of("The river Velmara", first, asked=4) == pytest.approx(math.log2(1 + 2) / LEVEL / 4)


def test_a_summary_of_another_window_is_credited_with_this_one():
    centrality, (first, second) = _centrality("river bridge", "river tunnel")
    assert centrality.of("river", first, asked=1) == centrality.of("river", second, asked=1) == 1 / LEVEL
    assert centrality.of("tunnel", first, asked=1) == 1 / LEVEL  # the other window says it


def test_a_single_window_and_repetitions_say_nothing():
    centrality, (only,) = _centrality("river river bridge")
    assert centrality.of("river bridge", only, asked=2) == 0.0
    centrality, (first, _) = _centrality("river", "river")
    assert centrality.of("river river river", first, asked=3) == pytest.approx(1 / LEVEL / 3)


def test_it_is_bounded_however_long_the_text():
    centrality, (first, *_) = _centrality(*["river bridge"] * 500)
    assert centrality.of("river bridge", first, asked=2) == 1.0
