"""The whole way from texts to summaries: read → plan → propose → check → rank → assemble, a file each.

    >>> Summarizer.load().summarize(["A long text ..."], words=10)[0].text

A text no longer than asked for comes back as it is. Otherwise it is cut into windows
(:mod:`summae.summarizing.document`), lines are planned and the windows chosen that tell most of them
(:mod:`summae.summarizing.plan`), the proposers of the style say them (:mod:`summae.summarizing.propose`), and what
passes the checks (:mod:`summae.summarizing.check`) is ranked by R, G, the short-text model and a critic together
(:mod:`summae.summarizing.rank`). The best lines become the summary, in the order of the text
(:mod:`summae.summarizing.assemble`).

A summary is never empty, never above the length asked for (:mod:`summae.summarizing.length`), never longer than its
text; the same text gets the same summary whatever it is summarised with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from summae.errors import InputError
from summae.model.backends import load_backend
from summae.model.backends.base import Backend
from summae.model.checkpoint import CRITIC, Checkpoint, open_checkpoint
from summae.summarizing.assemble import as_it_is, assemble, unread
from summae.summarizing.check import reason_against
from summae.summarizing.document import LEAST_WORDS, Document, read_document
from summae.summarizing.features import MOST_CANDIDATES, Weights
from summae.summarizing.length import Length
from summae.summarizing.plan import Line, Plan, plan
from summae.summarizing.propose import Proposal, Proposer
from summae.summarizing.proposers import PROPOSERS
from summae.summarizing.rank import Judge, Ranker
from summae.summarizing.select import plan_sentences
from summae.summarizing.sentence import MOST_WORDS
from summae.summarizing.style import AUTO, HEADLINE, style_of
from summae.summarizing.summary import Summary
from summae.text.encoding import SourceEncoder
from summae.text.salience import DomainTables

DEFAULT_BEAMS = 4  # twice as many bring 0.5 ROUGE-1 for twice the time


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
        if loaded.weights["realism"] != Weights()["realism"] and not loaded.backend.has_critic:
            raise InputError(f"weight 'realism' must be left out: {_without_critic(loaded)}")
        return loaded

    @property
    def encoder(self) -> SourceEncoder:
        return self.checkpoint.encoder

    @property
    def salience(self) -> DomainTables:
        return self.checkpoint.salience

    @property
    def longest_words(self) -> int:
        """Words of a line, at most."""
        return self.checkpoint.manifest.longest_words

    @cached_property
    def proposers(self) -> dict[str, Proposer]:
        return {name: make(self.checkpoint, self.backend) for name, make in PROPOSERS.items()}

    @cached_property
    def judge(self) -> Judge:
        return Judge(self.backend, self.checkpoint.manifest.max_summary_length)

    @cached_property
    def ranker(self) -> Ranker:
        return Ranker(self.judge, self.encoder.tokenizer, self.weights)

    def summarize(
        self,
        texts: Sequence[str],
        words: int | Length | None = None,
        *,
        beams: int = DEFAULT_BEAMS,
        language: str | None = None,
        style: str = AUTO,
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
        beams: int = DEFAULT_BEAMS,
        language: str | None = None,
        style: str = AUTO,
    ) -> list[list[Summary]]:
        """Up to ``count`` different summaries of each text, best first: what :meth:`summarize` chooses from.

        ``scores["score"]`` is what they are ranked by: the features (:data:`summae.summarizing.features.FEATURES`)
        added up under ``weights``, a mean over the lines of a long summary. The search is ``count`` beams wide, if
        ``beams`` is less. Where the proposals of a window come in order of preference, none gets a higher score than
        those preferred to it. A text that comes back as it is, or whose words do for want of better, has one.
        Raises :class:`InputError` unless ``count`` is from 1 to ``MOST_CANDIDATES``.
        """
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST_CANDIDATES:
            raise InputError(f"count must be a whole number from 1 to {MOST_CANDIDATES}, got {count!r}")
        return self._alternatives(texts, words, count, beams, language, style)

    def read(self, text: str, language: str | None = None, least_words: int = LEAST_WORDS) -> Document:
        """The text as it is summarised: cut into windows of at least so many words (0: its sentences)."""
        chunk_length = self.checkpoint.manifest.max_rebuilt_length - 1
        return read_document(text, self.encoder, chunk_length, language, least_words)

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
        style_of(style)  # raises what is wrong with it
        length = Length.of(self.checkpoint.manifest.default_words if words is None else words)
        plans = [self._plan(text, length, language, style) for text in texts]
        lines = [line for found in plans if isinstance(found, Plan) for line in found.lines]
        proposals = iter(self._proposals(lines, beams, count))
        return [
            [found] if isinstance(found, Summary) else self._best(found, [next(proposals) for _ in found.lines], count)
            for found in plans
        ]

    def _plan(self, text: str, length: Length, language: str | None, style: str) -> Plan | Summary:
        """What is to be said of ``text``; its summary, if there is nothing to be chosen."""
        length = length.for_text(text, self.checkpoint.manifest.default_words, sentences=style != HEADLINE)
        how = style_of(style, length.kind)
        longest = MOST_WORDS if how.whole and length.kind == "sentences" else self.longest_words
        limit = length.limit(text, longest)
        if (whole := as_it_is(text, limit)) is not None:
            return whole
        if how.whole and length.kind == "sentences":
            sentences = self.read(text, language, least_words=0)
            if sentences.readable and (planned := plan_sentences(sentences, limit, self.judge, self.encoder)):
                return planned
        document = self.read(text, language)
        if not (document.windows and document.readable):  # nothing but marks, or nothing that the networks can read
            return unread(document, limit, self.longest_words)
        return plan(document, limit, self.longest_words, self.judge, self.encoder, how.proposers, how.otherwise)

    def _proposals(self, lines: Sequence[Line], beams: int, count: int) -> list[list[Proposal]]:
        """Of every line what its proposers say and no check objects to."""
        asked = [line.proposers for line in lines]
        found = self._asked(lines, asked, beams, count)
        rest = [() if some else self._otherwise(line) for line, some in zip(lines, found, strict=True)]
        return [some or other for some, other in zip(found, self._asked(lines, rest, beams, count), strict=True)]

    def _otherwise(self, line: Line) -> tuple[str, ...]:
        """Nobody, where a parser could read the text: what finds no safe shortening there, others shorten unsafely."""
        return () if self.checkpoint.parser is not None and line.segment.familiar else line.otherwise

    def _asked(
        self, lines: Sequence[Line], names: Sequence[Sequence[str]], beams: int, count: int
    ) -> list[list[Proposal]]:
        """What the proposers of those ``names`` say of each line."""
        found: list[list[Proposal]] = [[] for _ in lines]
        for name, proposer in self.proposers.items():
            places = [place for place, some in enumerate(names) if name in some]
            if not places:
                continue
            for place, some in zip(places, proposer([lines[place] for place in places], beams, count), strict=True):
                source, limit = lines[place].segment.text, lines[place].limit
                found[place] += [each for each in some if reason_against(each.text, source, limit) is None]
        return found

    def _best(self, planned: Plan, proposals: list[list[Proposal]], count: int) -> list[Summary]:
        ranked = [self.ranker.ranked(line, some) for line, some in zip(planned.lines, proposals, strict=True)]
        wording, text = self.checkpoint.wording_of(planned.document.text), planned.document.text
        return assemble(planned, ranked, count, dict(wording.standing_for(text)))


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
