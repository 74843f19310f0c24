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

from summae.syntax.pieces import PIECES
from summae.text.tokenizer import MASK_ID, PAD_ID

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
    dropout: float = 0.33  # of the encoded and of the projected vectors, 0 to 1


class TreeHeads(nn.Module):
    """Arcs, relations and bundles from encoded tokens."""

    def __init__(self, width: int, relations: int, bundles: int, options: HeadOptions):
        super().__init__()
        self.options = options
        self.relations = relations
        self.dropout = nn.Dropout(options.dropout)
        self.arc_dependent = _projection(width, options.arc_width, options.dropout)
        self.arc_head = _projection(width, options.arc_width, options.dropout)
        self.arc = nn.Linear(options.arc_width, options.arc_width)
        self.relation_dependent = _projection(width, options.relation_width, options.dropout)
        self.relation_head = _projection(width, options.relation_width, options.dropout)
        self.relation = nn.Linear(options.relation_width, relations * options.relation_width)
        self.relation_bias = nn.Linear(options.relation_width, relations)
        self.bundle = nn.Linear(width, bundles)
        for form in (self.arc, self.relation):  # a biaffine form begins small: the first heads are even
            nn.init.normal_(form.weight, std=1 / form.in_features)

    def forward(self, vectors_BHE: Tensor, is_head_BH: Tensor) -> Scores:
        """Scores of a batch whose position 0 is the root; padding is never a head."""
        vectors_BHE = self.dropout(vectors_BHE)
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
    return nn.Sequential(nn.Linear(width_in, width_out), nn.GELU(), nn.Dropout(dropout))


@dataclass(frozen=True, kw_only=True)
class EncoderOptions:
    """Sizes of the encoder."""

    vocabulary: int = 10_000  # pieces
    piece_width: int = 128
    width: int = 224  # of a token's vector
    blocks: int = 3
    attention_heads: int = 4
    feed_forward: int = 448
    kernel: int = 5  # tokens that a convolution sees, odd
    furthest: int = 24  # distance in tokens beyond which attention knows only the side
    dropout: float = 0.1  # 0 to 1
    masked: float = 0.03  # share of the tokens hidden in training, 0 to 1


class ParserNetwork(nn.Module):
    """The shipped parser: tokens' pieces, :class:`Block` after block, :class:`TreeHeads`."""

    def __init__(self, encoder: EncoderOptions, heads: HeadOptions, relations: int, bundles: int):
        super().__init__()
        self.options = encoder
        self.pieces = nn.Embedding(encoder.vocabulary, encoder.piece_width)
        self.token = nn.Linear(PIECES * encoder.piece_width, encoder.width)
        self.dropout = nn.Dropout(encoder.dropout)
        self.blocks = nn.ModuleList(Block(encoder) for _ in range(encoder.blocks))
        self.norm = nn.LayerNorm(encoder.width)
        self.heads = TreeHeads(encoder.width, relations, bundles, heads)
        nn.init.normal_(self.pieces.weight, std=0.5)

    def forward(self, pieces_BHP: Tensor) -> Scores:
        """Scores of a batch of :class:`~summae.syntax.pieces.TokenPieces` rows."""
        is_token_BH = pieces_BHP[:, :, 0] != PAD_ID
        vectors = self.dropout(self.token(self.pieces(self._masked(pieces_BHP)).flatten(2)))
        distances = self._distances(vectors)
        for block in self.blocks:
            vectors = block(vectors, is_token_BH, distances)
        return self.heads(self.norm(vectors), is_token_BH)

    def _masked(self, pieces_BHP: Tensor) -> Tensor:
        """In training, some tokens hidden, so that the others must tell the tree."""
        if not self.training or not self.options.masked:
            return pieces_BHP
        hidden = torch.rand(pieces_BHP.shape[:2]) < self.options.masked
        return pieces_BHP.masked_fill((hidden & (pieces_BHP[:, :, 0] > MASK_ID)).unsqueeze(-1), MASK_ID)

    def _distances(self, vectors: Tensor) -> Tensor:
        """``clip(key - query) + furthest``: row of the table of biases, ``[H, H]``."""
        places = torch.arange(vectors.shape[1], device=vectors.device)
        furthest = self.options.furthest
        return (places.unsqueeze(0) - places.unsqueeze(1)).clamp(-furthest, furthest) + furthest

    def parameter_groups(self) -> list[dict]:
        return [{"params": list(self.parameters()), "lr": 1.5e-3}]


class Block(nn.Module):
    """Neighbours by a gated convolution, then all by attention, then a feed-forward layer; all residual.

    The order and the convolution are those of Gulati et al., Conformer (Interspeech 2020), with one feed-forward
    layer and no batch normalisation; attention has a bias by distance (Shaw, Uszkoreit & Vaswani 2018; Raffel et al.
    2020) and no other notion of place.
    """

    def __init__(self, options: EncoderOptions):
        super().__init__()
        width = options.width
        self.attention_heads = options.attention_heads
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.gate = nn.Linear(width, 2 * width)
        self.neighbours = nn.Conv1d(width, width, options.kernel, padding=options.kernel // 2, groups=width)
        self.mixed = nn.Linear(width, width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.attended = nn.Linear(width, width)
        self.distance_bias = nn.Embedding(2 * options.furthest + 1, options.attention_heads)
        self.feed_forward = nn.Sequential(
            nn.Linear(width, options.feed_forward), nn.GELU(), nn.Linear(options.feed_forward, width)
        )
        self.dropout = nn.Dropout(options.dropout)
        nn.init.zeros_(self.distance_bias.weight)

    def forward(self, vectors_BHE: Tensor, is_token_BH: Tensor, distances_HH: Tensor) -> Tensor:
        vectors = vectors_BHE + self.dropout(self._convolved(self.norms[0](vectors_BHE), is_token_BH))
        vectors = vectors + self._attended(self.norms[1](vectors), is_token_BH, distances_HH)
        return vectors + self.dropout(self.feed_forward(self.norms[2](vectors)))

    def _convolved(self, vectors_BHE: Tensor, is_token_BH: Tensor) -> Tensor:
        gated = functional.glu(self.gate(vectors_BHE), dim=-1) * is_token_BH.unsqueeze(-1)  # padding is silent
        return self.mixed(functional.silu(self.neighbours(gated.transpose(1, 2)).transpose(1, 2)))

    def _attended(self, vectors_BHE: Tensor, is_token_BH: Tensor, distances_HH: Tensor) -> Tensor:
        split = self.query_key_value(vectors_BHE).unflatten(-1, (3, self.attention_heads, -1))
        queries, keys, values = split.permute(2, 0, 3, 1, 4)  # each [B, heads, H, E / heads]
        scores = queries @ keys.transpose(2, 3) / keys.shape[-1] ** 0.5
        scores = scores + self.distance_bias(distances_HH).permute(2, 0, 1)
        scores = scores.masked_fill(~is_token_BH[:, None, None], NO_HEAD)
        return self.attended((scores.softmax(-1) @ values).transpose(1, 2).flatten(2))


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
