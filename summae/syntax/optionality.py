"""How often short texts keep a relation that sources have: what a head loses when a dependent goes.

    loss(l | h) = log P_short(l | h) − log P_source(l | h)

P(l | h) is the share of the word h's occurrences that carry a dependent with relation l, counted on parsed *unpaired*
texts (Filippova & Strube, Dependency Tree Based Sentence Compression, INLG 2008, count l | h in one corpus; the
contrast of short and source is ours, as in :mod:`summae.text.salience` for words). Both are drawn towards the share
of the relation with any head, P(l), by κ pseudo-occurrences: P(l | h) = (c(h, l) + κ P(l)) / (c(h) + κ).
Higher is dearer: 0 where short texts keep a dependent as often as sources do, below 0 where they mostly do without.
The relation has its marker with it ("obl:on"): "on Tuesday" goes more often than "against the plan".
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from summae.errors import CheckpointError
from summae.syntax.phrases import is_mark, lower, marker
from summae.syntax.tree import ROOT_HEAD, Tree

_MARKED = frozenset("obl nmod advcl acl ccomp xcomp".split())
#: What headlines have for reasons of their own ("Sales fall -sources", "France: talks fail").
_UNCOUNTED = frozenset("appos parataxis list dep vocative discourse".split())
PSEUDO_OCCURRENCES = 20.0
#: Until anything is counted: what readers and editors would say, in nats. Looked up with marker, subtype, base.
PRIOR = {
    "acl": -0.3,
    "acl:to": 0.3,
    "acl:relcl": -1.2,
    "advcl": -0.6,
    "advcl:in": 0.2,
    "advmod": -0.6,
    "amod": -0.1,
    "appos": -1.2,
    "conj": -0.4,
    "discourse": -2.0,
    "nmod": 0.1,
    "nmod:in": -0.1,
    "nmod:including": -1.5,
    "nmod:such as": -1.5,
    "nmod:unmarked": -0.4,
    "obl": 0.0,
    "obl:according to": 0.3,
    "obl:agent": 0.8,
    "obl:after": 0.3,
    "obl:on": -0.3,
    "obl:unmarked": -0.7,
    "parataxis": -1.5,
    "vocative": -2.0,
}


@dataclass
class Counts:
    """Of one kind of text: occurrences of head words, of relations with them, and of relations with any head."""

    heads: Counter[str] = field(default_factory=Counter)
    pairs: Counter[str] = field(default_factory=Counter)  # "head\trelation"
    relations: Counter[str] = field(default_factory=Counter)
    tokens: int = 0

    def add(self, tree: Tree) -> None:
        """Count every token of ``tree`` with the set of its dependents' relations."""
        for index, token in enumerate(tree.tokens):
            if is_mark(token):
                continue
            found = {relation_key(tree, child) for child in tree.children(index)} - {""}
            self.heads[lower(token)] += 1
            self.tokens += 1
            self.relations.update(found)
            self.pairs.update(f"{lower(token)}\t{relation}" for relation in found)

    def share(self, head: str, relation: str) -> float:
        """P(l | h), drawn towards P(l); never 0."""
        anywhere = (self.relations[relation] + 0.5) / (self.tokens + 1.0)
        together = self.pairs[f"{head}\t{relation}"]
        return (together + PSEUDO_OCCURRENCES * anywhere) / (self.heads[head] + PSEUDO_OCCURRENCES)


def relation_key(tree: Tree, index: int) -> str:
    """The relation with the marker of its phrase: "obl:on", "advcl:if", "amod"; "" for what is not counted."""
    token = tree.tokens[index]
    if is_mark(token):
        return ""
    if token.base_relation in _UNCOUNTED:
        return ""
    opening = marker(tree, index) if token.base_relation in _MARKED and token.relation != "nmod:poss" else ""
    return f"{token.base_relation}:{opening}" if opening else token.relation


@dataclass(frozen=True)
class Optionality:
    """``losses``: "head\\trelation" → loss in nats; ``relations``: relation → loss with any head."""

    losses: Mapping[str, float] = field(default_factory=dict)
    relations: Mapping[str, float] = field(default_factory=lambda: PRIOR)

    @classmethod
    def count(cls, sources: Iterable[Tree], short_texts: Iterable[Tree], *, at_least: int = 20) -> Optionality:
        """Count both sides; what sources have fewer than ``at_least`` times is left to the relation."""
        in_source, in_short = Counts(), Counts()
        for counts, trees in ((in_source, sources), (in_short, short_texts)):
            for tree in trees:
                counts.add(tree)
        relations = {name for name, count in in_source.relations.items() if count >= at_least}
        pairs = [pair.split("\t") for pair, count in in_source.pairs.items() if count >= at_least]
        return cls(
            {
                f"{head}\t{name}": _ratio(in_short.share(head, name), in_source.share(head, name))
                for head, name in pairs
            },
            {name: _ratio(_anywhere(in_short, name), _anywhere(in_source, name)) for name in sorted(relations)},
        )

    def loss(self, tree: Tree, index: int) -> float:
        """What the head of ``index`` loses without it; 0 for the root and for relations never seen."""
        token = tree.tokens[index]
        if token.head == ROOT_HEAD:
            return 0.0
        name = relation_key(tree, index) or token.relation
        pair = f"{lower(tree.tokens[token.head])}\t{name}"
        if pair in self.losses:
            return self.losses[pair]
        keys = (name, token.relation, token.base_relation)
        known = [table[key] for key in keys for table in (self.relations, PRIOR) if key in table]
        return known[0] if known else 0.0

    @classmethod
    def load(cls, path: str | Path) -> Optionality:
        """From a file that :meth:`save` wrote."""
        try:
            stored = json.loads(Path(path).read_text(encoding="utf-8"))
            return cls(stored["losses"], stored["relations"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CheckpointError(f"{path}: no usable table of optionality ({error})") from error

    def save(self, path: str | Path) -> None:
        """One JSON object, sorted, so that the same counts give the same file."""
        stored = {"losses": dict(sorted(self.losses.items())), "relations": dict(sorted(self.relations.items()))}
        Path(path).write_text(json.dumps(stored, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def _anywhere(counts: Counts, relation: str) -> float:
    return (counts.relations[relation] + 0.5) / (counts.tokens + 1.0)


def _ratio(short: float, source: float) -> float:
    return round(math.log(short / source), 3)
