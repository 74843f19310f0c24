"""The whole way from texts to summaries: cut, choose, compress, judge, finish.

    >>> Summarizer.load().summarize(["A long text ..."], words=10)[0].text

A text no longer than asked for comes back as it is. Otherwise its windows (:mod:`summae.summarizing.document`) are
weighed by how much of the text each lets R rebuild (:mod:`summae.summarizing.plan`), the best are compressed by G
(:mod:`summae.summarizing.propose`), and the candidates are ranked by G, R, the short-text model and a critic, if there
is one, together (:mod:`summae.summarizing.features`). In the other style the candidates are shortenings of the windows
(:mod:`summae.summarizing.shortening`): the judges choose a window, and its preferred shortening is told. A length above
what G can say at once takes several lines: the text is split into as many equal stretches, each of them gives the line
of its best window, in document order. So the work of the networks grows with the summary, not with the text.

A summary is never empty, never above the length asked for (:mod:`summae.summarizing.length`), never longer than its
text; the same text gets the same summary whatever it is summarised with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from summae.decoding.search import Hypothesis
from summae.errors import InputError
from summae.model.backends import load_backend
from summae.model.backends.base import Backend
from summae.model.checkpoint import CRITIC, Checkpoint, open_checkpoint
from summae.summarizing.assemble import best_combinations
from summae.summarizing.centrality import Centrality
from summae.summarizing.document import Document, Window, read_document
from summae.summarizing.features import Evidence, Weights, merit
from summae.summarizing.length import Length, Limit
from summae.summarizing.plan import choose, choose_in_turn, weightiest
from summae.summarizing.propose import Compressor, Job
from summae.summarizing.rank import Judge, Sample
from summae.summarizing.shortening import by_preference, shortenings
from summae.summarizing.style import HEADLINE, Style, style_of
from summae.text.encoding import SourceEncoder
from summae.text.finishing import finish, join, normalize_for_critic
from summae.text.salience import DomainTables
from summae.text.words import budget_units

FINALISTS = 5  # windows that are compressed for a summary of one line …
LINE_FINALISTS = 5  # … and for each of several
FROM_EACH = 3  # candidates of each of several windows that are judged
MOST_CANDIDATES = 50
TOO_SHORT = "text too short to summarise: returned as it is"
EMPTY = "text is empty: there is nothing to summarise"
NOT_FOUND = "no summary found within the budget: words of the text instead"
UNFAMILIAR = "the model has hardly seen this language: the summary may be poor"
UNREADABLE = "the model does not know this script: words of the text instead"


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A summary, how good the model finds it, and a note when it is not what was asked for."""

    text: str
    #: ``words``; and of a written summary: ``coverage`` (share of the text's information that can be rebuilt
    #: from it), ``coverage_bits``, ``realism`` (how real a critic finds it, 0 to 1; 0.5: it could be either; missing if
    #: the model has no critic), ``fluency`` and ``generator`` (nats per piece, nearer to 0 is better; the latter is
    #: missing in a style that G does not write), ``length`` (share of the budget that is used) and ``merit`` (by which
    #: it was chosen: see :meth:`Summarizer.candidates`)
    scores: dict[str, float] = field(default_factory=dict)
    note: str | None = None
    #: abbreviations that a model may have used → what stands for them in the text
    abbreviations: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {"summary": self.text, "scores": self.scores, "note": self.note}


@dataclass(frozen=True)
class _Draft:
    """What may be said for a line, finished."""

    place: int  # of its window
    text: str
    ids: Sequence[int]
    log_prob: float = 0.0  # by G, if it has written it


_Part = tuple[str, Evidence]  # a line of a summary, and what speaks for it


@dataclass(frozen=True)
class _Line:
    """What is to be done for one line of a summary."""

    document: Document  # or a stretch of one
    centrality: Centrality  # in the whole document
    only: bool  # the summary has no other line: it may well tell what the text begins with
    sample: Sample
    limit: Limit
    jobs: list[Job]
    places: list[int]  # the windows of the jobs


@dataclass(frozen=True)
class _Plan:
    """What is to be done for one text."""

    document: Document
    limit: Limit
    style: Style
    lines: list[_Line]  # in document order
    abbreviations: dict[str, str]


@dataclass(frozen=True)
class Summarizer:
    """A loaded model. Make one with :meth:`load` and keep it: loading takes longer than summarising."""

    checkpoint: Checkpoint
    backend: Backend
    weights: Weights = field(default_factory=Weights)

    @classmethod
    def load(cls, model: str | Path | None = None, backend: str = "auto", weights: Weights | None = None) -> Summarizer:
        """``model``: a directory or the name of an embedded model; ``None``: the one that comes with summae.

        ``backend``: ``onnx``, ``torch``, or ``auto`` (ONNX if the model has been exported).
        Raises :class:`InputError` for a weight of realism other than the usual one, if the model has no critic.
        """
        checkpoint = open_checkpoint(model)
        loaded = cls(checkpoint, load_backend(checkpoint, backend), weights or Weights())
        if loaded.weights.realism != Weights().realism and not loaded.backend.has_critic:
            raise InputError(f"weight 'realism' must be left out: {_without_critic(loaded)}")
        return loaded

    @property
    def encoder(self) -> SourceEncoder:
        return self.checkpoint.encoder

    @property
    def salience(self) -> DomainTables:
        return self.checkpoint.salience

    @cached_property
    def compressor(self) -> Compressor:
        return Compressor(self.encoder, self.backend, self.checkpoint.manifest, self.checkpoint.wording_of)

    @cached_property
    def judge(self) -> Judge:
        return Judge(self.backend, self.checkpoint.manifest.max_summary_length)

    def summarize(
        self,
        texts: Sequence[str],
        words: int | Length | None = None,
        *,
        beams: int = 4,
        language: str | None = None,
        style: str = HEADLINE,
    ) -> list[Summary]:
        """One :class:`Summary` per text, of at most ``words`` words or another :class:`Length` (default: the model's
        own length).

        ``beams`` wide is the search (1: greedy); ``language``: code such as ``en``, for finding sentences; ``style``:
        one of :data:`~summae.summarizing.style.STYLES`.
        """
        return [found[0] for found in self._alternatives(texts, words, 1, beams, language, style)]

    def candidates(
        self,
        texts: Sequence[str],
        words: int | Length | None = None,
        *,
        count: int,
        beams: int = 4,
        language: str | None = None,
        style: str = HEADLINE,
    ) -> list[list[Summary]]:
        """Up to ``count`` different summaries of each text, best first: what :meth:`summarize` chooses from.

        ``scores["merit"]`` is what they are ranked by: the other scores, how early in the text it is told and how much
        of it other parts of the text tell too (:mod:`summae.summarizing.centrality`), added up
        under ``weights`` (a mean over the lines of a long summary). The search is ``count`` beams wide,
        if ``beams`` is less. In a style that G does not write, a shortening of a window gets at most the merit of those
        preferred to it. A text that comes back as it is, or whose words do for want of better, has one.
        Raises :class:`InputError` unless ``count`` is from 1 to ``MOST_CANDIDATES``.
        """
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST_CANDIDATES:
            raise InputError(f"count must be a whole number from 1 to {MOST_CANDIDATES}, got {count!r}")
        return self._alternatives(texts, words, count, beams, language, style)

    def read(self, text: str, language: str | None = None) -> Document:
        """The text as it is summarised: cut into windows."""
        return read_document(text, self.encoder, self.checkpoint.manifest.max_rebuilt_length - 1, language)

    def _alternatives(
        self,
        texts: Sequence[str],
        words: int | Length | None,
        count: int,
        beams: int,
        language: str | None,
        style: str,
    ) -> list[list[Summary]]:
        _check(texts, beams)
        how = style_of(style)
        length = Length.of(self.checkpoint.manifest.default_words if words is None else words)
        limits = [length.limit(text, self.checkpoint.manifest.longest_words) for text in texts]
        summaries = [_as_it_is(text, limit) for text, limit in zip(texts, limits, strict=True)]
        plans: dict[int, _Plan] = {}
        for place in (place for place, found in enumerate(summaries) if not found):
            document = self.read(texts[place], language)
            if document.windows and document.readable:
                plans[place] = self._plan(document, limits[place], how)
            else:  # nothing but marks, or nothing that the networks can read
                summaries[place] = [self._unread(document, limits[place])]
        lines = [line for plan in plans.values() for line in plan.lines]
        drafts = iter(self._telegrams(lines, beams, count) if how.written else map(self._shortenings, lines))
        for place, plan in plans.items():
            summaries[place] = self._chosen(plan, [next(drafts) for _ in plan.lines], count)
        return summaries

    # -- before and after the drafts ------------------------------------------------------------------------

    def _stretches(self, document: Document, limit: Limit) -> tuple[list[Document], list[Limit]]:
        """The parts of the text that get a line each, and the limits of these."""
        parts = min(limit.parts(self.checkpoint.manifest.longest_words), len(document.windows))
        return document.stretches(parts), limit.shared(parts)

    def _plan(self, document: Document, limit: Limit, style: Style) -> _Plan:
        stretches, limits = self._stretches(document, limit)
        longest = self.checkpoint.manifest.longest_words
        words = [min(each.ask, longest) for each in limits]
        if len(stretches) == 1:
            places, sample = choose(document, self.judge, self.encoder, count=FINALISTS, words=words[0])
            chosen = [(places, sample)]
        else:
            chosen = choose_in_turn(stretches, self.judge, self.encoder, count=LINE_FINALISTS, words=words)
        lines, centrality = [], Centrality(document)
        for stretch, each, (places, sample) in zip(stretches, limits, chosen, strict=True):
            pairs = [(place, ask) for place in places for ask in each.asks()]
            jobs = [Job(stretch.windows[place].text, ask) for place, ask in pairs]
            asked = [place for place, _ in pairs]
            lines.append(_Line(stretch, centrality, len(stretches) == 1, sample, each, jobs, asked))
        wording = self.checkpoint.wording_of(document.text)
        return _Plan(document, limit, style, lines, dict(wording.standing_for(document.text)))

    def _telegrams(self, lines: Sequence[_Line], beams: int, count: int) -> Iterator[list[_Draft]]:
        """For each line what G writes, in the order of the windows."""
        jobs = [job for line in lines for job in line.jobs]
        found = iter(self.compressor.candidates(jobs, max(beams, count)))
        for line in lines:
            most = max(FROM_EACH, count) if len(line.jobs) > 1 else None
            by_place = sorted([(place, next(found)[:most]) for place in line.places], key=_place)
            finished = [
                _Draft(place, self.finished(each, line.document.text, line.limit), each.ids, each.log_prob)
                for place, some in by_place
                for each in some
            ]
            yield [draft for draft in finished if draft.text]

    def _shortenings(self, line: _Line) -> list[_Draft]:
        """For a line the shortenings of its windows, in their order: the longest that fit, the preferred ones first."""
        windows, source = line.document.windows, line.document.text
        places = sorted(set(line.places))
        pairs = [(place, text) for place in places for text in shortenings(windows[place].text, source, line.limit)]
        every_ids = self.encoder.tokenizer.encode_batch([text for _, text in pairs])
        return [_Draft(place, text, ids) for (place, text), ids in zip(pairs, every_ids, strict=True)]

    def _chosen(self, plan: _Plan, drafts: list[list[_Draft]], count: int) -> list[Summary]:
        """``drafts`` of every line."""
        lines = [self._judged(some, line, plan.style) for line, some in zip(plan.lines, drafts, strict=True)]
        ways = best_combinations([line for line in lines if line], count)
        summaries = [_assembled(parts, total / max(len(parts), 1), plan) for total, parts in ways]
        written = {summary.text: summary for summary in summaries[::-1] if summary.note != NOT_FOUND}
        return [summary for summary in summaries if written.get(summary.text) is summary] or summaries[:1]

    def _judged(self, drafts: list[_Draft], line: _Line, style: Style) -> list[tuple[float, _Part]]:
        """(merit, (text, what speaks for it)) of different drafts."""
        different: dict[str, _Draft] = {}
        for draft in drafts:
            different.setdefault(draft.text, draft)
        if not different:
            return []
        texts, drafts = list(different), list(different.values())
        evidence = self.judge.evidence(
            [draft.ids for draft in drafts],
            [draft.log_prob for draft in drafts],
            [line.limit.used(text) for text in texts],
            [1 / (1 + draft.place) if line.only else 0.0 for draft in drafts],
            [line.centrality.of(each.text, line.document.windows[each.place], line.limit.ask) for each in drafts],
            line.sample,
            self.encoder.tokenizer.encode_batch([normalize_for_critic(text) for text in texts]),
        )
        merits = [merit(each, self.weights) for each in evidence]
        if not style.written:
            merits = by_preference(merits, [draft.place for draft in drafts])
        return list(zip(merits, zip(texts, evidence, strict=True), strict=True))

    def finished(self, draft: Hypothesis, source: str, limit: Limit) -> str:
        """The text of a draft as it may be shown; empty if it must not be: it breaks the limit, or is longer than
        its source.
        """
        text = finish(self.encoder.tokenizer.decode(draft.ids), source)
        return text if limit.allows(text) and len(text) <= len(source) else ""

    def _unread(self, document: Document, limit: Limit) -> Summary:
        """Of a text that the networks cannot read: words of each of its stretches, from the weightiest window on."""
        if not document.windows:
            return _extract([limit.cut(document.text)], document, limit, NOT_FOUND)
        pairs = zip(*self._stretches(document, limit), strict=True)
        openings = [_opening(stretch, weightiest(stretch), each) for stretch, each in pairs]
        return _extract(openings, document, limit, UNREADABLE)


def _without_critic(loaded: Summarizer) -> str:
    path = loaded.checkpoint.path
    if CRITIC in loaded.checkpoint.parts:
        return f"the ONNX form of {path} has no critic, write it anew with 'summae export {path}'"
    return f"{path} has no critic, 'summae train --critic-of' trains one"


def _check(texts: Sequence[str], beams: int) -> None:
    if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
        raise InputError("texts must be a list of strings")
    if isinstance(beams, bool) or not isinstance(beams, int) or beams < 1:
        raise InputError(f"beams must be a whole number from 1, got {beams!r}")


def _as_it_is(text: str, limit: Limit) -> list[Summary]:
    """The summary of a text that needs none; nothing of any other text."""
    if not limit.allows(text.strip()):
        return []
    units = len(budget_units(text))
    return [Summary(text=text.strip(), scores={"words": units}, note=TOO_SHORT if units else EMPTY)]


def _place(pair: tuple[int, list[Hypothesis]]) -> int:
    return pair[0]


def _opening(stretch: Document, window: Window, limit: Limit) -> str:
    """As many words of ``stretch`` as allowed, from ``window`` on."""
    found = limit.cut(stretch.text[window.start : stretch.windows[-1].end])
    text = finish(found, stretch.text)
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
    return Summary(text=text, scores={"words": len(budget_units(text))}, note=note)


def _assembled(parts: list[_Part], merit: float, plan: _Plan) -> Summary:
    text = _fitted([part for part, _ in parts], plan.limit, plan.document.text)
    if not text:
        openings = [_opening(line.document, line.document.windows[line.places[0]], line.limit) for line in plan.lines]
        return _extract(openings, plan.document, plan.limit, NOT_FOUND)
    every = [evidence for _, evidence in parts]
    real = [evidence.realism for evidence in every if evidence.realism is not None]
    scores = {
        "words": len(budget_units(text)),
        "coverage": sum(evidence.coverage for evidence in every) / len(plan.lines),  # each of its own stretch
        "coverage_bits": sum(evidence.bits for evidence in every),
        **({"realism": sum(real) / len(real)} if real else {}),
        "fluency": sum(evidence.fluency for evidence in every) / len(every),
        **({"generator": sum(evidence.generator for evidence in every) / len(every)} if plan.style.written else {}),
        "length": sum(evidence.length for evidence in every) / len(every),
        "merit": merit,
    }
    note = None if plan.document.familiar else UNFAMILIAR
    return Summary(
        text=text,
        scores={name: round(value, 4) for name, value in scores.items()},
        note=note,
        abbreviations={short: phrase for short, phrase in plan.abbreviations.items() if short in text},
    )
