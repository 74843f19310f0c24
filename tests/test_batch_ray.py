"""The engine ``ray`` on a local cluster of two workers: the same rows as without it, whoever dies on the way."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from batch_world import read_rows
from conftest import SOURCES

from summae import cli
from summae.batch import BatchOptions, run
from summae.batch.journal import BatchJournal
from summae.batch.outcome import Outcome
from summae.batch.rows import SIZE

COUNT = 40 * SIZE + 7


@pytest.fixture
def source(tmp_path) -> Path:
    """Rows that all differ; one in forty is too long to be given back as it is, one is bad."""
    with (tmp_path / "in.jsonl").open("w", encoding="utf-8") as stream:
        for number in range(COUNT):
            text = f"{number} {SOURCES[number % 5]}" if number % 40 == 0 else f"number {number}"
            stream.write(json.dumps({"id": number, "text": text if number != 99 else None}) + "\n")
    return tmp_path / "in.jsonl"


def actors() -> list:
    """The processes of the workers that have their model."""
    import psutil

    below = psutil.Process().children(recursive=True)
    return [process for process in below if "ray::MapWorker" in " ".join(process.cmdline())]


def test_a_killed_worker_loses_no_row_and_doubles_none(tmp_path, source, monkeypatch, capfd):
    if find_spec("ray") is None:
        pytest.skip("needs Ray, which is imported below, as a user's batch does")
    killed: list[tuple[int, int]] = []
    add = BatchJournal.add

    def add_and_kill(self: BatchJournal, outcome: Outcome) -> None:
        add(self, outcome)
        if not killed:
            victim = actors()[0]
            victim.kill()
            victim.wait(30)
            killed.append((victim.pid, len(list(self.missing()))))

    request = {"source": source, "words": 4}
    run(BatchOptions(out=tmp_path / "local.jsonl", **request))
    monkeypatch.setattr(BatchJournal, "add", add_and_kill)
    report = run(BatchOptions(out=tmp_path / "ray.jsonl", engine="ray", workers=2, **request))
    assert "Traceback" not in "".join(capfd.readouterr())  # Ray's own notice of a dead actor comes at some moments
    ((_, missing),) = killed
    assert missing >= 20
    assert (report.rows, report.failed) == (COUNT, 1)
    assert [row["id"] for row in read_rows(tmp_path / "ray.jsonl")] == [n for n in range(COUNT) if n != 99]
    for name in ("{}.jsonl", "{}.jsonl.errors.jsonl"):
        there, here = (tmp_path / name.format(engine) for engine in ("ray", "local"))
        assert there.read_bytes() == here.read_bytes()


@pytest.fixture
def cluster():
    """One that the caller has connected to already: it is used, and left as it was."""
    ray = pytest.importorskip("ray")
    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield
    assert ray.is_initialized()
    ray.shutdown()


def test_one_engine_goes_on_where_the_other_stopped(tmp_path, source, monkeypatch, cluster):
    add = BatchJournal.add

    def add_and_stop(self: BatchJournal, outcome: Outcome) -> None:
        add(self, outcome)
        if len(list(self.missing())) < 30:
            raise KeyboardInterrupt

    request = {"source": source, "words": 4}
    run(BatchOptions(out=tmp_path / "whole.jsonl", **request))
    for first, second in (("ray", "local"), ("local", "ray")):
        out = tmp_path / f"{first}.jsonl"
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(BatchJournal, "add", add_and_stop)
            run(BatchOptions(out=out, engine=first, **request))
        run(BatchOptions(out=out, engine=second, resume=True, **request))
        assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_without_ray_the_extra_is_named(tmp_path, source, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ray", None)
    args = [str(source), str(tmp_path / "out.jsonl"), "--words", "4", "--quiet"]
    assert cli.main(["batch", *args, "--engine", "ray"]) == 2
    line = "summae batch: error: --engine ray needs the extra 'ray': pip install 'summae[ray]'\n"
    assert capsys.readouterr() == ("", line)
    assert cli.main(["batch", *args, "--resume"]) == 2  # row 100 has no text
    assert len(read_rows(tmp_path / "out.jsonl")) == COUNT - 1
