"""Batches of warm-up pairs. Batch ``number`` is a pure function of the seed and the number: resuming is exact.

Pairs are made in pools of ``POOL`` batches, sorted by source length inside the pool (little padding), and the batches
of a pool come in random order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from summae.data.examples import MAKERS, Material, Pair
from summae.errors import InputError
from summae.records import Sources
from summae.tables import look_up
from summae.text.encoding import EncodedSource, SourceEncoder
from summae.text.tokenizer import END_ID, PAD_ID, SubwordTokenizer
from summae.training.game import GameBatch

POOL = 24


@dataclass(frozen=True, kw_only=True)
class PairBatch:
    """Teacher-forcing material: sources and padded targets."""

    sources: Sources | None  # None for a language model
    targets: Tensor  # [N, T] int64, with the end piece
    mask: Tensor  # [N, T] float


def padded(rows: Sequence[Sequence[int]], pad: int) -> Tensor:
    """Rows of different lengths as one int64 tensor [N, longest]."""
    longest = max(map(len, rows))
    out = torch.full((len(rows), longest), pad, dtype=torch.long)
    for index, row in enumerate(rows):
        out[index, : len(row)] = torch.tensor(row, dtype=torch.long)
    return out


def collate_sources(encoded: Sequence[EncodedSource]) -> Sources:
    ids = padded([row.input_ids for row in encoded], PAD_ID)
    lengths = torch.tensor([len(row) for row in encoded])
    return Sources(
        input_ids=ids,
        attention_mask=(torch.arange(ids.shape[1])[None, :] < lengths[:, None]).long(),
        salience_ids=padded([row.salience_ids for row in encoded], 0),
        word_starts=padded([row.word_starts for row in encoded], 0),
    )


def collate_targets(rows: Sequence[Sequence[int]], longest: int) -> tuple[Tensor, Tensor]:
    """``(ids [N, T], mask [N, T])``: each row cut to ``longest`` pieces, its end piece included."""
    ended = [[*row[: longest - 1], END_ID] for row in rows]
    ids = padded(ended, PAD_ID)
    lengths = torch.tensor([len(row) for row in ended])
    return ids, (torch.arange(ids.shape[1])[None, :] < lengths[:, None]).float()


class PairSource:
    """Draws pairs by the mixture and over the corpora by their weights."""

    def __init__(
        self, materials: dict[str, tuple[Material, float]], mixture: dict[str, float], lower_case: float = 0.0
    ):
        self.materials = [material for material, _ in materials.values()]
        self.corpus_shares = _shares([weight for _, weight in materials.values()])
        self.names = list(mixture)
        self.makers = [look_up(MAKERS, name, "warm-up mixture entry") for name in mixture]
        self.maker_shares = _shares(list(mixture.values()))
        self.lower_case = lower_case

    def draw(self, count: int, random: np.random.Generator) -> list[Pair]:
        pairs: list[Pair] = []
        for _ in range(100 * count):
            material = self.materials[random.choice(len(self.materials), p=self.corpus_shares)]
            maker = self.makers[random.choice(len(self.makers), p=self.maker_shares)]
            pair = maker(material, random)
            if pair is None:
                continue
            if random.random() < self.lower_case:
                pair = (pair[0].lower(), pair[1].lower())
            pairs.append(pair)
            if len(pairs) == count:
                return pairs
        names = ", ".join(self.names)
        raise InputError(f"warm-up mixture ({names}) must yield examples of the corpora, got {len(pairs)} of {count}")


def _shares(weights: list[float]) -> np.ndarray:
    return np.asarray(weights, dtype=float) / sum(weights)


class Pools:
    """``batch(number)`` from pools made by ``make(count, random) → items`` and sorted by ``size(item)``."""

    def __init__(self, make: Callable[[int, np.random.Generator], list], size: Callable, batch_size: int, seed: int):
        self.make, self.size, self.batch_size, self.seed = make, size, batch_size, seed
        self.held: tuple[int, list[list]] = (-1, [])

    def batch(self, number: int) -> list:
        pool, index = divmod(number, POOL)
        if self.held[0] != pool:
            random = np.random.default_rng([self.seed, pool])
            items = sorted(self.make(POOL * self.batch_size, random), key=self.size)
            cut = [items[i * self.batch_size : (i + 1) * self.batch_size] for i in range(POOL)]
            self.held = (pool, [cut[i] for i in random.permutation(POOL)])
        return self.held[1][index]


def word_count(text: str) -> int:
    return len(text.split())


def generator_batch(pairs: Sequence[Pair], encoder: SourceEncoder, longest_target: int) -> PairBatch:
    """Source → summary; the length prompt asks for the target's own length."""
    encoded = encoder.encode_batch([source for source, _ in pairs], [word_count(target) for _, target in pairs])
    ids, mask = collate_targets(encoder.tokenizer.encode_batch([target for _, target in pairs]), longest_target)
    return PairBatch(sources=collate_sources(encoded), targets=ids, mask=mask)


def reconstructor_batch(
    pairs: Sequence[Pair], tokenizer: SubwordTokenizer, piece_starts: Tensor, longest: int, longest_target: int
) -> PairBatch:
    """Summary → source: the pair turned round, the summary read as ids only (as R reads what G drew)."""
    ids, mask = collate_targets(tokenizer.encode_batch([summary for _, summary in pairs]), longest)
    targets, target_mask = collate_targets(tokenizer.encode_batch([source for source, _ in pairs]), longest_target)
    sources = Sources(
        input_ids=ids, attention_mask=mask.long(), salience_ids=torch.zeros_like(ids), word_starts=piece_starts[ids]
    )
    return PairBatch(sources=sources, targets=targets, mask=target_mask)


def document_weights(text: str, encoder: SourceEncoder, longest: int) -> tuple[list[int], list[float]]:
    """``(piece ids, idf of the word each piece belongs to, in bits / 16)``, end piece included with weight 0."""
    encoding = encoder.tokenizer.backend.encode(text, add_special_tokens=False)
    spans: dict[int | None, list[int]] = {}
    for word, (begin, end) in zip(encoding.word_ids, encoding.offsets, strict=True):
        spans.setdefault(word, [begin, end])[1] = end
    table, weights = encoder.salience.of(text), {}
    for word, (begin, end) in spans.items():
        bare = text[begin:end].strip()
        weights[word] = table.information(bare) / 16 if any(map(str.isalnum, bare)) else 0.0
    room = longest - 1
    return [*encoding.ids[:room], END_ID], [*(weights[word] for word in encoding.word_ids[:room]), 0.0]


def game_batch(
    items: Sequence[tuple[str, str, int]],
    encoder: SourceEncoder,
    longest_summary: int,
    longest_document: int,
    pieces_per_word: float,
) -> GameBatch:
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
    return GameBatch(
        sources=collate_sources(encoder.encode_batch(list(sources), list(words))),
        documents=ids,
        document_mask=document_mask,
        document_weights=document_weight,
        target_length=torch.tensor([count * pieces_per_word + 1 for count in words]),
        real=real,
        real_mask=real_mask,
    )


def to_device(batch: GameBatch, device: torch.device) -> GameBatch:
    """The same batch on ``device``."""
    return GameBatch(**{field.name: getattr(batch, field.name).to(device) for field in fields(batch)})
