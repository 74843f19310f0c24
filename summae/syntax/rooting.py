"""Where a pruning may begin: at the root, at the clause under "X said", at a clause beside the root.

A re-rooted tree has the same tokens, in the order in which they will be read, with other heads:

- "X said on Friday it would buy Y": the clause is promoted, and X takes the place of "it", "the company", "its";
- "Y fell, X said", where X is not what the clause is about: "Y fell" with X as its *speaker* behind it ("Y fell: X"),
  without which an opinion is printed as a fact, so that it is required unless an official source reports a fact;
- "We show that Y", "it is proved that Y": Y, as the text's own authors say so; "we present X", "X is introduced",
  "attached is X": X alone, as a title;
- "X bought Y and sold Z": "X sold Z", the subject moved to the second clause.

When it is not plain whom a pronoun means, the clause is not promoted. (Filippova & Strube 2008 add such edges.)
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import dropwhile

from summae.syntax.constraints import Constraints
from summae.syntax.phrases import children, is_finite, is_mark, lower, marker, subject
from summae.syntax.reports import is_statement, promoted, said_beside
from summae.syntax.rerooted import SPEAKING, THIRD_PERSONS, Rooting, bare_phrase, rebuilt
from summae.syntax.tree import ROOT_HEAD, Token, Tree

_POINTING = THIRD_PERSONS | {"that", "this", "these", "those", "there"}
_BE = frozenset({"is", "are", "was", "were"})
_AUTHORS = frozenset(
    "we i paper article work study letter report thesis authors results note research purpose aim".split()
)


def rootings(tree: Tree, constraints: Constraints) -> list[Rooting]:
    """The sentence's own tree first, then every other that is safe."""
    own = Rooting(tree, tuple(range(len(tree))), required=said_beside(tree, constraints))
    found = [*promoted(own, constraints), *_authors(own, constraints)]
    behind = any(clause < tree.root for clause in children(tree, tree.root, "ccomp"))
    if not ((own.required or behind) and found):  # "…, X said" is the same as its clause with the speaker behind it
        found.insert(0, own)
    return [*found, *(beside for rooting in found for beside in _beside(rooting))]


# "We show that Y", "we present X"


def _authors(rooting: Rooting, constraints: Constraints) -> Iterator[Rooting]:
    """What the authors of the text themselves find, and what they present."""
    tree, root = rooting.tree, rooting.tree.root
    verb = lower(tree.tokens[root])
    if verb in constraints.lists["enclosing"] and {lower(tree.tokens[child]) for child in tree.children(root)} & _BE:
        things = [thing for thing in children(tree, root, "nsubj") if thing > root]
        nouns = [thing for thing in things[:1] if tree.tokens[thing].tag in ("NOUN", "PROPN")]
        yield from (_part(rooting, thing, whose=True) for thing in nouns)
    if not _is_authors(tree, root) or children(tree, root, "advcl") and _hedged(tree, root):
        return
    if verb in constraints.lists["finding"]:
        yield from (
            _part(rooting, clause) for clause in children(tree, root, "ccomp", "csubj") if _states(tree, clause)
        )
    if verb in constraints.lists["presenting"]:
        things = children(tree, root, "obj", "nsubj:pass")
        yield from (_part(rooting, thing) for thing in things[:1] if tree.tokens[thing].tag in ("NOUN", "PROPN"))


def _is_authors(tree: Tree, root: int) -> bool:
    """The subject is "we", "this paper", "it" of "it is shown", or what a passive presents; the verb is plain."""
    about = subject(tree, root)
    words = {lower(tree.tokens[child]) for child in tree.children(root)}
    if about is None or _hedged(tree, root) or words & {"not", "n't", "never"}:
        return any(tree.tokens[child].relation == "expl" for child in tree.children(root)) and not _hedged(tree, root)
    passive = tree.tokens[about].relation in ("nsubj:pass", "csubj:pass", "csubj")
    return passive and bool(words & {"is", "are"}) or lower(tree.tokens[about]) in _AUTHORS


def _hedged(tree: Tree, root: int) -> bool:
    auxiliaries = {lower(tree.tokens[child]) for child in children(tree, root, "aux")}
    return not auxiliaries <= {"is", "are", "was", "were", "has", "have", "been", "will"}


def _states(tree: Tree, clause: int) -> bool:
    return is_statement(tree, clause) and marker(tree, clause) in ("", "that")


def _part(rooting: Rooting, top: int, *, whose: bool = False) -> Rooting:
    """The subtree of ``top`` alone, without what opens it; ``whose``: "my" and "our" may be told."""
    tree = rooting.tree
    outside = {place for word in children(tree, top, "mark", "cc", "case") for place in tree.subtree(word)}
    inside = [place for place in tree.subtree(top) if place not in outside]
    changes = {top: {"head": ROOT_HEAD, "relation": "root"}}
    pointing = THIRD_PERSONS | (SPEAKING - {"my", "our"} if whose else SPEAKING)
    loose = frozenset(place for place in inside if lower(tree.tokens[place]) in pointing)
    return rebuilt(rooting, inside, changes, kind="authors", backshifted=False, barred=loose)


# "X did Y and did Z"


def _beside(rooting: Rooting) -> Iterator[Rooting]:
    tree = rooting.tree
    for clause in children(tree, tree.root, "conj"):
        coordinators = {lower(tree.tokens[word]) for word in children(tree, clause, "cc")}
        if coordinators <= {"and", "but"} and is_finite(tree, clause):
            yield from _second_clause(rooting, clause)


def _second_clause(rooting: Rooting, clause: int) -> Iterator[Rooting]:
    tree = rooting.tree
    outside = {place for word in children(tree, clause, "cc", "mark") for place in tree.subtree(word)}
    inside = [place for place in tree.subtree(clause) if place not in outside]
    inside = list(dropwhile(lambda place: is_mark(tree.tokens[place]), inside))
    about, first = subject(tree, clause), subject(tree, tree.root)
    loose = frozenset(place for place in inside if _is_pointing(tree.tokens[place]))
    changes = {clause: {"head": ROOT_HEAD, "relation": "root"}}
    if about is not None and lower(tree.tokens[about]) not in THIRD_PERSONS | SPEAKING:
        yield rebuilt(rooting, inside, changes, kind="beside", backshifted=rooting.backshifted, barred=loose)
    elif about is None and first is not None and first < clause and not children(tree, clause, "expl"):
        moved = bare_phrase(tree, first)
        changes[first] = {"head": clause, "relation": tree.tokens[first].base_relation}
        order = [*moved, *inside]
        yield rebuilt(rooting, order, changes, kind="beside", backshifted=rooting.backshifted, barred=loose)


def _is_pointing(token: Token) -> bool:
    """A pronoun that may point back to the first clause."""
    return token.tag == "PRON" and lower(token) in _POINTING and token.relation not in ("expl", "nmod:poss", "mark")
