"""What may never go from a tree, as data: one file a language, of rules over UD relations, tags, features and words.

A rule looks at a dependent and its head and says what follows (:class:`Rule`); ``languages/en.json`` is English.
Most of it is natural logic (van Benthem 1986; MacCartney & Manning, *Natural logic for textual inference*, 2007):
to leave out a restrictive modifier is to generalise, "a big dog barked" → "a dog barked", which is true in an upward
context and false in a downward one, "no big dog barked" ↛ "no dog barked". So what stands under negation, a denial,
"few", "only", a condition, or restricts "all", "those" or a superlative stays *whole*: only asides between marks go.
When in doubt a phrase stays: better no pruning than a false one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from summae.errors import InputError
from summae.syntax.conditions import Condition, condition_of, listed, map_forms
from summae.syntax.phrases import (
    bracketed,
    children,
    chunks,
    has_relation,
    is_finite,
    is_mark,
    is_set_off,
    lower,
    opens_clause,
)
from summae.syntax.tree import ROOT_HEAD, Tree

_LANGUAGES = Path(__file__).parent / "languages"
#: Relations of phrases that say something by the way when marks set them off.
_ASIDES = frozenset("appos parataxis discourse vocative acl advcl advmod nmod reparandum".split())


@dataclass(frozen=True)
class Rule:
    """If a dependent and its head are so, then these effects (:data:`EFFECTS`) follow."""

    name: str
    dependent: Condition
    head: Condition
    effects: tuple[str, ...]
    soft: int = 0  # given up when nothing else fits: 1, what completes a phrase; 2, what narrows it; 0, never
    above: Condition = Condition()  # what the head's head must be

    def holds(self, tree: Tree, index: int) -> bool:
        head = tree.tokens[index].head
        above = tree.tokens[head].head
        if not self.dependent.holds(tree, index) or not self.head.holds(tree, head):
            return False
        return self.above == Condition() or (above != ROOT_HEAD and self.above.holds(tree, above))


@dataclass(frozen=True)
class BundleRule:
    """Dependents of such a head that stay or go together, where there are at least two of them."""

    name: str
    head: Condition
    members: tuple[Condition, ...]  # every one must be found
    rest: tuple[Condition, ...] = ()  # these join them when they are there
    frees: bool = False  # together they may go although a rule would have one of them stay


@dataclass
class Limits:
    """What a pruning of one tree must obey."""

    required: set[int] = field(default_factory=set)  # tokens that stay when their head stays
    free: frozenset[int] = frozenset()  # tokens that never belong to what is whole
    frozen: set[int] = field(default_factory=set)  # what stands in a context where nothing may be left out
    gone: set[int] = field(default_factory=set)  # tokens that never stay
    bundles: list[frozenset[int]] = field(default_factory=list)  # siblings that stay or go together
    reasons: dict[int, str] = field(default_factory=dict)  # the rule that first required a token


@dataclass(frozen=True)
class Constraints:
    """The rules of one language, and its lists of words."""

    rules: tuple[Rule, ...]
    bundle_rules: tuple[BundleRule, ...]
    free: tuple[Condition, ...]  # what may go even from a clause that is whole: "on Monday", "despite …"
    lists: Mapping[str, frozenset[str]]

    @classmethod
    @cache
    def load(cls, language: str = "en") -> Constraints:
        """The rules of ``language``; :class:`InputError` when there are none."""
        path = _LANGUAGES / f"{language}.json"
        try:
            return _constraints(json.loads(path.read_text(encoding="utf-8")))
        except OSError as error:
            raise InputError(f"no pruning rules for language {language!r}") from error

    def limits(self, tree: Tree, *, given_up: int = 0) -> Limits:
        """What must stay in ``tree``; without the soft rules up to ``given_up``, what truth needs."""
        limits = Limits(free=frozenset(index for index in range(len(tree)) if self._is_free(tree, index)))
        _require_glued(tree, limits)
        limits.gone |= bracketed(tree)
        for index, token in enumerate(tree.tokens):
            if token.head != ROOT_HEAD and not is_mark(token):
                self._apply_rules(tree, index, limits, given_up)
        for rule in self.bundle_rules:
            _apply_bundle_rule(tree, rule, limits)
        limits.gone -= {index for index in limits.gone if limits.reasons.get(index, "").startswith("condition")}
        return limits

    def _is_free(self, tree: Tree, index: int) -> bool:
        return tree.tokens[index].head != ROOT_HEAD and any(free.holds(tree, index) for free in self.free)

    def _apply_rules(self, tree: Tree, index: int, limits: Limits, given_up: int) -> None:
        for rule in self.rules:
            if not 0 < rule.soft <= given_up and rule.holds(tree, index):
                for effect in rule.effects:
                    EFFECTS[effect](tree, index, limits, rule.name)


# Effects


def _require(index: int, limits: Limits, reason: str) -> None:
    limits.required.add(index)
    limits.reasons.setdefault(index, reason)


def _stays(tree: Tree, index: int, limits: Limits, reason: str) -> None:
    """The dependent stays whenever its head does."""
    _require(index, limits, reason)


def _goes(tree: Tree, index: int, limits: Limits, reason: str) -> None:
    """The dependent never stays: "But" at the start, "well", "Dear all"."""
    limits.gone.add(index)


def _whole(tree: Tree, index: int, limits: Limits, reason: str) -> None:
    """Everything below the dependent stays with it, but for asides, a further clause and what a subject carries."""
    limits.frozen.add(index)
    for child in tree.children(index):
        if (
            child in limits.free
            or is_mark(tree.tokens[child])
            or _is_aside(tree, child)
            or _is_further_clause(tree, child)
        ):
            continue
        _require(child, limits, reason)
        if not (has_relation(tree.tokens[child], ("nsubj", "csubj")) and opens_clause(tree, index)):
            _whole(tree, child, limits, reason)  # of a subject only the head is frozen


def _with_previous(tree: Tree, index: int, limits: Limits, reason: str) -> None:
    """The dependent stays or goes together with the sibling just before it."""
    start = tree.subtree(index)[0]
    siblings = [child for child in tree.children(tree.tokens[index].head) if tree.subtree(child)[-1] == start - 1]
    if siblings and siblings[0] in limits.required:
        _require(index, limits, reason)
    elif siblings and not is_mark(tree.tokens[siblings[0]]):
        limits.bundles.append(frozenset([siblings[0], index]))


def _head_stays(tree: Tree, index: int, limits: Limits, reason: str) -> None:
    """The head, too, stays whenever its own head does."""
    _require(tree.tokens[index].head, limits, reason)


def _head_whole(tree: Tree, index: int, limits: Limits, reason: str) -> None:
    """Everything below the head stays with it."""
    _whole(tree, tree.tokens[index].head, limits, reason)


def _clause_whole(tree: Tree, index: int, limits: Limits, reason: str) -> None:
    """Everything stays between the dependent and the clause around it, and below those."""
    place = tree.tokens[index].head
    _whole(tree, place, limits, reason)
    if tree.tokens[place].base_relation == "amod":
        return  # "a rarely used law" says nothing of its clause
    while not opens_clause(tree, place):
        place = tree.tokens[place].head
        _whole(tree, place, limits, reason)


#: What a rule may say; each (tree, dependent, limits, name of the rule).
EFFECTS: dict[str, Callable[[Tree, int, Limits, str], None]] = {
    "stays": _stays,
    "goes": _goes,
    "whole": _whole,
    "with previous": _with_previous,
    "head stays": _head_stays,
    "head whole": _head_whole,
    "clause whole": _clause_whole,
}


def _is_aside(tree: Tree, index: int) -> bool:
    token = tree.tokens[index]
    return token.base_relation in _ASIDES and is_set_off(tree, index)


def _is_further_clause(tree: Tree, index: int) -> bool:
    """A coordinated clause that says its own: "… , but asked for a survey". Not one that shares "did not", nor "or"."""
    if tree.tokens[index].base_relation != "conj" or not is_finite(tree, index):
        return False
    coordinators = {lower(tree.tokens[word]) for word in children(tree, index, "cc")}
    return not coordinators & {"or", "nor"}


def _require_glued(tree: Tree, limits: Limits) -> None:
    """No white space, no cut: "U.S.-based", "part-time", "don't", "$5", "Norham's"."""
    numbers = chunks(tree)
    for index, token in enumerate(tree.tokens):
        if token.head != ROOT_HEAD and not is_mark(token) and numbers[index] == numbers[token.head]:
            _require(index, limits, "glued")


def _apply_bundle_rule(tree: Tree, rule: BundleRule, limits: Limits) -> None:
    for index in range(len(tree)):
        if not rule.head.holds(tree, index):
            continue
        found = [_members(tree, index, condition) for condition in rule.members]
        members = {child for children_ in found for child in children_}
        in_order = all(max(a) < min(b) for a, b in zip(found, found[1:], strict=False) if a and b)  # "from … to"
        if all(found) and in_order and not members & set().union(*limits.bundles):
            joined = {child for condition in rule.rest for child in _members(tree, index, condition)}
            if rule.frees:  # "Thai billionaire Charoen": without "billionaire" what stands before it hangs in the air
                joined |= {child for child in tree.children(index) if child < max(members) and _describes(tree, child)}
            _bundle(frozenset(members | joined), limits, rule)


def _describes(tree: Tree, index: int) -> bool:
    """Whether the dependent belongs to the noun that describes a name, and does not open the whole phrase."""
    token = tree.tokens[index]
    return not is_mark(token) and token.base_relation not in ("case", "mark", "cc", "cop", "nsubj", "aux", "advmod")


def _bundle(members: frozenset[int], limits: Limits, rule: BundleRule) -> None:
    """A title may go with its article; of a list of which one member stays, all stay."""
    counted = any(limits.reasons.get(member) == "quantifier" for member in members)
    if limits.required & members and (counted or not rule.frees):
        for member in members:
            _require(member, limits, rule.name)
    else:
        limits.bundles.append(members)
        limits.required -= members


def _members(tree: Tree, head: int, condition: Condition) -> list[int]:
    return [child for child in tree.children(head) if condition.holds(tree, child)]


# Reading the file


def _constraints(stored: Mapping) -> Constraints:
    lists = {name: listed(text) for name, text in stored["lists"].items()}
    lists |= {name: frozenset(map_forms(text)) for name, text in stored["verbs"].items()}
    rules = tuple(_rule(rule, lists) for rule in stored["rules"])
    bundles = tuple(_bundle_rule(rule, lists) for rule in stored["bundles"])
    free = tuple(condition_of(part, lists) for part in stored["free"])
    return Constraints(rules, bundles, free, lists)


def _rule(stored: Mapping, lists: Mapping[str, frozenset[str]]) -> Rule:
    effects = tuple(stored["then"].split(", "))
    unknown = [effect for effect in effects if effect not in EFFECTS]
    if unknown:
        raise ValueError(f"rule {stored['name']!r}: an effect must be one of {list(EFFECTS)}, got {unknown[0]!r}")
    dependent, head, above = (condition_of(stored.get(part, {}), lists) for part in ("if", "head", "above"))
    return Rule(stored["name"], dependent, head, effects, stored.get("soft", 0), above)


def _bundle_rule(stored: Mapping, lists: Mapping[str, frozenset[str]]) -> BundleRule:
    members = tuple(condition_of(part, lists) for part in stored["members"])
    rest = tuple(condition_of(part, lists) for part in stored.get("with", ()))
    head = condition_of(stored.get("head", {}), lists)
    return BundleRule(stored["name"], head, members, rest, stored.get("frees", False))
