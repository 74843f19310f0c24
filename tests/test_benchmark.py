"""The benchmark: every row has its figures, every ratio is a quotient, every worker measures something."""

import importlib
import json
import re
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"
ALL_ROWS = [
    "weights of G",
    "warm-up, speed",
    "warm-up, memory",
    "warm-up, data wait",
    "adversarial, speed",
    "adversarial, memory",
    "adversarial, data wait",
    "summaries one by one, ONNX",
    "summaries 64 at once, ONNX",
    "summaries, memory, ONNX",
    "summaries one by one, torch",
    "summaries 64 at once, torch",
    "summaries, memory, torch",
    "`summarize`, cold start",
]


@pytest.fixture(scope="module")
def scripts():
    sys.path.insert(0, str(SCRIPTS))
    yield [importlib.import_module(name) for name in ("benchmark", "benchmark_common", "benchmark_workers")]
    sys.path.remove(str(SCRIPTS))


def cells(table):
    """The rows of a Markdown table, without its head."""
    lines = table.strip().splitlines()
    assert lines[0] == "| measurement | unit | summae | BART | ratio |" and lines[1] == "|---|---|---|---|---|"
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def number(cell):
    return float(cell.replace(",", ""))


def check(rows, stored):
    """The printed table is the stored one to three digits, and each ratio the quotient of its two figures."""
    assert [row[0] for row in rows] == [row["what"] for row in stored]
    for (_, unit, *printed), row in zip(rows, stored, strict=True):
        assert unit == row["unit"]
        if row["bart"] is None:
            assert printed[1:] == ["–", "–"] and row["ratio"] is None
            continue
        assert row["ratio"] == pytest.approx(row["summae"] / row["bart"])
        for cell, name in zip(printed, ("summae", "bart", "ratio"), strict=True):
            assert number(cell) == pytest.approx(row[name], rel=6e-3)


def test_all_rows_from_all_figures(scripts, monkeypatch, tmp_path, capsys):
    """With made-up figures, each of them different."""
    benchmark = scripts[0]
    names = ("weights", "speed", "memory", "waiting", "speed_1", "speed_64", "seconds")
    asked = []

    def work(name, args, folder):
        asked.append(name)
        return {figure: 0.37 * (len(asked) * 100 + place) for place, figure in enumerate(names, 1)}

    monkeypatch.setattr(benchmark, "work", work)
    assert benchmark.main(["--json", str(tmp_path / "out.json")]) == 0
    rows = cells(capsys.readouterr().out)
    assert [row[0] for row in rows] == ALL_ROWS
    check(rows, json.loads((tmp_path / "out.json").read_text())["rows"])
    assert sorted(asked) == sorted(scripts[2].WORKERS)  # each once


def test_a_real_run(scripts, exported_checkpoint, tmp_path, capsys):
    """Of the tiniest model there is; exporting a new one would take most of the time."""
    out, model = tmp_path / "out.json", str(exported_checkpoint)
    options = ["--model", model, "--seconds", "0", "--batch-size", "2", "--only", "warm-up,start"]
    assert scripts[0].main([*options, "--json", str(out)]) == 0
    said, stored = capsys.readouterr(), json.loads(out.read_text())
    rows = cells(said.out)
    assert [row[0] for row in rows] == [*ALL_ROWS[:4], ALL_ROWS[-1]]
    check(rows, stored["rows"])
    figures = {row["what"]: row for row in stored["rows"]}
    assert 0 <= figures["warm-up, data wait"]["summae"] <= 1
    assert all(row["summae"] > 0 for name, row in figures.items() if "wait" not in name)
    assert stored["about"]["model"] == model and re.search(r"torch \d", said.err)


def test_random_weights_and_a_bart_of_the_same_size(scripts, tmp_path):
    from summae.networks import Generator

    _, common, workers = scripts
    workers._assemble(common.Setup(tmp_path, "tiny", 0.0, 2), tmp_path / "model")
    ours = Generator.from_pretrained(tmp_path / "model" / "generator")
    bart = workers.benchmark_bart.bart_like(ours)
    assert common.weights(bart) == pytest.approx(common.weights(ours), rel=0.01)
    assert (bart.config.vocab_size, bart.config.d_model) == (ours.config.vocab_size, ours.config.d_model) == (600, 64)


@pytest.fixture(scope="module")
def setup(scripts, exported_checkpoint, tmp_path_factory):
    """What ``prepare`` leaves for the other workers."""
    _, common, workers = scripts
    made = common.Setup(tmp_path_factory.mktemp("benchmark"), "tiny", 0.0, 2, str(exported_checkpoint))
    workers.prepare(made)
    return made


@pytest.mark.parametrize("name", ["adversarial", "bart_adversarial", "onnx", "torch", "bart_summaries"])
def test_the_other_workers_in_this_process(scripts, setup, monkeypatch, name):
    _, common, workers = scripts
    monkeypatch.setattr(common, "BATCH", 2)
    found = workers.WORKERS[name](setup)
    wanted = {"speed", "memory"} if "adversarial" in name else {"speed_1", "speed_2", "memory"}
    assert wanted <= found.keys() and all(found[figure] > 0 for figure in wanted)
    assert name != "adversarial" or 0 <= found["waiting"] <= 1


def test_speed_is_the_growth_over_the_measured_time(scripts, monkeypatch):
    """By a clock that each step moves on by two seconds: one step unmeasured, then three in six seconds."""
    common, clock, done = scripts[1], [0.0], [0.0]
    monkeypatch.setattr(common.time, "perf_counter", lambda: clock[0])

    def step():
        clock[0] += 2.0
        done[0] += 7.0

    found = common.trained(step, lambda: done[0], common.Setup(Path("."), "tiny", 5.0, 1))
    assert (found["speed"], found["elapsed"], done[0]) == (3.5, 6.0, 28.0)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--only", "lunch"], "--only must name some of"),
        (["--batch-size", "0"], "--batch-size must be >= 1"),
        (["--seconds", "-1"], "--seconds >= 0"),
    ],
)
def test_wrong_options_are_one_line(scripts, capsys, options, says):
    with pytest.raises(SystemExit) as caught:
        scripts[0].main(options)
    assert caught.value.code == 2 and says in capsys.readouterr().err.splitlines()[-1]


def test_a_worker_that_fails_is_one_line(scripts):
    with pytest.raises(SystemExit, match=r"^benchmark: prepare failed: .*/nowhere[^\n]*$"):
        scripts[0].main(["--size", "tiny", "--model", "/nowhere", "--only", "start"])
