"""Arcs of a summary that its source's parse does not have: claims that the source does not make.

Goyal & Durrett, *Evaluating Factuality in Generation with Dependency-level Entailment*, Findings of EMNLP 2020: a
summary is true when each of its dependency arcs is entailed by the source. They train a classifier of arcs; here an
arc between two content words is supported when some occurrences of both words (inflection aside) are joined in the
source's tree by an arc, or by a path on which all words between are *transparent*: coordination, apposition, names,
compounds, complements that share a subject ("agreed to buy": X buys), function words. Labels are coarse: only who
does and who suffers it must not change places (active and passive are one).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from summae.syntax.phrases import is_mark, lower
from summae.syntax.tree import Tree
from summae.syntax.verbs import verb_base

LONGEST_PATH = 4  # arcs
_CONTENT = frozenset("NOUN PROPN VERB ADJ NUM SYM X".split())
_FUNCTION = frozenset("aux cop case mark det cc fixed expl discourse goeswith punct".split())
#: Relations on a path that carry a claim on: "A and B fell" says that B fell.
_TRANSPARENT = frozenset(
    "conj appos flat compound fixed xcomp goeswith list parataxis ccomp speaker acl aux cop".split()
)
_SUBTYPES = frozenset({"nmod:desc", "nmod:unmarked"})
_AGENT, _PATIENT = "agent", "patient"


@dataclass(frozen=True)
class Arc:
    """Head and dependent, as words, and the relation."""

    head: str
    dependent: str
    relation: str

    def __str__(self) -> str:
        return f"{self.head} → {self.dependent} ({self.relation})"


def unsupported_arcs(summary: Tree, source: Tree) -> list[Arc]:
    """The arcs between content words of ``summary`` that ``source`` does not support."""
    places = _places(source)
    return [
        Arc(summary.tokens[head].text, summary.tokens[index].text, summary.tokens[index].relation)
        for head, index in _content_arcs(summary)
        if not _is_supported(summary, head, index, source, places)
    ]


def word_key(word: str) -> str:
    """The word without case and inflection: "raised", "raises" and "raising" are one."""
    word = word.lower().replace("’", "'").removesuffix("'s").rstrip("'")
    base = verb_base(word) or _uninflected(word)
    base = base.removesuffix("e") if len(base) > 3 else base
    return f"{base[:-1]}i" if base.endswith("y") and len(base) > 2 else base


def _uninflected(word: str) -> str:
    """Without the ending of a plural, a third person, a past tense or a participle, where enough is left."""
    if word.endswith(("ies", "ied")) and len(word) > 4:
        return f"{word[:-3]}y"
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) > 2:
            return _undoubled(word.removesuffix(ending))
    if word.endswith(("ses", "xes", "zes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and len(word) > 3 and not word.endswith(("ss", "us", "is")) else word


def _undoubled(stem: str) -> str:
    return stem[:-1] if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "lsze" else stem


def _places(tree: Tree) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for index, token in enumerate(tree.tokens):
        if not is_mark(token):
            places.setdefault(word_key(token.text), []).append(index)
    return places


def is_content(tree: Tree, index: int) -> bool:
    """Whether the token says something: a noun, name, verb, adjective or number that is no function word here."""
    token = tree.tokens[index]
    return token.tag in _CONTENT and token.base_relation not in _FUNCTION


def _content_arcs(tree: Tree) -> Iterator[tuple[int, int]]:
    """Pairs (head, dependent) of content words; function words between them are passed over."""
    for index in range(len(tree)):
        if is_content(tree, index):
            head = next((place for place in tree.ancestors(index) if is_content(tree, place)), None)
            if head is not None:
                yield head, index


def _is_supported(summary: Tree, head: int, index: int, source: Tree, places: dict[str, list[int]]) -> bool:
    heads = places.get(word_key(summary.tokens[head].text), [])
    dependents = places.get(word_key(summary.tokens[index].text), [])
    role = _role(summary, head, index)
    return any(first != second and _joined(source, first, second, role) for first in heads for second in dependents)


def _joined(source: Tree, first: int, second: int, role: str | None) -> bool:
    """Whether a path carries the claim from ``first`` to ``second``, in no other role than ``role``."""
    path = _path(source, first, second)
    if path is None or len(path) - 1 > LONGEST_PATH:
        return False
    edges = [(a, b) if source.tokens[b].head == a else (b, a) for a, b in zip(path, path[1:], strict=False)]
    opaque = [edge for edge in edges if not _is_transparent(source, edge[1])]
    if len(opaque) > 1 and any(is_content(source, place) for place in path[1:-1]):
        return False
    roles = {_role(source, *edge) for edge in opaque if len(edges) == 1} - {None}
    return role is None or not roles or role in roles


def _is_transparent(tree: Tree, index: int) -> bool:
    token = tree.tokens[index]
    if token.relation in _SUBTYPES:
        return True
    return token.base_relation in _TRANSPARENT


def _path(tree: Tree, first: int, second: int) -> list[int] | None:
    """The tokens from ``first`` to ``second`` in the tree."""
    up, down = [first, *tree.ancestors(first)], [second, *tree.ancestors(second)]
    shared = next((place for place in up if place in down), None)
    if shared is None:
        return None
    return up[: up.index(shared) + 1] + down[: down.index(shared)][::-1]


def _role(tree: Tree, head: int, index: int) -> str | None:
    """Who does and who suffers it, where the relation says so: the subject of a passive suffers it."""
    relation = tree.tokens[index].relation
    if relation == "nsubj:pass" or relation == "obj":
        return _PATIENT
    if relation == "obl:agent":
        return _AGENT
    if relation == "nsubj" and tree.tokens[head].tag == "VERB":
        participle = tree.tokens[head].features.get("VerbForm") == "Part"
        has_auxiliary = any(tree.tokens[child].base_relation == "aux" for child in tree.children(head))
        return None if participle and not has_auxiliary else _AGENT
    return None


def content_words(tree: Tree) -> list[str]:
    """The keys of the content words of ``tree``."""
    return [word_key(lower(tree.tokens[index])) for index in range(len(tree)) if is_content(tree, index)]
