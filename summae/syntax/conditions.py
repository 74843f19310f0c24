"""What a rule asks of a token: its relation, tag, words, features and place, as data (``languages/*.json``).

A condition that is not in the file holds of any token; a string there is a list of words between blanks, "_" is a blank
inside one, and "@name" stands for a list of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from summae.syntax.phrases import (
    children,
    descend,
    has_relation,
    is_capital,
    is_mark,
    is_set_off,
    lower,
    markers,
    neighbours,
)
from summae.syntax.tree import Tree


@dataclass(frozen=True, kw_only=True)
class Condition:
    """What a token must be; a part that is not given holds of any token."""

    relation: frozenset[str] = frozenset()  # UD relations, with or without a subtype
    tag: frozenset[str] = frozenset()  # UPOS
    word: frozenset[str] = frozenset()  # in lower case
    marker: frozenset[str] = frozenset()  # the prepositions or conjunctions that open its phrase: "of", "such as"
    child: frozenset[str] = frozenset()  # one of its dependents is one of these words
    below: frozenset[str] = frozenset()  # an adverb anywhere below it is one of these words
    has: frozenset[str] = frozenset()  # it has a dependent with one of these relations
    lacks: frozenset[str] = frozenset()  # it has none with one of these
    features: Mapping[str, str] = field(default_factory=dict)
    child_features: Mapping[str, str] = field(default_factory=dict)  # one of its dependents has them
    capital: bool | None = None  # it begins with a capital, not being the first word
    side: str = ""  # "before" or "after" its head
    followed_by: frozenset[str] = frozenset()  # its head has a dependent of one of these relations further right
    mark_before: bool | None = None  # a mark stands before its phrase, which follows its head
    next: bool | None = None  # its phrase begins just behind its head
    set_off: bool | None = None  # marks stand on both sides of its phrase
    other: Condition | None = None  # and this must *not* hold of it: "not" in the file

    def holds(self, tree: Tree, index: int) -> bool:
        token = tree.tokens[index]
        return (
            (not self.relation or has_relation(token, self.relation))
            and (not self.tag or token.tag in self.tag)
            and (not self.word or lower(token) in self.word)
            and self.features.items() <= token.features.items()
            and self._phrase_holds(tree, index)
            and (self.other is None or not self.other.holds(tree, index))
        )

    def _phrase_holds(self, tree: Tree, index: int) -> bool:
        return (
            (not self.marker or not self.marker.isdisjoint(markers(tree, index)))
            and (not self.below or any(_is_adverb(tree, place, self.below) for place in descend(tree, index)))
            and (not self.child or any(lower(tree.tokens[child]) in self.child for child in tree.children(index)))
            and (not self.has or bool(children(tree, index, *self.has)))
            and not (self.lacks and children(tree, index, *self.lacks))
            and (not self.child_features or self._child_has_features(tree, index))
            and self._place_holds(tree, index)
        )

    def _child_has_features(self, tree: Tree, index: int) -> bool:
        wanted = self.child_features.items()
        return any(wanted <= tree.tokens[child].features.items() for child in tree.children(index))

    def _place_holds(self, tree: Tree, index: int) -> bool:
        head = tree.tokens[index].head
        return (
            (self.capital is None or is_capital(tree, index) == self.capital)
            and (not self.side or (index < head) == (self.side == "before"))
            and (not self.followed_by or any(child > index for child in children(tree, head, *self.followed_by)))
            and (self.mark_before is None or _opens_with_mark(tree, index) == self.mark_before)
            and (self.next is None or (_follows(tree, index)) == self.next)
            and (self.set_off is None or is_set_off(tree, index) == self.set_off)
        )


def _is_adverb(tree: Tree, index: int, words: frozenset[str]) -> bool:
    return tree.tokens[index].relation == "advmod" and lower(tree.tokens[index]) in words


def _opens_with_mark(tree: Tree, index: int) -> bool:
    before, _ = neighbours(tree, index)
    return before > tree.tokens[index].head and is_mark(tree.tokens[before])


def _follows(tree: Tree, index: int) -> bool:
    """Whether the phrase of ``index`` begins just behind its head, or behind the head's particle."""
    head = tree.tokens[index].head
    particles = children(tree, head, "compound:prt")
    return tree.subtree(index)[0] - 1 in [head, *particles]


def listed(text: str) -> frozenset[str]:
    """Words between blanks; "_" is a blank inside one."""
    return frozenset(word.replace("_", " ") for word in text.split())


def map_forms(text: str) -> Iterable[str]:
    """All forms of the verbs in ``text``, by rule; the irregular ones stand in the list themselves."""
    for verb in text.split():
        stem = verb[:-1] if verb.endswith("e") else verb
        soft = f"{verb[:-1]}i" if verb[-1] == "y" and verb[-2] not in "aeiou" else stem
        doubled = verb + verb[-1]
        yield from (verb, f"{verb}s", f"{soft}es", f"{soft}ed", f"{stem}ing", f"{doubled}ed", f"{doubled}ing")


_KNOWN = {part.name for part in fields(Condition)} - {"other"}


def condition_of(stored: Mapping, lists: Mapping[str, frozenset[str]]) -> Condition:
    unknown = stored.keys() - _KNOWN - {"not"}
    if unknown:
        raise ValueError(f"a condition's parts are {sorted(_KNOWN)} and 'not', got {sorted(unknown)}")
    given: dict[str, Any] = {name: _part(value, lists) for name, value in stored.items() if name != "not"}
    return Condition(**given, other=condition_of(stored["not"], lists) if "not" in stored else None)


def _part(value: object, lists: Mapping[str, frozenset[str]]) -> object:
    """A string is a list of words, of which "@name" is a list of the file."""
    if not isinstance(value, str) or value in ("before", "after"):
        return value
    found: set[str] = set()
    for word in value.split():
        found |= lists[word[1:]] if word.startswith("@") else listed(word)
    return frozenset(found)
