"""Wasserstein critic with gradient penalty: one score per summary, from a residual CNN.

L_D = E[D(fake)] − E[D(real)] + λ · E[(‖∇_x̂ D(x̂)‖₂ − 1)²] (Gulrajani et al. 2017, λ = 10), over
one-hots and distributions [N, T, V]; the network is the one of their language model, and of Wang &
Lee's scheme 1 (4 residual blocks, 512 wide): embed, then blocks x + 0.3 · conv(relu(conv(relu(x)))).

We depart from both in two points: padding is masked after every convolution and the score is a mean
over the real steps, so a text scores the same however far it is padded; and ours is smaller.

Legend: N rows, T summary pieces, V vocabulary, C channels.
Sign: scores are higher = more real; the critic's loss therefore lowers fake and raises real.
Relations: ``per_token`` with ``objective="wgan"`` has the same loss on the mean of its scores, with
the penalty on embeddings. Fits ``soft`` (distributions) and ``straight_through`` (one-hots); with
``reinforce`` its score is one reward for the whole summary.
"""

from __future__ import annotations

import torch
from pydantic import field_validator
from torch import Tensor, nn

from summae.critics.inputs import LinearEmbedding, masked_mean, one_hots
from summae.critics.penalty import accuracy, gradient_penalty
from summae.options import Count, Natural, NotNegative, Options, Positive, options
from summae.records import Scored


@options
class WganGpConfig(Options):
    channels: Count = 128  # width of embedding and blocks; Wang & Lee: 512
    blocks: Natural = 4  # residual blocks of two convolutions
    kernel: Count = 5  # pieces, odd
    residual: Positive = 0.3  # weight of a block's output beside its input
    penalty: NotNegative = 10.0  # λ

    @field_validator("kernel")
    @classmethod
    def _has_a_middle(cls, kernel: int) -> int:
        if kernel % 2 == 0:
            raise ValueError(f"must be odd, got {kernel}")
        return kernel


class ResidualBlock(nn.Module):
    """x + residual · conv(relu(conv(relu(x)))), 0 on padding."""

    def __init__(self, config: WganGpConfig):
        super().__init__()
        width, pad = config.channels, config.kernel // 2
        self.first = nn.Conv1d(width, width, config.kernel, padding=pad)
        self.second = nn.Conv1d(width, width, config.kernel, padding=pad)
        self.residual = config.residual

    def forward(self, x_NCT: Tensor, mask_N1T: Tensor) -> Tensor:
        hidden_NCT = self.first(x_NCT.relu()) * mask_N1T
        return x_NCT + self.residual * self.second(hidden_NCT.relu()) * mask_N1T


class WganGp(nn.Module):
    """D: ids [N, T] or distributions [N, T, V] → scores [N]."""

    Config = WganGpConfig

    def __init__(self, config: WganGpConfig, *, vocab_size: int, pad_id: int):
        super().__init__()
        self.config, self.vocab_size = config, vocab_size
        self.embedding = LinearEmbedding(vocab_size, config.channels, pad_id)
        self.blocks = nn.ModuleList(ResidualBlock(config) for _ in range(config.blocks))
        self.score = nn.Linear(config.channels, 1, bias=False)  # a constant would cancel in the loss

    def forward(self, words: Tensor, mask: Tensor) -> Tensor:
        x_NCT = self.embedding(words, mask).transpose(1, 2)
        mask_N1T = mask[:, None].to(x_NCT.dtype)
        for block in self.blocks:
            x_NCT = block(x_NCT, mask_N1T)
        return self.score(masked_mean(x_NCT.transpose(1, 2), mask)).squeeze(-1)

    def objective(
        self,
        real_words: Tensor,
        real_mask: Tensor,
        fake_words: Tensor,
        fake_mask: Tensor,
        *,
        generator: torch.Generator | None = None,
    ) -> Scored:
        """L_D, to descend. ``fake_words`` is cut off from the generator; ``generator`` draws ε."""
        real_N, fake_N = self(real_words, real_mask), self(fake_words.detach(), fake_mask)
        real_NTV = one_hots(real_words, real_mask, self.vocab_size)
        fake_NTV = one_hots(fake_words, fake_mask, self.vocab_size)
        penalty, norm = gradient_penalty(self, real_NTV, real_mask, fake_NTV, fake_mask, generator)
        gap = real_N.mean() - fake_N.mean()
        metrics = {
            "critic_gap": gap.item(),
            "critic_slope": norm.item(),
            "critic_penalty": penalty.item(),
            "critic_accuracy": accuracy(real_N, fake_N),
        }
        return Scored(value=-gap + self.config.penalty * penalty, metrics=metrics)

    def rewards(self, scores: Tensor, mask: Tensor) -> Tensor:
        """The score itself, [N]: one reward for the whole summary."""
        return scores
