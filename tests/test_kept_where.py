"""The script that shows where kept content comes from, on texts where it is known."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location("kept", Path(__file__).parents[1] / "scripts" / "kept_where.py")
kept = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(kept)
TEXT = " ".join(f"alpha{n} beta{n} again" for n in range(10))  # one tenth each


def test_content_words_are_counted_where_they_stand():
    found = kept.deciles("Alpha0 beta0 of alpha7 again nowhere", TEXT)
    assert found is not None and found.tolist() == pytest.approx([2 / 3, 0, 0, 0, 0, 0, 0, 1 / 3, 0, 0])


def test_words_of_several_tenths_or_of_none_tell_nothing():
    assert kept.deciles("again and again nowhere", TEXT) is None
    mean = kept.mean_deciles(["again", "alpha9", "alpha0"], [TEXT] * 3)
    assert mean.tolist() == pytest.approx([0.5, *[0] * 8, 0.5])
