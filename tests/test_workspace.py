"""What stages leave for each other: pairs survive whatever characters a network wrote into them."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from summae.data.examples import Material
from summae.errors import InputError
from summae.text.salience import SalienceTable
from summae.training.batches import PairSource
from summae.training.workspace import Workspace


def test_pairs_with_odd_line_separators_come_back(tmp_path: Path) -> None:
    """str.splitlines also cuts at U+0085, U+2028 and the like; a weak R writes any bytes."""
    rows = [
        {"corpus": "a", "source": "one\x85two\u2028three\x1cfour", "target": "one"},
        {"corpus": "b", "source": "x", "target": "y"},
    ]
    space = Workspace(SimpleNamespace(), tmp_path)  # type: ignore[arg-type]
    space.write_pairs("pairs.jsonl", rows)
    assert space.read_pairs("pairs.jsonl") == {"a": [(rows[0]["source"], "one")], "b": [("x", "y")]}
    space.write_pairs("none.jsonl", [])
    assert space.read_pairs("none.jsonl") == {}


def test_a_mixture_that_makes_nothing_is_a_one_line_error() -> None:
    material = Material(
        sources=["a b c"],
        short_texts=["d"],
        salience=SalienceTable({"a": -9.0, "b": -9.0, "c": -9.0}, {}),
        threshold=(-3.0, -2.0),
        pseudo_words=(6, 13),
    )
    pairs = PairSource({"only": (material, 1.0)}, {"pseudo": 1.0})
    with pytest.raises(InputError, match="got 0 of 4"):
        pairs.draw(4, np.random.default_rng(0))
