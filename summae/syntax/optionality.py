"""How often short texts keep a relation that sources have: what a head loses when a dependent goes.

    loss(l | h) = log P_short(l | h) − log P_source(l | h)
                  + γ · min(MOST_BOUND, max(0, log P_short(l | h) − log P_short(l)))

P(l | h) is the share of the word h's occurrences that carry a dependent with relation l, counted on parsed *unpaired*
texts (Filippova & Strube, Dependency Tree Based Sentence Compression, INLG 2008, count l | h in one corpus; the
contrast of short and source is ours, as in :mod:`summae.text.salience` for words). Both are drawn towards the share
of the relation with any head, P(l), by κ pseudo-occurrences: P(l | h) = (c(h, l) + κ P(l)) / (c(h) + κ).
Higher is dearer: 0 where short texts keep a dependent as often as sources do, below 0 where they mostly do without. The
last term, for a single head only, is how much the head asks for the relation: "closing in" asks for "on", "agreed" for
what was agreed; P(l) is the share among heads of any kind, and γ is ``BINDING``.
The relation has its marker with it ("obl:on"): "on Tuesday" goes more often than "against the plan".

Some heads say little without *any* of their dependents: "a victory", "Dell is to disclose". What a noun or a verb costs
that had complements and has lost them all is

    bareness(h) = min(MOST_BARE, −log P_short(bare | h)),   the same shares with "bare" in place of a relation,

so it is dear where short texts hardly ever leave the word alone, and cheap where they do ("shares", "rise").
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from summae.errors import CheckpointError
from summae.syntax.arcs import word_key
from summae.syntax.phrases import DAYS, has_relation, is_mark, lower, marker
from summae.syntax.tree import ROOT_HEAD, Token, Tree

BINDING, MOST_BOUND = 0.5, 3.0  # γ, and nats
BARE = "bare"
MOST_BARE = 3.0  # nats
#: What completes a word of a tag: relations, with or without a subtype.
COMPLEMENTS = {
    "NOUN": frozenset("amod compound nmod acl nummod".split()),
    "VERB": frozenset("obj iobj ccomp xcomp obl nsubj:pass compound:prt".split()),
}
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
    """Of one kind of text: occurrences of heads (:func:`head_key`), of relations with them, and with any head."""

    heads: Counter[str] = field(default_factory=Counter)
    pairs: Counter[str] = field(default_factory=Counter)  # "head\trelation"
    relations: Counter[str] = field(default_factory=Counter)
    tags: Counter[str] = field(default_factory=Counter)  # of all words of a tag
    tokens: int = 0

    def add(self, tree: Tree) -> None:
        """Count every token of ``tree`` with the set of its dependents' relations."""
        for index, token in enumerate(tree.tokens):
            if is_mark(token):
                continue
            found = {relation_key(tree, child) for child in tree.children(index)} - {""}
            if token.tag in COMPLEMENTS and not complements(tree, index):
                found.add(f"{BARE}:{token.tag}")
            head = head_key(token)
            self.heads[head] += 1
            self.tags[token.tag] += 1
            self.tokens += 1
            self.relations.update(found)
            self.pairs.update(f"{head}\t{relation}" for relation in found)

    def to_json(self) -> dict:
        return {name: dict(table) if isinstance(table, Counter) else table for name, table in vars(self).items()}

    @classmethod
    def of_json(cls, stored: dict) -> Counts:
        tables = {name: Counter(table) for name, table in stored.items() if name != "tokens"}
        return cls(**tables, tokens=stored["tokens"])

    def share(self, head: str, relation: str) -> float:
        """P(l | h), drawn towards P(l); never 0."""
        together = self.pairs[f"{head}\t{relation}"]
        return (together + PSEUDO_OCCURRENCES * self.anywhere(relation)) / (self.heads[head] + PSEUDO_OCCURRENCES)

    def anywhere(self, relation: str) -> float:
        """P(l), with any head; of :data:`BARE` with any head of its tag."""
        tokens = self.tags[relation.removeprefix(f"{BARE}:")] if relation.startswith(BARE) else self.tokens
        return (self.relations[relation] + 0.5) / (tokens + 1.0)


def head_key(token: Token) -> str:
    """The word without its inflection, and its tag: "won" and "wins" are one head, a plan and to plan are two."""
    return f"{word_key(token.text)}/{token.tag}"


def complements(tree: Tree, index: int) -> list[int]:
    """The dependents that say which, or whom: none of a word that is no common noun and no verb."""
    relations = COMPLEMENTS.get(tree.tokens[index].tag, frozenset())
    found = [child for child in tree.children(index) if has_relation(tree.tokens[child], relations)]
    return [child for child in found if lower(tree.tokens[child]) not in DAYS]  # a day completes nothing


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
    """Of one domain: ``losses``: "head\\trelation" → loss in nats; ``relations``: relation → loss with any head;
    ``bare``: head → bareness in nats, and "NOUN", "VERB" → that of any.
    """

    losses: Mapping[str, float] = field(default_factory=dict)
    relations: Mapping[str, float] = field(default_factory=lambda: PRIOR)
    bare: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def count(cls, sources: Iterable[Tree], short_texts: Iterable[Tree], *, at_least: int = 20) -> Optionality:
        """Count both sides; what sources have fewer than ``at_least`` times is left to the relation."""
        in_source, in_short = Counts(), Counts()
        for counts, trees in ((in_source, sources), (in_short, short_texts)):
            for tree in trees:
                counts.add(tree)
        return cls.of(in_source, in_short, at_least=at_least)

    @classmethod
    def of(cls, in_source: Counts, in_short: Counts, *, at_least: int = 20) -> Optionality:
        """From counts of both sides."""
        relations = {name for name, count in in_source.relations.items() if count >= at_least}
        pairs = [pair.split("\t") for pair, count in sorted(in_source.pairs.items()) if count >= at_least]
        common = [head for head, count in sorted(in_short.heads.items()) if count >= at_least]
        heads = [(head, head.rpartition("/")[2]) for head in common if head.rpartition("/")[2] in COMPLEMENTS]
        return cls(
            {
                f"{head}\t{name}": round(
                    _ratio(in_short.share(head, name), in_source.share(head, name)) + _bound(in_short, head, name), 2
                )
                for head, name in pairs
                if not name.startswith(BARE)
            },
            {name: _ratio(in_short.anywhere(name), in_source.anywhere(name)) for name in sorted(relations)},
            {head: _bareness(in_short.share(head, f"{BARE}:{tag}")) for head, tag in heads}
            | {tag: _bareness(in_short.anywhere(f"{BARE}:{tag}")) for tag in COMPLEMENTS},
        )

    def loss(self, tree: Tree, index: int) -> float:
        """What the head of ``index`` loses without it; 0 for the root and for relations never seen."""
        token = tree.tokens[index]
        if token.head == ROOT_HEAD:
            return 0.0
        name = relation_key(tree, index) or token.relation
        pair = f"{head_key(tree.tokens[token.head])}\t{name}"
        if pair in self.losses:
            return self.losses[pair]
        keys = (name, token.relation, token.base_relation)
        known = [table[key] for key in keys for table in (self.relations, PRIOR) if key in table]
        return known[0] if known else 0.0

    def bareness(self, tree: Tree, index: int) -> float:
        """What the token costs without any of its complements, nats ≥ 0; 0 for one that has none to lose."""
        token = tree.tokens[index]
        if not self.bare or not complements(tree, index):
            return 0.0
        return self.bare.get(head_key(token), self.bare.get(token.tag, 0.0))

    @classmethod
    def load_all(cls, path: str | Path) -> dict[str, Optionality]:
        """Domain → table, from a file that :func:`save_all` wrote."""
        try:
            stored = json.loads(Path(path).read_text(encoding="utf-8"))
            return {domain: cls(table["losses"], table["relations"], table["bare"]) for domain, table in stored.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise CheckpointError(f"{path}: no usable table of optionality ({error})") from error


def save_all(tables: Mapping[str, Optionality], path: str | Path) -> None:
    """One JSON object, sorted, so that the same counts give the same file."""
    parts = ("losses", "relations", "bare")
    stored = {
        domain: {part: dict(sorted(getattr(table, part).items())) for part in parts}
        for domain, table in sorted(tables.items())
    }
    Path(path).write_text(json.dumps(stored, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def _ratio(short: float, source: float) -> float:
    return round(math.log(short / source), 2)


def _bound(in_short: Counts, head: str, name: str) -> float:
    """How much oftener short texts have the relation with this head than with any."""
    more = math.log(in_short.share(head, name) / in_short.anywhere(name))
    return round(BINDING * min(MOST_BOUND, max(0.0, more)), 2)


def _bareness(share: float) -> float:
    return round(min(MOST_BARE, -math.log(share)), 2)
