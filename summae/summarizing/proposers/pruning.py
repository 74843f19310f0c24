"""Sentences pruned by their syntax: whole subtrees go, what the meaning needs stays (:mod:`summae.syntax`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from summae.model.backends.base import Backend
from summae.model.checkpoint import Checkpoint
from summae.summarizing.plan import Line
from summae.summarizing.propose import Proposal
from summae.summarizing.sentence import is_form, leans, told
from summae.syntax.optionality import Optionality
from summae.syntax.proposing import PruningProposer
from summae.syntax.pruning import token_values
from summae.syntax.repair import repaired
from summae.syntax.tree import Tree
from summae.text.finishing import finish
from summae.text.sentences import sentences
from summae.text.words import budget_units

NEWS = "news"  # the domain whose texts tell their point first
FROM_EACH = 8  # prunings of a sentence
_POINTING = frozenset("this that these those such".split())


class _Found(NamedTuple):
    text: str
    window: int
    kind: str  # of the pruning, or "phrase"
    kept: float | None = None


class SyntaxProposer:
    """The best prunings of every sentence of every window, and the sentence itself where it fits; nothing without a
    parser, or of a text in a language that the model has not learnt.
    """

    style = "sentence"

    def __init__(self, checkpoint: Checkpoint, backend: Backend):
        self.checkpoint = checkpoint

    def __call__(self, lines: Sequence[Line], beams: int, count: int) -> list[list[Proposal]]:
        if self.checkpoint.parser is None:
            return [[] for _ in lines]
        return [self._of_line(line, count) if line.segment.familiar else [] for line in lines]

    def _of_line(self, line: Line, count: int) -> list[Proposal]:
        """Of the windows; where a text's beginning tells its point, of the first of them that has enough."""
        found: dict[str, _Found] = {}
        domain = self.checkpoint.encoder.domain(line.segment.text)
        propose = self._proposer(domain)
        for window in sorted(line.windows):
            trees = self._trees(line.segment.windows[window].text)
            pruned = [each for tree in trees for each in self._prunings(propose, tree, window, line, count)]
            phrases = noun_phrases(trees[:1], line.limit.ask) if not pruned else []
            for each in pruned or [_Found(phrase, window, "phrase") for phrase in phrases]:
                found.setdefault(finish(each.text, line.segment.text), each)
            if domain == NEWS and sum(each.kind != "phrase" for each in found.values()) >= count:
                break
        said = {text: each for text, each in found.items() if each.kind != "phrase"}
        chosen = {text: each for text, each in said.items() if not is_form(text)} or said or found
        every_ids = self.checkpoint.encoder.tokenizer.encode_batch(list(chosen))
        return [
            Proposal(
                window=each.window,
                text=text,
                ids=ids,
                phrase=each.kind == "phrase",
                kept=each.kept,
                stated=each.kind == "authors",
            )
            for (text, each), ids in zip(chosen.items(), every_ids, strict=True)
        ]

    def _trees(self, window: str) -> list[Tree]:
        """Of its sentences that stand alone, or of all where none does."""
        assert self.checkpoint.parser is not None
        texts = [text for text in (told(window[start:end]) for start, end in sentences(window)) if text]
        trees = [repaired(tree) for tree in self.checkpoint.parser.parse(texts) if tree.tokens]
        return [tree for tree in trees if not leans(tree.text) and not _points_back(tree)] or trees

    def _prunings(self, propose: PruningProposer, tree: Tree, window: int, line: Line, count: int) -> Iterator[_Found]:
        values = token_values(tree, line.segment.salience.ratio)
        drafts = propose(tree, values, line.limit.ask, max(FROM_EACH, count))
        most = max((draft.pruning.score for draft in drafts), default=0.0)
        for draft in drafts:
            yield _Found(draft.text, window, draft.pruning.kind, draft.pruning.score - most)
        if self.style == "sentence" and len(budget_units(tree.text)) <= line.limit.ask:
            yield _Found(tree.text, window, "sentence")

    def _proposer(self, domain: str) -> PruningProposer:
        """In the words and the counts of ``domain``."""
        wordings, tables = self.checkpoint.wordings.domains, self.checkpoint.optionality
        abbreviations = wordings[domain].abbreviations if domain in wordings else {}
        return PruningProposer(self.style, self._known, abbreviations, optionality=tables.get(domain, Optionality()))

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(word for table in self.checkpoint.salience.domains.values() for word in table.ratios)


class HeadlineSyntaxProposer(SyntaxProposer):
    """The same in the wording of headlines."""

    style = "headline"


def _points_back(tree: Tree) -> bool:
    """Whether it says "that request": of what another sentence has told."""
    return any(token.tag == "DET" and token.text.lower() in _POINTING for token in tree.tokens)


def noun_phrases(trees: Sequence[Tree], budget: int) -> list[str]:
    """Of each tree the longest phrase around a noun that fits, its subject's rather than another's: what a sentence is
    about can be told when nothing that it says can.
    """
    return [found for tree in trees if (found := max(_nominals(tree, budget), default=(False, 0, ""))[2])]


def _nominals(tree: Tree, budget: int) -> Iterator[tuple[bool, int, str]]:
    for index, token in enumerate(tree.tokens):
        inside = tree.subtree(index)
        if token.tag not in ("NOUN", "PROPN") or list(inside) != list(range(inside[0], inside[-1] + 1)):
            continue
        text = tree.text[tree.tokens[inside[0]].start : tree.tokens[inside[-1]].end]
        words = len(budget_units(text))
        if words <= budget and tree.tokens[inside[0]].tag not in ("ADP", "PUNCT", "SCONJ", "CCONJ"):
            yield token.relation.startswith("nsubj"), words, text
