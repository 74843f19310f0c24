"""Heat maps of explanations made by hand: what a terminal and a browser are given, hostile texts included."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from lxml import html

from summae.explanation.findings import (
    Attribution,
    ExplainedSentence,
    ExplainedToken,
    Explanation,
    UnsupportedWord,
)
from summae.explanation.heat import NEGATIVE_GAIN, shade, shaded_spans, visible
from summae.explanation.html_page import MARK, Exhibit, page
from summae.explanation.score_table import COLUMNS
from summae.explanation.terminal import Colors, colors, heat_map, marked

HOSTILE = [
    "<script>alert(1)</script> & \"quotes\" 'n' </span></style><img src=x onerror=alert(2)> end",
    "a lone \ud83d half, a NUL \x00, an escape \x1b[31m red \x9b2J and a bell \x07",
    "表情 😀👨\u200d👩\u200d👧 我国经济增长很快。\u2028新的一行",
    "שלום עולם, \u202emirror\u202c مرحبا بالعالم 123",
    "{w0-0} %s {{braces}} ]]> <!-- comment --> &lt;already&gt; &amp;",
    "",
]


def explained(text: str, summary: str, bits=lambda number: 5.0 * number - 5.0, **rest) -> Explanation:
    """Every run of letters is a token of ever more bits; every line a sentence, the odd ones lost; each word of the
    summary has the first two tokens attributed to it.
    """
    tokens = tuple(
        ExplainedToken(start=match.start(), end=match.end(), bits=bits(number))
        for number, match in enumerate(re.finditer(r"\S+", text))
    )
    sentences = tuple(
        ExplainedSentence(start=match.start(), end=match.end(), coverage=0.3 - 0.3 * (number % 2), lost=number % 2 == 1)
        for number, match in enumerate(re.finditer(r".*\S", text))
    )
    gains = (9.0, 7.5)[: len(tokens)]
    attributions = tuple(
        Attribution(word=match.group(), start=match.start(), end=match.end(), bits=16.5, gains=gains,
                tokens=tuple(range(len(gains))))
        for match in re.finditer(r"\S+", summary)
    )  # fmt: skip
    values = {"coverage": 0.118, "coverage_bits": 203.2, "unsupported": (), **rest}
    return Explanation(
        text=text, summary=summary, tokens=tokens, sentences=sentences, attributions=attributions, **values
    )


PLAIN = explained("zero one two\nthree four\n\nfive six seven eight nine", "New words")


# -- what both share ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bits", "expected"),
    [
        (-4.0, NEGATIVE_GAIN),
        (-3.9, 0),
        (0, 0),
        (3.9, 0),
        (4, 1),
        (7.9, 1),
        (8, 2),
        (16, 3),
        (31.9, 3),
        (32, 4),
        (999, 4),
    ],
)
def test_each_shade_is_twice_the_one_before(bits, expected):
    assert shade(bits) == expected


@pytest.mark.parametrize("text", [*HOSTILE, PLAIN.text, "  \n leading and trailing \r\n"])
def test_shaded_spans_are_the_whole_text(text):
    explanation = explained(text, "x")
    found = list(shaded_spans(explanation))
    assert "".join(each.text for each in found) == visible(text) and len(visible(text)) == len(text)
    assert [each.token for each in found if each.token is not None] == list(range(len(explanation.tokens)))


# -- the terminal -------------------------------------------------------------------------------------------


def test_without_colours_there_are_marks():
    assert heat_map(PLAIN, Colors.NONE, "a.txt").splitlines() == [
        "a.txt: 11.8% of the text's information kept (203 bits), 1 of 3 sentences lost",
        "",
        "zero⁻ one two¹",
        "✗ three² four²",
        "",
        "five³ six³ seven³ eight⁴ nine⁴",
        "",
        "  New     +16 bits  zero one",
        "  words   +16 bits  zero one",
        "",
        "bits saved: 4¹ 8² 16³ 32⁴ or more · negative gain⁻ · ✗ sentence lost",
    ]


@pytest.mark.parametrize("use", [Colors.INDEXED, Colors.TRUE])
def test_with_colours_the_text_is_the_same(use):
    shown = heat_map(PLAIN, use)
    plain = re.sub(r"\x1b\[[\d;]*m", "", shown)
    assert "zero one two\n✗ three four\n\nfive six seven eight nine\n" in plain
    body = shown.split("\n\n")[1]
    painted = re.findall(r"\x1b\[([\d;]+)m(three four|two)\x1b\[0m", body)
    assert [text for _, text in painted] == ["two", "three four"], "neighbours of one shade are painted together"
    assert len({paint for paint, _ in painted}) == 2
    assert all(line.count("\x1b[") % 2 == 0 for line in shown.splitlines()), "no colour runs over a line's end"
    assert ("48;2;" in shown, "48;5;" in shown) == (use is Colors.TRUE, use is Colors.INDEXED)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_sends_no_control_codes(text):
    shown = heat_map(explained(text, text or "x"), Colors.NONE, text)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]", shown)
    shown.encode()


def test_what_the_text_has_not_is_marked():
    unsupported = (UnsupportedWord(start=4, end=6, text="40"),)
    assert marked("Man 40 held", unsupported, Colors.NONE) == "Man 40[?] held"
    shown = heat_map(explained("A man held", "Man 40 held", unsupported=unsupported), Colors.NONE)
    assert "\n  40[?]   +16 bits" in shown and shown.endswith("[?] not in the text\n")


def test_a_long_text_says_how_much_was_read():
    assert "\n(the text is long: 25% of it was looked at" in heat_map(explained("a b", "a", read=0.25), Colors.NONE)
    assert "looked at" not in heat_map(PLAIN, Colors.NONE)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("choice", "stream", "environment", "expected"),
    [
        ("auto", Terminal(), {}, Colors.INDEXED),
        ("auto", Terminal(), {"COLORTERM": "truecolor"}, Colors.TRUE),
        ("auto", Terminal(), {"NO_COLOR": "1", "COLORTERM": "truecolor"}, Colors.NONE),
        ("auto", Terminal(), {"NO_COLOR": ""}, Colors.INDEXED),  # no-color.org: "when present and not an empty string"
        ("auto", Terminal(), {"TERM": "dumb"}, Colors.NONE),
        ("auto", io.StringIO(), {"COLORTERM": "truecolor"}, Colors.NONE),
        ("always", io.StringIO(), {"NO_COLOR": "1"}, Colors.INDEXED),
        ("never", Terminal(), {}, Colors.NONE),
    ],
)
def test_colours_only_where_they_are_wanted(choice, stream, environment, expected):
    assert colors(choice, stream, environment) is expected


# -- the page -----------------------------------------------------------------------------------------------


class Strict(HTMLParser):
    """Opened tags are closed in order; remembers elements and attributes."""

    VOID = ("meta", "!doctype")

    def __init__(self, source: str):
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "main", "article", "header", "footer", "h1", "h2", "p", "bdi"),
    *("span", "sup", "mark", "div", "ul", "li", "b", "i", "details", "summary", "table", "tr", "th", "td"),
}


def text_of(element) -> str:
    for hidden in element.xpath(".//*[@class='cross']"):
        hidden.drop_tree()
    return element.text_content()


@pytest.mark.parametrize("summary", [*HOSTILE[:-1], "New words"])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_text(text, summary):
    unsupported = (UnsupportedWord(start=0, end=3, text=summary[:3]),)
    source = page([Exhibit(text, explained(text, summary, note=text or None, unsupported=unsupported),
                           [(summary, {"score": -1.0}), (text, {"coverage": 0.5})])])  # fmt: skip
    parsed = Strict(source)
    assert parsed.seen <= ELEMENTS
    assert not {name for name in parsed.attributes if name.startswith("on") or name in ("src", "href", "srcset")}
    tree = html.document_fromstring(source.encode())  # and so it is UTF-8
    assert text_of(tree.xpath("//div[@class='text']")[0]) == visible(text)
    for element in tree.xpath("//h2//*[@class='tip' or name()='sup']"):
        element.drop_tree()
    assert tree.xpath("//h2")[0].text_content() == visible(summary)
    assert [each.text for each in tree.xpath("//tr/td[1][../td[8]]")] == [visible(summary), visible(text) or None]


def test_the_page_asks_nobody_and_runs_nothing():
    source = page([Exhibit("a.txt", PLAIN)])
    tree = html.document_fromstring(source)
    policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]
    assert not re.search(r"https?:|url\(|@import|<script|<link|<img", source)
    assert MARK in source[:1000]


def test_bits_are_said_in_words_and_words_light_up_what_is_attributed_to_them():
    tree = html.document_fromstring(page([Exhibit("a.txt", PLAIN), Exhibit("b.txt", PLAIN)]))
    first = tree.xpath("//article")[0]
    marks = {mark.text: (mark.get("class"), mark.get("title")) for mark in first.xpath(".//div[@class='text']//mark")}
    assert marks["zero"] == ("cold w0-0 w0-1", "-5.0 bits, attributed to New, words")
    assert marks["one"] == ("w0-0 w0-1", "+0.0 bits, attributed to New, words")
    assert marks["five"] == ("h3", "+20.0 bits") and marks["nine"] == ("h4", "+40.0 bits")
    words = first.xpath(".//h2/span[@tabindex='0']")
    assert [word.get("id") for word in words] == ["w0-0", "w0-1"]
    for word in words:
        (tip,) = first.xpath(f".//*[@id='{word.get('aria-describedby')}']")
        assert tip.text == "+16 bits. Attributed: zero (+9), one (+8)"
    style = tree.xpath("//style")[0].text
    for name in ("w0-0", "w0-1", "w1-0", "w1-1"):
        assert f"article:has(#{name}:is(:hover,:focus)) .text .{name}{{" in style
    assert len(tree.xpath("//@id")) == len(set(tree.xpath("//@id")))


def test_alternatives_stand_under_the_names_of_their_scores():
    scores = {name: 0.125 * place for place, name in enumerate(COLUMNS)}
    tree = html.document_fromstring(page([Exhibit("a.txt", PLAIN, [("one", scores), ("two", {"score": -2.0})])]))
    table = tree.xpath("//details[summary='Alternatives']//tr")
    head, *rows = [[cell.text_content() for cell in row] for row in table]
    assert head == ["summary", *scores]
    assert rows == [
        ["one", *(f"{value:.3f}" for value in scores.values())],
        ["two", "-2.000", *[""] * (len(COLUMNS) - 1)],
    ]


def test_lost_sentences_are_said_in_words():
    tree = html.document_fromstring(page([Exhibit("a.txt", PLAIN)]))
    (lost,) = tree.xpath("//div[@class='text']/span[@class='lost']")
    assert lost.get("title") == "lost: 0% of this sentence kept"
    assert lost.text_content() == "✗(lost) three four"
    kept = tree.xpath("//div[@class='text']/span[not(@class)]/@title")
    assert kept == ["30% of this sentence kept"] * 2
    assert "1 of 3 sentences lost" in tree.xpath("//ul[@class='figures']")[0].text_content()


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back"),
    [("ink", "card"), ("soft", "card"), ("soft", "paper"), ("accent", "card"), ("wrong", "card"), ("ink", "glow"),
     ("ink", "h1"), ("ink", "h2"), ("ink", "h3"), ("on-h4", "h4"), ("paper", "ink")],
)  # fmt: skip
def test_contrast_is_enough_to_read(mode, front, back):
    """At least 4.5 : 1, WCAG 2.2's level AA."""
    from summae.explanation.stylesheet import STYLE

    named = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{6})", re.split("@media", STYLE)[0 if mode == "light" else 1]))
    light, dark = sorted((luminance(named[front]), luminance(named[back])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_renderers_are_light():
    modules = "summae.explanation.html_page, summae.explanation.terminal"
    code = f"import sys, {modules}; print({{'numpy', 'torch'}} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"
