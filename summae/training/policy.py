"""Drawing from a pointer-generator with its cache: the policy that estimators draw from, and plain sampling.

Legend: N rows, T steps, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from summae.networks.layers import IMPOSSIBLE
from summae.networks.seq2seq import Seq2Seq, SourceMemory
from summae.records import Sources
from summae.text.tokenizer import SubwordTokenizer

Pick = Callable[[Tensor], tuple[Tensor, Tensor | None]]


class NetworkPolicy:
    """G bound to a batch of sources (a :class:`summae.records.Policy`).

    ``teacher`` is how everything with gradient is asked for: the prepared wrapper's call in training, so that
    DistributedDataParallel sees a forward and averages the gradient.
    """

    def __init__(
        self,
        network: Seq2Seq,
        sources: Sources,
        max_length: int,
        teacher: Callable[..., Any] | None = None,
    ):
        self.network, self.sources, self.max_length = network, sources, max_length
        self.pad_id, self.end_id = network.config.pad_token_id, network.config.eos_token_id
        specials = torch.arange(network.config.special_pieces, device=sources.input_ids.device)
        self.banned = specials[specials != self.end_id]  # prompts, pad, mask: never part of a summary
        self.teacher = teacher or self._unwrapped

    def _unwrapped(self, method: str | Callable, *args):
        return (method if callable(method) else getattr(self.network, method))(*args)

    def repeat(self, times: int) -> NetworkPolicy:
        return NetworkPolicy(self.network, self.sources.repeat(times), self.max_length, self.teacher)

    def log_probs(self, ids: Tensor, mask: Tensor) -> Tensor:
        return self.teacher("log_likelihood", self.sources, ids) * mask

    def unroll(self, pick: Pick, *, gradient: bool) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
        if gradient and torch.is_grad_enabled():
            return self.teacher(self._unroll, pick, gradient)
        with torch.no_grad():
            return self._unroll(pick, gradient)

    def _unroll(self, pick: Pick, gradient: bool) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
        network, memory = self.network, self.network.encode(self.sources)
        past = network.new_past()
        previous = torch.full_like(self.sources.input_ids[:, :1], network.config.decoder_start_token_id)
        words: Tensor | None = None
        alive = torch.ones_like(previous[:, 0], dtype=torch.bool)
        kept: dict[str, list[Tensor]] = {"ids": [], "mask": [], "words": [], "log_probs": []}
        for _ in range(self.max_length):
            log_probs = self._next(previous, words, memory, past)
            ids, vector = pick(log_probs)
            ids = torch.where(alive, ids, self.pad_id)
            kept["ids"].append(ids)
            kept["mask"].append(alive.float())
            if vector is not None:
                pad = F.one_hot(torch.full_like(ids, self.pad_id), log_probs.shape[-1]).to(vector.dtype)
                vector = torch.where(alive[:, None], vector, pad)
                kept["words"].append(vector)
            if gradient:
                kept["log_probs"].append(log_probs)
            alive = alive & (ids != self.end_id)
            if not alive.any():
                break
            previous, words = ids[:, None], None if vector is None else vector[:, None]
        kept_ids, kept_mask = torch.stack(kept["ids"], dim=1), torch.stack(kept["mask"], dim=1)
        kept_words, kept_log_probs = (torch.stack(kept[k], dim=1) if kept[k] else None for k in ("words", "log_probs"))
        return kept_ids, kept_mask, kept_words, kept_log_probs

    def _next(self, previous: Tensor, words: Tensor | None, memory: SourceMemory, past) -> Tensor:
        """log p of the next piece [N, V]."""
        hidden = self.network.decode(previous, memory, past, words)
        past.advance(1)
        log_probs = self.network.log_distribution(hidden, memory, previous)[:, -1]
        return log_probs.index_fill(-1, self.banned, IMPOSSIBLE).log_softmax(-1)


@torch.no_grad()
def sample(
    network: Seq2Seq,
    sources: Sources,
    *,
    temperature: float,
    longest: int,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor]:
    """``(ids [N, T], mask [N, T])``: greedy at temperature 0, else a draw from p^{1/temperature}."""

    def pick(log_probs: Tensor) -> tuple[Tensor, None]:
        if temperature == 0:
            return log_probs.argmax(-1), None
        return torch.multinomial((log_probs / temperature).softmax(-1), 1, generator=generator).squeeze(-1), None

    ids, mask, _, _ = NetworkPolicy(network, sources, longest).unroll(pick, gradient=False)
    return ids, mask


def decode_ids(ids: Tensor, tokenizer: SubwordTokenizer) -> list[str]:
    """Texts of drawn rows, special pieces left out."""
    return [tokenizer.decode(row) for row in ids.tolist()]
