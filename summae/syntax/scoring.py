"""How well trees agree: unlabelled and labelled attachment, tags, features.

``UAS`` = share of tokens with the right head, ``LAS`` = with the right head and relation (subtypes count),
punctuation counted, as in the CoNLL 2018 shared task's figures for gold tokens.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from summae.syntax.tree import ROOT_HEAD, Tree


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


@dataclass(frozen=True)
class RawAttachment:
    """F1 in per cent over tokens that need not be the same: of the spans, of the arcs, of the labelled arcs."""

    tokens: float
    uas: float
    las: float

    def __str__(self) -> str:
        return f"tokens {self.tokens:.2f}  UAS {self.uas:.2f}  LAS {self.las:.2f}  (F1, raw text)"


def raw_attachment(predicted: Iterable[Tree], gold: Iterable[Tree]) -> RawAttachment:
    """Scores of trees of the same texts with tokens of their own, as CoNLL 2018's: a token, an arc, is its spans."""
    ours: list[set[tuple]] = [set(), set(), set()]
    theirs: list[set[tuple]] = [set(), set(), set()]
    for number, pair in enumerate(zip(predicted, gold, strict=True)):
        for found, tree in zip((ours, theirs), pair, strict=True):
            for place, facts in enumerate(_facts(tree, number)):
                found[place] |= facts
    return RawAttachment(*(200 * len(a & b) / max(len(a) + len(b), 1) for a, b in zip(ours, theirs, strict=True)))


def _facts(tree: Tree, number: int) -> tuple[set[tuple], set[tuple], set[tuple]]:
    """The spans, arcs and labelled arcs of sentence ``number``."""
    spans = [(number, token.start, token.end) for token in tree.tokens]
    heads = [None if token.head == ROOT_HEAD else spans[token.head] for token in tree.tokens]
    arcs = list(zip(spans, heads, strict=True))
    return set(spans), set(arcs), {(*arc, token.relation) for arc, token in zip(arcs, tree.tokens, strict=True)}
