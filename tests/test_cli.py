"""The command lines as a user meets them: output, notes and exit codes, each checked on its own.

Where the model is not the point, a fake stands in for ``summae.summarizing.summarizer``: it keeps the first words.
"""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import types
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import ClassVar

import handmade
import pytest

from summae import cli
from summae.commands.looking import Look
from summae.errors import CheckpointError
from summae.summarizing.length import Length

ROOT = Path(__file__).parent.parent
HEAVY = {
    "torch",
    "transformers",
    "accelerate",
    "datasets",
    "numpy",
    "onnxruntime",
    "tokenizers",
    "yaml",
    "typer",
}
TEXT = "The old bridge is closed. It will open in May.\n"


@dataclass
class FakeSummary:
    text: str
    scores: dict[str, float] = field(default_factory=lambda: {"reconstruction": 0.5})
    note: str | None = None
    abbreviations: ClassVar[dict[str, str]] = {}

    def to_dict(self) -> dict:
        return asdict(self)


class FakeSummarizer:
    loaded: ClassVar[list[tuple[str | None, str]]] = []

    @classmethod
    def load(cls, model: str | None = None, backend: str = "auto", weights: object = None) -> FakeSummarizer:
        if model == "unknown":
            raise CheckpointError("unknown: no such model directory")
        if model == "full":
            raise OSError(28, "No space left on device", "/tmp/cache")
        cls.loaded.append((model, backend))
        return cls()

    def summarize(self, texts: list[str], words: Length | None = None) -> list[FakeSummary]:
        return [self._one(text, words.amount if words else 3) for text in texts]

    def candidates(self, texts: list[str], words: int | None = None, *, count: int) -> list[list[FakeSummary]]:
        return [[self._one(text, (words or 3) - less) for less in range(count)] for text in texts]

    @staticmethod
    def _one(text: str, words: int) -> FakeSummary:
        if len(text.split()) <= words:
            return FakeSummary(text, note="too short to summarise, given back as it is")
        return FakeSummary(" ".join(text.split()[:words]))


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakeSummarizer]:
    module = types.ModuleType("summae.summarizing.summarizer")
    module.Summarizer = FakeSummarizer  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "summae.summarizing.summarizer", module)
    monkeypatch.setattr(FakeSummarizer, "loaded", [])
    return FakeSummarizer


@pytest.fixture
def text_file(tmp_path: Path) -> str:
    (tmp_path / "a.txt").write_text(TEXT)
    return str(tmp_path / "a.txt")


def give(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


DRIVER = """
import sys, types
sys.path[:0] = ["tests", "."]
import test_cli
module = types.ModuleType("summae.summarizing.summarizer")
module.Summarizer = test_cli.FakeSummarizer
sys.modules["summae.summarizing.summarizer"] = module
from summae.cli import summarize_main
sys.exit(summarize_main())
"""


def spawn(code: str, *args: str, **options: object) -> subprocess.CompletedProcess:
    """A real process running ``code`` with ``args``."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
    command = [sys.executable, "-c", code, *args]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.run(command, cwd=ROOT, env=env, timeout=60, check=False, **{**pipes, **options})


# -- summarize ----------------------------------------------------------------------------------------------


def test_a_file(fake: type, text_file: str, capsys: pytest.CaptureFixture) -> None:
    assert cli.summarize_main([text_file]) == 0
    assert capsys.readouterr() == ("The old bridge\n", "")
    assert fake.loaded == [(None, "auto")]


@pytest.mark.parametrize("args", [[], ["-"]])
def test_standard_input(
    fake: type, args: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    give(monkeypatch, TEXT.encode())
    assert cli.summarize_main([*args, "--words", "4", "--model", "m", "--backend", "onnx"]) == 0
    assert capsys.readouterr() == ("The old bridge is\n", "")
    assert fake.loaded == [("m", "onnx")]


def test_summae_summarize_is_the_same(fake: type, text_file: str, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["summarize", text_file]) == 0
    assert capsys.readouterr().out == "The old bridge\n"


def test_json_has_scores_and_source(fake: type, text_file: str, capsys: pytest.CaptureFixture) -> None:
    assert cli.summarize_main([text_file, "--json"]) == 0
    out, err = capsys.readouterr()
    expected = {"text": "The old bridge", "scores": {"reconstruction": 0.5}, "note": None, "unsupported": []}
    assert json.loads(out) == {"source": text_file, **expected}
    assert err == ""


def test_several_files_are_one_line_each(fake: type, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    names = []
    for number in range(20):
        path = tmp_path / f"{number}.txt"
        path.write_text(f"text {number} goes on\n" if number else "two\nlines\n")
        names.append(str(path))
    assert cli.summarize_main(names) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == ["two lines", *(f"text {number} goes" for number in range(1, 20))]
    assert err == f"summarize: {names[0]}: too short to summarise, given back as it is\n"
    assert cli.summarize_main(["--json", *names]) == 0
    assert [json.loads(line)["source"] for line in capsys.readouterr().out.splitlines()] == names


def test_a_short_text_comes_back_as_it_is(
    fake: type, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    give(monkeypatch, b"Two\nlines.\n")
    assert cli.summarize_main([]) == 0
    assert capsys.readouterr() == (
        "Two\nlines.\n",
        "summarize: too short to summarise, given back as it is\n",
    )
    give(monkeypatch, b"Two\nlines.\n")
    assert cli.summarize_main(["--quiet"]) == 0
    assert capsys.readouterr() == ("Two\nlines.\n", "")


@pytest.mark.parametrize("words", ["0", "-1", "ten", "1.5", ""])
def test_wrong_word_counts(fake: type, words: str, text_file: str, capsys: pytest.CaptureFixture) -> None:
    assert cli.summarize_main([text_file, f"--words={words}"]) == 2
    what = f"argument --words: must be a whole number from 1, got '{words}'"
    assert capsys.readouterr() == ("", f"summarize: error: {what}; see 'summarize --help'\n")


def test_every_unreadable_file_is_named_and_the_rest_goes_on(
    fake: type, tmp_path: Path, text_file: str, capsys: pytest.CaptureFixture
) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "latin").write_bytes(b"caf\xe9")
    (tmp_path / "b.pdf").write_bytes(handmade.pdf([]))
    names = [str(tmp_path / name) for name in ("none", "empty", "latin", "b.pdf")]
    assert cli.summarize_main([*names, text_file]) == 2
    out, err = capsys.readouterr()
    assert out == "The old bridge\n"
    broken = "line 1, byte 3: not UTF-8 (byte 0xe9); convert it to UTF-8, or use --errors replace"
    scanned = "PDF without any text, perhaps scanned pages; run text recognition (OCR) first"
    assert err.splitlines() == [
        f"summarize: error: {names[0]}: no such file",
        f"summarize: error: {names[1]}: empty, nothing to read",
        f"summarize: error: {names[2]}: {broken}",
        f"summarize: error: {names[3]}: {scanned}",
    ]
    assert cli.summarize_main([names[2], "--errors", "replace"]) == 0
    assert capsys.readouterr().out == "caf\ufffd\n"


def test_no_model_is_loaded_when_nothing_can_be_read(fake: type, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    missing = [str(tmp_path / "none"), str(tmp_path / "nothing")]
    for names in (missing[:1], missing):
        assert cli.summarize_main(names) == 2
        assert capsys.readouterr() == ("", "".join(f"summarize: error: {name}: no such file\n" for name in names))
    assert fake.loaded == []


def test_a_folder(fake: type, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    for number in range(20):  # more than are read at once, a bad one among the first
        (tmp_path / f"{number:02}.txt").write_text(f"text {number} goes on\n" if number != 3 else "")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "page.html").write_text("<nav>Home</nav><p>A page<p>of the web")
    for name in "abcdefg":
        (tmp_path / f"{name}.jpg").touch()
    left_out = f"summarize: {tmp_path}: left out: a.jpg, b.jpg, c.jpg, d.jpg, e.jpg and 2 more"
    bad = f"summarize: error: {tmp_path}/03.txt: empty, nothing to read"
    numbers = [number for number in range(20) if number != 3]
    assert cli.summarize_main([str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out.splitlines() == [*(f"text {number} goes" for number in numbers), "A page of"]
    assert err.splitlines() == [left_out, bad]
    assert cli.summarize_main([str(tmp_path), "--json", "--quiet"]) == 2
    out, err = capsys.readouterr()
    sources = [*(f"{tmp_path}/{number:02}.txt" for number in numbers), f"{tmp_path}/sub/page.html"]
    assert [json.loads(line)["source"] for line in out.splitlines()] == sources
    assert err.splitlines() == [bad]
    assert len(fake.loaded) == 2


def test_an_empty_folder_beside_a_file(
    fake: type, tmp_path: Path, text_file: str, capsys: pytest.CaptureFixture
) -> None:
    (tmp_path / "empty").mkdir()
    assert cli.summarize_main([str(tmp_path / "empty"), text_file]) == 2
    out, err = capsys.readouterr()
    assert out == "The old bridge\n"
    assert err.startswith(f"summarize: error: {tmp_path}/empty: no file in it that can be read (.txt, .text, .pdf, ")
    assert err.count("\n") == 1


def test_a_missing_extra_is_named(
    fake: type, tmp_path: Path, text_file: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "pypdf", None)
    (tmp_path / "b.pdf").write_bytes(handmade.pdf(["A bridge."]))
    assert cli.summarize_main([str(tmp_path / "b.pdf"), text_file]) == 2
    line = f"summarize: error: {tmp_path}/b.pdf: reading PDF needs the extra 'pdf': pip install 'summae[pdf]'\n"
    assert capsys.readouterr() == ("The old bridge\n", line)


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["--model", "unknown"], "summarize: error: unknown: no such model directory\n"),
        (["--model", "full"], "summarize: error: No space left on device: /tmp/cache\n"),
        (["--backend", "jax"], "summarize: error: argument --backend: invalid choice: 'jax' (choose from "),
        (["--wor", "3"], "summarize: error: unrecognized arguments: --wor"),
    ],
)
def test_errors_are_one_line(
    fake: type, args: list[str], line: str, text_file: str, capsys: pytest.CaptureFixture
) -> None:
    assert cli.summarize_main([text_file, *args]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(line)
    assert err.count("\n") == 1


@pytest.mark.parametrize("model", [[], ["--backend", "torch"]])
def test_verbose_says_what_was_done_on_standard_error(
    model: list[str], tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    from summae.model.checkpoint import DEFAULT, EMBEDDED

    text = "The council closed the old bridge on Monday. Lorries must take the ferry till May."
    (tmp_path / "a.txt").write_text(text)
    args = [str(tmp_path / "a.txt"), str(tmp_path / "none"), *model, "--words", "5"]
    assert cli.summarize_main(args) == 2
    summary = capsys.readouterr().out
    assert cli.summarize_main([*args, "--verbose"]) == 2
    out, err = capsys.readouterr()
    assert out == summary and out.count("\n") == 1
    lines = [re.sub(r"\d+\.\d\d s", "? s", line.removeprefix("summarize: ")) for line in err.splitlines()]
    backend = "torch" if model else "onnx"
    name = json.loads((EMBEDDED / DEFAULT / "model.json").read_text())["name"]
    assert lines == [
        f"error: {tmp_path}/none: no such file",
        f"model {name} ({EMBEDDED / DEFAULT}), backend {backend}, loaded in ? s",
        "1 text summarised in ? s",
        f"{tmp_path}/a.txt: 15 words in 1 window to {len(summary.split())} words",
        "1 of 2 texts in ? s",
    ]
    assert cli.summarize_main([*args, "--verbose", "--quiet"]) == 2
    assert "argument --quiet: not allowed with argument --verbose" in capsys.readouterr().err


# -- what else summarize shows ------------------------------------------------------------------------------


def test_candidates_are_a_table(fake: type, text_file: str, capsys: pytest.CaptureFixture) -> None:
    assert cli.summarize_main([text_file, "--candidates", "2"]) == 0
    out, err = capsys.readouterr()
    head, *rows = out.splitlines()
    assert head.split() == ["merit", "coverage", "realism", "fluency", "generator", "length"]
    assert [row.strip() for row in rows] == ["The old bridge", "The old"]
    assert err == ""
    assert cli.summarize_main([text_file, "--candidates", "2", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert [each["text"] for each in record["candidates"]] == ["The old bridge", "The old"]
    assert record["text"] == "The old bridge"


def test_what_the_text_has_not_is_noted(
    fake: type, text_file: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(fake, "_one", staticmethod(lambda text, words: FakeSummary("The 40 bridges in Rome")))
    assert cli.summarize_main([text_file]) == 0
    assert capsys.readouterr() == ("The 40 bridges in Rome\n", "summarize: not in the text: 40, Rome\n")
    assert cli.summarize_main([text_file, "--quiet", "--candidates", "1"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[1].strip() == "The 40[?] bridges in Rome[?]"
    assert err == ""
    assert cli.summarize_main([text_file, "--quiet", "--json"]) == 0
    places = [{"start": 4, "end": 6, "text": "40"}, {"start": 18, "end": 22, "text": "Rome"}]
    assert json.loads(capsys.readouterr().out)["unsupported"] == places


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["--candidates", "0"], "argument --candidates: must be a whole number from 1 to 50, got '0'"),
        (["--candidates", "51"], "argument --candidates: must be a whole number from 1 to 50, got '51'"),
        (["--weights", "realistic=1"], "argument --weights: weight must be one of generator, coverage, realism, "),
        (["--weights", "coverage=x"], "argument --weights: weight 'coverage' must be a number, as in "),
        (["--color", "red"], "argument --color: invalid choice: 'red'"),
    ],
)
def test_wrong_options_are_one_line(
    fake: type, args: list[str], line: str, text_file: str, capsys: pytest.CaptureFixture
) -> None:
    assert cli.summarize_main([text_file, *args]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"summarize: error: {line}")


def test_most_candidates_is_the_same_on_the_command_line() -> None:
    from summae.commands.looking import MOST
    from summae.summarizing.summarizer import MOST_CANDIDATES

    assert MOST == MOST_CANDIDATES


def test_what_evaluate_offers_is_what_there_is() -> None:
    from summae.commands import evaluate
    from summae.evaluation.report import BUDGETS
    from summae.metrics.baselines import BASELINES

    assert (evaluate.BUDGETS, evaluate.BASELINES) == (BUDGETS, tuple(BASELINES))


def test_a_page_never_takes_the_place_of_another_file(
    fake: type, tmp_path: Path, text_file: str, capsys: pytest.CaptureFixture
) -> None:
    mine = tmp_path / "mine.html"
    mine.write_text("<p>my own page")
    (tmp_path / "folder.html").mkdir()
    for path, what in ((mine, "exists and was not written by summae"), (tmp_path / "folder.html", "is a folder")):
        assert cli.summarize_main([text_file, "--explain", str(path)]) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert err.startswith(f"summarize: error: {path}: {what}; name ")
    assert mine.read_text() == "<p>my own page"
    assert fake.loaded == []


@pytest.fixture
def real(tiny_checkpoint: Path, tmp_path: Path) -> list[str]:
    from conftest import SOURCES

    (tmp_path / "a.txt").write_text(" ".join(SOURCES[:3]))
    (tmp_path / "b.txt").write_text(SOURCES[3])
    return ["--model", str(tiny_checkpoint), "--words", "5", str(tmp_path / "a.txt")]


def test_explain_in_the_terminal(real: list[str], capsys: pytest.CaptureFixture) -> None:
    assert cli.summarize_main(real) == 0
    summary = capsys.readouterr().out
    assert cli.summarize_main([*real, "--explain"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"{summary}\n{real[-1]}: ")
    assert "bits saved:" in out.splitlines()[-1]
    assert "\x1b" not in out and err == ""
    for way in (["--explain", real[-1]], ["--explain", "--color", "never", real[-1]]):  # before the FILE, too
        assert cli.summarize_main([*real[:-1], *way]) == 0
        assert capsys.readouterr().out == out
    assert cli.summarize_main([*real, "--explain", "--color", "always"]) == 0
    coloured = capsys.readouterr().out
    assert coloured.startswith(summary) and "\x1b[" in coloured


def test_explain_as_a_page(real: list[str], tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    from lxml import html

    out = tmp_path / "deep" / "out.html"
    assert cli.summarize_main(real) == 0
    summary = capsys.readouterr()
    for _ in range(2):  # a page of ours may be written again
        assert cli.summarize_main([*real, "--explain", str(out)]) == 0
        assert capsys.readouterr() == summary
    both = [real[-1], str(tmp_path / "b.txt"), "--explain", str(out), "--candidates", "3"]  # the embedded model
    assert cli.summarize_main(both) == 0
    tree = html.parse(str(out))
    names = tree.xpath("//p[@class='source']")
    assert [each.text_content() for each in names] == [real[-1], str(tmp_path / "b.txt")]
    (rows,) = tree.xpath("//article[1]//details[summary='Alternatives']//table")
    assert len(rows.xpath(".//tr")) == 1 + 3


def test_an_interrupt_leaves_the_page_of_what_is_finished(
    real: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    from lxml import html

    from summae.commands import summarize

    def summaries(look: Look, summarizer: object, texts: list[str], words: object) -> list:
        if look.exhibits:
            raise KeyboardInterrupt
        return each(look, summarizer, texts, words)

    each = Look.summaries
    monkeypatch.setattr(Look, "summaries", summaries)
    monkeypatch.setattr(summarize, "AT_ONCE", 1)
    assert cli.summarize_main([*real, real[-1], "--explain", str(tmp_path / "out.html")]) == 130
    assert len(html.parse(str(tmp_path / "out.html")).xpath("//article")) == 1
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_explain_in_json(real: list[str], capsys: pytest.CaptureFixture) -> None:
    assert cli.summarize_main([*real, "--explain", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    explanation = record["explanation"]
    assert sum(token["bits"] for token in explanation["tokens"]) == pytest.approx(
        explanation["coverage_bits"], abs=0.001 * len(explanation["tokens"])
    )
    assert "candidates" not in record
    words = [each["word"] for each in explanation["rescued"]]
    assert words and all(word in record["summary"] for word in words)


# -- real processes -----------------------------------------------------------------------------------------


DOORS = {"summarize": ("summarize_main", []), "summae": ("main", [])} | {
    f"summae {name}": ("main", [name]) for name in cli.COMMANDS
}


@pytest.mark.parametrize("door", DOORS)
def test_help_imports_nothing_heavy(door: str) -> None:
    main, words = DOORS[door]
    code = f"""
import sys
from summae import cli
code = cli.{main}({[*words, "--help"]!r})
assert not {HEAVY!r} & set(sys.modules), {HEAVY!r} & set(sys.modules)
sys.exit(code)
"""
    done = spawn(code)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(f"usage: {door} [-h]".encode())
    assert b"\nexamples:\n  " in done.stdout and b"\x1b" not in done.stdout


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_shows_two_or_three_examples(name: str) -> None:
    assert 2 <= len(cli.COMMANDS[name].examples) <= 3, "EXAMPLES of its file, handed to Command in COMMANDS"


def test_no_file_and_a_terminal_is_a_usage_error() -> None:
    pty = pytest.importorskip("pty")
    terminal, other_end = pty.openpty()
    done = spawn(DRIVER, stdin=other_end)
    os.close(terminal)
    os.close(other_end)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"summarize: error: a FILE, or text on standard input, must be given; see")


def test_output_is_utf8_in_any_locale() -> None:
    text = "图书馆 开放 时间 延长 到 十点"
    env = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    done = spawn(DRIVER, input=text.encode(), env=env)
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, "图书馆 开放 时间\n", b"")


def unread(code: str, *args: str) -> tuple[int, bytes]:
    """Exit code and errors of a process whose output nobody reads."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = spawn(code, *args, stdout=write_end)
    os.close(write_end)
    return done.returncode, done.stderr


def test_nobody_reads_the_output(text_file: str) -> None:
    assert unread(DRIVER, text_file) == (141, b"")


#: Every command with what it does replaced by a line that is printed, or by what Ctrl-C raises.
STAND_IN = """
import sys
from dataclasses import replace
from summae import cli
def run(args):
    print("result")
    {what}
    return 0
name = sys.argv[1]
cli.COMMANDS[name] = replace(cli.COMMANDS[name], add_arguments=lambda parser: None, run=run)
sys.exit(cli.main())
"""


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_nobody_reads_the_output_of_any_command(name: str) -> None:
    assert unread(STAND_IN.format(what=""), name) == (141, b"")
    assert unread(STAND_IN.format(what=""), name, "--help") == (141, b"")


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_interrupting_any_command(name: str) -> None:
    done = spawn(STAND_IN.format(what="sys.stdout.flush(); raise KeyboardInterrupt"), name)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"result\n", b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk(text_file: str) -> None:
    with open("/dev/full", "wb") as full:
        done = spawn(DRIVER, text_file, stdout=full)
    assert (done.returncode, done.stderr) == (2, b"summarize: error: No space left on device\n")


def test_closed_standard_input() -> None:
    done = subprocess.run(
        ["sh", "-c", '"$0" -m summae summarize <&-', sys.executable],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"summae summarize: error: standard input: closed\n"


@pytest.mark.parametrize("args", [["{}"], ["{}", "--json"], ["--version"], ["--help"]])
def test_closed_standard_output(args: list[str], text_file: str) -> None:
    """A summary that nobody can see is an error, not a success."""
    command = ["sh", "-c", '"$0" "$@" >&-', sys.executable, "-c", DRIVER, *(each.format(text_file) for each in args)]
    done = subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (2, b"summarize: error: standard output: closed\n")


def test_an_interrupt_leaves_what_is_finished(tmp_path: Path) -> None:
    """Of 20 texts the 16 that are summarised together are out when Ctrl-C stops the others."""
    names = []
    for number in range(20):
        names.append(str(tmp_path / f"{number}.txt"))
        Path(names[-1]).write_text(f"text {number} goes on and on")
    stop = "test_cli.FakeSummarizer.summarize = stop\nfrom summae.cli"
    code = """
def stop(self, texts, words=None):
    if "text 16" in texts[0]:
        raise KeyboardInterrupt
    return [self._one(text, 2) for text in texts]
"""
    code = DRIVER.replace("from summae.cli", f"{code}{stop}")
    done = spawn(code, *names)
    assert (done.returncode, done.stderr) == (130, b"")
    assert done.stdout.decode().splitlines() == [f"text {number}" for number in range(16)]
    done = spawn(code, *names, "--format", "json")
    assert [each["text"] for each in json.loads(done.stdout)] == [f"text {number}" for number in range(16)]


def test_closed_standard_error(tmp_path: Path) -> None:
    """Notes go nowhere then, and never among the summaries."""
    (tmp_path / "a.txt").write_text("Two words.")
    command = ["sh", "-c", '"$0" "$@" 2>&-', sys.executable, "-c", DRIVER, str(tmp_path / "a.txt"), str(tmp_path / "b")]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, b"Two words.\n")


def test_interrupt(text_file: str) -> None:
    heard = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's '&' ignores it
    waiting = heard + "import time\ndef load(*_, **__):\n print('go', file=sys.stderr, flush=True)\n time.sleep(50)\n"
    code = DRIVER.replace("from summae.cli", waiting + "test_cli.FakeSummarizer.load = load\nfrom summae.cli")
    process = subprocess.Popen(
        [sys.executable, "-c", code, text_file], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    assert process.stderr.readline() == b"go\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, b"", b"")


@pytest.mark.parametrize("command", [["-m", "summae", "--help"], ["scripts/train.py", "--help"]])
def test_other_doors_open(command: list[str]) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=env, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"usage: ")


# -- the other commands -------------------------------------------------------------------------------------


@pytest.fixture
def train_calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    calls: list[tuple] = []
    module = types.ModuleType("summae.training.run")
    module.train = lambda *args: calls.append(args)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "summae.training.run", module)
    return calls


def test_train_hands_everything_on(train_calls: list[tuple], capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["train", "a.yaml"]) == 0
    args = ["a.yaml", "--set", "a.b=c", "d=1", "--set", "e=2", "--out", "o", "--fresh", "--stage", "warmup"]
    assert cli.main(["train", *args]) == 0
    assert cli.train_main(args) == 0
    full = (Path("a.yaml"), ["a.b=c", "d=1", "e=2"], Path("o"), False, "warmup")
    assert train_calls == [(Path("a.yaml"), [], None, True, None), full, full]
    assert capsys.readouterr() == ("", "")


def test_train_a_critic_only(
    train_calls: list[tuple], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    calls: list[tuple] = []
    module = types.ModuleType("summae.training.critic.stage")
    module.add_critic = lambda *args: calls.append(args)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "summae.training.critic.stage", module)
    assert cli.main(["train", "a.yaml", "--critic-of", "model", "--set", "a.b=c", "--out", "o", "--fresh"]) == 0
    assert (calls, train_calls) == ([(Path("model"), Path("a.yaml"), ["a.b=c"], Path("o"), False)], [])
    assert cli.main(["train", "a.yaml", "--critic-of", "model", "--stage", "critic"]) == 2
    assert "argument --stage: not allowed with argument --critic-of" in capsys.readouterr().err


def test_export_hands_the_directory_on(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Path] = []
    module = types.ModuleType("summae.model.onnx.export")
    module.export = calls.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "summae.model.onnx.export", module)
    assert cli.main(["export", "runs/a"]) == 0
    assert calls == [Path("runs/a")]


def test_evaluate_prints_the_table(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "h").write_text("a cat sat\nred dog\n")
    (tmp_path / "r").write_text("the cat sat\nred dog\n")
    given = ["--hypotheses", str(tmp_path / "h"), "--references", str(tmp_path / "r")]
    for door in (lambda args: cli.main(["evaluate", *args]), cli.evaluate_main):
        assert door(given) == 0
        out, err = capsys.readouterr()
        assert "| h | uncut | 83.3 [66.7, 100.0] |" in out  # (2/3 + 1) / 2
        assert "83.3" not in err
    assert cli.main(["evaluate", *given[:2]]) == 2
    assert capsys.readouterr() == ("", "summae evaluate: error: --hypotheses must come with --references\n")


def test_an_import_that_fails_on_purpose_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def refuse(parser: object) -> None:
        raise CheckpointError("two\nlines")

    monkeypatch.setitem(cli.COMMANDS, "export", replace(cli.COMMANDS["export"], add_arguments=refuse))
    assert cli.main(["export", "x"]) == 2
    assert capsys.readouterr() == ("", "summae: error: two lines\n")


@pytest.mark.parametrize("args", [[], ["sumarize"], ["train"], ["export"], ["train", "--set", "a=b"]])
def test_usage_errors(args: list[str], capsys: pytest.CaptureFixture) -> None:
    assert cli.main(args) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("summae")
    assert ": error: " in err


def test_version(capsys: pytest.CaptureFixture) -> None:
    assert cli.summarize_main(["--version"]) == 0
    assert cli.main(["--version"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["summarize", "summae"]
