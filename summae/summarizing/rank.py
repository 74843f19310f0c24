"""Ranking: what R, the short-text model and a critic say of a line's proposals, on a bounded sample of the text.

Legend: C candidates, P pieces (all sampled chunks in a row), T pieces of a candidate, N runs of R.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from summae.model.backends.base import Backend, Ids
from summae.summarizing.document import Document
from summae.summarizing.features import FEATURES, Values, Weights, coverage, ranking_score
from summae.text.finishing import normalize_for_critic
from summae.text.tokenizer import SubwordTokenizer

if TYPE_CHECKING:
    from summae.summarizing.plan import Line
    from summae.summarizing.propose import Proposal

#: At most so many chunks of a document are rebuilt, however long it is, unless fewer are asked for.
MOST_CHUNKS = 8


@dataclass(frozen=True)
class ChunkSample:
    """The chunks of a document that summaries are judged on."""

    chunks: list[list[int]]  # pieces
    weights_P: np.ndarray  # idf-like
    nothing_P: np.ndarray  # log p_R from an empty summary, nats


@dataclass(frozen=True)
class Judge:
    backend: Backend
    longest_summary: int  # pieces that R reads, end piece included

    def sample(self, document: Document, wanted: Sequence[int] = (), most: int = MOST_CHUNKS) -> ChunkSample:
        """Up to ``most`` chunks: those ``wanted`` first, then evenly spread ones."""
        count = len(document.chunks)
        spread = np.linspace(0, count - 1, min(count, most)).round().astype(int).tolist()
        chosen = sorted(list(dict.fromkeys([*wanted, *spread]))[:most])
        chunks = [document.chunks[place][0] for place in chosen]
        weights = np.concatenate([document.chunks[place][1] for place in chosen])
        return ChunkSample(chunks, weights, self.rebuilt([[]], chunks)[0])

    def gains(self, summaries: Sequence[Ids], sample: ChunkSample) -> np.ndarray:
        """log p_R(x_p | summary) − log p_R(x_p | nothing), weighted: [C, P]."""
        return (self.rebuilt(summaries, sample.chunks) - sample.nothing_P) * sample.weights_P

    def fluency(self, summaries: Sequence[Ids]) -> list[float]:
        """log p of the short-text model, nats per piece, the end piece included: [C]."""
        totals_C = self.backend.fluency(summaries).sum(axis=1)
        return [float(total) / (len(ids) + 1) for total, ids in zip(totals_C, summaries, strict=True)]

    def realism(self, plain: Sequence[Ids]) -> list[float] | list[None]:
        """Mean of σ(score) over the pieces, the end piece included (:mod:`summae.model.critic`), 0 … 1; ``None`` of a
        model without a critic. ``plain``: the candidates as the critic reads them.
        """
        if not self.backend.has_critic:
            return [None] * len(plain)
        scores_CT = self.backend.realism(plain)
        lengths_C = np.array([len(ids) + 1 for ids in plain])
        inside_CT = np.arange(scores_CT.shape[1]) < lengths_C[:, None]
        probable_CT = (1 + np.tanh(scores_CT / 2)) / 2  # σ, without overflow
        return ((probable_CT * inside_CT).sum(axis=1) / lengths_C).tolist()

    def rebuilt(self, summaries: Sequence[Ids], chunks: list[list[int]]) -> np.ndarray:
        """log p_R of every piece of every chunk: [C, P]. What R cannot read of a long summary is left out."""
        read = [list(ids)[: self.longest_summary - 1] for ids in summaries]
        rows = [(ids, chunk) for ids in read for chunk in chunks]
        found_NS = self.backend.rebuild([ids for ids, _ in rows], [chunk for _, chunk in rows])
        per_chunk = found_NS.reshape(len(read), len(chunks), -1)
        return np.concatenate([per_chunk[:, place, : len(chunk)] for place, chunk in enumerate(chunks)], axis=1)


@dataclass(frozen=True)
class RankingContext:
    """The proposals of a line and all that its features are measured with; what several of them need, once."""

    line: Line
    proposals: Sequence[Proposal]
    judge: Judge
    tokenizer: SubwordTokenizer

    @cached_property
    def covered(self) -> tuple[np.ndarray, np.ndarray]:
        """(share [C], bits [C]) of the sampled chunks that R rebuilds thanks to each proposal."""
        sample = self.line.sample
        return coverage(self.judge.rebuilt(self._ids, sample.chunks), sample.nothing_P, sample.weights_P)

    def fluency(self) -> list[float]:
        return self.judge.fluency(self._ids)

    def realism(self) -> list[float] | list[None]:
        return self.judge.realism(
            self.tokenizer.encode_batch([normalize_for_critic(each.text) for each in self.proposals])
        )

    @property
    def _ids(self) -> list[Ids]:
        return [each.ids for each in self.proposals]


@dataclass(frozen=True)
class Ranked:
    """A proposal, its features, and the score that they give it."""

    proposal: Proposal
    features: Values
    score: float


@dataclass(frozen=True)
class Ranker:
    judge: Judge
    tokenizer: SubwordTokenizer
    weights: Weights

    def ranked(self, line: Line, proposals: Sequence[Proposal]) -> list[Ranked]:
        """Every proposal with its features and score, in the order given; of equal texts the first."""
        first: dict[str, Proposal] = {}
        for each in proposals:
            first.setdefault(each.text, each)
        different = list(first.values())
        if not different:
            return []
        context = RankingContext(line, different, self.judge, self.tokenizer)
        columns = {name: feature.measure(context) for name, feature in FEATURES.items()}
        features = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        scores = by_preference(different, [ranking_score(each, self.weights) for each in features])
        return [Ranked(*each) for each in zip(different, features, scores, strict=True)]


def by_preference(proposals: Sequence[Proposal], scores: Sequence[float]) -> list[float]:
    """The scores; of proposals that come in order of preference, each at most that of any before it of its window.

    The networks know what a window tells, but headlines are what they were made for: among several wordings of one
    window the proposer's order decides, among windows the score of what is preferred of each.
    """
    least: dict[int, float] = {}
    capped = []
    for each, score in zip(proposals, scores, strict=True):
        if each.by_preference:
            score = least[each.window] = min(score, least.get(each.window, score))
        capped.append(score)
    return capped
