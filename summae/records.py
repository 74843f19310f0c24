"""Typed records that the floors exchange. Shapes are stated beside every field.

Legend: N rows (sources × group), S source pieces, T summary pieces, V vocabulary, C candidates.
A *group* is ``group`` consecutive rows drawn for the same source. Masks are 1.0 where a real
piece stands and 0.0 on padding. Rewards are higher-is-better everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # the command line summarises without torch
    import torch
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Sources:
    """A padded batch of encoded source texts."""

    input_ids: Tensor  # [N, S] int64, padded with the pad id
    attention_mask: Tensor  # [N, S] int64, 1 on real pieces
    salience_ids: Tensor  # [N, S] int64, 0 = unknown, 1..16 = low..high salience of the word
    word_starts: Tensor  # [N, S] int64, 1 where a word begins, 0 inside a word

    def repeat(self, times: int) -> Sources:
        """Every row ``times`` times, copies next to each other: N → N × times."""
        return self.map(lambda tensor: tensor.repeat_interleave(times, dim=0))

    def map(self, change: Callable[[Tensor], Tensor]) -> Sources:
        """The same record with ``change`` applied to every tensor."""
        return Sources(**{name: change(tensor) for name, tensor in vars(self).items()})

    def to(self, device: torch.device | str) -> Sources:
        return self.map(lambda tensor: tensor.to(device))


@dataclass(frozen=True, kw_only=True)
class Draw:
    """What an estimator drew from the generator."""

    ids: Tensor  # [N, T] int64, without the start piece, with the end piece, then padding
    mask: Tensor  # [N, T] float, 1 up to and including the end piece
    log_probs: Tensor  # [N, T] float with gradient: log G(y_t | y_<t, x); 0 on padding
    words: Tensor | None = None  # [N, T, V] float with gradient: relaxed one-hots, if any
    distributions: Tensor | None = None  # [N, T, V] float with gradient: G's soft outputs
    baseline_ids: Tensor | None = None  # [N, T'] int64, the greedy summary (self-critical)
    baseline_mask: Tensor | None = None  # [N, T'] float
    group: int = 1


@dataclass(frozen=True, kw_only=True)
class Episode:
    """One play: drawn summaries and all that was measured on them. Rewards read only this.

    Fields that no configured reward needs stay ``None``. Where ``words`` carries a gradient,
    ``rebuilt``, ``fluency``, ``realism`` and ``retrieval`` carry it too.
    """

    draw: Draw
    source_ids: Tensor  # [N, S]
    source_mask: Tensor  # [N, S] float
    source_weights: Tensor | None = None  # [N, S] float, idf-like weight of each source piece
    seen: Tensor | None = None  # [N, S] source ids with pieces masked out: what R's decoder was shown
    target_length: Tensor | None = None  # [N] float, wanted pieces in the summary, end included
    rebuilt: Tensor | None = None  # [N, S] log p_R(x_t | x_<t, summary), nats
    rebuilt_from_nothing: Tensor | None = None  # [N, S] log p_R(x_t | x_<t, empty summary), nats
    retrieval: Tensor | None = None  # [N, C] mean log p_R(source c | summary); column 0 is its own
    realism: Tensor | None = None  # [N] or [N, T] critic rewards: critic.rewards(scores, mask)
    fluency: Tensor | None = None  # [N, T] log p_LM(y_t | y_<t), nats
    stay_close: Tensor | None = None  # [N, T] log G(y_t) − log G_warm(y_t), nats, no gradient


@dataclass(frozen=True, kw_only=True)
class Scored:
    """A value and the figures behind it, for the log."""

    value: Tensor
    metrics: dict[str, float] = field(default_factory=dict)


class Policy(Protocol):
    """A generator bound to a batch of N source rows: all an estimator may know of it."""

    pad_id: int
    end_id: int
    max_length: int  # T, the longest summary in pieces, end piece included

    def unroll(
        self, pick: Callable[[Tensor], tuple[Tensor, Tensor | None]], *, gradient: bool
    ) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
        """Generate step by step.

        ``pick(log_probs [N, V])`` chooses ``(ids [N], words [N, V] or None)``; the words, when
        given, are what the next step embeds. Returns ``(ids [N, T], mask [N, T],
        words [N, T, V] or None, log_probs [N, T, V] or None)``; the last two are kept only
        with ``gradient=True``. Rows are padded after their end piece (words: one-hot pad).
        """
        ...

    def log_probs(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Teacher-forced ``log G(y_t | y_<t, x)`` with gradient: [N, T], 0 on padding."""
        ...

    def repeat(self, times: int) -> Policy:
        """The same policy with every source row ``times`` times, copies adjacent."""
        ...
