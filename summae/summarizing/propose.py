"""Windows to candidate summaries: G under the word rules, reading them in the wording of short texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from summae.decoding.drafts import Detokenizer
from summae.decoding.lexicon import Lexicon
from summae.decoding.rules import word_rules
from summae.decoding.search import Hypothesis, SearchOptions, beam_search
from summae.model.backends.base import Backend
from summae.model.checkpoint import Manifest
from summae.text.encoding import EncodedSource, SourceEncoder
from summae.text.salience import DomainTables
from summae.text.tokenizer import END_ID, START_ID
from summae.wording.table import Wording

BATCH = 16  # windows decoded together
LEAST_WORDS = 3  # of a summary, if the budget allows
LEAST_PROMPT = 4  # words: G was never asked for fewer in training


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
