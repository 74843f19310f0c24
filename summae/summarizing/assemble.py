"""Assembling: the ranked lines become one text, its scores and its note."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nlargest

from summae.summarizing.document import Document, Window
from summae.summarizing.features import SCORE, over_lines
from summae.summarizing.length import Limit
from summae.summarizing.plan import Plan, segments_of, weightiest
from summae.summarizing.rank import Ranked
from summae.summarizing.summary import (
    EMPTY,
    NOT_FOUND,
    PHRASE,
    TOO_SHORT,
    UNFAMILIAR,
    UNREADABLE,
    Scores,
    Summary,
)
from summae.text.finishing import finish, join
from summae.text.words import budget_units

DIGITS = 4  # behind the point, of a score


def as_it_is(text: str, limit: Limit) -> Summary | None:
    """The summary of a text that needs none; ``None`` for any other text."""
    if not limit.allows(text.strip()):
        return None
    units = len(budget_units(text))
    return Summary(text=text.strip(), scores=Scores(words=units), note=TOO_SHORT if units else EMPTY)


def unread(document: Document, limit: Limit, longest: int) -> Summary:
    """Of a text that the networks cannot read: words of each of its segments, from the weightiest window on."""
    if not document.windows:
        return _extract([limit.cut(document.text)], document, limit, NOT_FOUND)
    pairs = zip(*segments_of(document, limit, longest), strict=True)
    openings = [_opening(segment, weightiest(segment), each) for segment, each in pairs]
    return _extract(openings, document, limit, UNREADABLE)


def assemble(plan: Plan, lines: Sequence[Sequence[Ranked]], count: int, abbreviations: dict[str, str]) -> list[Summary]:
    """Up to ``count`` different summaries, best first, from what was ranked for every line; at least one."""
    ways = best_combinations([line for line in lines if line], count)
    summaries = [_assembled(parts, plan, abbreviations) for parts in ways]
    found = {summary.text: summary for summary in summaries[::-1] if summary.note != NOT_FOUND}
    return [summary for summary in summaries if found.get(summary.text) is summary] or summaries[:1]


def best_combinations(lines: Sequence[Sequence[Ranked]], count: int) -> list[list[Ranked]]:
    """The ``count`` best ways to choose one of each of ``lines``, best first.

    The score of a choice is the sum of its lines' scores. So the best ``count`` ways to choose the first k lines
    hold all that the best ways to choose k + 1 can begin with, and the work is lines · alternatives · ``count``,
    not alternatives to the power of lines. Ties go to what comes first.
    """
    ways: list[tuple[float, list[Ranked]]] = [(0.0, [])]
    for alternatives in lines:
        longer = [(total + each.score, [*way, each]) for total, way in ways for each in alternatives]
        ways = nlargest(count, longer, key=lambda way: way[0])
    return [way for _, way in ways]


def _assembled(parts: list[Ranked], plan: Plan, abbreviations: dict[str, str]) -> Summary:
    text = _fitted([part.proposal.text for part in parts], plan.limit, plan.document.text)
    if not text:
        openings = [_opening(line.segment, line.segment.windows[line.windows[0]], line.limit) for line in plan.lines]
        return _extract(openings, plan.document, plan.limit, NOT_FOUND)
    scores = {
        "words": len(budget_units(text)),
        **over_lines([part.features for part in parts], len(plan.lines)),
        SCORE: sum(part.score for part in parts) / len(parts),
    }
    return Summary(
        text=text,
        scores=Scores((name, round(value, DIGITS)) for name, value in scores.items()),
        note=_note(parts, plan),
        abbreviations={short: phrase for short, phrase in abbreviations.items() if short in text},
    )


def _note(parts: list[Ranked], plan: Plan) -> str | None:
    if any(part.proposal.phrase for part in parts):
        return PHRASE
    return None if plan.document.familiar else UNFAMILIAR


def _opening(segment: Document, window: Window, limit: Limit) -> str:
    """As many words of ``segment`` as allowed, from ``window`` on."""
    found = limit.cut(segment.text[window.start : segment.windows[-1].end])
    text = finish(found, segment.text)
    return text if text and limit.allows(text) else found


def _fitted(lines: list[str], limit: Limit, source: str) -> str:
    """The lines as one text, without repetitions; should it be too long for the limit or its source, without its
    last ones.
    """
    lines = list(dict.fromkeys(lines))
    while len(lines) > 1:
        text = join(lines)
        if limit.allows(text) and len(text) <= len(source):
            return text
        lines.pop()
    return "".join(lines)


def _extract(openings: list[str], document: Document, limit: Limit, note: str) -> Summary:
    """Words of the text, for want of better."""
    text = _fitted(openings, limit, document.text)
    return Summary(text=text, scores=Scores(words=len(budget_units(text))), note=note)
