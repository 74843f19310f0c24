"""How much more often a word stands in real short texts than in sources: the salience table.

    r(w) = log2( (df_short(w) + k) / N_short ) − log2( (df_source(w) + k · N_source / N_short) / N_source )

with document frequencies counted on *unpaired* texts (summae's RESEARCH §3.1); ``k`` pulls unseen words to 0.
Keeping the first words with r above a threshold is the *ratio filter*: a baseline, and a cheap pseudo-summary.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from summae.errors import CheckpointError
from summae.files import write_atomically
from summae.text.stems import Stems
from summae.text.words import words

SMOOTHING = 2.0  # k
AT_LEAST = 3  # texts that a word must stand in to be counted
UNSEEN_IDF = 16.0  # bits, of a word that no source has, in a table that was not counted
READ = 200  # words of a text, from its beginning, that decide its domain
LEVELS = 16  # salience levels 1..16; 0 is "unknown"
LOWEST, HIGHEST = -6.0, 4.0  # the range of r that the levels cover, in bits


def document_frequencies(texts: Iterable[str], key: Callable[[str], str] = str.lower) -> tuple[Counter[str], int]:
    """How many of ``texts`` contain each word (lower-cased, or as ``key`` has it), and how many texts there were."""
    counts: Counter[str] = Counter()
    total = 0
    for text in texts:
        counts.update({key(word) for word in words(text)})
        total += 1
    return counts, total


@dataclass(frozen=True)
class SalienceTable:
    """``ratios``: word → r in bits; ``idf``: word → −log2(df_source / N_source), capped by unseen words."""

    ratios: dict[str, float]
    idf: dict[str, float]
    unseen_idf: float = UNSEEN_IDF

    @classmethod
    def count(
        cls,
        sources: Iterable[str],
        short_texts: Iterable[str],
        *,
        at_least: int = AT_LEAST,
        key: Callable[[str], str] = str.lower,
    ) -> SalienceTable:
        """Count both sides; words (as ``key`` has them) in fewer than ``at_least`` texts altogether are left out."""
        in_sources, n_sources = document_frequencies(sources, key)
        in_short, n_short = document_frequencies(short_texts, key)
        n_sources, n_short = max(n_sources, 1), max(n_short, 1)
        ratios, idf = {}, {}
        for word in in_sources.keys() | in_short.keys():
            if in_sources[word] + in_short[word] < at_least:
                continue
            short_rate = (in_short[word] + SMOOTHING) / n_short
            source_rate = (in_sources[word] + SMOOTHING * n_sources / n_short) / n_sources
            ratios[word] = round(math.log2(short_rate / source_rate), 3)
            idf[word] = round(-math.log2((in_sources[word] + 1) / (n_sources + 1)), 3)
        return cls(ratios, idf, round(math.log2(n_sources + 1), 3))

    def of(self, text: str) -> SalienceTable:
        """The table for ``text``: itself (a :class:`DomainTables` chooses)."""
        return self

    def ratio(self, word: str) -> float:
        """r(word) in bits; 0 for a word never counted."""
        return self.ratios.get(word.lower(), 0.0)

    def information(self, word: str) -> float:
        """idf of ``word`` over sources, in bits."""
        return self.idf.get(word.lower(), self.unseen_idf)

    def level(self, word: str) -> int:
        """r(word) as one of ``LEVELS`` classes, 1 (never in short texts) … 16; 0 for an unknown word."""
        ratio = self.ratios.get(word.lower())
        if ratio is None:
            return 0
        return 1 + round((min(max(ratio, LOWEST), HIGHEST) - LOWEST) / (HIGHEST - LOWEST) * (LEVELS - 1))


@dataclass(frozen=True)
class StemSalience:
    """Salience by stem: "posted" is as usual in short texts as "posts"."""

    stem: Stems
    table: SalienceTable  # of stems

    @classmethod
    def count(cls, sources: Sequence[str], short_texts: Sequence[str]) -> StemSalience:
        stem = Stems.of(text for side in (sources, short_texts) for text in side)
        return cls(stem, SalienceTable.count(sources, short_texts, key=stem))

    def ratio(self, word: str) -> float:
        """r(stem of the word) in bits."""
        return self.table.ratio(self.stem(word))


@dataclass(frozen=True)
class DomainTables:
    """One table a domain. What headlines drop ("on Tuesday", "the") titles of papers keep: averaging would blur both.

    The table of a text is that of the domain whose sources it resembles most: Σ_w idf_domain(w) is least.
    """

    domains: dict[str, SalienceTable]

    @classmethod
    def load(cls, path: str | Path) -> DomainTables:
        try:
            stored = json.loads(Path(path).read_text(encoding="utf-8"))
            if "ratios" in stored:  # a single table is one domain
                stored = {"all": stored}
            return cls({name: SalienceTable(**table) for name, table in stored.items()})
        except (OSError, ValueError, AttributeError, TypeError) as error:
            raise CheckpointError(f"{path}: no usable salience tables ({error})") from error

    def save(self, path: str | Path) -> None:
        stored = {name: vars(table) for name, table in self.domains.items()}
        write_atomically(path, json.dumps(stored, ensure_ascii=False, separators=(",", ":")))

    def domain(self, text: str) -> str:
        """The name of the domain whose sources are most like ``text``; its first ``READ`` words decide."""
        seen = words(text)[:READ]
        return min(self.domains, key=lambda name: sum(map(self.domains[name].information, seen)))

    def of(self, text: str) -> SalienceTable:
        """The table of the domain that ``text`` belongs to."""
        return self.domains[self.domain(text)]
