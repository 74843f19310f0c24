"""The heat map as a page: one file that asks no other host for anything and runs no script.

Its policy forbids both, so that not even a hostile text could. To point at a word of the summary, or to go there
with the keyboard, lights up what is attributed to it by style rules alone. Bits are said in words too, shades are
drawn as underlines as well, and what is attributed to each word stands in a table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from summae.explanation.findings import Attribution, Explanation
from summae.explanation.heat import (
    NEGATIVE_GAIN,
    SHADES,
    ShadedSpan,
    attributed_words,
    is_unsupported,
    lost_count,
    percent,
    read_share,
    shaded_spans,
    token_text,
    visible,
)
from summae.explanation.score_table import COLUMNS, figures
from summae.explanation.stylesheet import LIGHT, STYLE

MOST_NAMED = 12  # attributed words named in the table and the tips
SHORT = 300  # characters of a summary that stays in sight while the text is scrolled
MARK = '<meta name="generator" content="summae">'  # by which a page of ours is known
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True)
class Exhibit:
    """One text on the page; ``candidates``: (summary, scores), the explained one first, if there are several."""

    name: str
    explanation: Explanation
    candidates: Sequence[tuple[str, Mapping[str, float]]] = ()


def page(exhibits: Sequence[Exhibit]) -> str:
    """The whole page, UTF-8."""
    rules = "".join(
        LIGHT.format(_id(number, word))
        for number, exhibit in enumerate(exhibits)
        for word, attribution in enumerate(exhibit.explanation.attributions)
        if attribution.tokens
    )
    articles = "\n".join(_article(number, exhibit) for number, exhibit in enumerate(exhibits))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
{MARK}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="referrer" content="no-referrer">
<title>What the summary kept: {_text(", ".join(exhibit.name for exhibit in exhibits[:3]))}</title>
<style>{STYLE}{rules}</style>
</head>
<body>
<main>
<h1>What the summary kept of the text, and what it lost</h1>
{articles}
<footer>Bits are what a model saves in rebuilding the text, word by word, when it may read the summary.
Made by summae.</footer>
</main>
</body>
</html>
"""


def _article(number: int, exhibit: Exhibit) -> str:
    explanation = exhibit.explanation
    remarks = [remark for remark in (explanation.note, read_share(explanation)) if remark]
    return f"""<article aria-labelledby="s{number}">
<header{' class="short"' if len(explanation.summary) <= SHORT else ""}>
<p class="source"><bdi>{_text(exhibit.name)}</bdi></p>
<h2 id="s{number}" lang="" dir="auto">{_summary(number, explanation)}</h2>
{_figures(explanation)}
{"".join(f'<p class="note">{_text(remark)}</p>' for remark in remarks)}
</header>
<div class="text" lang="" dir="auto">{_map(number, explanation)}</div>
{_legend(explanation)}
{_words(explanation)}
{_candidates(exhibit.candidates)}
</article>"""


def _summary(number: int, explanation: Explanation) -> str:
    shown, place = [], 0
    for index, word in enumerate(explanation.attributions):
        shown.append(_text(explanation.summary[place : word.start]))
        shown.append(_word(_id(number, index), word, explanation))
        place = word.end
    return "".join([*shown, _text(explanation.summary[place:])])


def _word(name: str, word: Attribution, explanation: Explanation) -> str:
    shown = _text(word.word)
    if is_unsupported(explanation, word):
        shown = f'<span class="wrong" title="not in the text">{shown}<sup>?</sup></span>'
    if not word.tokens:
        return shown
    tip = f"{word.bits:+.0f} bits. Attributed: {_named(explanation, word)}"
    return (
        f'<span class="word" id="{name}" tabindex="0" aria-describedby="{name}t">{shown}'
        f'<span class="tip" id="{name}t" role="tooltip">{tip}</span></span>'
    )


def _figures(explanation: Explanation) -> str:
    width = f"{100 * min(max(explanation.coverage, 0.0), 1.0):.1f}%"
    items = [
        f'<span class="bar" aria-hidden="true"><i style="width:{width}"></i></span>'
        f"<b>{percent(explanation)}</b> of the information",
        f"<b>{explanation.coverage_bits:,.0f}</b> bits",
        lost_count(explanation),
    ]
    if explanation.unsupported:
        names = ", ".join(_text(each.text) for each in explanation.unsupported)
        items.append(f'<span class="wrong">not in the text: {names}</span>')
    return _list("figures", items)


def _map(number: int, explanation: Explanation) -> str:
    """The text; tokens that gained or are attributed to a word are marked, sentences that are lost are set apart."""
    words = attributed_words(explanation)
    shown: list[str] = []
    opened: int | None = None
    for span in shaded_spans(explanation):
        if span.sentence != opened:
            if opened is not None:
                shown.append("</span>")
            if span.sentence is not None:
                shown.append(_sentence(explanation, span.sentence))
            opened = span.sentence
        plain = span.token is None or (span.shade == 0 and span.token not in words)
        shown.append(_text(span.text) if plain else _mark(number, explanation, span, words))
    return "".join(shown) + ("</span>" if opened is not None else "")


def _sentence(explanation: Explanation, index: int) -> str:
    sentence = explanation.sentences[index]
    kept = f"{sentence.coverage:.0%} of this sentence kept"
    if not sentence.lost:
        return f'<span title="{kept}">'
    return f'<span class="lost" title="lost: {kept}"><span class="cross"><span aria-hidden="true">✗</span>' \
        '<span class="hidden">(lost) </span></span>'  # fmt: skip


def _mark(number: int, explanation: Explanation, span: ShadedSpan, words: Mapping[int, Sequence[int]]) -> str:
    assert span.token is not None
    by = words.get(span.token, ())
    kinds = [f"h{span.shade}"] if span.shade > 0 else ["cold"] if span.shade == NEGATIVE_GAIN else []
    kinds += [_id(number, word) for word in by]
    said = f"{explanation.tokens[span.token].bits:+.1f} bits"
    if by:
        said += ", attributed to " + ", ".join(_text(explanation.attributions[word].word) for word in by)
    return f'<mark class="{" ".join(kinds)}" title="{said}">{_text(span.text)}</mark>'


def _legend(explanation: Explanation) -> str:
    shades = "".join(f'<mark class="h{shade}">{bits:g}</mark>' for shade, bits in enumerate(SHADES, start=1))
    items = [f"bits saved: {shades} or more", '<span class="cold">negative gain</span>']
    if any(sentence.lost for sentence in explanation.sentences):
        items.append("✗ sentence lost")
    items.append("point at a word of the summary to see what is attributed to it")
    return _list("legend", items)


def _words(explanation: Explanation) -> str:
    rows = [[_text(word.word), f"{word.bits:+.1f}", _named(explanation, word)] for word in explanation.attributions]
    return _details("Word by word", ["word of the summary", "bits", "attributed to it in the text"], rows, numbers={1})


def _named(explanation: Explanation, word: Attribution) -> str:
    named = [
        f"{_text(token_text(explanation, token))} ({bits:+.0f})"
        for token, bits in zip(word.tokens[:MOST_NAMED], word.gains, strict=False)
    ]
    more = [f"{len(word.tokens) - MOST_NAMED} more"] if len(word.tokens) > MOST_NAMED else []
    return ", ".join(named + more) or "nothing"


def _candidates(candidates: Sequence[tuple[str, Mapping[str, float]]]) -> str:
    if len(candidates) < 2:
        return ""
    rows = [[_text(summary), *figures(scores)] for summary, scores in candidates]
    return _details("Alternatives", ["summary", *COLUMNS], rows, numbers=set(range(1, len(COLUMNS) + 1)))


def _details(title: str, head: list[str], rows: list[list[str]], numbers: set[int]) -> str:
    def cell(tag: str, column: int, content: str) -> str:
        kind = ' class="number"' if column in numbers else ""
        return f"<{tag}{kind}>{content}</{tag}>"

    lines = ["".join(cell("th", column, name) for column, name in enumerate(head))]
    lines += ["".join(cell("td", column, content) for column, content in enumerate(row)) for row in rows]
    table = "\n".join(f"<tr>{line}</tr>" for line in lines)
    return f'<details><summary>{title}</summary><div class="wide"><table>\n{table}\n</table></div></details>'


def _list(kind: str, items: list[str]) -> str:
    return f'<ul class="{kind}">' + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def _text(text: str) -> str:
    """Any text as HTML, in an element or a quoted attribute."""
    return escape(visible(text), quote=True)


def _id(exhibit: int, word: int) -> str:
    """Of a word of a summary, and the class of what is attributed to it."""
    return f"w{exhibit}-{word}"
