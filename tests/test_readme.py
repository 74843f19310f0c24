"""The README's commands, run as a reader would run them, in a folder that has what they name."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from handmade import mail, pdf

from summae.commands import COMMANDS
from summae.commands.parsers import all_commands

ROOT = Path(__file__).parents[1]
EXAMPLES = [line for command in COMMANDS.values() for line in command.examples]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
LINES = [line.split("  #")[0].strip() for block in BLOCKS for line in block.splitlines()]
#: Hours, a GPU or a network: their configurations are loaded in test_configs, their entry points are tried in test_cli;
#: adapting is tried, small, in test_adapt_guide.
TOO_LONG = ("small.yaml", "base.yaml", "benchmark.py", "summae adapt")
QUICK = [line for line in LINES if line.split()[0] in ("summarize", "summae") and not any(x in line for x in TOO_LONG)]
SERVE = [line for line in [*LINES, *EXAMPLES] if line.startswith("summae serve")]
#: Lines with the output that the README shows.
CONSOLE = "".join(re.findall(r"```console\n(.*?)```", README, re.DOTALL))
SHOWN = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)+)", CONSOLE, re.MULTILINE)
PAGE = "https://example.org/page.html"
TEXT = (ROOT / "examples" / "news.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What the commands name, and a trained tiny model where they look for one."""
    place = tmp_path_factory.mktemp("readme")
    for name in ("examples", "configs"):
        shutil.copytree(ROOT / name, place / name)
    for name in ("report.txt", "mail.txt", "mine.txt", "theirs.txt"):
        (place / name).write_text(" ".join(TEXT.split()) + "\n", encoding="utf-8")
    (place / "mails.jsonl").write_text(json.dumps({"text": TEXT}) + "\n", encoding="utf-8")
    (place / "report.pdf").write_bytes(pdf(textwrap.wrap(TEXT, 70)))
    (place / "page.html").write_text(f"<html><nav>Home</nav><p>{TEXT}</html>", encoding="utf-8")
    (place / "mails").mkdir()
    (place / "mails" / "1.eml").write_bytes(mail(TEXT))
    for name in ("data.jsonl", "news-en/test.jsonl", "science-en/test.jsonl"):
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text(json.dumps({"id": 1, "text": TEXT, "summaries": ["A reference"]}) + "\n")
    return place


def run(line: str, folder: Path) -> subprocess.CompletedProcess:
    main = {"summarize": "summarize_main", "summae": "main"}[line.split()[0]]
    code = f"import sys; from summae.cli import {main}; sys.exit({main}(sys.argv[1:]))"
    command = f"{shlex.quote(sys.executable)} -c {shlex.quote(code)} {line.split(maxsplit=1)[1]}"
    return subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, timeout=400)


def test_there_are_commands_to_run():
    assert len(QUICK) >= 6


@pytest.fixture(scope="module")
def trained(folder):
    """The folder after the training at its smallest, its run standing where the README's commands look for one."""
    done = run("summae train configs/tiny.yaml --set tracker=none", folder)
    assert done.returncode == 0, done.stderr
    assert (folder / "runs/tiny/model/model.json").is_file()
    shutil.copytree(folder / "runs/tiny", folder / "runs/small")
    return folder


def test_train_export_and_summarise_with_the_result(trained):
    """The whole path at its smallest: hand-written sentences in, a checkpoint that summarises without torch out."""
    done = run("summae export runs/tiny/model", trained)
    assert done.returncode == 0, done.stderr
    done = run("summarize --model runs/tiny/model --backend onnx --words 6 report.txt", trained)
    assert done.returncode == 0, done.stderr
    assert 1 <= len(done.stdout.split()) <= 6


def test_the_other_exports_are_the_same_command_on_another_run():
    """One of them takes half a minute of tracing; the test above is it."""
    exports = [line for line in [*QUICK, *EXAMPLES] if line.startswith("summae export")]
    assert exports and all(re.fullmatch(r"summae export runs/(tiny|small)/model", line) for line in exports)


NOT_HERE = ("summae train", "summae serve", "summae export")


@pytest.mark.parametrize("line", [line for line in QUICK if not line.startswith(NOT_HERE)])
def test_the_command_works(line, folder, request, site):
    if "runs/small" in line:
        request.getfixturevalue("trained")
    page = site.add("/page.html", (folder / "page.html").read_bytes(), "text/html")
    done = run(line.replace(PAGE, page), folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() or line.startswith("summae batch")


def test_there_are_outputs_to_compare():
    assert len(SHOWN) == README.count("\n$ ") == 6


@pytest.mark.parametrize(("line", "output"), SHOWN)
def test_the_output_shown_is_the_output(line, output, folder):
    done = run(line, folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, output, "")


def test_the_first_output_shown_is_the_output(folder):
    command, output = re.search(r"<!-- summarise -->\n```sh\n.*&& (.*)\n```\n\n```\n(.*\n)```", README).groups()
    assert run(command, folder).stdout == output


def test_the_python_lines_work():
    (code,) = re.findall(r"<!-- python -->\n```python\n(.*?)```", README, re.DOTALL)
    exec(compile(code, "README.md", "exec"), {"text": TEXT})


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """PATH with our two commands, as an installation has them."""
    place = tmp_path_factory.mktemp("bin")
    for name, main in (("summarize", "summarize_main"), ("summae", "main")):
        code = f"import sys\nfrom summae.cli import {main}\nsys.exit({main}())\n"
        (place / name).write_text(f"#!{sys.executable}\n{code}", encoding="utf-8")
        (place / name).chmod(0o755)
    return f"{place}:{os.environ['PATH']}"


#: The service goes on until it is stopped; adapting takes minutes, tests of its own run such lines with less time.
ELSEWHERE = ("summae serve", "summae adapt", "summae export")


@pytest.mark.parametrize("line", [line for line in EXAMPLES if not line.startswith(ELSEWHERE)])
def test_the_examples_of_help_work(line, trained, path):
    """In the shell they are for, after a training at its smallest: a second one goes on and finds all done."""
    shell = next((name for name in ("zsh", "fish") if name in line), "bash")
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here")
    command = f"autoload -U compinit; compinit -u -D; {line}" if shell == "zsh" else line
    env = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "HOME": str(trained)}
    done = subprocess.run([shell, "-c", command], cwd=trained, env=env, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr
    assert not any(word in done.stderr for word in ("error", "Traceback"))
    quiet = ("summae train", "summae batch", "source", "summae completion fish")
    assert bool(done.stdout.strip()) != line.startswith(quiet)


@pytest.mark.parametrize("line", sorted(set(SERVE)))
def test_the_service_is_asked_what_it_knows(line):
    """That it starts and answers is tested in test_serve_process.py."""
    assert all_commands(COMMANDS, ["serve"]).parse_args(line.split()[1:]).run is COMMANDS["serve"].run


def test_configurations_named_exist():
    for name in re.findall(r"`(\w+\.yaml)`", README):
        assert (ROOT / "configs" / name).is_file(), name


def test_the_file_tree_is_true():
    """Every path of the README's last screen is there."""
    tree = README.split("## The files")[1]
    for name in (
        "cli.py",
        "commands/",
        "serve/",
        "batch/",
        "inputs/",
        "explanation/",
        "integrations/",
        "training/",
        "text/",
    ):
        assert name in tree and (ROOT / "summae" / name).exists()
