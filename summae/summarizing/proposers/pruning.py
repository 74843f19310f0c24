"""Sentences pruned by their syntax: whole subtrees go, what the meaning needs stays (:mod:`summae.syntax`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from summae.model.backends.base import Backend
from summae.model.checkpoint import Checkpoint
from summae.summarizing.plan import Line
from summae.summarizing.propose import Proposal
from summae.summarizing.sentence import told
from summae.syntax.proposing import PruningProposer
from summae.syntax.pruning import token_values
from summae.syntax.tree import Tree
from summae.text.finishing import finish
from summae.text.sentences import sentences
from summae.text.words import budget_units

FROM_EACH = 4  # prunings of a sentence


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
        return [self._of_line(line, max(FROM_EACH, count)) if line.segment.familiar else [] for line in lines]

    def _of_line(self, line: Line, count: int) -> list[Proposal]:
        places, texts = [], []
        for window in line.windows:
            for text in _sentences(line.segment.windows[window].text):
                places.append(window)
                texts.append(text)
        assert self.checkpoint.parser is not None
        trees = self.checkpoint.parser.parse(texts)
        found: dict[str, tuple[int, bool]] = {}
        for window, tree in zip(places, trees, strict=True):
            for text, whole in self._prunings(tree, line, count):
                found.setdefault(finish(text, line.segment.text), (window, whole))
        sentences_found = {text: window for text, (window, whole) in found.items() if whole}
        chosen = sentences_found or {text: window for text, (window, _) in found.items()}
        every_ids = self.checkpoint.encoder.tokenizer.encode_batch(list(chosen))
        return [
            Proposal(window=window, text=text, ids=ids, phrase=not sentences_found)
            for (text, window), ids in zip(chosen.items(), every_ids, strict=True)
        ]

    def _prunings(self, tree: Tree, line: Line, count: int) -> Iterator[tuple[str, bool]]:
        """(text, whether it is a sentence rather than a phrase)."""
        values = token_values(tree, line.segment.salience.ratio)
        for draft in self._proposer(tree, values, line.limit.ask, count):
            yield draft.text, draft.pruning.kind != "phrase"
        if self.style == "sentence" and len(budget_units(tree.text)) <= line.limit.ask:
            yield tree.text, True

    @cached_property
    def _proposer(self) -> PruningProposer:
        known = frozenset(word for table in self.checkpoint.salience.domains.values() for word in table.ratios)
        return PruningProposer(self.style, known)


class HeadlineSyntaxProposer(SyntaxProposer):
    """The same in the wording of headlines."""

    style = "headline"


def _sentences(window: str) -> list[str]:
    return [told(window[start:end]) for start, end in sentences(window)]
