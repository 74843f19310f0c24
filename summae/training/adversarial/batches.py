"""Batches of the adversarial stage: sources on one side, real short texts of *other* documents on the other.

Legend: N rows, M real texts, S document pieces, T summary pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from torch import Tensor

from summae.data.corpora import Corpus
from summae.records import Sources
from summae.text.encoding import SourceEncoder
from summae.text.tokenizer import END_ID, PAD_ID
from summae.text.weights import piece_weights, word_spans
from summae.training.adversarial.config import AdversarialConfig
from summae.training.batches import (
    PairBatch,
    Pools,
    collate_sources,
    collate_targets,
    generator_batch,
    padded,
    pieces_per_word,
)

VALIDATION_BATCH = 64  # sources judged together: memory, no more
MEASURED_TEXTS = 500  # short texts of a corpus from which lengths are known, and its last ones from which fluency is

Item = tuple[str, str, int]  # source, real short text of another document, requested words


@dataclass(frozen=True, kw_only=True)
class RolloutBatch:
    """Documents on one side, real short texts of *other* documents on the other."""

    sources: Sources  # what G reads
    documents: Tensor  # [N, S] int64, what R must rebuild, end piece included
    document_mask: Tensor  # [N, S] float
    document_weights: Tensor  # [N, S] float, see summae.text.weights
    target_length: Tensor  # [N] float, pieces
    real: Tensor  # [M, T] int64, end piece included
    real_mask: Tensor  # [M, T] float


def document_weights(text: str, encoder: SourceEncoder, longest: int) -> tuple[list[int], list[float]]:
    """``(piece ids, their weights)`` (:mod:`summae.text.weights`), end piece included with weight 0."""
    encoding = encoder.tokenizer.backend.encode(text, add_special_tokens=False)
    spans = word_spans(text, encoding.word_ids, encoding.offsets)
    weights = piece_weights(text, spans, encoder.salience.of(text).information)
    room = longest - 1
    return [*encoding.ids[:room], END_ID], [*weights[:room], 0.0]


def rollout_batch(
    items: Sequence[tuple[str, str, int]],
    encoder: SourceEncoder,
    longest_summary: int,
    longest_document: int,
    pieces_per_word: float,
) -> RolloutBatch:
    """From (source, real short text, requested words) to tensors."""
    sources, reals, words = zip(*items, strict=True)
    documents, weights = zip(*(document_weights(text, encoder, longest_document) for text in sources), strict=True)
    ids = padded(documents, PAD_ID)
    document_mask = torch.zeros(ids.shape)
    document_weight = torch.zeros(ids.shape)
    for row, values in enumerate(weights):
        document_mask[row, : len(values)] = 1.0
        document_weight[row, : len(values)] = torch.tensor(values)
    real, real_mask = collate_targets(encoder.tokenizer.encode_batch(list(reals)), longest_summary)
    return RolloutBatch(
        sources=collate_sources(encoder.encode_batch(list(sources), list(words))),
        documents=ids,
        document_mask=document_mask,
        document_weights=document_weight,
        target_length=torch.tensor([count * pieces_per_word + 1 for count in words]),
        real=real,
        real_mask=real_mask,
    )


def to_device(batch: RolloutBatch, device: torch.device) -> RolloutBatch:
    """The same batch on ``device``."""
    return RolloutBatch(**{field.name: getattr(batch, field.name).to(device) for field in fields(batch)})


class RolloutBatches:
    """Batches by their number, drawn from the corpora by weight; and those of held-out sources, for validation."""

    def __init__(
        self,
        corpora: Sequence[Corpus],
        encoder: SourceEncoder,
        config: AdversarialConfig,
        *,
        longest_summary: int,  # pieces
        longest_document: int,  # pieces
        lower_case: float,
        seed: int,
    ):
        self.corpora, self.encoder, self.config, self.seed = corpora, encoder, config, seed
        self.longest_summary, self.longest_document, self.lower_case = longest_summary, longest_document, lower_case
        texts = [text for corpus in corpora for text in corpus.short_texts[:MEASURED_TEXTS]]
        self.pieces_per_word = pieces_per_word(texts, encoder.tokenizer)
        self.pools = Pools(self._draw, lambda item: len(item[0]), config.loop.batch_size, seed)

    @property
    def usual_words(self) -> int:
        """Half-way between the fewest and the most words that are requested."""
        return (self.config.min_words + self.config.max_words) // 2

    def batch(self, number: int) -> RolloutBatch:
        """For a critic there are as many real texts as summaries will be drawn: they cost little, and teach it grammar
        several times faster.
        """
        batch, group = self.of(self.pools.batch(number)), self.config.estimator_options.group
        if self.config.critic is None or group == 1:
            return batch
        random = np.random.default_rng([self.seed, number, 1])
        texts = [real for _, real, _ in self._draw(len(batch.documents) * group, random)]
        real, real_mask = collate_targets(self.encoder.tokenizer.encode_batch(texts), self.longest_summary)
        return replace(batch, real=real, real_mask=real_mask)

    def of(self, items: Sequence[Item]) -> RolloutBatch:
        return rollout_batch(items, self.encoder, self.longest_summary, self.longest_document, self.pieces_per_word)

    def validation(self, held_out: Sequence[str]) -> list[RolloutBatch]:
        """Held-out sources by length, each beside one of the last short texts."""
        random = np.random.default_rng(self.seed)
        reals = [text for corpus in self.corpora for text in corpus.short_texts[-MEASURED_TEXTS:]]
        items = [(source, reals[int(random.integers(len(reals)))], self.usual_words) for source in held_out]
        items.sort(key=lambda item: len(item[0]))
        return [self.of(items[start : start + VALIDATION_BATCH]) for start in range(0, len(items), VALIDATION_BATCH)]

    def _draw(self, count: int, random: np.random.Generator) -> list[Item]:
        shares = np.asarray([corpus.weight for corpus in self.corpora])
        items = []
        for index in random.choice(len(self.corpora), size=count, p=shares / shares.sum()):
            corpus = self.corpora[index]
            source = corpus.sources[int(random.integers(len(corpus.sources)))]
            real = corpus.short_texts[int(random.integers(len(corpus.short_texts)))]
            if random.random() < self.lower_case:
                source, real = source.lower(), real.lower()
            words = int(random.integers(self.config.min_words, self.config.max_words + 1))
            items.append((source, real, words))
        return items


@dataclass(frozen=True)
class PairedTexts:
    """Real (source, summary) pairs for semi-supervised training, teacher-forced every ``interval`` steps."""

    pairs: list[tuple[str, str]]
    interval: int
    seed: int

    def batch(self, step: int, size: int, encoder: SourceEncoder, longest: int) -> PairBatch:
        random = np.random.default_rng([self.seed, step])
        chosen = [self.pairs[int(i)] for i in random.integers(len(self.pairs), size=size)]
        return generator_batch(chosen, encoder, longest)
