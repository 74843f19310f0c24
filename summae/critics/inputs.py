"""What a critic reads: ids and relaxed one-hots through one linear embedding.

Legend: N rows, T summary pieces, V vocabulary, E embedding width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from summae.errors import SummaeError


class LinearEmbedding(nn.Module):
    """w ↦ w · W: a row of W for an id, the mixture of rows for a distribution.

    An id and its one-hot give the same floats, since all other products are exactly 0; so the
    critic is one function, whichever estimator fed it. Padding is multiplied away by the mask, and
    the pad piece begins as the zero vector, so a distribution's mass on it says nothing either.
    ``unit`` keeps every other row of W at length 1.
    """

    def __init__(self, vocab_size: int, width: int, pad_id: int, *, unit: bool = False):
        super().__init__()
        self.unit = unit
        weight_VE = torch.randn(vocab_size, width) * width**-0.5
        weight_VE[pad_id] = 0.0
        self.weight_VE = nn.Parameter(weight_VE)

    def forward(self, words: Tensor, mask_NT: Tensor) -> Tensor:
        weight_VE = functional.normalize(self.weight_VE, dim=1) if self.unit else self.weight_VE
        if words.dim() == 2:
            embedded_NTE = functional.embedding(words, weight_VE)
        elif words.dim() == 3 and words.shape[-1] == len(weight_VE):
            embedded_NTE = words.to(weight_VE.dtype) @ weight_VE
        else:
            wanted = f"ids [N, T] or distributions [N, T, {len(weight_VE)}]"
            raise SummaeError(f"words must be {wanted}, got {list(words.shape)}")
        return embedded_NTE * mask_NT[..., None].to(embedded_NTE.dtype)


def one_hots(words: Tensor, mask_NT: Tensor, vocab_size: int) -> Tensor:
    """Ids as one-hots, distributions as they are, both without gradient and 0 on padding: [N, T, V]."""
    if words.dim() == 2:
        words = functional.one_hot(words, vocab_size)
    return words.detach().to(mask_NT.dtype) * mask_NT[..., None]


def masked_mean(values_NT: Tensor, mask_NT: Tensor) -> Tensor:
    """The mean over the real steps, [N]; ``values_NT`` may have trailing dimensions, kept."""
    mask_NT = mask_NT.to(values_NT.dtype)
    weights = mask_NT.reshape(*mask_NT.shape, *[1] * (values_NT.dim() - 2))
    return (values_NT * weights).sum(dim=1) / weights.sum(dim=1).clamp_min(1e-6)
