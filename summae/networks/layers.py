"""Pre-norm Transformer layers (Vaswani et al. 2017; Xiong et al. 2020), with a cache that any store can serve.

Legend: N batch, T queries, S keys, H heads, D model width, P = D / H.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

IMPOSSIBLE = -1e9  # the log-probability, or attention score, of what may not be; finite, so that no row becomes NaN
LONGEST_WAVE = 10_000.0  # pieces / 2π, of the position embeddings (Vaswani et al. 2017)


class Past(Protocol):
    """Keys and values of the steps already decoded."""

    length: int | Tensor

    def extend(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Append this step's self-attention keys and values, return all so far: [N, H, T, P] each."""
        ...

    def memory(self, layer: int, project: Callable[[], tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
        """The source's keys and values for ``layer``, projected once."""
        ...


class ListPast:
    """The plain store: used by training-time sampling and by the ONNX export."""

    def __init__(self, layers: int, length: int | Tensor = 0):
        self.length = length
        self.own: list[tuple[Tensor, Tensor] | None] = [None] * layers
        self.source: list[tuple[Tensor, Tensor] | None] = [None] * layers

    def extend(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        before = self.own[layer]
        if before is not None:
            keys, values = torch.cat([before[0], keys], dim=2), torch.cat([before[1], values], dim=2)
        self.own[layer] = (keys, values)
        return keys, values

    def memory(self, layer: int, project: Callable[[], tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
        found = self.source[layer]
        if found is None:
            found = self.source[layer] = project()
        return found

    def advance(self, steps: int) -> None:
        self.length = self.length + steps


def sinusoid_positions(positions: Tensor, width: int) -> Tensor:
    """Sinusoidal position vectors: ``positions [T]`` → [T, width]; no table, so any length goes."""
    half = width // 2
    rates = torch.exp(torch.arange(half, device=positions.device) * (-math.log(LONGEST_WAVE) / max(half - 1, 1)))
    angles = positions.to(rates.dtype)[:, None] * rates[None, :]
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


def additive_mask(keep: Tensor, dtype: torch.dtype) -> Tensor:
    """1/0 mask [N, S] → [N, 1, 1, S], 0 where kept and a large negative number where not (never −inf:
    a row that keeps nothing must not become NaN)."""
    return (1.0 - keep.to(dtype))[:, None, None, :] * IMPOSSIBLE


class Attention(nn.Module):
    """Multi-head attention; ``project`` gives keys and values, ``forward`` asks them."""

    def __init__(self, width: int, heads: int, dropout: float):
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def _split(self, x_NTD: Tensor) -> Tensor:
        return x_NTD.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def project(self, x_NSD: Tensor) -> tuple[Tensor, Tensor]:
        keys, values = self.key_value(x_NSD).chunk(2, dim=-1)
        return self._split(keys), self._split(values)

    def forward(self, x_NTD: Tensor, keys_NHSP: Tensor, values_NHSP: Tensor, mask: Tensor | None, *, causal=False):
        mixed = F.scaled_dot_product_attention(
            self._split(self.query(x_NTD)),
            keys_NHSP,
            values_NHSP,
            attn_mask=mask,
            is_causal=causal,
            dropout_p=self.dropout if self.training else 0.0,
        )
        return self.out(mixed.transpose(1, 2).flatten(2))


class FeedForward(nn.Sequential):
    def __init__(self, width: int, inner: int, dropout: float):
        super().__init__(nn.Linear(width, inner), nn.GELU(), nn.Dropout(dropout), nn.Linear(inner, width))


class EncoderLayer(nn.Module):
    def __init__(self, width: int, heads: int, inner: int, dropout: float):
        super().__init__()
        self.attention, self.feed = Attention(width, heads, dropout), FeedForward(width, inner, dropout)
        self.norm_attention, self.norm_feed = nn.LayerNorm(width), nn.LayerNorm(width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x_NSD: Tensor, mask: Tensor | None) -> Tensor:
        normed = self.norm_attention(x_NSD)
        x_NSD = x_NSD + self.drop(self.attention(normed, *self.attention.project(normed), mask))
        return x_NSD + self.drop(self.feed(self.norm_feed(x_NSD)))


class DecoderLayer(nn.Module):
    """Causal self-attention, then (unless ``sources=False``) attention over the source, then feed-forward."""

    def __init__(self, width: int, heads: int, inner: int, dropout: float, *, sources: bool = True):
        super().__init__()
        self.attention, self.feed = Attention(width, heads, dropout), FeedForward(width, inner, dropout)
        self.norm_attention, self.norm_feed = nn.LayerNorm(width), nn.LayerNorm(width)
        self.cross = Attention(width, heads, dropout) if sources else None
        self.norm_cross = nn.LayerNorm(width) if sources else None
        self.drop = nn.Dropout(dropout)

    def forward(
        self, x_NTD: Tensor, memory_NSD: Tensor | None, memory_mask: Tensor | None, past: Past | None, index: int
    ) -> Tensor:
        normed = self.norm_attention(x_NTD)
        keys, values = self.attention.project(normed)
        if past is not None:
            keys, values = past.extend(index, keys, values)
        mask = None
        causal = bool(x_NTD.shape[1] > 1)  # bool: the exporter would hand attention a symbol
        if causal and keys.shape[2] != x_NTD.shape[1]:  # several new steps after cached ones
            mask, causal = _causal_after(x_NTD.shape[1], keys.shape[2], x_NTD), False
        x_NTD = x_NTD + self.drop(self.attention(normed, keys, values, mask, causal=causal))
        if self.cross is not None:
            assert self.norm_cross is not None and memory_NSD is not None
            project = lambda: self.cross.project(memory_NSD)  # noqa: E731
            keys, values = project() if past is None else past.memory(index, project)
            x_NTD = x_NTD + self.drop(self.cross(self.norm_cross(x_NTD), keys, values, memory_mask))
        return x_NTD + self.drop(self.feed(self.norm_feed(x_NTD)))


def _causal_after(new: int, total: int, like: Tensor) -> Tensor:
    """Additive causal mask [new, total] for ``new`` steps that follow ``total − new`` cached ones."""
    allowed = torch.ones(new, total, dtype=torch.bool, device=like.device).tril(total - new)
    return torch.zeros(new, total, dtype=like.dtype, device=like.device).masked_fill(~allowed, IMPOSSIBLE)
