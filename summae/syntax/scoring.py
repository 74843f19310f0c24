"""How well trees agree: unlabelled and labelled attachment, tags, features.

``UAS`` = share of tokens with the right head, ``LAS`` = with the right head and relation (subtypes count),
punctuation counted, as in the CoNLL 2018 shared task's figures for gold tokens.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from summae.syntax.tree import Tree


@dataclass(frozen=True)
class Attachment:
    """Percentages over all tokens of all sentences."""

    tokens: int
    uas: float
    las: float
    upos: float
    features: float

    def __str__(self) -> str:
        return (
            f"UAS {self.uas:.2f}  LAS {self.las:.2f}  UPOS {self.upos:.2f}  features {self.features:.2f}  "
            f"({self.tokens} gold tokens, punctuation counted)"
        )


def attachment(predicted: Iterable[Tree], gold: Iterable[Tree]) -> Attachment:
    """Scores of ``predicted`` trees over the same tokens as ``gold``."""
    counts = [0, 0, 0, 0, 0]
    for ours, theirs in zip(predicted, gold, strict=True):
        for mine, right in zip(ours.tokens, theirs.tokens, strict=True):
            head = mine.head == right.head
            hits = (True, head, head and mine.relation == right.relation, mine.tag == right.tag)
            for place, hit in enumerate((*hits, dict(mine.features) == dict(right.features))):
                counts[place] += hit
    total = max(counts[0], 1)
    return Attachment(counts[0], *(100 * count / total for count in counts[1:]))
