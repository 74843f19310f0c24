"""The commands of docs/service.md, run as a reader would run them; the port is the only thing that is changed."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from serving import live
from test_serve_process import REAL, post, serving

from summae.commands import COMMANDS
from summae.commands.parsers import all_commands
from summae.serve.connections import MOST_OPEN
from summae.serve.document_reader import WAITING
from summae.serve.limits import Limits

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
LINES = [line.split("  #")[0].strip() for block in BLOCKS for line in block.splitlines()]
SERVE = [line for line in LINES if line.startswith("summae serve")]
CURL = [line for line in LINES if line.startswith("curl")]


@pytest.fixture(scope="module")
def address():
    from summae.summarizing.summarizer import Summarizer

    with live(Summarizer.load()) as port:
        yield f"127.0.0.1:{port}"


def test_every_command_is_run_somewhere():
    others = ["pip install '.[serve,formats]'", "python scripts/benchmark_service.py --clients 1 8 32 --seconds 8"]
    assert sorted(LINES) == sorted([*SERVE, *CURL, *others]) and len(SERVE) == 5 and len(CURL) == 9


@pytest.mark.parametrize("line", SERVE)
def test_its_options_are_those_of_the_command(line):
    """That it starts and answers is tested in test_serve_process.py, and with every option in one go here."""
    assert all_commands(COMMANDS, ["serve"]).parse_args(shlex.split(line)[1:]).run is COMMANDS["serve"].run


def test_it_starts_with_all_of_them():
    words = [word for line in SERVE for word in shlex.split(line)[2:] if "runs/" not in word and word != "--model"]
    with serving(REAL, *words, "--host", "127.0.0.1", "--port", "0") as (_, address):
        assert post(address, "A storm closed schools.")["summary"] == "A storm closed schools."


@pytest.mark.parametrize("line", CURL)
def test_it_answers(line, address):
    assert shutil.which("curl"), "the guide's commands need curl"
    command = line.replace("127.0.0.1:8000", address) + " --fail --silent --show-error"
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    if "/metrics" not in line:
        assert "error" not in json.loads(done.stdout)


def test_the_answer_shown_is_the_answer(address):
    shown = re.search(r'^\{"summary":"(.*?)"', GUIDE, re.MULTILINE)
    body = json.loads(re.search(r"-d '(.*?)'", CURL[0])[1])
    assert post(f"http://{address}/", body["text"])["summary"] == shown[1]


def test_the_limits_named_are_the_limits():
    usual = Limits()
    named = f"{usual.text_chars:,} characters", f"than {usual.list_texts} texts", f"{usual.queue_texts} texts wait"
    rest = f"than {usual.body_seconds} s", f"{usual.body_bytes >> 20} MiB", f"({usual.batch_texts}) of them"
    fixed = f"{WAITING} documents", f"{MOST_OPEN} connections"
    for words in (*named, *rest, *fixed, f"({usual.file_seconds} s)"):
        assert words in GUIDE, words


def test_the_benchmark(capsys, monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(ROOT / "scripts")
    import benchmark_service

    out = tmp_path / "out.json"
    options = ["--clients", "1", "3", "--seconds", "0", "--json", str(out)]
    assert benchmark_service.main(options) == 0
    rows = json.loads(out.read_text())
    assert [(row["clients"], row["answers"]) for row in rows] == [(1, 1), (3, 3)]
    assert all(0 < row["p50"] <= row["p99"] for row in rows) and 1 <= rows[1]["per_call"] <= 3
    table = capsys.readouterr().out.strip().splitlines()
    assert len(table) == 4 and table[2].split(" | ")[4] == "1.00"


def test_a_benchmark_without_a_service_is_one_line(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "scripts")
    import benchmark_service

    said = "^benchmark_service: the service did not start: .*nowhere"
    with pytest.raises(SystemExit, match=said):
        benchmark_service.main(["--model", "nowhere"])
