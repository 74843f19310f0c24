"""What ``summarize`` prints: the formats, read back by the libraries that define them."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from summae import cli
from summae.commands.looking import Look
from summae.commands.output import Result, opened
from summae.explanation.terminal import colors
from summae.summarizing.summarizer import Summarizer, Summary

TEXTS = {
    "a.txt": "The council closed the bridge on Monday. It will open in May.",
    "b_*1*.txt": "1. Prices *rose* by <5% & more_of_it [see #3] ~~ok~~ `x` \\ $y$ |z|",
}


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Two files in the working folder; the model's place is taken by the texts' own words."""
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    asked = []

    def summarize(texts, words=None):
        asked.append(words)
        return [Summary(text=text, scores={"words": 3}, note="a note") for text in texts]

    fake = type("Fake", (), {"summarize": staticmethod(summarize)})
    monkeypatch.setattr(Summarizer, "load", classmethod(lambda cls, *args, **options: fake))
    return asked


def result(text: str, source: str = "-") -> Result:
    look = Look(page=None, map=False, count=None, weights=None, colors=colors("never", sys.stdout, {}), search={})
    return Result(source, text, [Summary(text=text)], None, look)


def run(capsys, *args: str) -> str:
    assert cli.summarize_main([*TEXTS, "--quiet", *args]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def records() -> list[dict]:
    common = {"scores": {"words": 3}, "note": "a note", "unsupported": []}
    return [{"source": name, "summary": text, **common} for name, text in TEXTS.items()]


def test_text(files, capsys):
    assert run(capsys).splitlines() == run(capsys, "--format", "text").splitlines() == list(TEXTS.values())


@pytest.mark.parametrize("args", [("--json",), ("--format", "jsonl")])
def test_jsonl_is_an_object_a_line(files, capsys, args):
    assert [json.loads(line) for line in run(capsys, *args).splitlines()] == records()


def test_json_is_one_array(files, capsys):
    assert json.loads(run(capsys, "--format", "json")) == records()


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_neither_a_text_nor_its_name_acts_on_a_terminal(files, capsys, form, tmp_path):
    """Mails come from anywhere, and a short one comes back as it is; so do the names of files in messages."""
    (tmp_path / "a\x1b[2J.txt").write_text("Red \x1b[31malert\x07\x9b5m now.")
    assert cli.summarize_main(["a\x1b[2J.txt", "no\x1b[2Jne.txt", "--format", form]) == 2
    out, err = capsys.readouterr()
    assert "alert" in out and "no\N{REPLACEMENT CHARACTER}[2Jne.txt: no such file" in err
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", out + err)


def test_json_without_anything_read_is_an_empty_array(files, capsys):
    assert cli.summarize_main(["none", "--format", "json"]) == 2
    assert json.loads(capsys.readouterr().out) == []


def test_json_is_whole_when_the_run_is_interrupted(capsys):
    with pytest.raises(KeyboardInterrupt), opened("json", several=True) as show:
        show(result("A bridge", "a.txt"))
        raise KeyboardInterrupt
    assert [each["summary"] for each in json.loads(capsys.readouterr().out)] == ["A bridge"]


def test_nothing_is_printed_when_the_model_fails(capsys):
    with pytest.raises(ValueError, match="no model"), opened("json", several=True):
        raise ValueError("no model")
    assert capsys.readouterr().out == ""


def test_markdown_reads_as_the_texts(files, capsys):
    tokens = MarkdownIt().enable("strikethrough").enable("table").parse(run(capsys, "--format", "markdown"))
    shown = [
        (token.type, token.tag, "".join(child.content for child in inline.children or []))
        for token, inline in zip(tokens, tokens[1:], strict=False)
        if inline.type == "inline"
    ]
    expected = []
    for name, text in TEXTS.items():
        expected += [("heading_open", "h1", name), ("paragraph_open", "p", text)]
    assert shown == expected


@pytest.mark.parametrize("text", ["- a", "+ a", "---", "12) a", "1. a", "> a", "# a", "    a", "* a", "a\n===\nb"])
def test_markdown_of_what_looks_like_a_block_is_a_paragraph(text, capsys):
    with opened("markdown", several=False) as show:
        show(result(text))
    tokens = MarkdownIt().parse(capsys.readouterr().out)
    assert [token.tag for token in tokens if token.nesting == 1] == ["h1", "p"]
    assert "".join(child.content for child in tokens[4].children or []) == " ".join(text.split())
    assert tokens[1].content == "standard input"


def test_alternatives_and_the_map_in_every_format(capsys):
    """The embedded model on a real text: markdown lists the alternatives and fences the map; JSON holds both."""
    text = str(Path(__file__).resolve().parents[1] / "examples" / "support_ticket.txt")
    asked = [text, "--words", "8", "--quiet", "--candidates", "3", "--explain"]
    assert cli.summarize_main([*asked, "--format", "json"]) == 0
    (record,) = json.loads(capsys.readouterr().out)
    some = [each["summary"] for each in record["candidates"]]
    assert len(set(some)) == 3 and record["summary"] == some[0] and record["explanation"]["coverage_bits"] > 0
    assert cli.summarize_main([*asked, "--format", "markdown"]) == 0
    tokens = MarkdownIt().parse(capsys.readouterr().out)
    inline = [token for token in tokens if token.type == "inline"]
    assert ["".join(child.content for child in token.children or []) for token in inline] == [text, *some]
    (fence,) = (token for token in tokens if token.type == "fence")
    assert f"{100 * record['explanation']['coverage']:.1f}%" in fence.content


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
def test_lengths_are_handed_on(files, capsys, args, length):
    run(capsys, *args)
    assert [(asked.kind, asked.amount) for asked in files] == [length]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--words", "4", "--chars", "9"], "argument --chars: not allowed with argument --words"),
        (["--ratio", "20"], "argument --ratio: must be a share of the text above 0 and up to 1, such as 0.2"),
        (["--sentences", "0"], "argument --sentences: must be a whole number from 1, got '0'"),
        (["--length", "tiny"], "argument --length: must be one of short, medium, long, got 'tiny'"),
        (["--json", "--format", "markdown"], "argument --format: not allowed with argument --json"),
    ],
)
def test_wrong_lengths_and_formats_are_one_line(files, capsys, args, said):
    assert cli.summarize_main([*TEXTS, *args]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith(f"summarize: error: {said}") and err.count("\n") == 1


def test_a_wider_search_is_passed_on(monkeypatch, tmp_path, capsys):
    asked = []

    def summarize(texts, words=None, **search):
        asked.append(search)
        return [Summary(text=text) for text in texts]

    fake = type("Fake", (), {"summarize": staticmethod(summarize)})
    monkeypatch.setattr(Summarizer, "load", classmethod(lambda cls, *args, **options: fake))
    (tmp_path / "a.txt").write_text("A bridge")
    for args in ([], ["--beams", "8"]):
        assert cli.summarize_main([str(tmp_path / "a.txt"), "--quiet", *args]) == 0
    assert asked == [{}, {"beams": 8}]
    assert cli.summarize_main([str(tmp_path / "a.txt"), "--beams", "0"]) == 2
    assert "argument --beams: must be a whole number from 1, got '0'" in capsys.readouterr().err
