"""Completion as a user has it: a shell in a terminal, a line half typed, the Tab key."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
from pathlib import Path

import pytest

from summae import cli
from summae.commands import COMMANDS
from summae.commands.shells import SHELLS

pty = pytest.importorskip("pty")

#: How a shell is started without a user's own settings, and what makes it ready. What is completed is then run: a
#: function prints the words it was given.
START = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "bind 'set bell-style none'\nsource {script}\n"),
    "zsh": (["zsh", "-f", "-i"], "autoload -U compinit\ncompinit -u -D\nsource {script}\n"),
    "fish": (["fish", "--no-config", "-i"], "source {script}\n"),
}
FUNCTIONS = {
    "fish": "function {name}; printf '<%s>' {name} $argv; echo; end\n",
    "sh": "{name}() {{ printf '<%s>' {name} \"$@\"; echo; }}\n",
}


@pytest.fixture(scope="module")
def scripts(tmp_path_factory) -> Path:
    from contextlib import redirect_stdout

    folder = tmp_path_factory.mktemp("scripts")
    for shell in SHELLS:
        with open(folder / shell, "w", encoding="utf-8") as out, redirect_stdout(out):
            assert cli.main(["completion", shell]) == 0
    return folder


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "only report.txt").touch()
    (tmp_path / "a_folder").mkdir()
    (tmp_path / "a_file").touch()
    return tmp_path


def typed(shell: str, line: str, scripts: Path, folder: Path) -> str:
    """What is run when ``line``, with Tabs in it, is typed: its words, each in ``<>``."""
    command, ready = START[shell]
    functions = "".join(FUNCTIONS.get(shell, FUNCTIONS["sh"]).format(name=name) for name in ("summae", "summarize"))
    (folder / "start").write_text(functions + ready.format(script=scripts / shell))
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "dumb", "LC_ALL": "C.UTF-8", "PS1": "$ "}
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvpe(command[0], command, env)
    try:
        _until(terminal, b"READY\r", b" source start; echo REA''DY\r")
        out = _until(terminal, b">\r", line.encode() + b"\r")
    finally:
        os.close(terminal)
        os.waitpid(child, 0)
    return next(row for row in out.decode().splitlines()[::-1] if row.startswith("<"))


def _until(terminal: int, end: bytes, keys: bytes) -> bytes:
    """Type ``keys``; all that is shown until ``end``."""
    os.write(terminal, keys)
    seen = b""
    while end not in seen:
        assert select.select([terminal], [], [], 60)[0], f"nothing more comes: {seen!r}"
        seen += os.read(terminal, 1 << 16)
    return seen


LINES = {
    "summarize --form\tmark\t": "<summarize><--format><markdown>",
    "summarize --leng\tmed\t": "<summarize><--length><medium>",
    "summarize --words 5 only\t": "<summarize><--words><5><only report.txt>",
    "summarize --model a_\t": "<summarize><--model><a_folder>",
    "summae summ\t--quie\t": "<summae><summarize><--quiet>",
    "summae eval\t--basel\tlex\t": "<summae><evaluate><--baselines><lexrank>",
    "summae compl\tfi\t": "<summae><completion><fish>",
    "summae --ver\t": "<summae><--version>",
}


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("shell", SHELLS)
def test_the_tab_key(shell, line, scripts, folder):
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here")
    assert typed(shell, line, scripts, folder).replace("/>", ">") == LINES[line]


@pytest.mark.parametrize("shell", ["bash", "zsh"])  # fish knows options of one value only
def test_the_second_value_of_an_option(shell, scripts, folder):
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here")
    found = typed(shell, "summae evaluate --baselines lead lex\t", scripts, folder)
    assert found == "<summae><evaluate><--baselines><lead><lexrank>"


@pytest.mark.parametrize("shell", SHELLS)
def test_every_option_of_every_command_is_there(shell, scripts):
    """By another way than the scripts were made: what argparse prints as help."""
    text = (scripts / shell).read_text()
    for name in COMMANDS:
        parser = cli.one_command(name, name)
        flags = {word.strip("[],") for word in parser.format_help().split() if word.lstrip("[").startswith("--")}
        for flag in flags - {"--version"}:
            assert (f"-l {flag[2:]} " if shell == "fish" else flag) in text, (name, flag)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_one(shell, scripts):
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here")
    done = subprocess.run([shell, "-n", scripts / shell], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def bash_offers(scripts: Path, *words: str) -> list[str]:
    """What bash would offer for the last of ``words``, split as bash splits a line."""
    code = f'source {scripts}/bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _summae; echo "${{COMPREPLY[@]}}"'
    return subprocess.run(["bash", "-c", code, "bash", *words], capture_output=True, text=True).stdout.split()


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
def test_what_bash_offers(scripts):
    assert bash_offers(scripts, "summae", "") == [*COMMANDS, "-h", "--help", "--version"]
    assert bash_offers(scripts, "/usr/bin/summarize", "--format", "") == ["text", "markdown", "json", "jsonl"]
    assert bash_offers(scripts, "summarize", "--format", "=") == ["text", "markdown", "json", "jsonl"]
    assert bash_offers(scripts, "summarize", "--format", "=", "js") == ["json", "jsonl"]
    assert bash_offers(scripts, "summarize", "--words", "") == bash_offers(scripts, "summarize", "") == []
    assert bash_offers(scripts, "summae", "export", "--") == ["--help"]
    assert "--quiet" in bash_offers(scripts, "summarize", "--words", "8", "--")


def test_another_shell_is_a_usage_error(capsys):
    assert cli.main(["completion", "tcsh"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("summae completion: error: argument shell: invalid choice: 'tcsh'")
