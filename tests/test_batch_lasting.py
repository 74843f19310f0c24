"""Batches that last: processes killed at every moment, journals cut off anywhere, memory for any number of rows."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from batch_world import first, read_rows, write_rows

from summae.batch.journal import BatchJournal
from summae.batch.outcome import Failure, Outcome
from summae.batch.rows import SIZE

ROOT = Path(__file__).parents[1]
COUNT = 3 * SIZE + 5
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests"), *sys.path])}

# -- killed -------------------------------------------------------------------------------------------------

KILLER = """
import os, signal, sys
from pathlib import Path
import pandas, pyarrow.parquet  # once, not in every child
from batch_world import FakeSummarizer
import summae.summarizing.summarizer
from summae.batch import BatchOptions, run, worker, running
summae.summarizing.summarizer.Summarizer = FakeSummarizer
folder, out = Path(sys.argv[1]), sys.argv[2]
moment, seen = 0, 0

def count(event, args):
    "Every file that is opened, renamed or removed below the folder is a moment, and every chunk of texts."
    global seen
    if event == "chunk" or any(isinstance(arg, (str, Path)) and str(folder) in str(arg) for arg in args):
        seen += 1
        if seen == moment:
            os.kill(os.getpid(), signal.SIGKILL)

def before(texts):
    count("chunk", ())
    with open("/proc/self/fd/1", "w") as told:
        told.write(f"{moments} {len(texts)}\\n")

FakeSummarizer.before = staticmethod(before)
sys.addaudithook(count)
request = dict(source=folder / "in.jsonl", resume=True)
status, moments = 9, 0
while status == 9:
    moments += 1
    path = folder / str(moments) / out
    path.parent.mkdir()
    for again in (False, True):
        child = os.fork()
        if child == 0:
            moment, seen = (0 if again else moments), 0
            finished = path.exists() and not path.with_name(path.name + ".parts").joinpath("plan.json").exists()
            if not (again and finished):
                run(BatchOptions(out=path, **request))
            os._exit(0)
        _, code = os.waitpid(child, 0)
        if not again:
            status = code
        elif code:
            sys.exit(f"moment {moments}: cannot be resumed")
print("moments", moments)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("name", ["out.jsonl", "out.parquet", "out.csv.gz"])
def test_killed_at_every_moment_and_resumed(tmp_path, name):
    """Killed at the first, second, … thing it does to a file, then resumed: every row once, no chunk done twice."""
    with write_rows(tmp_path / "in.jsonl", COUNT).open("a") as stream:
        stream.write("bad\n")
    command = [sys.executable, "-c", KILLER, str(tmp_path), name]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    *told, (_, moments) = [line.split() for line in done.stdout.splitlines()]
    assert int(moments) > 20
    for moment in range(1, int(moments)):
        folder = tmp_path / str(moment)
        assert sum(int(count) for when, count in told if when == str(moment)) == COUNT
        assert not (folder / f"{name}.parts" / "plan.json").exists()
        shutil.rmtree(folder / f"{name}.parts", ignore_errors=True)  # killed in removing it
        assert sorted(path.name for path in folder.iterdir()) == [name, f"{name}.errors.jsonl"]
        frame = {".jsonl": lambda path: pd.read_json(path, lines=True), ".gz": pd.read_csv, ".parquet": pd.read_parquet}
        found = frame[Path(name).suffix](folder / name)
        assert found["id"].tolist() == list(range(COUNT))
        assert found["summary"].tolist() == [first(text) for text in found["text"]]
        assert read_rows(folder / f"{name}.errors.jsonl")[0]["line"] == COUNT + 1


# -- the journal --------------------------------------------------------------------------------------------

OUTCOMES = [
    Outcome(1, ["ü", None], [Failure(4, None, "too\nlong")]),
    Outcome(0, ["a", "b"]),
    Outcome(2, [None], [Failure(5, 9, "’")]),
]


def test_a_journal_cut_off_anywhere_keeps_what_is_whole_and_goes_on(tmp_path):
    with BatchJournal(tmp_path / "whole", 3) as journal:
        for outcome in OUTCOMES:
            journal.add(outcome)
        assert list(journal.failures()) == [*OUTCOMES[0].failures, *OUTCOMES[2].failures]
    data = (tmp_path / "whole").read_bytes()
    ends = [place + 1 for place, byte in enumerate(data) if byte == ord("\n")]
    for cut in range(len(data) + 1):
        for rest in (b"", (b"\0" * 7, b"{}\n")[cut % 2]):  # a power failure may leave anything
            (tmp_path / "cut").write_bytes(data[:cut] + rest)
            kept = OUTCOMES[: sum(end <= cut for end in ends)]
            with BatchJournal(tmp_path / "cut", 3) as journal:
                assert set(journal.missing()) == {0, 1, 2} - {outcome.chunk for outcome in kept}
                assert journal.rows == sum(len(outcome.summaries) for outcome in kept)
                assert journal.failed == sum(len(outcome.failures) for outcome in kept)
                for outcome in reversed(OUTCOMES):  # some a second time
                    journal.add(outcome)
                assert [journal.outcome(chunk) for chunk in range(3)] == sorted(OUTCOMES, key=lambda each: each.chunk)
            assert len((tmp_path / "cut").read_bytes()) == len(data)


# -- memory -------------------------------------------------------------------------------------------------

MEASURE = """
import re, sys
from batch_world import FakeSummarizer
import summae.summarizing.summarizer
from summae.batch import BatchOptions, run
summae.summarizing.summarizer.Summarizer = FakeSummarizer
FakeSummarizer.given = type("Forgetful", (list,), {"extend": lambda *_: None})()
run(BatchOptions(sys.argv[1], sys.argv[2]))
print(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells the peak there")
@pytest.mark.parametrize(
    ("name", "out", "counts"),
    [
        ("in.jsonl", "out.jsonl", (5_000, 50_000)),
        ("in.jsonl", "out.parquet", (5_000, 50_000)),
        ("in.parquet", "out.csv", (40_000, 160_000)),  # one row group; Arrow's buffers are full from 40,000 rows on
    ],
)
def test_memory_does_not_grow_with_the_rows(tmp_path, name, out, counts):
    """Peak memory of whole processes."""
    peaks = []
    for count in counts:
        folder = tmp_path / str(count)
        folder.mkdir()
        write_rows(folder / "in.jsonl", count)
        if name == "in.parquet":
            pd.read_json(folder / "in.jsonl", lines=True).to_parquet(folder / name)
        command = [sys.executable, "-c", MEASURE, str(folder / name), str(folder / out)]
        done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        peaks.append(int(done.stdout))
    assert peaks[1] < 1.1 * peaks[0], peaks
