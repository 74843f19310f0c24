"""The batch that the players share, and the mask over what R is shown.

Legend: N rows, M real texts, S document pieces, T summary pieces.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from summae.records import Sources


@dataclass(frozen=True, kw_only=True)
class GameBatch:
    """Documents on one side, real short texts of *other* documents on the other."""

    sources: Sources  # what G reads
    documents: Tensor  # [N, S] int64, what R must rebuild, end piece included
    document_mask: Tensor  # [N, S] float
    document_weights: Tensor  # [N, S] float, idf-like, 0 on marks
    target_length: Tensor  # [N] float, pieces
    real: Tensor  # [M, T] int64, end piece included
    real_mask: Tensor  # [M, T] float


def masked_out(ids: Tensor, share: float, mask_id: int) -> Tensor:
    """``ids`` with a random ``share`` of the pieces replaced by the mask (SEQ3 hides half of R's inputs)."""
    if share <= 0:
        return ids
    return torch.where(torch.rand(ids.shape, device=ids.device) < share, mask_id, ids)
