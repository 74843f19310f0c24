"""Per-token critic: a score after every word, so that every word has its own reward.

A one-directional LSTM reads the summary; s_i depends on y_1 … y_i only. Two objectives:

- ``bce`` (ScratchGAN, de Masson d'Autume et al. 2019): every prefix is classified,
  L_D = −E_real[log σ(s_i)] − E_fake[log(1 − σ(s_i))], each a mean over pieces;
  reward of step i: 2σ(s_i) − 1, in (−1, 1).
- ``wgan`` (Wang & Lee 2018, scheme 2): with s̄ the mean of s_1 … s_T,
  L_D = E[s̄(fake)] − E[s̄(real)] + λ · E[(‖∇_ê s̄‖₂ − 1)²], λ = 1, ê interpolates of *embedded* texts;
  reward of step i: s_i − s_{i−1}, s_0 = 0, which sums to the last score.

We depart from Wang & Lee in keeping embedded words at unit length under ``wgan``. The penalty bounds
the slope per unit of embedding, so with free embeddings the critic widens the gap without limit by
moving words apart: in a toy of seven words it reached 750 in 1,500 updates, and stays at 5 so.

We depart from ScratchGAN in the place of the LayerNorm (on the LSTM's output, where it does not
hide how peaked a relaxed word is) and in leaving L2 (1e-6 there) to the optimiser.

Legend: N rows, T summary pieces, V vocabulary, E embedding width, H hidden width.
Sign: scores are higher = more real; ``bce`` and ``wgan`` both raise real and lower fake.
Relations: ``wgan_gp`` sees the whole summary at once and gives one score; ``wgan`` here is its loss
on the mean score. Fits ``reinforce`` with ``discount`` 0.23–0.3 (ScratchGAN; Wang & Lee's code).
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from summae.critics.inputs import LinearEmbedding, masked_mean
from summae.critics.penalty import accuracy, gradient_penalty
from summae.options import Count, NotNegative, Options, Part, options
from summae.records import Scored


@options
class PerTokenConfig(Options):
    objective: Literal["bce", "wgan"] = "bce"
    embedding: Count = 128  # width
    hidden: Count = 256  # width of the LSTM; 512 in both papers
    layers: Count = 1
    dropout: Part = 0.1  # on the LSTM's input and output
    penalty: NotNegative = 1.0  # λ, for wgan only


class PerToken(nn.Module):
    """D: ids [N, T] or distributions [N, T, V] → scores [N, T], 0 on padding."""

    Config = PerTokenConfig

    def __init__(self, config: PerTokenConfig, *, vocab_size: int, pad_id: int):
        super().__init__()
        self.config = config
        unit = config.objective == "wgan"
        self.embedding = LinearEmbedding(vocab_size, config.embedding, pad_id, unit=unit)
        self.lstm = nn.LSTM(config.embedding, config.hidden, config.layers, batch_first=True)
        self.norm = nn.LayerNorm(config.hidden)
        self.dropout = nn.Dropout(config.dropout)
        self.score = nn.Linear(config.hidden, 1)

    def forward(self, words: Tensor, mask: Tensor) -> Tensor:
        return self._read(self.embedding(words, mask), mask)

    def _read(self, embedded_NTE: Tensor, mask: Tensor) -> Tensor:
        # cuDNN's recurrent kernels have no way back outside training, where relaxed words may need one.
        native = embedded_NTE.requires_grad and not self.training
        with torch.backends.cudnn.flags(enabled=False) if native else nullcontext():
            states_NTH, _ = self.lstm(self.dropout(embedded_NTE))
        scores_NT = self.score(self.dropout(self.norm(states_NTH))).squeeze(-1)
        return scores_NT.masked_fill(mask == 0, 0.0)

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
        real_NTE = self.embedding(real_words, real_mask)
        fake_NTE = self.embedding(fake_words.detach(), fake_mask)
        real_NT, fake_NT = self._read(real_NTE, real_mask), self._read(fake_NTE, fake_mask)
        real_N, fake_N = masked_mean(real_NT, real_mask), masked_mean(fake_NT, fake_mask)
        metrics = {
            "critic_gap": (real_N.mean() - fake_N.mean()).item(),
            "critic_accuracy": accuracy(real_N, fake_N),
        }
        if self.config.objective == "bce":
            value = _mean_loss(-real_NT, real_mask) + _mean_loss(fake_NT, fake_mask)
            return Scored(value=value, metrics=metrics)
        penalty, norm = gradient_penalty(self._mean_score, real_NTE, real_mask, fake_NTE, fake_mask, generator)
        metrics |= {"critic_slope": norm.item(), "critic_penalty": penalty.item()}
        return Scored(value=fake_N.mean() - real_N.mean() + self.config.penalty * penalty, metrics=metrics)

    def _mean_score(self, embedded_NTE: Tensor, mask: Tensor) -> Tensor:
        return masked_mean(self._read(embedded_NTE, mask), mask)

    def rewards(self, scores: Tensor, mask: Tensor) -> Tensor:
        """What piece i adds, [N, T], 0 on padding: 2σ(s_i) − 1 (bce) or s_i − s_{i−1} (wgan)."""
        mask = mask.to(scores.dtype)
        if self.config.objective == "bce":
            return (2 * scores.sigmoid() - 1) * mask
        return (scores - functional.pad(scores[:, :-1], (1, 0))) * mask


def _mean_loss(scores_NT: Tensor, mask_NT: Tensor) -> Tensor:
    """Mean over pieces of softplus(s) = −log σ(−s): the loss of scores that should be low."""
    mask_NT = mask_NT.to(scores_NT.dtype)
    return (functional.softplus(scores_NT) * mask_NT).sum() / mask_NT.sum().clamp_min(1)
