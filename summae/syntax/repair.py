"""Readings of the parser that no sentence has, put right before anything is built on them.

A verb has one subject and one object. Where the parser found two, which happens in one news sentence of six, the text
itself says what the other one is:

- "investment bank Morgan Stanley hired …", "beats rivals General Motors": a noun and the name behind it, with nothing
  between, are one phrase: the noun describes the name, also where the name was read as the noun's apposition;
- "… won a contract, a victory for …": behind a mark, the second one is an apposition of what stands before the mark;
- "paid off its loan": a noun behind a verb without an object, and without a preposition, is the object;
- "by the most in five months": of two prepositions that were given one noun, the first has the noun behind it;
- "late in case of frost": what "of" opens belongs to the noun before it;
- "Plans could end, Clegg said", with "plans" read as a subject of "said": each verb has the subject beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from summae.syntax.phrases import DAYS, children, is_mark, lower, marker, subject
from summae.syntax.tree import Token, Tree

#: Nouns that say when, without a preposition.
_TIMES = DAYS | frozenset("year years month months week weeks day days time times hour hours morning night".split())
_DOUBLED = ("nsubj", "obj")
_NOMINAL = ("nsubj", "obj", "iobj", "obl", "nmod", "conj")
_NAMES = frozenset({"NOUN", "PROPN"})


def repaired(tree: Tree) -> Tree:
    """``tree`` with one subject and one object a verb, as far as the repairs find the place of the others."""
    for repair in _REPAIRS:
        for head in range(len(tree)):
            tree = repair(tree, head)
    return tree


def _subjects_beside_their_verbs(tree: Tree, head: int) -> Tree:
    """Of two subjects the first goes to a clause before that has none, the second to a verb right behind it."""
    subjects = [child for child in tree.children(head) if tree.tokens[child].relation in ("nsubj", "nsubj:pass")]
    if len(subjects) < 2:
        return tree
    clauses = [clause for clause in children(tree, head, "ccomp") if clause < head and subject(tree, clause) is None]
    if clauses and subjects[0] < clauses[0] < subjects[-1]:
        return _moved(tree, subjects[0], clauses[0], tree.tokens[subjects[0]].relation)
    behind = next((place for place in _behind(tree, subjects[-1])), None)
    if behind is not None and tree.tokens[behind].head == head and tree.tokens[behind].relation == "parataxis":
        if subject(tree, behind) is None:
            return _moved(tree, subjects[-1], behind, "nsubj")
    if subjects[0] < head and tree.subtree(subjects[-1])[0] == head + 1:
        return _moved(tree, subjects[-1], head, "iobj" if children(tree, head, "obj") else "obj")
    return tree


def _noun_before_its_name(tree: Tree, head: int) -> Tree:
    for relation in (*_DOUBLED, "nmod", "obl"):
        found = [child for child in children(tree, head, relation) if tree.tokens[child].tag in _NAMES]
        for first, second in zip(found, found[1:], strict=False):
            named = tree.tokens[second].tag == "PROPN" and not children(tree, second, "case")
            between = range(tree.subtree(first)[-1] + 1, tree.subtree(second)[0])
            if named and all(tree.tokens[place].text == "-" for place in between):
                one_name = tree.tokens[first].tag == "PROPN" and first + 1 + len(between) == second
                for case in children(tree, first, "case"):
                    tree = _moved(tree, case, second, "case")
                return _moved(tree, first, second, "compound" if one_name else "nmod:desc")
    return tree


def _name_before_its_noun(tree: Tree, noun: int) -> Tree:
    """ "retailer Wal-Mart Stores": the name takes the noun's place, and all that stands behind it."""
    token = tree.tokens[noun]
    if token.tag not in _NAMES or not token.text.islower() or token.base_relation not in _NOMINAL:
        return tree
    for name in children(tree, noun, "appos"):
        between = range(noun + 1, name)
        marked = any(is_mark(tree.tokens[place]) and tree.tokens[place].text != "-" for place in between)
        if tree.tokens[name].tag == "PROPN" and not marked and set(between) <= set(tree.subtree(name)):
            above, relation = tree.tokens[noun].head, tree.tokens[noun].relation
            behind = [child for child in tree.children(noun) if child > name]
            case = [child for child in children(tree, noun, "case") if child < noun]
            tokens = list(tree.tokens)
            tokens[name] = replace(tokens[name], head=above, relation=relation)
            tokens[noun] = replace(tokens[noun], head=name, relation="nmod:desc")
            for child in [*behind, *case]:
                tokens[child] = replace(tokens[child], head=name)
            return Tree(tree.text, tuple(tokens))
    return tree


def _apposition_behind_a_mark(tree: Tree, head: int) -> Tree:
    for relation in _DOUBLED:
        found = [child for child in children(tree, head, relation) if child > head]
        first = next(iter(children(tree, head, relation)), None)
        for second in found:
            inside = tree.subtree(second)
            start = next((place for place in inside if not is_mark(tree.tokens[place])), second)
            if (
                first is not None
                and first < second
                and start > 0
                and tree.tokens[start - 1].text in (",", "-", "–", "—")
            ):
                return _moved(tree, second, first, "appos")
    return tree


def _object_without_preposition(tree: Tree, head: int) -> Tree:
    if tree.tokens[head].tag != "VERB" or children(tree, head, "obj", "ccomp", "xcomp"):
        return tree
    for index in children(tree, head, "obl"):
        token = tree.tokens[index]
        plain = token.relation == "obl" and token.tag in _NAMES and not children(tree, index, "case", "mark")
        if plain and index > head and lower(token) not in _TIMES and not children(tree, head, "nsubj:pass", "aux:pass"):
            return _moved(tree, index, head, "obj")
    return tree


def _preposition_before_its_noun(tree: Tree, noun: int) -> Tree:
    cases = [child for child in children(tree, noun, "case") if child < noun]
    if len(cases) < 2:
        return tree
    first, second = cases[0], cases[-1]
    between = [
        place for place in range(first + 1, second) if tree.tokens[place].base_relation in ("obl", "nmod", "obj")
    ]
    bare = [place for place in between if not children(tree, place, "case") and noun not in tree.subtree(place)]
    return _moved(tree, first, bare[0], "case") if bare else tree


def _of_its_noun(tree: Tree, head: int) -> Tree:
    if tree.tokens[head].tag not in ("VERB", "ADJ"):
        return tree
    phrases = children(tree, head, "obl")
    for noun, owner in zip(phrases, phrases[1:], strict=False):
        adjacent = tree.subtree(noun)[-1] + 1 == tree.subtree(owner)[0]
        if adjacent and noun > head and marker(tree, owner) == "of" and tree.tokens[noun].tag == "NOUN":
            return _moved(tree, owner, noun, "nmod")
    return tree


def _behind(tree: Tree, index: int) -> list[int]:
    """The first word behind the phrase of ``index``, if there is one."""
    after = tree.subtree(index)[-1] + 1
    while after < len(tree) and is_mark(tree.tokens[after]):
        after += 1
    return [after] if after < len(tree) else []


def _moved(tree: Tree, index: int, head: int, relation: str) -> Tree:
    """``tree`` with ``index`` under ``head``; unchanged where that would make a circle."""
    if head in tree.subtree(index):
        return tree
    tokens: list[Token] = list(tree.tokens)
    tokens[index] = replace(tokens[index], head=head, relation=relation)
    return Tree(tree.text, tuple(tokens))


_REPAIRS: tuple[Callable[[Tree, int], Tree], ...] = (
    _subjects_beside_their_verbs,
    _noun_before_its_name,
    _name_before_its_noun,
    _apposition_behind_a_mark,
    _object_without_preposition,
    _preposition_before_its_noun,
    _of_its_noun,
)
