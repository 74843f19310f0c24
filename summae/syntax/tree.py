"""A sentence's syntax: tokens with offsets, each with its head, relation, tag and features.

Universal Dependencies (de Marneffe, Manning, Nivre & Zeman, Computational Linguistics 2021): relations, tags and
features have UD's names, so that what is written for one language can be read for another. Heads are indices into
``Tree.tokens``, :data:`ROOT_HEAD` for the root.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

#: The head of the root.
ROOT_HEAD = -1


@dataclass(frozen=True, slots=True)
class Token:
    """A syntactic word: "don't" has two, "do" and "n't".

    ``text`` is what stands in the sentence, except where the treebank writes a clitic out: offsets always are the
    sentence's, never overlap and grow from token to token.
    """

    text: str
    start: int  # offset of the first character in the sentence's text
    end: int  # one past the last
    head: int  # index of the head in Tree.tokens, ROOT_HEAD for the root
    relation: str  # UD relation, with its subtype where there is one: "nsubj:pass"
    tag: str  # UPOS: "NOUN"
    features: Mapping[str, str] = field(default_factory=dict, hash=False)  # UD features: {"Number": "Plur"}

    @property
    def base_relation(self) -> str:
        """The relation without its subtype: "nsubj" for "nsubj:pass"."""
        return self.relation.partition(":")[0]


@dataclass(frozen=True)
class Tree:
    """A sentence and its dependency tree: one root, every other token below it; white space has no token, no root."""

    text: str
    tokens: tuple[Token, ...]

    def __post_init__(self) -> None:
        problem = tree_problem([token.head for token in self.tokens]) if self.tokens else None
        if problem:
            raise ValueError(f"heads of {self.text!r} must form a tree, got {problem}")

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def root(self) -> int:
        """Index of the root."""
        return next(index for index, token in enumerate(self.tokens) if token.head == ROOT_HEAD)

    @cached_property
    def _children(self) -> tuple[tuple[int, ...], ...]:
        found: list[list[int]] = [[] for _ in self.tokens]
        for index, token in enumerate(self.tokens):
            if token.head != ROOT_HEAD:
                found[token.head].append(index)
        return tuple(tuple(indices) for indices in found)

    def children(self, index: int) -> tuple[int, ...]:
        """Indices of the dependents of token ``index``, from left to right."""
        return self._children[index]

    def subtree(self, index: int) -> list[int]:
        """Token ``index`` and all below it, sorted."""
        found, waiting = [], [index]
        while waiting:
            found.append(waiting.pop())
            waiting.extend(self._children[found[-1]])
        return sorted(found)

    def ancestors(self, index: int) -> list[int]:
        """The heads above token ``index``, the nearest first, the root last."""
        found = []
        while (index := self.tokens[index].head) != ROOT_HEAD:
            found.append(index)
        return found

    def depth(self, index: int) -> int:
        """Arcs between token ``index`` and the root; 0 for the root."""
        return len(self.ancestors(index))

    def span_text(self, first: int, last: int) -> str:
        """The sentence's text from token ``first`` to token ``last``, both included."""
        return self.text[self.tokens[first].start : self.tokens[last].end]


def tree_problem(heads: Sequence[int]) -> str | None:
    """Why ``heads`` are no tree with one root, or ``None`` when they are; linear in the tokens."""
    roots = [index for index, head in enumerate(heads) if head == ROOT_HEAD]
    if len(roots) != 1:
        return f"{len(roots)} roots"
    outside = [head for head in heads if not ROOT_HEAD <= head < len(heads)]
    if outside:
        return f"head {outside[0]} in a sentence of {len(heads)} tokens"
    reaches = [head == ROOT_HEAD for head in heads]
    for start in range(len(heads)):
        path: list[int] = []
        index = start
        while not reaches[index]:
            if len(path) > len(heads):
                return f"a cycle at token {start}"
            path.append(index)
            index = heads[index]
        for passed in path:
            reaches[passed] = True
    return None
