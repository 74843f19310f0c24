"""Sentences of like length together, so that little is padded."""

from __future__ import annotations

from collections.abc import Sequence


def by_length(lengths: Sequence[int], batch_tokens: int) -> list[list[int]]:
    """Places in batches of at most ``batch_tokens`` tokens, padding counted, the shortest sentences first."""
    batches: list[list[int]] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if not batches or lengths[place] * (len(batches[-1]) + 1) > batch_tokens:
            batches.append([])
        batches[-1].append(place)
    return batches
