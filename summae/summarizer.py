"""The whole way from texts to summaries: cut, choose, compress, judge, finish.

    >>> Summarizer.load().summarize(["A long text ..."], words=10)[0].text

A text of at most ``words`` words comes back as it is. Otherwise its windows (:mod:`summae.documents`) are
weighed by how much of the whole text each lets R rebuild (:mod:`summae.choosing`), the best are compressed
by G (:mod:`summae.compressing`), and the candidates are ranked by G, R and the short-text model together
(:mod:`summae.decoding.rerank`). Budgets above what G can say at once are shared by several windows, in
document order.

A summary is never empty, never above the budget, never longer than its text; the same text gets the same
summary whatever it is summarised with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from summae.alternatives import best_combinations
from summae.backends import load_backend
from summae.backends.base import Backend
from summae.checkpoint import Checkpoint, open_checkpoint
from summae.choosing import choose, weightiest
from summae.compressing import Compressor, Job
from summae.decoding.rerank import Evidence, Weights, merit
from summae.decoding.search import Candidate
from summae.documents import Document, read_document
from summae.errors import InputError
from summae.judging import Judge, Sample
from summae.text.encoding import SourceEncoder
from summae.text.finishing import cut, finish, join
from summae.text.salience import DomainTables
from summae.text.words import budget_units

FINALISTS = 3  # windows that are compressed for a one-part summary
FROM_EACH = 3  # candidates of each of several windows that are judged
MOST_PARTS = 8
MOST_CANDIDATES = 50
TOO_SHORT = "text too short to summarise: returned as it is"
EMPTY = "text is empty: there is nothing to summarise"
NOT_FOUND = "no summary found within the budget: words of the text instead"
UNREADABLE = "the model does not know this script: words of the text instead"


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A summary, how good the model finds it, and a note when it is not what was asked for."""

    text: str
    #: ``words``; and of a written summary: ``coverage`` (share of the text's information that can be rebuilt
    #: from it), ``coverage_bits``, ``fluency`` and ``generator`` (nats per piece, nearer to 0 is better), ``length``
    #: (share of the budget that is used) and ``merit`` (by which it was chosen: see :meth:`Summarizer.candidates`)
    scores: dict[str, float] = field(default_factory=dict)
    note: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"summary": self.text, "scores": self.scores, "note": self.note}


_Part = tuple[str, Evidence]  # a line of a summary, and what speaks for it


@dataclass(frozen=True)
class _Plan:
    """What is to be done for one text."""

    document: Document
    sample: Sample
    words: int
    jobs: list[Job]  # one for each part; or several for one part, of which the best is taken
    places: list[int]  # the windows of the jobs
    parts: int


@dataclass(frozen=True)
class Summarizer:
    """A loaded model. Make one with :meth:`load` and keep it: loading takes longer than summarising."""

    checkpoint: Checkpoint
    backend: Backend
    weights: Weights = field(default_factory=Weights)

    @classmethod
    def load(
        cls, model: str | Path | None = None, backend: str = "auto", weights: Weights | None = None
    ) -> Summarizer:
        """``model``: a directory or the name of an embedded model; ``None``: the one that comes with summae.

        ``backend``: ``onnx``, ``torch``, or ``auto`` (ONNX if the model has been exported).
        """
        checkpoint = open_checkpoint(model)
        return cls(checkpoint, load_backend(checkpoint, backend), weights or Weights())

    @property
    def encoder(self) -> SourceEncoder:
        return self.checkpoint.encoder

    @property
    def salience(self) -> DomainTables:
        return self.checkpoint.salience

    @cached_property
    def compressor(self) -> Compressor:
        return Compressor(self.encoder, self.backend, self.checkpoint.manifest)

    @cached_property
    def judge(self) -> Judge:
        return Judge(self.backend, self.checkpoint.manifest.max_summary_length)

    def summarize(
        self, texts: Sequence[str], words: int | None = None, *, beams: int = 4, language: str | None = None
    ) -> list[Summary]:
        """One :class:`Summary` of at most ``words`` words per text (default: the model's own length).

        ``beams`` wide is the search (1: greedy); ``language``: code such as ``en``, for finding sentences.
        """
        return [found[0] for found in self._alternatives(texts, words, 1, beams, language)]

    def candidates(
        self,
        texts: Sequence[str],
        words: int | None = None,
        *,
        count: int,
        beams: int = 4,
        language: str | None = None,
    ) -> list[list[Summary]]:
        """Up to ``count`` different summaries of each text, best first: what :meth:`summarize` chooses from.

        ``scores["merit"]`` is what they are ranked by: the other scores and how early in the text it is told,
        added up under ``weights`` (a mean over the lines of a long summary). The search is ``count`` beams wide,
        if ``beams`` is less. A text that comes back as it is, or whose words do for want of better, has one.
        Raises :class:`InputError` unless ``count`` is from 1 to ``MOST_CANDIDATES``.
        """
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST_CANDIDATES:
            raise InputError(f"count must be a whole number from 1 to {MOST_CANDIDATES}, got {count!r}")
        return self._alternatives(texts, words, count, beams, language)

    def _alternatives(
        self, texts: Sequence[str], words: int | None, count: int, beams: int, language: str | None
    ) -> list[list[Summary]]:
        words = self.checkpoint.manifest.default_words if words is None else words
        _check(texts, words, beams)
        summaries = [_as_it_is(text, words) for text in texts]
        plans: dict[int, _Plan] = {}
        for place in (place for place, found in enumerate(summaries) if not found):
            document = self._document(texts[place], language)
            if not document.windows:  # nothing but marks
                summaries[place] = [_extract(document, 0, words, NOT_FOUND)]
            elif not document.readable:
                start = weightiest(document, self.encoder).start
                summaries[place] = [_extract(document, start, words, UNREADABLE)]
            else:
                plans[place] = self._plan(document, words)
        jobs = [job for plan in plans.values() for job in plan.jobs]
        drafts = iter(self.compressor.candidates(jobs, max(beams, count)))
        for place, plan in plans.items():
            summaries[place] = self._written(plan, [next(drafts) for _ in plan.jobs], count)
        return summaries

    # -- before and after the search ------------------------------------------------------------------------

    def _document(self, text: str, language: str | None) -> Document:
        return read_document(text, self.encoder, self.checkpoint.manifest.max_rebuilt_length - 1, language)

    def _plan(self, document: Document, words: int) -> _Plan:
        longest = self.checkpoint.manifest.longest_words
        parts = min(-(-words // longest), len(document.windows), MOST_PARTS)
        count = parts if parts > 1 else FINALISTS
        places, sample = choose(
            document, self.judge, self.encoder, count=count, words=min(words, longest), spread=parts > 1
        )
        jobs = [Job(document.windows[place].text, words // parts) for place in places]
        return _Plan(document, sample, words, jobs, places, parts)

    def _written(self, plan: _Plan, found: list[list[Candidate]], count: int) -> list[Summary]:
        drafts = [
            [(place, candidate) for candidate in candidates]
            for place, candidates in sorted(zip(plan.places, found, strict=True), key=_place)
        ]
        if plan.parts == 1:
            most = max(FROM_EACH, count) if len(drafts) > 1 else None
            groups = [[draft for window in drafts for draft in window[:most]]]
        else:
            groups = drafts
        lines = [self._judged(group, plan) for group in groups]
        ways = best_combinations([line for line in lines if line], count)
        summaries = [_assembled(parts, total / max(len(parts), 1), plan) for total, parts in ways]
        written = {summary.text: summary for summary in summaries[::-1] if summary.note is None}
        return [summary for summary in summaries if written.get(summary.text) is summary] or summaries[:1]

    def _judged(self, drafts: list[tuple[int, Candidate]], plan: _Plan) -> list[tuple[float, _Part]]:
        """(merit, (text, what speaks for it)) of (window, candidate) pairs that fit, finished."""
        share = plan.words // plan.parts
        fits: dict[str, Candidate] = {}
        places: dict[str, int] = {}
        for place, candidate in drafts:
            text = finish(self.encoder.tokenizer.decode(candidate.ids), plan.document.text)
            if text and len(budget_units(text)) <= share and len(text) <= len(plan.document.text):
                fits.setdefault(text, candidate)
                places.setdefault(text, place)
        if not fits:
            return []
        evidence = self.judge.evidence(
            [candidate.ids for candidate in fits.values()],
            [candidate.log_prob for candidate in fits.values()],
            [min(len(budget_units(text)) / share, 1.0) for text in fits],
            list(places.values()),
            plan.sample,
        )
        return [(merit(each, self.weights), (text, each)) for text, each in zip(fits, evidence, strict=True)]


def _check(texts: Sequence[str], words: int, beams: int) -> None:
    if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
        raise InputError("texts must be a list of strings")
    for name, value in (("words", words), ("beams", beams)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise InputError(f"{name} must be a whole number from 1, got {value!r}")


def _as_it_is(text: str, words: int) -> list[Summary]:
    """The summary of a text that needs none; nothing of any other text."""
    units = len(budget_units(text))
    if units > words:
        return []
    return [Summary(text=text.strip(), scores={"words": units}, note=TOO_SHORT if units else EMPTY)]


def _place(pair: tuple[int, list[Candidate]]) -> int:
    return pair[0]


def _extract(document: Document, start: int, words: int, note: str) -> Summary:
    """The words of the text from ``start`` on, for want of better."""
    found = cut(document.text[start:], words)
    text = finish(found, document.text) or found
    return Summary(text=text, scores={"words": len(budget_units(text))}, note=note)


def _assembled(parts: list[_Part], merit: float, plan: _Plan) -> Summary:
    text = join([part for part, _ in parts]) if len(parts) > 1 else "".join(part for part, _ in parts)
    if not text or len(budget_units(text)) > plan.words or len(text) > len(plan.document.text):
        return _extract(plan.document, plan.document.windows[plan.places[0]].start, plan.words, NOT_FOUND)
    every = [evidence for _, evidence in parts]
    scores = {
        "words": len(budget_units(text)),
        "coverage": sum(evidence.coverage for evidence in every),
        "coverage_bits": sum(evidence.bits for evidence in every),
        "fluency": sum(evidence.fluency for evidence in every) / len(every),
        "generator": sum(evidence.generator for evidence in every) / len(every),
        "length": sum(evidence.length for evidence in every) / len(every),
        "merit": merit,
    }
    return Summary(text=text, scores={name: round(value, 4) for name, value in scores.items()})
