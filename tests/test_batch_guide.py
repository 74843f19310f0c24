"""docs/batch.md: every command and every piece of Python in it, run as a reader would run them."""

from __future__ import annotations

import json
import re
import sys
import types
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from batch_world import read_rows
from datasets import Dataset
from test_readme import TEXT, run

GUIDE = (Path(__file__).parents[1] / "docs" / "batch.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"(?:<!-- (\w+) -->\n)?```(sh|python)\n(.*?)```", GUIDE, re.DOTALL)
COMMANDS = [(line, mark) for mark, kind, block in BLOCKS if kind == "sh" for line in block.splitlines()]
BODIES = [TEXT, TEXT[600:], TEXT[:500]]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """What the commands name."""
    frame = pd.DataFrame({"id": [1, 2, 3], "subject": ["a", "b", "c"], "body": BODIES})
    frame.to_json(tmp_path / "mails.jsonl", orient="records", lines=True)
    frame.to_csv(tmp_path / "mails.csv", index=False)
    frame.to_parquet(tmp_path / "mails.parquet")
    Dataset.from_pandas(frame).save_to_disk(tmp_path / "saved")
    (tmp_path / "broken.jsonl").write_text(json.dumps({"text": TEXT}) + '\n{"text": 5}\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("line", "mark"), [pair for pair in COMMANDS if pair[0].startswith("summae")])
def test_the_command_works(line, mark, folder):
    if mark == "ray":
        pytest.importorskip("ray")
    done = run(line, folder)
    assert (done.returncode, done.stdout) == (2 if mark == "fails" else 0, ""), done.stderr
    out = folder / line.split()[3]
    reader = {".parquet": pd.read_parquet, ".gz": pd.read_csv, ".jsonl": lambda path: pd.read_json(path, lines=True)}
    name = next((name for name in ("short", "subject") if f"--summary-column {name}" in line), "summary")
    summaries = reader[out.suffix](out)[name].tolist()
    assert len(summaries) == (1 if mark == "fails" else 3)
    assert all(3 <= len(summary.split()) <= 10 for summary in summaries)
    if mark == "fails":  # what the guide shows
        for line in done.stderr.split("\r")[-1].splitlines()[-1:]:
            assert line in GUIDE
        assert json.dumps(read_rows(folder / "good.jsonl.errors.jsonl")[0]) in GUIDE


def test_all_commands_are_run_but_the_installation():
    assert [line for line, _ in COMMANDS if not line.startswith("summae batch")] == ["pip install 'summae[ray]'"]
    assert len(COMMANDS) >= 7


def test_the_python_works(folder, capsys):
    (code,) = (block for mark, kind, block in BLOCKS if kind == "python" and mark != "spark")
    exec(compile(code, "docs/batch.md", "exec"), {})
    assert capsys.readouterr().out == "3 0 None\n"
    assert code.rstrip().endswith("# 3 0 None")
    assert pq.read_table("python.parquet").num_rows == 3


def test_the_spark_recipe_works_as_far_as_pandas_goes(monkeypatch):
    """Its function, called with the Series that Spark would hand it; Spark itself is not installed here."""
    (code,) = (block for mark, _, block in BLOCKS if mark == "spark")
    functions = types.ModuleType("pyspark.sql.functions")
    kinds: list[str] = []
    functions.pandas_udf = lambda kind: lambda function: kinds.append(kind) or function  # type: ignore[attr-defined]
    for name in ("pyspark", "pyspark.sql"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, "pyspark.sql.functions", functions)
    names: dict = {}
    exec(compile(code.split("frame.withColumn")[0], "docs/batch.md", "exec"), names)
    found = names["summary"](pd.Series([BODIES[0], None, BODIES[1]]))
    assert kinds == ["string"]
    assert found[1] is None
    assert all(3 <= len(found[place].split()) <= 8 for place in (0, 2))
