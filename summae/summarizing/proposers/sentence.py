"""Whole sentences of the text; those that are too long, without their asides."""

from __future__ import annotations

from collections.abc import Sequence

from summae.model.backends.base import Backend
from summae.model.checkpoint import Checkpoint
from summae.summarizing.plan import Line
from summae.summarizing.propose import Proposal
from summae.summarizing.sentence import told, wordings
from summae.text.finishing import finish


class SentenceProposer:
    """The wordings of each window that is a sentence, the whole of it first."""

    def __init__(self, checkpoint: Checkpoint, backend: Backend):
        self.tokenizer = checkpoint.encoder.tokenizer

    def __call__(self, lines: Sequence[Line], beams: int, count: int) -> list[list[Proposal]]:
        return [self._of_line(line) for line in lines]

    def _of_line(self, line: Line) -> list[Proposal]:
        found = [
            (window, finish(text, line.segment.text))
            for window in line.windows
            for text in wordings(told(line.segment.windows[window].text))
        ]
        every_ids = self.tokenizer.encode_batch([text for _, text in found])
        return [
            Proposal(window=window, text=text, ids=ids, by_preference=True)
            for (window, text), ids in zip(found, every_ids, strict=True)
        ]
