"""What pruning, wording and checks ask of a tree: markers of a phrase, what is set off by commas, chunks, numbers."""

from __future__ import annotations

from collections.abc import Iterator

from summae.syntax.tree import ROOT_HEAD, Token, Tree

MARKERS = frozenset({"case", "mark", "cc"})
SUBJECTS = frozenset({"nsubj", "csubj", "expl"})
CLAUSES = frozenset({"root", "ccomp", "advcl", "acl", "csubj", "parataxis"})
COMMAS = frozenset(",;:()[]–—-\"'“”‘’``''") | {"--", "``", "''", "..."}
DAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday today yesterday".split())
_BRACKETS = {"(": ")", "[": "]"}
#: Marks that part two words though no space does: "bank—which".
DASHES = frozenset({"—", "–", "--"})


def lower(token: Token) -> str:
    """The word in lower case, with a plain apostrophe."""
    return token.text.lower().replace("’", "'")


def is_mark(token: Token) -> bool:
    """Whether the token is punctuation by its relation or its tag."""
    return token.relation == "punct" or token.tag == "PUNCT"


def children(tree: Tree, index: int, *relations: str) -> list[int]:
    """The dependents of ``index`` with one of ``relations``: "nsubj" finds "nsubj:pass", "nmod:poss" itself only."""
    return [child for child in tree.children(index) if has_relation(tree.tokens[child], relations)]


def has_relation(token: Token, relations: tuple[str, ...] | frozenset[str]) -> bool:
    """Whether ``relations`` names the token's relation, or the relation that it is a subtype of."""
    return token.relation in relations or token.base_relation in relations


def marker(tree: Tree, index: int) -> str:
    """The prepositions and conjunctions that open the phrase of ``index``: "of", "as long as"; "" for none."""
    opening = children(tree, index, "case", "mark")
    return " ".join(lower(tree.tokens[part]) for first in opening for part in _fixed(tree, first))


def markers(tree: Tree, index: int) -> set[str]:
    """The marker of the phrase, and each of its parts: "except between", "except", "between"."""
    opening = children(tree, index, "case", "mark")
    parts = (" ".join(lower(tree.tokens[part]) for part in _fixed(tree, first)) for first in opening)
    return {marker(tree, index), *parts}


def _fixed(tree: Tree, first: int) -> list[int]:
    return sorted([first, *children(tree, first, "fixed")])


def clause_of(tree: Tree, index: int) -> int:
    """The head of the clause that ``index`` stands in: the nearest ancestor, or itself, whose relation opens one."""
    while not opens_clause(tree, index):
        index = tree.tokens[index].head
    return index


def opens_clause(tree: Tree, index: int) -> bool:
    """Whether ``index`` heads a clause: by its relation, or as a conjunct that has a verb's dependents."""
    token = tree.tokens[index]
    if token.head == ROOT_HEAD or token.base_relation in CLAUSES:
        return True
    return token.base_relation in ("conj", "xcomp") and token.tag in ("VERB", "AUX")


def is_finite(tree: Tree, index: int) -> bool:
    """Whether the clause of ``index`` has a finite verb: its own, an auxiliary or a copula."""
    parts = [index, *children(tree, index, "aux", "cop")]
    return any(tree.tokens[part].features.get("VerbForm") == "Fin" for part in parts)


def subject(tree: Tree, index: int) -> int | None:
    """The subject of the clause of ``index``, if it has one of its own."""
    return next(iter(children(tree, index, "nsubj", "csubj")), None)


def neighbours(tree: Tree, index: int) -> tuple[int, int]:
    """The tokens just before and just after the subtree of ``index``; -1 and ``len(tree)`` at the sentence's ends."""
    part = tree.subtree(index)
    inside = [place for place in part if not is_mark(tree.tokens[place])] or part
    return inside[0] - 1, inside[-1] + 1


def is_set_off(tree: Tree, index: int) -> bool:
    """Whether marks, or the sentence's ends, stand on both sides of the subtree of ``index``: an aside."""
    before, after = neighbours(tree, index)
    marks = [place for place in (before, after) if 0 <= place < len(tree)]
    return bool(marks) and all(tree.tokens[place].text in COMMAS | {".", "!", "?"} for place in marks)


def is_capital(tree: Tree, index: int) -> bool:
    """Whether the word has a capital of its own, not that of the sentence's beginning; "New" of "New York" has."""
    token = tree.tokens[index]
    named = token.tag == "PROPN" or (token.head != ROOT_HEAD and tree.tokens[token.head].tag == "PROPN")
    return token.text[:1].isupper() and (index > 0 or named)


def bracketed(tree: Tree) -> set[int]:
    """The phrases that stand in brackets, by their heads: what hangs on a token outside from inside a pair."""
    found, opened = set(), []
    for index, token in enumerate(tree.tokens):
        if token.text in _BRACKETS:
            opened.append(index)
        elif opened and token.text == _BRACKETS[tree.tokens[opened[-1]].text]:
            first = opened.pop()
            found |= {place for place in range(first, index) if not first < tree.tokens[place].head < index}
    return found - {tree.root}


def chunks(tree: Tree) -> list[int]:
    """For every token the number of the run of characters between white space (or dashes) that it stands in."""
    numbers, number, last_end = [], -1, -1
    for token in tree.tokens:
        if token.start != last_end or token.text in DASHES:
            number += 1
        numbers.append(number)
        last_end = -1 if token.text in DASHES else token.end
    return numbers


def word_costs(tree: Tree) -> list[int]:
    """Words of a budget per token: 1 for the first of a chunk that is no mark, 0 for marks and what is glued to it."""
    numbers, seen, costs = chunks(tree), set(), []
    for token, number in zip(tree.tokens, numbers, strict=True):
        costs.append(int(not is_mark(token) and number not in seen))
        seen |= {number} if costs[-1] else set()
    return costs


def is_plural(tree: Tree, index: int) -> bool:
    """Whether a verb agrees with ``index`` as with a plural: by its number, or as it is coordinated with "and"."""
    token = tree.tokens[index]
    before = [child for child in children(tree, index, "compound", "flat", "amod", "nmod:desc") if child < index]
    capital = token.tag == "PROPN" or (token.text[:1].isupper() and index > 0)
    named = capital and bool(before or children(tree, index, "flat"))  # "General Motors", "Fidelity Investments"
    if (token.features.get("Number") == "Plur" and not named) or lower(token) in (
        "people",
        "police",
        "they",
        "we",
    ):
        return True
    return any(_adds(tree, conjunct) for conjunct in children(tree, index, "conj"))


def _adds(tree: Tree, conjunct: int) -> bool:
    return any(lower(tree.tokens[word]) == "and" for word in children(tree, conjunct, "cc"))


def descend(tree: Tree, index: int) -> Iterator[int]:
    """The tokens below ``index``, without itself."""
    return (place for place in tree.subtree(index) if place != index)
