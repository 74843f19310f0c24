"""Batches of warm-up pairs. Batch ``number`` is a pure function of the seed and the number: resuming is exact.

Pairs are made in pools of ``POOL`` batches, sorted by source length inside the pool (little padding), and the batches
of a pool come in random order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from summae.data.examples import MAKERS, Material, Pair
from summae.errors import InputError
from summae.records import Sources
from summae.text.encoding import EncodedSource, SourceEncoder
from summae.text.tokenizer import END_ID, PAD_ID, SubwordTokenizer

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
        self.makers = [MAKERS[name] for name in mixture]
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


def masked_out(ids: Tensor, share: float, mask_id: int) -> Tensor:
    """``ids`` with a random ``share`` of the pieces replaced by the mask (SEQ3 hides half of R's inputs)."""
    if share <= 0:
        return ids
    return torch.where(torch.rand(ids.shape, device=ids.device) < share, mask_id, ids)


def pieces_per_word(texts: Sequence[str], tokenizer: SubwordTokenizer) -> float:
    """How many pieces a running word of ``texts`` has."""
    return sum(map(len, tokenizer.encode_batch(list(texts)))) / max(sum(map(word_count, texts)), 1)
