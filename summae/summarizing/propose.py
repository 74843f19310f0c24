"""Proposing: from the windows of every line to finished texts that may be said for it.

A proposer never decides: what it proposes is checked (:mod:`summae.summarizing.check`) and ranked
(:mod:`summae.summarizing.rank`) with what all others of the style propose. All of them:
:data:`summae.summarizing.proposers.PROPOSERS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from summae.model.backends.base import Ids
from summae.summarizing.plan import Line


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A finished text for a line."""

    window: int  # the place, in the line's segment, of the window that it tells
    text: str
    ids: Ids  # pieces
    log_prob: float | None = None  # by G, in nats, if G has written it
    by_preference: bool = False  # those of one window come in order of preference
    phrase: bool = False  # for want of a sentence that fits
    kept: float | None = None  # what a pruning keeps, less what the best of its sentence does; ≤ 0
    stated: bool | None = None  # of a pruning: whether the text's authors say that they present or have found it


class Proposer(Protocol):
    """Made of a checkpoint and what computes it."""

    def __call__(self, lines: Sequence[Line], beams: int, count: int) -> list[list[Proposal]]:
        """Of every line, in the order of its windows. A search is ``beams`` wide, or as wide as ``count`` different
        summaries need.
        """
        ...
