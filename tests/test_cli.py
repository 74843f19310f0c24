"""The entry points as a user meets them: output, notes and exit codes, in processes where they matter."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from summae import cli
from summae.commands import COMMANDS
from summae.commands.parsers import one_command
from summae.errors import CheckpointError

ROOT = Path(__file__).parent.parent
HEAVY = {"torch", "transformers", "accelerate", "datasets", "numpy", "onnxruntime", "tokenizers", "yaml", "shtab"}
SHORT = "Two words."  # comes back as it is


@pytest.fixture
def text_file(tmp_path: Path) -> str:
    (tmp_path / "a.txt").write_text(SHORT)
    return str(tmp_path / "a.txt")


def spawn(*args: str, shell: str = '"$0" "$@"', **options: object) -> subprocess.CompletedProcess:
    """A real process, ``python`` with ``args``; ``shell`` may redirect what it reads and says."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    command = ["sh", "-c", shell, sys.executable, *args]
    return subprocess.run(command, cwd=ROOT, env=env, timeout=60, check=False, **{**pipes, **options})


def unread(*args: str) -> tuple[int, bytes]:
    """Exit code and errors of a process whose output nobody reads."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = spawn(*args, stdout=write_end)
    os.close(write_end)
    return done.returncode, done.stderr


# -- help, version, usage -----------------------------------------------------------------------------------


def test_help_of_every_entry_point_imports_nothing_heavy() -> None:
    code = f"""
import sys
from summae import cli
assert cli.summarize_main(["--help"]) == cli.main(["--help"]) == 0
for name in cli.COMMANDS:
    assert cli.main([name, "--help"]) == 0
    print("heavy:", {HEAVY!r} & set(sys.modules))
    if name == "completion":
        assert set(sys.modules) & {HEAVY!r} == {{"shtab"}}  # its shells are those that shtab knows
"""
    done = spawn("-c", code)
    assert (done.returncode, done.stderr) == (0, b"")
    usages = [line.split(b" [")[0] for line in done.stdout.splitlines() if line.startswith(b"usage: ")]
    names = ["summarize", "summae", *(f"summae {name}" for name in COMMANDS)]
    assert usages == [f"usage: {name}".encode() for name in names]
    assert done.stdout.count(b"\nexamples:\n  ") == len(names) and b"\x1b" not in done.stdout
    assert [line for line in done.stdout.splitlines() if line.startswith(b"heavy:")][:-1] == [b"heavy: set()"] * 7


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_two_or_three_examples(name: str) -> None:
    assert 2 <= len(COMMANDS[name].examples) <= 3, "EXAMPLES of its file, handed to Command in COMMANDS"


@pytest.mark.parametrize("command", [["-m", "summae", "--help"], ["scripts/train.py", "--help"]])
def test_other_entry_points(command: list[str]) -> None:
    done = spawn(*command)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"usage: ")


def test_version(capsys: pytest.CaptureFixture) -> None:
    assert cli.summarize_main(["--version"]) == 0
    assert cli.main(["--version"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["summarize", "summae"]


@pytest.mark.parametrize("args", [[], ["sumarize"], ["train"], ["export"], ["train", "--set", "a=b"]])
def test_usage_errors(args: list[str], capsys: pytest.CaptureFixture) -> None:
    assert cli.main(args) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("summae")
    assert ": error: " in err


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (CheckpointError("two\nlines"), "two lines"),
        (OSError(28, "No space left on device", "/tmp/cache"), "No space left on device: /tmp/cache"),
    ],
)
def test_what_a_user_can_put_right_is_one_line(error: Exception, line: str, capsys: pytest.CaptureFixture) -> None:
    def refuse() -> None:
        raise error

    assert cli.guarded("summae", refuse, []) == 2
    assert capsys.readouterr() == ("", f"summae: error: {line}\n")


# -- standard input, output and error -----------------------------------------------------------------------


def test_no_file_and_a_terminal_is_a_usage_error() -> None:
    pty = pytest.importorskip("pty")
    terminal, other_end = pty.openpty()
    done = spawn("-m", "summae", "summarize", stdin=other_end)
    os.close(terminal)
    os.close(other_end)
    assert (done.returncode, done.stdout) == (2, b"")
    said = b"summae summarize: error: a FILE, or text on standard input, must be given; see"
    assert done.stderr.startswith(said)


def test_output_is_utf8_in_any_locale() -> None:
    text = "图书馆 开放"
    env = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    done = spawn("-m", "summae", "summarize", "--quiet", input=text.encode(), env=env)
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, f"{text}\n", b"")


def test_nobody_reads_the_output(text_file: str) -> None:
    assert unread("-m", "summae", "summarize", "--quiet", text_file) == (141, b"")
    assert unread("-m", "summae", "--help") == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk() -> None:
    done = spawn("-m", "summae", "--help", shell='"$0" "$@" >/dev/full')
    assert (done.returncode, done.stderr) == (2, b"summae: error: No space left on device\n")


def test_closed_standard_input() -> None:
    done = spawn("-m", "summae", "summarize", shell='"$0" "$@" <&-')
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"summae summarize: error: standard input: closed\n"


@pytest.mark.parametrize("args", [["{}", "--quiet"], ["--help"]])
def test_closed_standard_output(args: list[str], text_file: str) -> None:
    """A summary that nobody can see is an error, not a success."""
    done = spawn("-m", "summae", "summarize", *(each.format(text_file) for each in args), shell='"$0" "$@" >&-')
    assert done.returncode == 2
    assert done.stderr in (
        b"summae summarize: error: standard output: closed\n",
        b"summae: error: standard output: closed\n",
    )


def test_closed_standard_error(text_file: str, tmp_path: Path) -> None:
    """Notes go nowhere then, and never among the summaries."""
    done = spawn("-m", "summae", "summarize", text_file, str(tmp_path / "none"), shell='"$0" "$@" 2>&-')
    assert (done.returncode, done.stdout) == (2, f"{SHORT}\n".encode())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_an_interrupt_leaves_what_is_finished(tmp_path: Path) -> None:
    """Of 17 texts the 16 that are summarised together are out when Ctrl-C stops the wait for the last one."""
    names = [str(tmp_path / f"{number}.txt") for number in range(17)]
    for name in names[:-1]:
        Path(name).write_text(f"Text {Path(name).stem}")
    os.mkfifo(names[-1])  # nobody ever writes into it
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # a shell's '&' ignores it
    code = f"{heard}\nimport sys; from summae import cli; sys.exit(cli.summarize_main(sys.argv[1:]))"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, *names, "--format", "json", "--quiet"]
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    begun = b""
    while b'"Text 15"' not in begun:
        begun += os.read(process.stdout.fileno(), 1 << 16)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, b"")
    assert [each["summary"] for each in json.loads(begun + out)] == [f"Text {number}" for number in range(16)]


# -- the other commands; that they work is tested with their examples, in test_readme.py ---------------------


def test_what_train_is_told() -> None:
    args = ["a.yaml", "--set", "a.b=c", "d=1", "--set", "e=2", "--out", "o", "--fresh", "--stage", "warmup"]
    found = one_command(COMMANDS["train"], "train.py").parse_args(args)
    assert (found.config, found.set, found.out) == (Path("a.yaml"), ["a.b=c", "d=1", "e=2"], Path("o"))
    assert (found.fresh, found.stage, found.critic_of) == (True, "warmup", None)


def test_a_critic_is_no_stage(capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["train", "a.yaml", "--critic-of", "model", "--stage", "critic"]) == 2
    assert "argument --stage: not allowed with argument --critic-of" in capsys.readouterr().err


def test_what_evaluate_offers_is_what_there_is() -> None:
    from summae.commands import evaluate
    from summae.evaluation.comparison import BUDGETS
    from summae.metrics.baselines import BASELINES

    assert (evaluate.BUDGETS, evaluate.BASELINES) == (BUDGETS, tuple(BASELINES))


def test_evaluate_prints_the_table(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "h").write_text("a cat sat\nred dog\n")
    (tmp_path / "r").write_text("the cat sat\nred dog\n")
    given = ["--hypotheses", str(tmp_path / "h"), "--references", str(tmp_path / "r")]
    for enter in (lambda args: cli.main(["evaluate", *args]), cli.evaluate_main):
        assert enter(given) == 0
        out, err = capsys.readouterr()
        assert "| h | uncut | 83.3 [66.7, 100.0] |" in out  # (2/3 + 1) / 2
        assert "83.3" not in err
    assert cli.main(["evaluate", *given[:2]]) == 2
    assert capsys.readouterr() == ("", "summae evaluate: error: --hypotheses must come with --references\n")
