"""What ``summarize`` prints: the formats, read back by the libraries that define them."""

from __future__ import annotations

import json
import re

import pytest
from markdown_it import MarkdownIt

from summae.commands.console import say
from summae.commands.display import DisplayOptions
from summae.commands.printing import TextResult, printer
from summae.explanation.terminal import Colors
from summae.summarizing.summarizer import Summarizer, Summary

TEXTS = {
    "a.txt": "The council closed the bridge on Monday. It will open in May.",
    "b_*1*.txt": "1. Prices *rose* by <5% & more_of_it [see #3] ~~ok~~ `x` \\ $y$ |z|",
}
PLAIN = DisplayOptions(page=None, heat_map=False, candidates=False, colors=Colors.NONE)


def result(text: str, source: str = "-") -> TextResult:
    return TextResult(source, text, [Summary(text=text, scores={"words": 3}, note="a note")], None, PLAIN)


def printed(capsys, form: str, texts: dict[str, str] = TEXTS) -> str:
    """Of texts that are their own summaries."""
    with printer(form, several=len(texts) > 1) as show:
        for name, text in texts.items():
            show(result(text, name))
    return capsys.readouterr().out


def records() -> list[dict]:
    common = {"scores": {"words": 3}, "note": "a note", "unsupported": []}
    return [{"source": name, "summary": text, **common} for name, text in TEXTS.items()]


def test_text(capsys):
    assert printed(capsys, "text").splitlines() == list(TEXTS.values())


def test_jsonl_is_an_object_a_line(capsys):
    assert [json.loads(line) for line in printed(capsys, "jsonl").splitlines()] == records()


def test_json_is_one_array(capsys):
    assert json.loads(printed(capsys, "json")) == records()
    assert json.loads(printed(capsys, "json", {})) == []


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_neither_a_text_nor_its_name_acts_on_a_terminal(capsys, form):
    """Mails come from anywhere, and a short one comes back as it is; so do the names of files in messages."""
    out = printed(capsys, form, {"a\x1b[2J.txt": "Red \x1b[31malert\x07\x9b5m now."})
    say("no\x1b[2Jne.txt: no such file")
    err = capsys.readouterr().err
    assert "alert" in out and "no\N{REPLACEMENT CHARACTER}[2Jne.txt: no such file" in err
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", out + err)


def test_json_is_whole_when_the_run_is_interrupted(capsys):
    with pytest.raises(KeyboardInterrupt), printer("json", several=True) as show:
        show(result("A bridge", "a.txt"))
        raise KeyboardInterrupt
    assert [each["summary"] for each in json.loads(capsys.readouterr().out)] == ["A bridge"]


def test_nothing_is_printed_when_the_model_fails(capsys):
    with pytest.raises(ValueError, match="no model"), printer("json", several=True):
        raise ValueError("no model")
    assert capsys.readouterr().out == ""


def test_markdown_reads_as_the_texts(capsys):
    tokens = MarkdownIt().enable("strikethrough").enable("table").parse(printed(capsys, "markdown"))
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
    with printer("markdown", several=False) as show:
        show(result(text))
    tokens = MarkdownIt().parse(capsys.readouterr().out)
    assert [token.tag for token in tokens if token.nesting == 1] == ["h1", "p"]
    assert "".join(child.content for child in tokens[4].children or []) == " ".join(text.split())
    assert tokens[1].content == "standard input"


def test_alternatives_and_the_map_in_every_format(capsys):
    """The embedded model on a real text: markdown lists the alternatives and fences the map; JSON holds both."""
    text, summarizer = (
        "The council closed the old stone bridge over the river after floods. It opens in May.",
        Summarizer.load(),
    )
    (some,) = summarizer.candidates([text], 6, count=3)
    display = DisplayOptions(page=None, heat_map=True, candidates=True, colors=Colors.NONE)
    whole = TextResult("a.txt", text, some, display.explain(summarizer, "a.txt", text, some), display)
    for form in ("json", "markdown"):
        with printer(form, several=False) as show:
            show(whole)
    array, _, markdown = capsys.readouterr().out.partition("]\n# ")
    (record,) = json.loads(array + "]")
    names = [each["summary"] for each in record["candidates"]]
    assert len(set(names)) == 3 and record["summary"] == names[0] and record["explanation"]["coverage_bits"] > 0
    tokens = MarkdownIt().parse("# " + markdown)
    inline = [token for token in tokens if token.type == "inline"]
    assert ["".join(child.content for child in token.children or []) for token in inline] == ["a.txt", *names]
    (fence,) = (token for token in tokens if token.type == "fence")
    assert f"{100 * record['explanation']['coverage']:.1f}%" in fence.content
