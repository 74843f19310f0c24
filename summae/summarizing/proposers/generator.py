"""What G writes of windows, under the word rules, reading them in the wording of short texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from summae.decoding.drafts import Detokenizer
from summae.decoding.lexicon import Lexicon
from summae.decoding.rules import word_rules
from summae.decoding.search import Hypothesis, SearchOptions, beam_search
from summae.model.backends.base import Backend
from summae.model.checkpoint import Checkpoint, Manifest
from summae.summarizing.plan import Line
from summae.summarizing.propose import Proposal
from summae.text.encoding import EncodedSource, SourceEncoder
from summae.text.finishing import finish
from summae.text.salience import DomainTables
from summae.text.tokenizer import END_ID, START_ID
from summae.wording.table import Wording

BATCH = 16  # windows decoded together
LEAST_WORDS = 3  # of a summary, if the budget allows
LEAST_PROMPT = 4  # words: G was never asked for fewer in training
FROM_EACH = 3  # hypotheses of each of several windows that are proposed, unless more are asked for


@dataclass(frozen=True)
class Job:
    """Compress ``text`` to at most ``words`` words."""

    text: str
    words: int


def _no_wording(text: str) -> Wording:
    return Wording()


@dataclass(frozen=True)
class Compressor:
    encoder: SourceEncoder
    backend: Backend
    manifest: Manifest
    wording_of: Callable[[str], Wording] = _no_wording  # of the domain of a text

    @classmethod
    def of(cls, checkpoint: Checkpoint, backend: Backend) -> Compressor:
        return cls(checkpoint.encoder, backend, checkpoint.manifest, checkpoint.wording_of)

    def candidates(self, jobs: Sequence[Job], beams: int) -> list[list[Hypothesis]]:
        """Up to ``beams`` finished candidates for every job, best first; hardly ever none."""
        found: list[list[Hypothesis]] = [[] for _ in jobs]
        order = sorted(range(len(jobs)), key=lambda place: len(jobs[place].text))
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            some = [self._worded(jobs[place]) for place in places]
            sources = self.encoder.encode_batch([job.text for job in some], [self.prompt(job.words) for job in some])
            for place, result in zip(places, self.search(sources, some, beams), strict=True):
                found[place] = result
        return found

    def _worded(self, job: Job) -> Job:
        """As G reads it, and may write it."""
        return replace(job, text=self.wording_of(job.text).shortened(job.text))

    def search(self, sources: Sequence[EncodedSource], jobs: Sequence[Job], beams: int) -> list[list[Hypothesis]]:
        """The same for encoded sources, all at once."""
        guides = [
            word_rules(self.detokenizer, job.text, self.known, least=min(LEAST_WORDS, job.words), most=job.words)
            for job in jobs
        ]
        options = SearchOptions(beams=beams, longest=self.manifest.max_target_length, start_id=START_ID, end_id=END_ID)
        return beam_search(self.backend, sources, guides, options)

    def prompt(self, words: int) -> int:
        """The number of words to ask G for: one that it has been asked for in training."""
        return min(max(words, LEAST_PROMPT), self.manifest.longest_words)

    @cached_property
    def detokenizer(self) -> Detokenizer:
        return Detokenizer(self.encoder.tokenizer.piece_bytes)

    @cached_property
    def known(self) -> Lexicon:
        """All words ever counted, of every domain."""
        salience = self.encoder.salience
        tables = salience.domains.values() if isinstance(salience, DomainTables) else [salience]
        return Lexicon(word for table in tables for word in table.ratios)


class GeneratorProposer:
    """The best few hypotheses of every window, finished."""

    def __init__(self, checkpoint: Checkpoint, backend: Backend):
        self.compressor = Compressor.of(checkpoint, backend)

    def __call__(self, lines: Sequence[Line], beams: int, count: int) -> list[list[Proposal]]:
        """Characters cannot be asked for: where they are limited, several numbers of words are tried."""
        asked = [[(window, words) for window in line.windows for words in line.limit.asks()] for line in lines]
        jobs = [
            Job(line.segment.windows[window].text, words)
            for line, pairs in zip(lines, asked, strict=True)
            for window, words in pairs
        ]
        found = iter(self.compressor.candidates(jobs, max(beams, count)))
        return [
            self._of_line(line, [(window, next(found)) for window, _ in pairs], count)
            for line, pairs in zip(lines, asked, strict=True)
        ]

    def _of_line(self, line: Line, found: list[tuple[int, list[Hypothesis]]], count: int) -> list[Proposal]:
        most = max(FROM_EACH, count) if len(found) > 1 else None
        return [
            self._finished(window, each, line.segment.text)
            for window, some in sorted(found, key=lambda pair: pair[0])
            for each in some[:most]
        ]

    def _finished(self, window: int, found: Hypothesis, source: str) -> Proposal:
        text = finish(self.compressor.encoder.tokenizer.decode(found.ids), source)
        return Proposal(window=window, text=text, ids=found.ids, log_prob=found.log_prob)
