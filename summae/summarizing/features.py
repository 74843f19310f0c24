"""Which finished candidate is the best: a weighted sum of what G, R, the short-text model and a critic
say of it.

    merit = w_g · generator + w_c · coverage + w_r · realism + w_f · fluency + w_l · length
            + w_e · early + w_m · centrality

Weights are the decoder's own: rewards of training (:mod:`summae.rewards`) ask the same questions with
gradient. Legend: C candidates, P pieces of the text (all its chunks in a row).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from summae.errors import SummaeError
from summae.tables import look_up

NATS_PER_BIT = float(np.log(2.0))


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is known of one candidate; higher is better everywhere."""

    generator: float  # log p_G(y | x) per piece, nats, the end piece included
    coverage: float  # share of the text that R rebuilds thanks to it, at most 1; see :func:`coverage`
    bits: float  # the same, in bits
    fluency: float  # log p_LM(y) per piece, nats, the end piece included
    length: float  # share of the word budget that is used, 0 … 1
    early: float  # 1 / (1 + place of the window it compresses), 0 … 1: texts tend to begin with what they are about
    centrality: float = 0.0  # how much of what it says the text says elsewhere too, 0 … 1; see its maker
    realism: float | None = None  # how real a critic finds it, 0 … 1 (0.5: either); ``None``: the model has no critic


@dataclass(frozen=True, kw_only=True)
class Weights:
    generator: float = 0.5
    coverage: float = 4.0
    realism: float = 0.0  # a model without a critic is ranked by the others
    fluency: float = 0.6
    length: float = 0.5
    #: both chosen on science-en/valid and email-en/valid; where a text is one window they change nothing
    early: float = 2.0
    centrality: float = 7.5


def coverage(rebuilt_CP: np.ndarray, nothing_P: np.ndarray, weights_P: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How much of a text each candidate gives away: ``(share [C], bits [C])``.

    bits = Σ_p (log p_R(x_p | candidate) − log p_R(x_p | nothing)) / ln 2. The share is that gain over what
    rebuilding the text from nothing costs, both weighted by ``weights_P`` (idf: content counts, function
    words hardly do).
    """
    gain_CP = rebuilt_CP - nothing_P
    cost = float(-(nothing_P * weights_P).sum())
    return (gain_CP @ weights_P) / max(cost, 1e-9), gain_CP.sum(axis=1) / NATS_PER_BIT


def merit(evidence: Evidence, weights: Weights) -> float:
    """The weighted sum."""
    return (
        weights.generator * evidence.generator
        + weights.coverage * evidence.coverage
        + weights.realism * (evidence.realism or 0.0)
        + weights.fluency * evidence.fluency
        + weights.length * evidence.length
        + weights.early * evidence.early
        + weights.centrality * evidence.centrality
    )


def weights_of(text: str) -> Weights:
    """The weights of ``"coverage=4,fluency=0.6"``; those that are not named are the usual ones.

    Raises :class:`SummaeError`, one line, for an unknown name (with the right ones) or what is no number.
    """
    values: dict[str, float] = {}
    for part in text.split(","):
        name, _, value = (each.strip() for each in part.partition("="))
        look_up(Weights.__dataclass_fields__, name, "weight")
        try:
            values[name] = float(value)
        except ValueError:
            values[name] = math.nan
        if not math.isfinite(values[name]):
            raise SummaeError(f"weight '{name}' must be a number, as in {name}=1.5, got '{value}'")
    return Weights(**values)
