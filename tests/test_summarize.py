"""``summarize`` with the embedded model: what is read, what is printed and noted, and what is refused."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import handmade
import pytest
from lxml import html

from summae import cli
from summae.commands import COMMANDS
from summae.commands.display import DisplayOptions
from summae.commands.parsers import one_command
from summae.explanation.terminal import Colors
from summae.summarizing.features import RANKED
from summae.summarizing.summarizer import Summarizer
from summae.summarizing.summary import TOO_SHORT

TEXT = "The council closed the old bridge on Monday. Lorries must take the ferry till May."
WORDS = ["--words", "5"]


@pytest.fixture(scope="module")
def summarizer() -> Summarizer:
    return Summarizer.load()


@pytest.fixture(scope="module")
def summary(summarizer: Summarizer) -> str:
    return summarizer.summarize([TEXT], 5)[0].text


@pytest.fixture
def text_file(tmp_path: Path) -> str:
    (tmp_path / "a.txt").write_text(TEXT)
    return str(tmp_path / "a.txt")


@pytest.fixture
def give(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Puts bytes on standard input."""
    return lambda data: monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def texts_in(folder: Path, count: int) -> list[str]:
    """So many files, each with a text that comes back as it is."""
    for number in range(count):
        (folder / f"{number:02}.txt").write_text(f"text {number}\n")
    return [str(folder / f"{number:02}.txt") for number in range(count)]


# -- one text and several -----------------------------------------------------------------------------------


def test_a_file(text_file: str, summary: str, capsys: pytest.CaptureFixture) -> None:
    for enter in (cli.summarize_main, lambda args: cli.main(["summarize", *args])):
        assert enter([text_file, *WORDS]) == 0
        assert capsys.readouterr() == (f"{summary}\n", "")


@pytest.mark.parametrize("args", [[], ["-"]])
def test_standard_input(args: list[str], give: Callable, summary: str, capsys: pytest.CaptureFixture) -> None:
    give(TEXT.encode())
    assert cli.summarize_main([*args, *WORDS]) == 0
    assert capsys.readouterr() == (f"{summary}\n", "")


def test_json_has_scores_and_source(text_file: str, summarizer: Summarizer, capsys: pytest.CaptureFixture) -> None:
    assert cli.summarize_main([text_file, "--json", *WORDS]) == 0
    (found,) = summarizer.summarize([TEXT], 5)
    record = json.loads(capsys.readouterr().out)
    assert record == {"source": text_file, **json.loads(json.dumps(found.to_dict())), "unsupported": []}


def test_several_files_are_one_line_each(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    names = texts_in(tmp_path, 20)  # more than are read at once
    Path(names[0]).write_text("two\nlines\n")
    assert cli.summarize_main(names) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == ["two lines", *(f"text {number}" for number in range(1, 20))]
    assert err.splitlines() == [f"summarize: {name}: {TOO_SHORT}" for name in names]
    assert cli.summarize_main(["--json", "--quiet", *names]) == 0
    assert [json.loads(line)["source"] for line in capsys.readouterr().out.splitlines()] == names


def test_a_short_text_comes_back_as_it_is(give: Callable, capsys: pytest.CaptureFixture) -> None:
    give(b"Two\nlines.\n")
    assert cli.summarize_main([]) == 0
    assert capsys.readouterr() == ("Two\nlines.\n", f"summarize: {TOO_SHORT}\n")
    give(b"Two\nlines.\n")
    assert cli.summarize_main(["--quiet"]) == 0
    assert capsys.readouterr() == ("Two\nlines.\n", "")


def test_what_the_text_has_not_is_noted(summarizer: Summarizer, text_file: str, capsys: pytest.CaptureFixture) -> None:
    """Whatever the model says of it; here that is nothing strange, so the table's marks are tried by themselves."""
    from summae.summarizing.summarizer import Summary

    strange = [Summary(text="The 40 bridges in Rome", scores={"score": -1.0})]
    head, row = DisplayOptions(None, False, True, Colors.NONE).table(strange, TEXT).splitlines()
    assert row.split()[0] == "-1.000" and row.endswith("  The 40[?] bridges in Rome[?]")


# -- what cannot be read ------------------------------------------------------------------------------------


def test_every_unreadable_file_is_named_and_the_rest_goes_on(
    tmp_path: Path, text_file: str, summary: str, capsys: pytest.CaptureFixture
) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "latin").write_bytes(b"caf\xe9")
    (tmp_path / "b.pdf").write_bytes(handmade.pdf([]))
    names = [str(tmp_path / name) for name in ("none", "empty", "latin", "b.pdf")]
    assert cli.summarize_main([*names, text_file, *WORDS]) == 2
    out, err = capsys.readouterr()
    assert out == f"{summary}\n"
    broken = "line 1, byte 3: not UTF-8 (byte 0xe9); convert it to UTF-8, or use --errors replace"
    scanned = "PDF without any text, perhaps scanned pages; run text recognition (OCR) first"
    assert err.splitlines() == [
        f"summarize: error: {names[0]}: no such file",
        f"summarize: error: {names[1]}: empty, nothing to read",
        f"summarize: error: {names[2]}: {broken}",
        f"summarize: error: {names[3]}: {scanned}",
    ]
    assert cli.summarize_main([names[2], "--errors", "replace", "--quiet"]) == 0
    assert capsys.readouterr().out == "caf\ufffd\n"


def test_no_model_is_loaded_when_nothing_can_be_read(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    missing = [str(tmp_path / "none"), str(tmp_path / "nothing")]
    assert cli.summarize_main([*missing, "--model", "nowhere"]) == 2
    assert capsys.readouterr() == ("", "".join(f"summarize: error: {name}: no such file\n" for name in missing))


def test_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    Path(texts_in(tmp_path, 20)[3]).write_text("")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "page.html").write_text("<nav>Home</nav><p>A page<p>of the web")
    for name in "abcdefg":
        (tmp_path / f"{name}.jpg").touch()
    left_out = f"summarize: {tmp_path}: left out: a.jpg, b.jpg, c.jpg, d.jpg, e.jpg and 2 more"
    bad = f"summarize: error: {tmp_path}/03.txt: empty, nothing to read"
    numbers = [number for number in range(20) if number != 3]
    assert cli.summarize_main([str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out.splitlines() == [*(f"text {number}" for number in numbers), "A page of the web"]
    assert [line for line in err.splitlines() if TOO_SHORT not in line] == [left_out, bad]
    assert cli.summarize_main([str(tmp_path), "--json", "--quiet"]) == 2
    out, err = capsys.readouterr()
    sources = [*(f"{tmp_path}/{number:02}.txt" for number in numbers), f"{tmp_path}/sub/page.html"]
    assert [json.loads(line)["source"] for line in out.splitlines()] == sources
    assert err.splitlines() == [bad]


def test_an_empty_folder_beside_a_file(
    tmp_path: Path, text_file: str, summary: str, capsys: pytest.CaptureFixture
) -> None:
    (tmp_path / "empty").mkdir()
    assert cli.summarize_main([str(tmp_path / "empty"), text_file, *WORDS]) == 2
    out, err = capsys.readouterr()
    assert out == f"{summary}\n"
    assert err.startswith(f"summarize: error: {tmp_path}/empty: no file in it that can be read (.txt, .text, .pdf, ")
    assert err.count("\n") == 1


# -- options ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "line"),
    [
        *((["--words", words], f"argument --words: must be a whole number from 1, got '{words}'") for words in "0x"),
        (["--words=-1"], "argument --words: must be a whole number from 1, got '-1'"),
        (["--words", "1.5"], "argument --words: must be a whole number from 1, got '1.5'"),
        (["--words="], "argument --words: must be a whole number from 1, got ''"),
        (["--words", "4", "--chars", "9"], "argument --chars: not allowed with argument --words"),
        (["--ratio", "20"], "argument --ratio: must be a share of the text above 0 and up to 1, such as 0.2"),
        (["--sentences", "0"], "argument --sentences: must be a whole number from 1, got '0'"),
        (["--length", "tiny"], "argument --length: invalid choice: 'tiny' (choose from "),
        (["--json", "--format", "markdown"], "argument --format: not allowed with argument --json"),
        (["--beams", "0"], "argument --beams: must be a whole number from 1, got '0'"),
        (["--backend", "jax"], "argument --backend: invalid choice: 'jax' (choose from "),
        (["--wor", "3"], "unrecognized arguments: --wor"),
        (["--model", "unknown"], "model must be a directory that "),
        (["--candidates", "0"], "argument --candidates: must be a whole number from 1 to 50, got '0'"),
        (["--candidates", "51"], "argument --candidates: must be a whole number from 1 to 50, got '51'"),
        (["--weights", "realistic=1"], "argument --weights: weight must be one of generator, coverage, realism, "),
        (["--weights", "coverage=x"], "argument --weights: weight 'coverage' must be a number, as in "),
        (["--color", "red"], "argument --color: invalid choice: 'red'"),
        (["--verbose", "--quiet"], "argument --quiet: not allowed with argument --verbose"),
    ],
)
def test_wrong_options_are_one_line(args: list[str], line: str, text_file: str, capsys: pytest.CaptureFixture) -> None:
    assert cli.summarize_main([text_file, *args]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"summarize: error: {line}")


@pytest.mark.parametrize(
    ("args", "length"),
    [
        (["--words", "4"], ("words", 4)),
        (["--sentences", "2"], ("sentences", 2)),
        (["--ratio", "20%"], ("ratio", 0.2)),
        (["--chars", "90"], ("chars", 90)),
        (["--length", "long"], ("sentences", 8)),
    ],
)
def test_lengths(args: list[str], length: tuple) -> None:
    asked = one_command(COMMANDS["summarize"], "summarize").parse_args(args).length_asked
    assert (asked.kind, asked.amount) == length


def test_the_defaults_of_the_command_are_those_of_the_call() -> None:
    from inspect import signature

    from summae.commands.arguments import BEAMS

    assert signature(Summarizer.summarize).parameters["beams"].default == BEAMS


def test_verbose_says_what_was_done_on_standard_error(
    text_file: str, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    from summae.model.checkpoint import DEFAULT, EMBEDDED

    assert cli.summarize_main([text_file, str(tmp_path / "none"), *WORDS, "--verbose"]) == 2
    out, err = capsys.readouterr()
    lines = [re.sub(r"\d+\.\d\d s", "? s", line.removeprefix("summarize: ")) for line in err.splitlines()]
    name = json.loads((EMBEDDED / DEFAULT / "model.json").read_text())["name"]
    assert lines == [
        f"error: {tmp_path}/none: no such file",
        f"model {name} ({EMBEDDED / DEFAULT}), backend onnx, loaded in ? s",
        "1 text summarised in ? s",
        f"{text_file}: 15 words in 1 window to {len(out.split())} words",
        "1 of 2 texts in ? s",
    ]


# -- what else it shows -------------------------------------------------------------------------------------


def test_candidates_are_a_table(text_file: str, summarizer: Summarizer, capsys: pytest.CaptureFixture) -> None:
    (found,) = summarizer.candidates([TEXT], 5, count=2)
    assert cli.summarize_main([text_file, "--candidates", "2", *WORDS]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["score", *RANKED]
    assert [row.split("  ")[-1] for row in rows] == [each.text for each in found]
    assert [row.split()[0] for row in rows] == [f"{each.scores['score']:.3f}" for each in found]
    assert cli.summarize_main([text_file, "--candidates", "2", "--json", *WORDS]) == 0
    record = json.loads(capsys.readouterr().out)
    assert [each["summary"] for each in record["candidates"]] == [each.text for each in found]
    assert record["summary"] == found[0].text


def test_weights_change_the_scores(text_file: str, summarizer: Summarizer, capsys: pytest.CaptureFixture) -> None:
    assert cli.summarize_main([text_file, "--json", *WORDS, "--weights", "coverage=0,generator=0,fluency=0"]) == 0
    assert json.loads(capsys.readouterr().out)["scores"]["score"] >= 0  # only what is never below 0 is left


def test_explain_in_the_terminal(text_file: str, summary: str, capsys: pytest.CaptureFixture) -> None:
    asked = [text_file, *WORDS]
    assert cli.summarize_main([*asked, "--explain"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"{summary}\n\n{text_file}: ")
    assert "bits saved:" in out.splitlines()[-1]
    assert "\x1b" not in out and err == ""
    assert cli.summarize_main([*WORDS, "--explain", "--color", "never", text_file]) == 0
    assert capsys.readouterr().out == out
    assert cli.summarize_main([*WORDS, "--color", "always", "--explain", text_file]) == 0  # before the FILE, too
    coloured = capsys.readouterr().out
    assert coloured.startswith(summary) and "\x1b[" in coloured


def test_explain_as_a_page(text_file: str, summary: str, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    out = tmp_path / "deep" / "out.html"
    assert cli.summarize_main([text_file, *WORDS, "--explain", str(out)]) == 0
    assert capsys.readouterr() == (f"{summary}\n", "")
    (tmp_path / "b.txt").write_text("A storm closed schools in the north of the country, officials said on Monday.")
    both = [text_file, str(tmp_path / "b.txt"), "--explain", str(out), "--candidates", "3"]
    assert cli.summarize_main(both) == 0, "a page of ours may be written again"
    tree = html.parse(str(out))
    names = tree.xpath("//p[@class='source']")
    assert [each.text_content() for each in names] == [text_file, str(tmp_path / "b.txt")]
    (rows,) = tree.xpath("//article[1]//details[summary='Alternatives']//table")
    assert len(rows.xpath(".//tr")) == 1 + 3


def test_an_interrupt_leaves_the_page_of_what_is_finished(summarizer: Summarizer, tmp_path: Path) -> None:
    summaries = summarizer.summarize([TEXT], 5)
    display = DisplayOptions(tmp_path / "out.html", heat_map=False, candidates=False, colors=Colors.NONE)
    with pytest.raises(KeyboardInterrupt), display:
        display.explain(summarizer, "a.txt", TEXT, summaries)
        raise KeyboardInterrupt
    assert len(html.parse(str(tmp_path / "out.html")).xpath("//article")) == 1


def test_a_page_never_takes_the_place_of_another_file(
    tmp_path: Path, text_file: str, capsys: pytest.CaptureFixture
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


def test_explain_in_json(text_file: str, capsys: pytest.CaptureFixture) -> None:
    assert cli.summarize_main([text_file, *WORDS, "--explain", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    explanation = record["explanation"]
    assert sum(token["bits"] for token in explanation["tokens"]) == pytest.approx(
        explanation["coverage_bits"], abs=0.001 * len(explanation["tokens"])
    )
    assert "candidates" not in record
    words = [each["word"] for each in explanation["rescued"]]
    assert words and all(word in record["summary"] for word in words)
