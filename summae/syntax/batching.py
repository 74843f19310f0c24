"""Trees as numbers, in batches of sentences of like length.

Sizes: B sentences, N tokens of the longest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from summae.syntax.bucketing import by_length
from summae.syntax.labels import LabelSet
from summae.syntax.network import PADDING, Gold
from summae.syntax.tree import Tree


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence's tokens and what they should be read as."""

    tokens: tuple[str, ...]
    heads: tuple[int, ...]  # 0 the root, n the token n - 1
    relations: tuple[int, ...]
    bundles: tuple[int, ...]

    @classmethod
    def of(cls, tree: Tree, labels: LabelSet) -> Example:
        return cls(
            tuple(token.text for token in tree.tokens),
            tuple(token.head + 1 for token in tree.tokens),
            tuple(labels.relation_id(token) for token in tree.tokens),
            tuple(labels.bundle_id(token) for token in tree.tokens),
        )


def shuffled_batches(examples: Sequence[Example], batch_tokens: int, seed: int) -> list[list[Example]]:
    """All examples once, in batches of like length; which are together and in which order is the seed's."""
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(examples))
    batches = by_length([len(examples[place].tokens) for place in order], batch_tokens)
    return [
        [examples[int(order[place])] for place in batches[int(number)]]
        for number in generator.permutation(len(batches))
    ]


def gold_tensors(examples: Iterable[Example]) -> Gold:
    """Heads, relations and bundles, padded: three of ``[B, N]``."""
    rows = list(examples)
    return Gold(*(_padded([getattr(row, name) for row in rows]) for name in ("heads", "relations", "bundles")))


def _padded(rows: Sequence[Sequence[int]]) -> Tensor:
    filled = np.full((len(rows), max(map(len, rows))), PADDING, dtype=np.int64)
    for place, row in enumerate(rows):
        filled[place, : len(row)] = row
    return torch.from_numpy(filled)


def endless(examples: Sequence[Example], batch_tokens: int, seed: int, skip: int = 0) -> Iterator[list[Example]]:
    """Batches of epoch after epoch; ``skip`` leaves the first ones out, as a run that goes on has read them."""
    epoch = 0
    while True:
        for batch in shuffled_batches(examples, batch_tokens, seed + epoch):
            if skip:
                skip -= 1
            else:
                yield batch
        epoch += 1
