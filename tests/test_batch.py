"""Batches that go wrong: bad rows, wrong arguments, interrupts and resuming; and a pandas Series."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from batch_world import BOMB, FakeSummarizer, first, read_rows, stand_in, text_of, write_rows

from summae import cli
from summae.batch import BatchOptions, run, series, summarize_series
from summae.batch.rows import SIZE
from summae.errors import InputError, SummaeError

ROOT = Path(__file__).parents[1]
COUNT = 3 * SIZE + 5


@pytest.fixture(autouse=True)
def fake() -> Iterator[type[FakeSummarizer]]:
    with stand_in() as made:
        yield made


@pytest.fixture
def source(tmp_path) -> Path:
    return write_rows(tmp_path / "in.jsonl", COUNT)


def whole(path: Path) -> bool:
    """Whether all rows of ``source`` are there in order, and nothing beside them."""
    rows = read_rows(path)
    assert [row["id"] for row in rows] == list(range(COUNT))
    assert all(row == {"id": row["id"], "text": text_of(row["id"]), "summary": first(row["text"])} for row in rows)
    return sorted(name.name for name in path.parent.iterdir()) == ["in.jsonl", path.name]


# -- bad rows -----------------------------------------------------------------------------------------------

BAD_LINES = {
    b'{"text": "good one here now"}': None,
    b'{"text": 5}': "'text' must be a text, got a number",
    b'{"text": ["a"]}': "'text' must be a text, got a list",
    b"": None,
    b'{"other": 1}': "'text' is missing",
    b'{"text": null}': "'text' is missing",
    b'{"text": " \\n"}': "'text' is empty",
    b'{"text": "a': "not JSON (Unterminated string starting at at character 10)",
    b'{"text": "caf\xe9 au lait"}': "not UTF-8 (byte 0xe9 at byte 13 of the line)",
    b'{"text": "\\ud83d"}': "half a character (a surrogate without its other half)",
    b'{"text": "\\ud83d\\ude00 laughs"}': None,
    b"[1]": "not a JSON object ({...})",
    b"[" * 100_000: "not JSON that can be read (",
    f'{{"text": "{BOMB}"}}'.encode(): "ArithmeticError: no sum",
}


def test_bad_lines_are_named_and_the_rest_goes_on(tmp_path, capsys):
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(BAD_LINES))
    assert cli.main(["batch", str(tmp_path / "in.jsonl"), str(tmp_path / "out.jsonl")]) == 2
    assert [row["summary"] for row in read_rows(tmp_path / "out.jsonl")] == ["good one here", "😀 laughs"]
    errors = read_rows(tmp_path / "out.jsonl.errors.jsonl")
    expected = [(line, reason) for line, reason in enumerate(BAD_LINES.values(), 1) if reason]
    assert [error["line"] for error in errors] == [line for line, _ in expected]
    assert [error["row"] for error in errors] == [line - (line > 4) for line, _ in expected]  # the blank one is no row
    reasons = [error["reason"][: len(reason)] for error, (_, reason) in zip(errors, expected, strict=True)]
    assert reasons == [reason for _, reason in expected]
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count(": left out") == 5
    last = f"11 of 13 rows could not be summarised; {tmp_path}/out.jsonl.errors.jsonl names them"
    assert err.splitlines()[-1] == f"summae batch: error: {last}"


def test_bad_csv_rows(tmp_path):
    lines = [b"id,text", b'1,"two', b'lines here now"', b"2", b"3,caf\xe9", b'4,"a"b', b"", b"5,good one here now"]
    (tmp_path / "in.csv").write_bytes(b"\r\n".join([*lines, b'6,"open']))
    report = run(BatchOptions(tmp_path / "in.csv", tmp_path / "out.csv"))
    found = pd.read_csv(tmp_path / "out.csv")
    assert found["summary"].tolist() == ["two lines here", "good one here"]
    assert read_rows(report.errors) == [
        {"row": 2, "line": 4, "reason": "has 1 values, the header 2 columns"},
        {"row": 3, "line": 5, "reason": "not UTF-8 (byte 0xe9)"},
        {"row": 4, "line": 6, "reason": "not CSV (',' expected after '\"')"},
        {"row": 6, "line": 9, "reason": "not CSV (unexpected end of data)"},
    ]


def test_bad_parquet_rows(tmp_path):
    offsets = pa.array([0, 4, 6, 10], pa.int32()).buffers()[1]
    texts = pa.StringArray.from_buffers(3, offsets, pa.py_buffer(b"goodx\xe9fine"))
    pq.write_table(pa.table({"text": texts, "id": [1, 2, 3]}), tmp_path / "in.parquet")
    report = run(BatchOptions(tmp_path / "in.parquet", tmp_path / "out.jsonl"))
    assert [row["id"] for row in read_rows(tmp_path / "out.jsonl")] == [1, 3]
    assert read_rows(report.errors) == [{"row": 2, "reason": "broken UTF-8"}]


def test_strict_stops_at_the_first_bad_row_and_the_rest_can_be_done_without_it(tmp_path, fake):
    write_rows(tmp_path / "in.jsonl", 40)
    with (tmp_path / "in.jsonl").open("a") as stream:
        stream.write('{"text": 1}\n' + json.dumps({"text": text_of(40)}) + "\n")
    request = {"source": tmp_path / "in.jsonl", "out": tmp_path / "out.jsonl"}
    stops = "in.jsonl: line 41: 'text' must be a text, got a number; --resume without --strict goes on"
    with pytest.raises(InputError, match=stops):
        run(BatchOptions(**request, strict=True))
    assert not request["out"].exists()
    fake.given.clear()
    assert run(BatchOptions(**request, resume=True)).failed == 1
    assert fake.given == [text_of(number) for number in range(SIZE, 41)]
    assert len(read_rows(request["out"])) == 41


def test_strict_finds_what_an_earlier_run_left_out(tmp_path, fake):
    fake.before = raise_at(2)
    (tmp_path / "in.jsonl").write_text("x\n" + json.dumps({"text": "a b c d"}) + "\n" * 2)
    with (tmp_path / "in.jsonl").open("a") as stream:
        stream.writelines(json.dumps({"text": text_of(number)}) + "\n" for number in range(SIZE))
    request = {"source": tmp_path / "in.jsonl", "out": tmp_path / "out.jsonl"}
    with pytest.raises(KeyboardInterrupt):
        run(BatchOptions(**request))
    with pytest.raises(InputError, match="line 1: not JSON"):
        run(BatchOptions(**request, resume=True, strict=True))


def test_the_errors_of_an_earlier_batch_do_not_stay(tmp_path, source):
    (tmp_path / "out.jsonl.errors.jsonl").write_text("old")
    run(BatchOptions(source, tmp_path / "out.jsonl"))
    assert whole(tmp_path / "out.jsonl")


# -- wrong arguments ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["in.jsonl", "out.jsonl", "--column", "txt"], "in.jsonl: has no column 'txt', its columns are id, text"),
        (["in.jsonl", "out.jsonl", "--summary-column", "id"], "in.jsonl: has a column 'id' already; "),
        (["in.jsonl", "in.jsonl"], "in.jsonl: is the input too; write to another file"),
        (["in.jsonl", "old.csv"], "old.csv: is there already; --overwrite replaces it"),
        (["in.jsonl", "old.csv", "--resume"], "old.csv: is there already; --overwrite replaces it"),
        (["in.jsonl", "out.txt"], "out.txt: the suffix must be one of .jsonl, .csv, "),
        (["in.jsonl", "out.parquet.gz"], "out.parquet.gz: the suffix must be one of .jsonl, .csv, "),
        (["in.txt", "out.csv"], "in.txt: the suffix must be one of .jsonl, .csv, "),
        (["none.jsonl", "out.csv"], "none.jsonl: no such file"),
        (["-", "out.csv"], "-: no such file"),
        (["wide.jsonl", "out.csv"], "wide.jsonl: is UTF-16; convert it to UTF-8"),
        (["bad.parquet", "out.csv"], "bad.parquet: damaged Parquet: "),
        (["twice.csv", "out.csv"], "twice.csv: line 1: the header names 'text' twice"),
        (["twice.parquet", "out.csv"], "twice.parquet: has two columns 'text'; every name must be there once"),
        (["mac.csv", "out.csv"], "mac.csv: line 1: not CSV (new-line character seen in unquoted field)\n"),
        (["empty.csv", "out.csv"], "empty.csv: line 1: empty: a header line must name the columns"),
        (["in.jsonl", "out.csv", "--model", "nowhere"], "model must be a directory that "),
        (["in.jsonl", "out.csv", "--workers", "2"], "--workers is an option of --engine ray"),
        (["in.jsonl", "."], ".: the suffix must be one of "),
    ],
)
def test_wrong_arguments_are_one_line(tmp_path, source, args, line, monkeypatch, capsys, fake):
    monkeypatch.chdir(tmp_path)
    for name in ("old.csv", "in.txt", "empty.csv"):
        Path(name).touch()
    Path("wide.jsonl").write_text('{"text": "a"}', encoding="utf-16")
    Path("bad.parquet").write_bytes(b"PAR1 and no more PAR1")
    Path("twice.csv").write_text("text,text\n")
    Path("mac.csv").write_text("id,text\r1,one\r")
    pq.write_table(pa.Table.from_arrays([pa.array(["a"])] * 2, names=["text", "text"]), "twice.parquet")
    before = sorted(tmp_path.iterdir())
    assert cli.main(["batch", *args]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"summae batch: error: {line}")
    assert (sorted(tmp_path.iterdir()), fake.loaded) == (before, [])


@pytest.mark.parametrize("options", [{"words": 0}, {"words": True}, {"words": "8"}, {"workers": 0, "engine": "ray"},
                                     {"resume": True, "overwrite": True}])  # fmt: skip
def test_wrong_requests(options):
    with pytest.raises(InputError):
        BatchOptions("in.jsonl", "out.jsonl", **options)


def test_an_unknown_engine(source, tmp_path):
    with pytest.raises(SummaeError, match="engine must be one of local, ray, got 'spark'"):
        run(BatchOptions(source, tmp_path / "out.jsonl", engine="spark"))


def test_options_reach_the_model(tmp_path, fake, tiny_checkpoint, capsys):
    (tmp_path / "in.jsonl").write_text(json.dumps({"body": "one two three four", "summary": "old", "z": 1}) + "\n")
    names = ["--column", "body", "--summary-column", "summary", "--replace-column"]
    model = ["--words", "2", "--model", str(tiny_checkpoint), "--backend", "torch"]
    assert cli.main(["batch", str(tmp_path / "in.jsonl"), str(tmp_path / "out.jsonl"), *names, *model]) == 0
    assert (tmp_path / "out.jsonl").read_text() == '{"body": "one two three four", "summary": "one two", "z": 1}\n'
    assert fake.loaded == [(str(tiny_checkpoint), "torch")]
    out, err = capsys.readouterr()
    assert out == "" and "1/1" in err and "row/s" in err
    assert err.splitlines()[-1] == f"summae batch: 1 rows in {tmp_path}/out.jsonl"


def test_quiet(tmp_path, source, capsys):
    assert cli.main(["batch", str(source), str(tmp_path / "out.jsonl"), "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_overwrite(tmp_path, source):
    (tmp_path / "out.jsonl").write_text("old")
    run(BatchOptions(source, tmp_path / "out.jsonl", overwrite=True))
    assert whole(tmp_path / "out.jsonl")


# -- interrupted and resumed --------------------------------------------------------------------------------


def raise_at(call: int, error: type[BaseException] = KeyboardInterrupt):
    """A ``FakeSummarizer.before`` that raises when called for the ``call``-th time."""
    calls = []

    def before(texts: list[str]) -> None:
        calls.append(texts)
        if len(calls) == call:
            raise error

    return staticmethod(before)


@pytest.fixture
def interrupted(tmp_path, source, fake) -> Path:
    """OUT of a batch that was interrupted in its third chunk."""
    fake.before = raise_at(3)
    with pytest.raises(KeyboardInterrupt):
        run(BatchOptions(source, tmp_path / "out.jsonl", words=3))
    del fake.before  # as it was
    assert fake.given == [text_of(number) for number in range(2 * SIZE)]
    assert not (tmp_path / "out.jsonl").exists()
    fake.given.clear()
    return tmp_path / "out.jsonl"


def test_resumed_without_redoing_or_losing_a_row(interrupted, source, fake):
    run(BatchOptions(source, interrupted, words=3, resume=True))
    assert fake.given == [text_of(number) for number in range(2 * SIZE, COUNT)]
    assert whole(interrupted)


def test_an_interrupt_says_what_is_done(tmp_path, source, fake, capsys):
    fake.before = raise_at(3)
    assert cli.main(["batch", str(source), str(tmp_path / "out.jsonl")]) == 130
    done = f"interrupted: {2 * SIZE} of {COUNT} rows are done; --resume goes on with the rest"
    assert done in capsys.readouterr().err


def test_unfinished_work_is_not_thrown_away(interrupted, source, fake):
    with pytest.raises(InputError, match="out.jsonl.parts: holds unfinished work; --resume goes on with it, --over"):
        run(BatchOptions(source, interrupted, words=3))
    run(BatchOptions(source, interrupted, words=3, overwrite=True))
    assert len(fake.given) == COUNT
    assert whole(interrupted)


@pytest.mark.parametrize(
    ("other", "what"),
    [
        ({"words": 4}, "length 3 words, not 4 words"),
        ({"words": 3, "column": "id"}, "column text, not id"),
        ({"words": 3, "summary_column": "s"}, "summary_column summary, not s"),
        ({"words": 3, "backend": "onnx"}, "backend auto, not onnx"),
        ({"words": 3, "style": "sentence"}, "style auto, not sentence"),
    ],
)
def test_resumed_otherwise_is_refused(interrupted, source, fake, other, what):
    with pytest.raises(InputError, match=f"was begun with {what}; give the same again, or --overwrite begins anew"):
        run(BatchOptions(source, interrupted, resume=True, **other))
    assert fake.given == []


def test_resumed_with_another_model_is_refused(interrupted, source, tiny_checkpoint):
    with pytest.raises(InputError, match="was begun with another model"):
        run(BatchOptions(source, interrupted, words=3, resume=True, model=str(tiny_checkpoint)))


def test_resumed_with_another_input_is_refused(interrupted, source):
    data = source.read_bytes()
    source.write_bytes(data.replace(b"Text 99 ", b"Text 98 "))  # the same size, one character in it
    with pytest.raises(InputError, match="was begun with another input"):
        run(BatchOptions(source, interrupted, words=3, resume=True))
    source.write_bytes(data)
    run(BatchOptions(source, interrupted, words=3, resume=True))
    assert whole(interrupted)


@pytest.mark.parametrize("options", [{}, {"resume": True}, {"overwrite": True}])
def test_what_others_left_in_the_place_to_work_in_is_not_thrown_away(tmp_path, source, fake, options):
    theirs = tmp_path / "out.jsonl.parts" / "part-00000.jsonl"
    theirs.parent.mkdir()
    theirs.write_text("of Spark, perhaps")
    with pytest.raises(InputError, match="part-00000.jsonl: is not from a batch; move it away, or write to another"):
        run(BatchOptions(source, tmp_path / "out.jsonl", **options))
    assert theirs.read_text() == "of Spark, perhaps" and fake.given == []


def test_two_processes_do_not_work_on_the_same_batch(tmp_path, source, fake):
    def meanwhile(texts: list[str]) -> None:
        with pytest.raises(InputError, match="another process is working on this batch"):
            run(BatchOptions(source, tmp_path / "out.jsonl", resume=True))

    fake.before = staticmethod(meanwhile)
    run(BatchOptions(source, tmp_path / "out.jsonl"))
    assert whole(tmp_path / "out.jsonl")


@pytest.mark.parametrize("change", ["longer", "shorter"])
def test_an_input_that_changes_meanwhile(tmp_path, source, fake, change):
    def meanwhile(texts: list[str]) -> None:
        source.write_bytes(source.read_bytes() * 2 if change == "longer" else b"")

    fake.before = staticmethod(meanwhile)
    with pytest.raises(InputError, match="while it was read"):
        run(BatchOptions(source, tmp_path / "out.jsonl"))
    assert not (tmp_path / "out.jsonl").exists()


# -- pandas, and Spark with it ------------------------------------------------------------------------------


def test_a_series_keeps_its_index(fake, monkeypatch):
    monkeypatch.setattr(series, "_loaded", series._loaded.__wrapped__)
    texts = [*(text_of(number) for number in range(SIZE + 3)), None, "", 3, float("nan"), BOMB]
    index = pd.Index([f"row {number}" for number in range(len(texts))])
    found = summarize_series(pd.Series(texts, index=index, name="text"), words=2)
    assert found.index.equals(index) and found.name == "text"
    expected = [first(text_of(number), 2) for number in range(SIZE + 3)]
    assert found.tolist() == [*expected, None, None, None, None, None]


def test_a_series_of_every_string_type_loads_the_model_once(fake):
    series._loaded.cache_clear()
    for kind in (object, "string", "str", pd.ArrowDtype(pa.string())):
        found = summarize_series(pd.Series([text_of(1), None], dtype=kind), model="m", backend="onnx")
        assert pa.array(found, pa.string()).to_pylist() == ["Text 1 tells", None]  # what Spark does with it
    assert summarize_series(pd.Series([], dtype="str")).tolist() == []
    assert fake.loaded == [("m", "onnx")]
    series._loaded.cache_clear()


def test_help_imports_nothing_heavy():
    code = """
import sys
from summae.cli import main
assert main(["batch", "--help"]) == 0
heavy = {"torch", "transformers", "datasets", "numpy", "pandas", "pyarrow", "ray", "onnxruntime", "tokenizers"}
sys.exit(repr(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)
"""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: summae batch [-h]")
