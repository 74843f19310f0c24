"""Rows through every format: nothing is lost or changed, judged by pyarrow, pandas and json themselves."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
import lzma
import pickle
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from batch_world import first, read_rows, stand_in, text_of, write_rows
from datasets import (
    ClassLabel,
    Dataset,
    DatasetDict,
    Features,
    IterableDataset,
    IterableDatasetDict,
    Value,
    load_dataset,
)

from summae.batch import BatchOptions, run
from summae.batch.formats import open_source, parquet, text_lines
from summae.batch.rows import SIZE
from summae.errors import InputError

TEXTS = [text_of(number) for number in range(3 * SIZE + 5)]


@pytest.fixture(autouse=True)
def fake():
    with stand_in() as made:
        yield made


def test_jsonl_keeps_fields_that_only_some_rows_have(tmp_path):
    rows = [
        {"text": "One two three four.", "n": 1, "x": [1, {"a": None}]},
        {"n": 1.5, "text": "Zwei\nZeilen, viele Wörter 以前", "only here": True, "big": 2**80},
        {"text": "short", "n": "a string"},
    ]
    (tmp_path / "in.jsonl").write_text("\ufeff" + "\n\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    report = run(BatchOptions(tmp_path / "in.jsonl", tmp_path / "out.jsonl"))
    assert (report.rows, report.failed, report.errors) == (3, 0, None)
    found = read_rows(tmp_path / "out.jsonl")
    assert found == [{**row, "summary": first(row["text"])} for row in rows]
    assert [list(row) for row in found] == [[*row, "summary"] for row in rows]


def table_of_every_type() -> pa.Table:
    count = len(TEXTS)
    moments = [dt.datetime(2024, 2, 29, 12, 0, 0, number, tzinfo=dt.UTC) for number in range(count)]
    columns = {
        "text": pa.array(TEXTS, pa.large_string()),
        "id": pa.array(range(count), pa.int8()),
        "price": pa.array([Decimal(number).scaleb(-2) for number in range(count)], pa.decimal128(12, 2)),
        "when": pa.array(moments, pa.timestamp("us", "Europe/Berlin")),
        "day": pa.array([moment.date() for moment in moments]),
        "kind": pa.array(["a", None, "b", "c", "a"] * count)[:count].dictionary_encode(),
        "raw": pa.array([bytes([number]) for number in range(count)]),
        "nested": pa.array([[{"a": number, "b": ["x"]}, None] if number % 3 else None for number in range(count)]),
        "half": pa.array([number / 3 for number in range(count)], pa.float32()),
    }
    return pa.table(columns).replace_schema_metadata({"owner": "a test"})


def test_parquet_keeps_every_type(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "GROUP_ROWS", 2 * SIZE)
    table = table_of_every_type()
    pq.write_table(table, tmp_path / "in.parquet", row_group_size=19)  # which SIZE is no multiple of
    run(BatchOptions(tmp_path / "in.parquet", tmp_path / "out.parquet"))
    found = pq.read_table(tmp_path / "out.parquet")
    assert found.column("summary").to_pylist() == [first(text) for text in TEXTS]
    assert found.schema.metadata == {b"owner": b"a test"}
    assert found.drop_columns("summary").equals(table)
    assert pq.ParquetFile(tmp_path / "out.parquet").num_row_groups == 2


def test_parquet_leaves_out_the_rows_without_text(tmp_path):
    texts = [text if number % 7 else None for number, text in enumerate(TEXTS)]
    pq.write_table(pa.table({"text": texts, "id": range(len(texts))}), tmp_path / "in.parquet")
    report = run(BatchOptions(tmp_path / "in.parquet", tmp_path / "out.parquet"))
    found = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [row["id"] for row in found] == [number for number, text in enumerate(texts) if text]
    assert all(row["summary"] == first(row["text"]) for row in found)
    assert report.failed == len(texts) - len(found)


@pytest.mark.parametrize("first_row", [0, 1, SIZE - 1, SIZE, 2 * SIZE + 3])
@pytest.mark.parametrize("group", [1, 19, SIZE, 1000])
def test_parquet_can_be_read_from_any_block_on(tmp_path, first_row, group):
    pq.write_table(pa.table({"id": range(100)}), tmp_path / "in.parquet", row_group_size=group)
    blocks = open_source(tmp_path / "in.parquet").blocks(first_row // SIZE)
    found = [(block.start, block.content.column("id").to_pylist()) for block in blocks]
    every = [(start, list(range(start, min(start + SIZE, 100)))) for start in range(0, 100, SIZE)]
    assert found == every[first_row // SIZE :]


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".csv.gz", ".csv.xz"])
def test_csv_as_pandas_reads_it(tmp_path, suffix):
    texts = ['He said "no", twice', "two\nlines of text\r\nand a third", "plain words and no more", "=1,2;\t3 x y"]
    frame = pd.DataFrame({"id": ["007", "", "1e3", "NA"], "text": texts, "a b": ["ü", "以前", "'", '"']})
    separator = "\t" if suffix == ".tsv" else ","
    frame.to_csv(tmp_path / f"in{suffix}", index=False, sep=separator, encoding="utf-8-sig")
    run(BatchOptions(tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"))
    found = pd.read_csv(tmp_path / f"out{suffix}", sep=separator, dtype=str, keep_default_na=False)
    assert list(found.columns) == ["id", "text", "a b", "summary"]
    assert found["summary"].tolist() == [first(text) for text in texts]
    pd.testing.assert_frame_equal(found.drop(columns="summary"), frame, check_dtype=False)


def test_a_value_longer_than_the_csv_module_allows(tmp_path):
    text = "word " * 100_000
    (tmp_path / "in.csv").write_text(f"text\n{text}\n")
    assert run(BatchOptions(tmp_path / "in.csv", tmp_path / "out.jsonl")).failed == 0
    assert read_rows(tmp_path / "out.jsonl") == [{"text": text, "summary": "word word word"}]


@pytest.mark.parametrize(("suffix", "packer"), [(".gz", gzip), (".xz", lzma)])
def test_packed_jsonl(tmp_path, suffix, packer):
    plain = write_rows(tmp_path / "in.jsonl", 40)
    (tmp_path / f"in.jsonl{suffix}").write_bytes(packer.compress(plain.read_bytes()))
    run(BatchOptions(tmp_path / f"in.jsonl{suffix}", tmp_path / f"out.jsonl{suffix}"))
    lines = packer.decompress((tmp_path / f"out.jsonl{suffix}").read_bytes()).splitlines()
    assert [json.loads(line)["id"] for line in lines] == list(range(40))


def test_a_packed_file_that_ends_too_early(tmp_path):
    plain = write_rows(tmp_path / "in.jsonl", 400)
    (tmp_path / "in.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes())[:-200])
    with pytest.raises(InputError, match="in.jsonl.gz: cannot be read: "):
        run(BatchOptions(tmp_path / "in.jsonl.gz", tmp_path / "out.jsonl"))
    assert not (tmp_path / "out.jsonl.parts").exists()


def test_a_file_without_line_ends_is_not_held_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(text_lines, "LONGEST", 100)
    (tmp_path / "in.jsonl").write_text('{"text": "a"}\n' + '{"text": "' + "b" * 200 + '"}\n')
    with pytest.raises(InputError, match="in.jsonl: line 2: has 100 bytes or more; is it one row?"):
        run(BatchOptions(tmp_path / "in.jsonl", tmp_path / "out.jsonl"))


def test_jsonl_to_parquet_finds_types_that_hold_everything(tmp_path):
    rows = [{"text": text_of(number), "n": number} for number in range(SIZE)]
    rows += [{"text": text_of(number), "n": 0.5, "late": {"a": [1]}} for number in range(5)]
    rows += [{"text": text_of(number), "n": None, "late": {"b": "x"}} for number in range(5)]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    run(BatchOptions(tmp_path / "in.jsonl", tmp_path / "out.parquet"))
    found = pq.read_table(tmp_path / "out.parquet")
    assert found.schema.names == ["text", "n", "late", "summary"]
    assert found.schema.field("n").type == pa.float64()
    assert found.column("n").to_pylist() == [row["n"] for row in rows]
    assert found.column("late").to_pylist()[-6:-4] == [{"a": [1], "b": None}, {"a": None, "b": "x"}]
    assert found.column("late").null_count == SIZE


@pytest.mark.parametrize("bad", ['{"text": 5, "n": 1}', '{"text": " ", "n": "many"}', '{"n": {}}', "[1]", "no JSON"])
def test_rows_that_are_left_out_do_not_decide_the_types(tmp_path, bad):
    rows = [json.dumps({"text": text_of(number), "n": number}) for number in range(SIZE + 3)]
    (tmp_path / "in.jsonl").write_text("\n".join([*rows[:5], bad, *rows[5:]]))
    report = run(BatchOptions(tmp_path / "in.jsonl", tmp_path / "out.parquet"))
    found = pq.read_table(tmp_path / "out.parquet")
    assert found.schema.field("n").type == pa.int64() and found.column("n").to_pylist() == list(range(SIZE + 3))
    assert [error["line"] for error in read_rows(report.errors)] == [6]


@pytest.mark.parametrize("value", ["a string", 2**70, {}])
def test_jsonl_that_cannot_be_parquet_is_refused_before_any_work(tmp_path, fake, value):
    rows = [{"text": text_of(0), "n": 1}] * SIZE + [{"text": text_of(1), "n": value}]
    if value == {}:
        rows = [{"text": text_of(1), "n": {}}]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(InputError, match="write JSONL"):
        run(BatchOptions(tmp_path / "in.jsonl", tmp_path / "out.parquet"))
    assert fake.given == []


def test_parquet_to_jsonl_and_csv(tmp_path):
    pq.write_table(table_of_every_type(), tmp_path / "in.parquet")
    run(BatchOptions(tmp_path / "in.parquet", tmp_path / "out.jsonl"))
    run(BatchOptions(tmp_path / "in.parquet", tmp_path / "out.csv"))
    row = read_rows(tmp_path / "out.jsonl")[1]
    expected = {"price": "0.01", "when": "2024-02-29T13:00:00.000001+01:00", "day": "2024-02-29", "kind": None}
    expected |= {"raw": "AQ==", "nested": [{"a": 1, "b": ["x"]}, None], "summary": "Text 1 tells"}
    assert {name: row[name] for name in expected} == expected
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as stream:
        cells = list(csv.DictReader(stream))[1]
    assert cells["nested"] == '[{"a": 1, "b": ["x"]}, null]'
    assert {name: cells[name] for name in ("when", "raw", "kind", "id")} == {
        **{name: expected[name] for name in ("when", "raw")}, "kind": "", "id": "1"
    }  # fmt: skip


def test_jsonl_to_csv_has_the_columns_of_all_rows(tmp_path):
    rows = [{"text": text_of(number), "n": number} for number in range(SIZE)]
    rows += [{"late": True, "text": "a, b, c, d"}]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    run(BatchOptions(tmp_path / "in.jsonl", tmp_path / "out.csv"))
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as stream:
        found = list(csv.DictReader(stream))
    assert found[-1] == {"text": "a, b, c, d", "n": "", "late": "true", "summary": "a, b, c,"}


@pytest.mark.parametrize("name", ["in.jsonl", "in.csv", "in.parquet"])
@pytest.mark.parametrize("out", ["out.jsonl", "out.csv", "out.parquet"])
def test_no_rows(tmp_path, name, out):
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "in.parquet")
    (tmp_path / "in.csv").write_text("text\n")
    (tmp_path / "in.jsonl").touch()
    assert run(BatchOptions(tmp_path / name, tmp_path / out)).rows == 0
    if out == "out.parquet":
        assert pq.read_table(tmp_path / out).num_rows == 0
    else:
        assert (tmp_path / out).read_text() in ("", "summary\n", "text,summary\n")


# -- data sets ----------------------------------------------------------------------------------------------


def labelled() -> Dataset:
    features = Features({"text": Value("string"), "label": ClassLabel(names=["bad", "good"])})
    return Dataset.from_dict({"text": TEXTS, "label": [number % 2 for number in range(len(TEXTS))]}, features)


def check_labelled(path: Path, tmp_path: Path) -> None:
    """``datasets`` reads ``path`` as the labelled data with summaries."""
    found = load_dataset("parquet", data_files=str(path), split="train", cache_dir=str(tmp_path / "cache"))
    assert found.features["label"] == ClassLabel(names=["bad", "good"])
    assert found["summary"][:] == [first(text) for text in TEXTS]
    assert found.remove_columns("summary").to_dict() == labelled().to_dict()


def test_a_saved_data_set(tmp_path):
    labelled().save_to_disk(tmp_path / "saved")
    run(BatchOptions(tmp_path / "saved", tmp_path / "out.parquet"))
    check_labelled(tmp_path / "out.parquet", tmp_path)


def test_a_data_set_in_memory(tmp_path):
    shuffled = labelled().select(range(len(TEXTS))[::-1]).select(range(len(TEXTS))[::-1])
    run(BatchOptions(shuffled, tmp_path / "out.parquet"))
    check_labelled(tmp_path / "out.parquet", tmp_path)


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_a_streamed_data_set(tmp_path, suffix):
    """Read again from its beginning for every pass; bad rows are named by their number."""
    rows = [{"id": number, "text": text_of(number) if number != 40 else None} for number in range(2 * SIZE)]
    stream = IterableDataset.from_generator(lambda: iter(rows))
    out = tmp_path / f"out{suffix}"
    report = run(BatchOptions(stream, out))
    found = read_rows(out) if suffix == ".jsonl" else pq.read_table(out).to_pylist()
    assert [row["id"] for row in found] == [number for number in range(2 * SIZE) if number != 40]
    assert all(row["summary"] == first(row["text"]) for row in found)
    assert read_rows(report.errors) == [{"row": 41, "reason": "'text' is missing"}]
    with pytest.raises(InputError, match="the data set: has no column 'body', its columns are id, text"):
        run(BatchOptions(stream, tmp_path / "none.jsonl", column="body"))
    several = IterableDatasetDict({"train": stream, "test": stream})
    with pytest.raises(InputError, match="the data set: has several splits: train, test"):
        run(BatchOptions(several, tmp_path / "none.jsonl"))


def test_a_saved_data_set_of_several_splits(tmp_path):
    DatasetDict({"train": labelled(), "test": labelled()}).save_to_disk(tmp_path / "saved")
    with pytest.raises(InputError, match="name one of its sub-directories: has several splits: train, test"):
        run(BatchOptions(tmp_path / "saved", tmp_path / "out.parquet"))
    run(BatchOptions(tmp_path / "saved" / "test", tmp_path / "out.parquet"))
    check_labelled(tmp_path / "out.parquet", tmp_path)


@pytest.mark.parametrize("name", ["in.jsonl", "in.csv", "in.parquet", "saved", "data"])
def test_workers_that_stand_elsewhere_find_the_input(tmp_path, monkeypatch, name):
    """A source travels to the workers of a cluster as it is pickled."""
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path / "cache"))
    rows = Dataset.from_list([{"text": text_of(number)} for number in range(3)])
    (tmp_path / "data").mkdir()
    (tmp_path / "elsewhere").mkdir()
    rows.to_json(tmp_path / "in.jsonl")
    rows.to_csv(tmp_path / "in.csv", index=False)
    rows.to_parquet(tmp_path / "in.parquet")
    rows.to_parquet(tmp_path / "data" / "train.parquet")
    rows.save_to_disk(tmp_path / "saved")
    monkeypatch.chdir(tmp_path)
    packed = pickle.dumps(open_source(name))
    monkeypatch.chdir("elsewhere")
    (block,) = pickle.loads(packed).blocks(0)
    assert [item.text for item in block.items("text")] == [text_of(number) for number in range(3)]


def test_a_directory_of_data_files(tmp_path, monkeypatch):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "data").mkdir()
    for part in range(2):
        labelled().shard(2, part).to_parquet(tmp_path / "data" / f"train-{part}.parquet")
    run(BatchOptions(tmp_path / "data", tmp_path / "out.parquet"))
    check_labelled(tmp_path / "out.parquet", tmp_path)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("news:", ("news", None, None)),
        ("news:/train", ("news", None, "train")),
        ("owner/news-en.2:3.0.0/train", ("owner/news-en.2", "3.0.0", "train")),
        ("news:plain", ("news", "plain", None)),
    ],
)
def test_a_data_set_of_the_hub(tmp_path, monkeypatch, name, asked):
    calls = []

    def load(path, config=None, split=None):
        calls.append((path, config, split))
        return labelled() if split else DatasetDict({"only": labelled()})

    monkeypatch.setattr("datasets.load_dataset", load)
    run(BatchOptions(name, tmp_path / "out.jsonl"))
    assert calls == [asked]
    assert [row["text"] for row in read_rows(tmp_path / "out.jsonl")] == TEXTS


def test_what_the_hub_says_becomes_one_line(tmp_path, monkeypatch):
    def load(*_, **__):
        raise ConnectionError("no route\nto the hub")

    monkeypatch.setattr("datasets.load_dataset", load)
    with pytest.raises(InputError, match="^news:a/b: no data set that can be loaded: no route$"):
        run(BatchOptions("news:a/b", tmp_path / "out.jsonl"))
