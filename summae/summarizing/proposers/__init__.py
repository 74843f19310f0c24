"""What may be said for a line: one file a proposer, one line of the table each."""

from __future__ import annotations

from collections.abc import Callable

from summae.model.backends.base import Backend
from summae.model.checkpoint import Checkpoint
from summae.summarizing.propose import Proposer
from summae.summarizing.proposers.generator import GeneratorProposer
from summae.summarizing.proposers.pruning import HeadlineSyntaxProposer, SyntaxProposer
from summae.summarizing.proposers.sentence import SentenceProposer
from summae.summarizing.proposers.shortening import ShorteningProposer

PROPOSERS: dict[str, Callable[[Checkpoint, Backend], Proposer]] = {
    "generator": GeneratorProposer,
    "shortening": ShorteningProposer,
    "sentence": SentenceProposer,
    "pruning": SyntaxProposer,
    "headline_pruning": HeadlineSyntaxProposer,
}
