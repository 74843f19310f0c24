"""The parser's networks: an encoder of tokens, and what reads a tree from its vectors.

Dozat & Manning, Deep Biaffine Attention for Neural Dependency Parsing (ICLR 2017):
``arc(d, h) = x_dᵀ U y_h + b·y_h`` and, for every relation, ``label(d, h, l) = x_dᵀ U_l y_h + b_l·y_h + c_l·x_d``.
We depart from it in the encoder (convolutions and attention instead of an LSTM, so that 25 words are one short
batch of matrix products), and in the bundle of tag and features that is read beside the tree.

Sizes: B sentences, N tokens, H = N + 1 heads of which 0 is the root, P pieces of a token, E encoder width,
L relations, M bundles, W width of a biaffine form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

#: Score of a head that is padding; finite, so that the tree stays exact and a softmax has no NaN.
NO_HEAD = -1e4


class Scores(NamedTuple):
    """What the heads say of a batch."""

    arcs_BNH: Tensor
    dependents_BNLW: Tensor  # x_dᵀ U_l + b_l
    dependents_BNL: Tensor  # c_l·x_d
    heads_BHW: Tensor  # y_h of the relations
    bundles_BNM: Tensor

    def relations(self, heads_BN: Tensor) -> Tensor:
        """Scores of every token's relations to the given heads: ``[B, N, L]``."""
        places = heads_BN.unsqueeze(-1).expand(-1, -1, self.heads_BHW.shape[-1])
        chosen = self.heads_BHW.gather(1, places)
        return (self.dependents_BNLW @ chosen.unsqueeze(-1)).squeeze(-1) + self.dependents_BNL

    def all_relations(self) -> Tensor:
        """The best relation of every token to every head: ``[B, N, H]``, "root" (0) to the root and to it alone."""
        scores = self.dependents_BNLW @ self.heads_BHW.transpose(1, 2).unsqueeze(1)  # [B, N, L, H]
        best = (scores + self.dependents_BNL.unsqueeze(-1))[:, :, 1:].argmax(dim=2) + 1
        return torch.cat([torch.zeros_like(best[:, :, :1]), best[:, :, 1:]], dim=2)


@dataclass(frozen=True, kw_only=True)
class HeadOptions:
    """Sizes of what reads the tree."""

    arc_width: int = 256
    relation_width: int = 96
    dropout: float = 0.33  # of the projected vectors, 0 to 1


class TreeHeads(nn.Module):
    """Arcs, relations and bundles from encoded tokens."""

    def __init__(self, width: int, relations: int, bundles: int, options: HeadOptions):
        super().__init__()
        self.relations = relations
        self.arc_dependent = _projection(width, options.arc_width, options.dropout)
        self.arc_head = _projection(width, options.arc_width, options.dropout)
        self.arc = nn.Linear(options.arc_width, options.arc_width)
        self.relation_dependent = _projection(width, options.relation_width, options.dropout)
        self.relation_head = _projection(width, options.relation_width, options.dropout)
        self.relation = nn.Linear(options.relation_width, relations * options.relation_width)
        self.relation_bias = nn.Linear(options.relation_width, relations)
        self.bundle = nn.Sequential(nn.Dropout(options.dropout), nn.Linear(width, bundles))
        for form in (self.arc, self.relation):  # a biaffine form begins small: the first heads are even
            nn.init.normal_(form.weight, std=1 / form.in_features)

    def forward(self, vectors_BHE: Tensor, is_head_BH: Tensor) -> Scores:
        """Scores of a batch whose position 0 is the root; padding is never a head."""
        tokens_BNE = vectors_BHE[:, 1:]
        arcs_BNH = self.arc(self.arc_dependent(tokens_BNE)) @ self.arc_head(vectors_BHE).transpose(1, 2)
        dependents = self.relation_dependent(tokens_BNE)
        heads_BHW = self.relation_head(vectors_BHE)
        return Scores(
            arcs_BNH.masked_fill(~is_head_BH.unsqueeze(1), NO_HEAD),
            self.relation(dependents).unflatten(-1, (self.relations, heads_BHW.shape[-1])),
            self.relation_bias(dependents),
            heads_BHW,
            self.bundle(tokens_BNE),
        )


def _projection(width_in: int, width_out: int, dropout: float) -> nn.Module:
    return nn.Sequential(nn.Dropout(dropout), nn.Linear(width_in, width_out), nn.GELU(), nn.Dropout(dropout))


class Gold(NamedTuple):
    """What a batch should be read as; padding is :data:`PADDING`."""

    heads_BN: Tensor  # 0 the root, n the token n - 1
    relations_BN: Tensor
    bundles_BN: Tensor


#: Class of a padded token: no loss.
PADDING = -100


def parsing_loss(scores: Scores, gold: Gold) -> Tensor:
    """Mean over the tokens of the three negative log-likelihoods: head, relation to the true head, bundle."""
    relations = scores.relations(gold.heads_BN.clamp(min=0))
    return (
        functional.cross_entropy(scores.arcs_BNH.flatten(0, 1), gold.heads_BN.flatten(), ignore_index=PADDING)
        + functional.cross_entropy(relations.flatten(0, 1), gold.relations_BN.flatten(), ignore_index=PADDING)
        + functional.cross_entropy(scores.bundles_BNM.flatten(0, 1), gold.bundles_BN.flatten(), ignore_index=PADDING)
    )
