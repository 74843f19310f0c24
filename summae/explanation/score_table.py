"""The scores of alternatives as a table, on a terminal and on a page, and in words: all from ``FEATURES``."""

from __future__ import annotations

from collections.abc import Mapping

from summae.summarizing.features import FEATURES, RANKED, SCORE

COLUMNS = (SCORE, *RANKED)  # the ranking score, and the features that it is the weighted sum of
DECIMALS = 3  # of each figure
TOGETHER = "their weighted sum, by which the best is chosen"


def figures(scores: Mapping[str, float]) -> list[str]:
    """One for each of ``COLUMNS``; blank where a summary has no such score."""
    return [f"{scores[name]:.{DECIMALS}f}" if name in scores else "" for name in COLUMNS]


def description() -> str:
    """Every feature with its unit, and what it measures."""
    features = (f"{name} ({feature.unit}: {feature.help})" for name, feature in FEATURES.items())
    return f"{', '.join(features)}, {SCORE} ({TOGETHER})"


def usual_weights() -> str:
    return ", ".join(f"{name} {weight:g}" for name, weight in RANKED.items())
