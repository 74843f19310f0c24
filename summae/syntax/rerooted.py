"""A tree with another beginning: the same tokens, in the order in which they will be read, with other heads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from summae.syntax.phrases import DAYS, children, lower
from summae.syntax.tree import ROOT_HEAD, Tree

#: The relation of the speaker's name behind the clause that was promoted.
SPEAKER = "speaker"
THIRD_PERSONS = frozenset("it he she they him them its his her their theirs himself herself itself themselves".split())
SPEAKING = frozenset("i we me us my our you your mine ours".split())


@dataclass(frozen=True)
class Rooting:
    """A tree to prune. ``origin[i]``: the token of the sentence's own tree that token i is (or stands for)."""

    tree: Tree
    origin: tuple[int, ...]
    kind: str = "sentence"  # or "promoted", "beside", "authors"
    backshifted: bool = False  # the clause's tenses are those of a report: "would" for "will"
    required: frozenset[int] = frozenset()  # besides what the constraints require
    barred: frozenset[int] = frozenset()  # tokens that may not be kept: pronouns without their names
    optional: frozenset[int] = field(default=frozenset())  # may go, whatever the constraints say


def rebuilt(
    rooting: Rooting,
    order: Sequence[int],
    changes: Mapping[int, Mapping[str, Any]],
    *,
    kind: str,
    backshifted: bool,
    barred: frozenset[int] = frozenset(),
    required: frozenset[int] = frozenset(),
    optional: frozenset[int] = frozenset(),
) -> Rooting:
    """The tokens of ``order`` as a tree, with the ``changes`` (token → fields); heads are given in old numbers."""
    new = {place: number for number, place in enumerate(order)}
    tokens = []
    for place in order:
        token = replace(rooting.tree.tokens[place], **changes.get(place, {}))
        tokens.append(replace(token, head=new.get(token.head, ROOT_HEAD) if token.head != ROOT_HEAD else ROOT_HEAD))
    return Rooting(
        Tree(rooting.tree.text, tuple(tokens)),
        tuple(rooting.origin[place] for place in order),
        kind,
        backshifted,
        frozenset(new[place] for place in required),
        frozenset(new[place] for place in barred if place in new),
        frozenset(new[place] for place in optional),
    )


def bare_phrase(tree: Tree, speaker: int) -> list[int]:
    """The speaker's phrase without marks at its edges, relative clauses and days ("an executive on Tuesday")."""
    days = [child for child in children(tree, speaker, "nmod") if lower(tree.tokens[child]) in DAYS]
    outside = [*children(tree, speaker, "acl", "appos", "punct"), *days]
    dropped = {place for child in outside for place in tree.subtree(child)}
    return [place for place in tree.subtree(speaker) if place not in dropped]
