"""How far a mean score may be trusted: seeded bootstrap percentile intervals.

Resample the N examples with replacement B times; the interval runs from the 2.5th to the 97.5th percentile of
the B means. Source: B. Efron and R. Tibshirani, "An introduction to the bootstrap", 1993, chapter 13.

The same seed and N give the same resamples, so systems judged on one test set are compared on equal draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RESAMPLES = 1000
SEED = 12345
LEVEL = 0.95  # probability that the interval covers


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A mean and its percentile interval, all in the unit of the values."""

    mean: float
    low: float
    high: float


def mean_intervals(
    values: np.ndarray, *, resamples: int = RESAMPLES, seed: int = SEED, level: float = LEVEL
) -> list[Interval]:
    """One interval per column of ``values [N, M]``; all columns share the same resamples."""
    values = np.asarray(values, dtype=float)
    if values.ndim != 2 or not len(values):
        raise ValueError(f"values must be [N, M] with N > 0, got {values.shape}")
    generator = np.random.default_rng(seed)
    count = len(values)
    means = np.array([values[generator.integers(count, size=count)].mean(0) for _ in range(resamples)])
    tail = 100 * (1 - level) / 2
    lows, highs = np.percentile(means, [tail, 100 - tail], axis=0)
    columns = zip(values.mean(0), lows, highs, strict=True)
    return [Interval(mean=float(mean), low=float(low), high=float(high)) for mean, low, high in columns]
