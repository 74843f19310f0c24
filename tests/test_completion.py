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
from summae.commands.parsers import one_command

pty = pytest.importorskip("pty")

SHELLS = ("bash", "zsh", "fish")  # those tried here; shtab writes for tcsh and PowerShell, too

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
    "summae batch only\t": "<summae><batch><only report.txt>",
    "summae --ver\t": "<summae><--version>",
}


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("shell", SHELLS)
def test_the_tab_key(shell, line, scripts, folder):
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here")
    assert typed(shell, line, scripts, folder).replace("/>", ">") == LINES[line]


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
def test_the_second_value_of_an_option(scripts, folder):
    found = typed("bash", "summae evaluate --baselines lead lex\t", scripts, folder)
    assert found == "<summae><evaluate><--baselines><lead><lexrank>"


@pytest.mark.parametrize("shell", SHELLS)
def test_every_option_of_every_command_is_there(shell, scripts):
    """By another way than the scripts were made: what argparse prints as help."""
    text = (scripts / shell).read_text()
    for name in COMMANDS:
        parser = one_command(COMMANDS[name], name)
        flags = {word.strip("[],") for word in parser.format_help().split() if word.lstrip("[").startswith("--")}
        for flag in flags - {"--version"}:
            assert (f"-l {flag[2:]} " if shell == "fish" else flag) in text, (name, flag)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_one(shell, scripts):
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here")
    done = subprocess.run([shell, "-n", scripts / shell], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_another_shell_is_a_usage_error(capsys):
    assert cli.main(["completion", "ksh"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("summae completion: error: argument shell: invalid choice: 'ksh'")
