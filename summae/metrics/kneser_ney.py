"""An n-gram language model: a judge of fluency that takes seconds to train and shares nothing with our networks.

Interpolated Kneser–Ney (Chen and Goodman 1998, one discount per order), h' = h without its first id:

    p(w | h) = (max(c(hw) − D, 0) + D · N(h·) · p(w | h')) / c(h·),    D = n₁ / (n₁ + 2 n₂)

where c counts, N(h·) is the number of different ids seen after h, n₁ and n₂ are the numbers of n-grams that count once
and twice; below the highest order c(hw) is the number of different ids seen *before* hw. What follows an unseen
context is asked of h'; below the unigrams stands 1/V, so every text has a probability.

Legend: N texts, T ids of a text, K n-grams; an n-gram is stored as one number, its ids being the digits in base V.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

NO_SINGLES, MOST = 0.5, 0.95  # the discount where no n-gram counts once, and the largest: p stays above 0


@dataclass(frozen=True)
class _Order:
    """The n-grams of one length."""

    grams_K: np.ndarray  # int64, ascending
    counts_K: np.ndarray
    contexts: np.ndarray  # int64, ascending: what stands before the last id
    totals: np.ndarray  # c(h·) of every context
    kinds: np.ndarray  # N(h·)
    discount: float

    @classmethod
    def of(cls, grams_K: np.ndarray, counts_K: np.ndarray, base: int) -> _Order:
        contexts, begins, kinds = np.unique(grams_K // base, return_index=True, return_counts=True)
        once, twice = (int((counts_K == times).sum()) for times in (1, 2))
        discount = once / (once + 2 * twice) if once else NO_SINGLES
        return cls(grams_K, counts_K, contexts, np.add.reduceat(counts_K, begins), kinds, min(discount, MOST))

    def probabilities(self, grams: np.ndarray, base: int, shorter: np.ndarray) -> np.ndarray:
        """p of every n-gram's last id, given ``shorter``: the same from one id less."""
        count = _found(self.grams_K, self.counts_K, grams)
        total = _found(self.contexts, self.totals, grams // base)
        kinds = _found(self.contexts, self.kinds, grams // base)
        share = (np.maximum(count - self.discount, 0) + self.discount * kinds * shorter) / np.maximum(total, 1)
        return np.where(total > 0, share, shorter)


def _found(keys: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """``values`` at ``wanted`` keys, 0 where there is no such key."""
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[places] == wanted, values[places], 0)


@dataclass(frozen=True)
class KneserNey:
    """``log_probs(rows)`` after ``KneserNey.count(rows, …)``; ids are in [0, vocab_size)."""

    orders: tuple[_Order, ...]  # shortest first
    vocab_size: int
    start_id: int  # stands before every text, as often as needed

    @classmethod
    def count(cls, rows: Sequence[Sequence[int]], *, vocab_size: int, start_id: int, order: int = 4) -> KneserNey:
        """Count the texts ``rows``, each with its end id."""
        if vocab_size**order >= 2**63:
            raise ValueError(f"vocab_size ** order must be below 2 ** 63, got {vocab_size} ** {order}")
        grams, counts = np.unique(_grams(rows, order, vocab_size, start_id), return_counts=True)
        orders = [_Order.of(grams, counts, vocab_size)]
        for length in range(order - 1, 0, -1):
            grams, counts = np.unique(grams % vocab_size**length, return_counts=True)
            orders.insert(0, _Order.of(grams, counts, vocab_size))
        return cls(tuple(orders), vocab_size, start_id)

    def log_probs(self, rows: Sequence[Sequence[int]]) -> list[np.ndarray]:
        """log p(id | ids before), in nats: [T] for each of the N rows."""
        grams = _grams(rows, len(self.orders), self.vocab_size, self.start_id)
        found = np.full(len(grams), 1 / self.vocab_size)
        for length, order in enumerate(self.orders, 1):
            found = order.probabilities(grams % self.vocab_size**length, self.vocab_size, found)
        return np.split(np.log(found), np.cumsum([len(row) for row in rows])[:-1])


def _grams(rows: Sequence[Sequence[int]], order: int, base: int, start_id: int) -> np.ndarray:
    """The n-gram that ends at every id of every row, as numbers: [Σ T]."""
    padded = np.fromiter((i for row in rows for i in (*[start_id] * (order - 1), *row)), dtype=np.int64)
    grams = padded[order - 1 :].copy()
    for back in range(1, order):
        grams += padded[order - 1 - back : len(padded) - back] * base**back
    lengths = np.array([len(row) for row in rows])
    ends = np.repeat(np.arange(len(rows)) * (order - 1), lengths)
    return grams[np.arange(len(ends)) + ends]
