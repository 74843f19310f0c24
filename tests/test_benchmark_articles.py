"""scripts/benchmark_articles.py: every system at the same budget, and ratios that are those of the seconds."""

from __future__ import annotations

import json
import lzma
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

import benchmark_articles  # noqa: E402

WORDS = "The old bridge over the river was closed on Monday."
REST = "It is slow, and it costs more. " * 9
ARTICLES = [f"{WORDS} Lorries of {town} must take the ferry till May. {REST}" for town in ("Ulm", "Bonn")]


def test_figures_are_those_of_the_seconds():
    found = {"ours": (2.0, ["a b c", "d"]), "slow": (8.0, ["e f", "g h"]), "fast": (0.5, ["i", "j"])}
    rows = benchmark_articles.rows(found)
    assert [(row.articles_per_second, row.ratio, row.words) for row in rows] == [(1, 1, 2), (0.25, 4, 2), (4, 0.25, 1)]


def test_all_systems_in_one_run(tmp_path, capsys, exported_checkpoint):
    data, out = tmp_path / "a.jsonl.xz", tmp_path / "out.json"
    with lzma.open(data, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps({"text": text}) + "\n" for text in [*ARTICLES, "never read"])
    options = ["--data", str(data), "--articles", "2", "--words", "12", "--json", str(out)]
    assert benchmark_articles.main([*options, "--model", str(exported_checkpoint)]) == 0
    rows = json.loads(out.read_text())
    assert [row["system"] for row in rows] == ["summae", "sumy LexRank", "sumy TextRank", "summa TextRank"]
    assert all(0 < row["words"] <= 12 for row in rows)
    for row in rows:
        assert row["ratio"] == pytest.approx(rows[0]["articles_per_second"] / row["articles_per_second"])
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == 6 and shown[2].split(" | ")[2] == "1"


def test_nothing_to_measure_is_a_usage_error(capsys):
    with pytest.raises(SystemExit, match="2"):
        benchmark_articles.main(["--data", "x", "--articles", "0"])
    assert "--articles and --words must be >= 1, got 0 and 60" in capsys.readouterr().err
