"""The features that candidate summaries are ranked by: one entry of one table each, read by everybody who names them.

    score(y) = Σ_f w_f · f(y)        over the features f that y has

A feature is measured for all candidates of a line at once (:class:`summae.summarizing.rank.RankingContext`); higher is
better everywhere. The weights are the decoder's own: rewards of training (:mod:`summae.rewards`) ask the same questions
with gradient. Light: the command line's help is made from this table.

Legend: C candidates, P pieces of the text (all sampled chunks in a row).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from summae.errors import SummaeError
from summae.tables import look_up

if TYPE_CHECKING:
    import numpy as np

    from summae.summarizing.rank import RankingContext

NATS_PER_BIT = math.log(2.0)
SCORE = "score"  # the ranking score's own name among the scores of a summary
MOST_CANDIDATES = 50  # that one text may be asked for

Value = float | None  # None: this candidate, or this model, has no such feature
Values = Mapping[str, Value]  # of one candidate, by feature


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One question that a candidate is asked."""

    unit: str
    weight: float | None  # in the ranking score; None: told, not ranked by
    help: str  # what it measures, for people
    measure: Callable[[RankingContext], Sequence[Value]]  # of every candidate of a line
    #: how the lines of a summary become one figure: their mean, their sum, or a mean in which a line that found
    #: nothing to say counts as 0
    over_lines: Literal["mean", "sum", "share"] = "mean"


def coverage(rebuilt_CP: np.ndarray, nothing_P: np.ndarray, weights_P: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How much of a text each candidate gives away: ``(share [C], bits [C])``.

    bits = Σ_p (log p_R(x_p | candidate) − log p_R(x_p | nothing)) / ln 2. The share is that gain over what
    rebuilding the text from nothing costs, both weighted by ``weights_P`` (idf: content counts, function
    words hardly do).
    """
    gain_CP = rebuilt_CP - nothing_P
    cost = float(-(nothing_P * weights_P).sum())
    return (gain_CP @ weights_P) / max(cost, 1e-9), gain_CP.sum(axis=1) / NATS_PER_BIT


def _generator(context: RankingContext) -> list[Value]:
    return [None if each.log_prob is None else each.log_prob / (len(each.ids) + 1) for each in context.proposals]


def _early(context: RankingContext) -> list[Value]:
    return [1 / (1 + each.window) if context.line.only else 0.0 for each in context.proposals]


def _centrality(context: RankingContext) -> list[Value]:
    line = context.line
    return [
        line.centrality.of(each.text, line.segment.windows[each.window], line.limit.ask) for each in context.proposals
    ]


#: in the order in which they are added up
FEATURES: dict[str, Feature] = {
    "generator": Feature(
        unit="nats per piece",
        weight=0.5,
        help="how probable the generator finds it, nearer to 0 is better; blank if it did not write it",
        measure=_generator,
    ),
    "coverage": Feature(
        unit="0 to 1",
        weight=4.0,
        help="share of the text's information that the reconstructor can rebuild from it",
        measure=lambda context: context.covered[0].tolist(),
        over_lines="share",
    ),
    "coverage_bits": Feature(
        unit="bits",
        weight=None,
        help="the same as a number of bits",
        measure=lambda context: context.covered[1].tolist(),
        over_lines="sum",
    ),
    "realism": Feature(
        unit="0 to 1",
        weight=0.0,  # a model without a critic is ranked by the others
        help="how real a critic of short texts finds it, 0.5: it could be either; blank if the model has no critic",
        measure=lambda context: context.realism(),
    ),
    "fluency": Feature(
        unit="nats per piece",
        weight=0.6,
        help="how probable a language model of short texts finds it, nearer to 0 is better",
        measure=lambda context: context.fluency(),
    ),
    "length": Feature(
        unit="0 to 1",
        weight=0.5,
        help="share of the budget that is used",
        measure=lambda context: [context.line.limit.used(each.text) for each in context.proposals],
    ),
    "early": Feature(
        unit="0 to 1",
        weight=2.0,  # chosen, as centrality's, on science-en/valid and email-en/valid: one window, no difference
        help="how near to the beginning of the text it is told, if it has one line",
        measure=_early,
    ),
    "kept": Feature(
        unit="values of words",
        weight=1.0,  # chosen, with coverage's, on news-en/valid
        help="what a shortening keeps, less what the best of its sentence keeps; blank if it is none",
        measure=lambda context: [each.kept for each in context.proposals],
    ),
    "stated": Feature(
        unit="0 or 1",
        weight=2.0,  # chosen by reading, on science-en/valid and email-en/valid
        help="whether the text's authors say that they present it, or have found it; blank if it is no shortening",
        measure=lambda context: [None if each.stated is None else float(each.stated) for each in context.proposals],
    ),
    "centrality": Feature(
        unit="0 to 1",
        weight=7.5,
        help="how much of what it says other parts of the text say too",
        measure=_centrality,
    ),
}
RANKED = {name: feature.weight for name, feature in FEATURES.items() if feature.weight is not None}


class Weights(Mapping[str, float]):
    """What the features weigh in the ranking score: ``Weights(coverage=9.0)``; those not named weigh what they do in
    ``FEATURES``. Raises :class:`SummaeError` for a name that no feature has.
    """

    def __init__(self, **values: float):
        for name in values:
            look_up(RANKED, name, "weight")
        self._values = RANKED | values

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Weights({', '.join(f'{name}={value}' for name, value in self.items())})"


def ranking_score(values: Values, weights: Mapping[str, float]) -> float:
    """Σ_f w_f · f; a feature that the candidate does not have adds nothing."""
    return sum(weight * (values[name] or 0.0) for name, weight in weights.items())


def over_lines(parts: Sequence[Values], lines: int) -> dict[str, float]:
    """The features of a summary from those of the ``parts`` that were found for its ``lines``; what none has is
    left out.
    """
    found: dict[str, float] = {}
    for name, feature in FEATURES.items():
        known = [value for value in (part[name] for part in parts) if value is not None]
        if known:
            by = {"mean": len(known), "sum": 1, "share": lines}[feature.over_lines]
            found[name] = sum(known) / by
    return found


def weights_of(text: str) -> Weights:
    """The weights of ``"coverage=4,fluency=0.6"``; those that are not named are the usual ones.

    Raises :class:`SummaeError`, one line, for an unknown name (with the right ones) or what is no number.
    """
    values: dict[str, float] = {}
    for part in text.split(","):
        name, _, value = (each.strip() for each in part.partition("="))
        look_up(RANKED, name, "weight")
        try:
            values[name] = float(value)
        except ValueError:
            values[name] = math.nan
        if not math.isfinite(values[name]):
            raise SummaeError(f"weight '{name}' must be a number, as in {name}=1.5, got '{value}'")
    return Weights(**values)
