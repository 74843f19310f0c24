"""Windows shortened in the text's own wording, in the order of :mod:`summae.summarizing.trimming`."""

from __future__ import annotations

from collections.abc import Sequence

from summae.model.backends.base import Backend
from summae.model.checkpoint import Checkpoint
from summae.summarizing.length import Limit
from summae.summarizing.plan import Line
from summae.summarizing.propose import Proposal
from summae.summarizing.trimming import trimmed
from summae.text.finishing import finish


def shortenings(window: str, source: str, limit: Limit) -> list[str]:
    """Finished shortenings within the limit, preferred ones first, to the most words that the first of them may have;
    none if not even a word fits.
    """
    for most in range(limit.ask, 0, -1):
        texts = [text for text in (finish(each, source) for each in trimmed(window, most)) if text]
        if texts and limit.allows(texts[0]):
            return [text for text in dict.fromkeys(texts) if limit.allows(text) and len(text) <= len(source)]
    return []


class ShorteningProposer:
    """The shortenings of every window, the preferred ones first."""

    def __init__(self, checkpoint: Checkpoint, backend: Backend):
        self.tokenizer = checkpoint.encoder.tokenizer

    def __call__(self, lines: Sequence[Line], beams: int, count: int) -> list[list[Proposal]]:
        return [self._of_line(line) for line in lines]

    def _of_line(self, line: Line) -> list[Proposal]:
        windows, source = line.segment.windows, line.segment.text
        found = [
            (window, text)
            for window in sorted(line.windows)
            for text in shortenings(windows[window].text, source, line.limit)
        ]
        every_ids = self.tokenizer.encode_batch([text for _, text in found])
        return [
            Proposal(window=window, text=text, ids=ids, by_preference=True)
            for (window, text), ids in zip(found, every_ids, strict=True)
        ]
