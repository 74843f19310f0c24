"""What R, the short-text model and a critic say of a summary, measured on a bounded sample of a document's chunks.

Legend: C candidates, P pieces (all sampled chunks in a row).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from summae.model.backends.base import Backend, Ids
from summae.summarizing.document import Document
from summae.summarizing.features import Evidence, coverage

#: At most so many chunks of a document are rebuilt, however long it is, unless fewer are asked for.
MOST_CHUNKS = 8


@dataclass(frozen=True)
class Sample:
    """The chunks of a document that summaries are judged on."""

    chunks: list[list[int]]  # pieces
    weights_P: np.ndarray  # idf-like
    nothing_P: np.ndarray  # log p_R from an empty summary, nats


@dataclass(frozen=True)
class Judge:
    backend: Backend
    longest_summary: int  # pieces that R reads, end piece included

    def sample(self, document: Document, wanted: Sequence[int] = (), most: int = MOST_CHUNKS) -> Sample:
        """Up to ``most`` chunks: those ``wanted`` first, then evenly spread ones."""
        count = len(document.chunks)
        spread = np.linspace(0, count - 1, min(count, most)).round().astype(int).tolist()
        chosen = sorted(list(dict.fromkeys([*wanted, *spread]))[:most])
        chunks = [document.chunks[place][0] for place in chosen]
        weights = np.concatenate([document.chunks[place][1] for place in chosen])
        return Sample(chunks, weights, self._rebuilt([[]], chunks)[0])

    def gains(self, summaries: Sequence[Ids], sample: Sample) -> np.ndarray:
        """log p_R(x_p | summary) − log p_R(x_p | nothing), weighted: [C, P]."""
        return (self._rebuilt(summaries, sample.chunks) - sample.nothing_P) * sample.weights_P

    def evidence(
        self,
        summaries: Sequence[Ids],
        log_probs: Sequence[float],
        lengths: Sequence[float],
        early: Sequence[float],
        centrality: Sequence[float],
        sample: Sample,
        normalized: Sequence[Ids],
    ) -> list[Evidence]:
        """All that reranking needs; ``lengths`` are shares of the budget that are used; ``early`` and
        ``centrality`` as in :class:`Evidence`; ``normalized`` is what the critic reads of the summaries.
        """
        rebuilt = self._rebuilt(summaries, sample.chunks)
        shares, bits = coverage(rebuilt, sample.nothing_P, sample.weights_P)
        fluency = self.backend.fluency(summaries).sum(axis=1)
        return [
            Evidence(
                generator=log_prob / (len(ids) + 1),
                coverage=float(share),
                bits=float(bit),
                fluency=float(fluent) / (len(ids) + 1),
                length=length,
                early=soon,
                centrality=central,
                realism=real,
            )
            for ids, log_prob, share, bit, fluent, length, soon, central, real in zip(
                summaries,
                log_probs,
                shares,
                bits,
                fluency,
                lengths,
                early,
                centrality,
                self.realism(normalized),
                strict=True,
            )
        ]

    def realism(self, normalized: Sequence[Ids]) -> list[float] | list[None]:
        """Mean of σ(score) over the pieces, the end piece included (:mod:`summae.model.critic`), 0 … 1; ``None`` of a
        model without a critic.
        """
        if not self.backend.has_critic:
            return [None] * len(normalized)
        scores_CT = self.backend.realism(normalized)
        lengths_C = np.array([len(ids) + 1 for ids in normalized])
        inside_CT = np.arange(scores_CT.shape[1]) < lengths_C[:, None]
        probable_CT = (1 + np.tanh(scores_CT / 2)) / 2  # σ, without overflow
        return ((probable_CT * inside_CT).sum(axis=1) / lengths_C).tolist()

    def _rebuilt(self, summaries: Sequence[Ids], chunks: list[list[int]]) -> np.ndarray:
        """log p_R of every piece of every chunk: [C, P]. What R cannot read of a long summary is left out."""
        read = [list(ids)[: self.longest_summary - 1] for ids in summaries]
        rows = [(ids, chunk) for ids in read for chunk in chunks]
        found_NS = self.backend.rebuild([ids for ids, _ in rows], [chunk for _, chunk in rows])
        per_chunk = found_NS.reshape(len(read), len(chunks), -1)
        return np.concatenate([per_chunk[:, place, : len(chunk)] for place, chunk in enumerate(chunks)], axis=1)
