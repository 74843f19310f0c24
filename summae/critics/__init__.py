"""Critics: how real does a summary read? Trained on drawn summaries against real, unpaired short texts.

Every critic is an ``nn.Module`` with a ``Config`` beside it, built as
``CRITICS[name](CRITICS[name].Config(...), vocab_size=V, pad_id=p)``, and has

- ``forward(words, mask)``: scores, higher = more real, for ids [N, T] or distributions [N, T, V];
- ``objective(real_words, real_mask, fake_words, fake_mask) -> Scored``: the loss it descends;
- ``rewards(scores, mask)``: what a generator is paid, [N] or [N, T], in ``Episode.realism``.

| name | score | reward | source |
|---|---|---|---|
| ``wgan_gp`` | one per summary, residual CNN | the score | Gulrajani et al. 2017; Wang & Lee, scheme 1 |
| ``per_token`` | one per piece, LSTM | gain of a piece, or 2σ − 1 | Wang & Lee, scheme 2; ScratchGAN |
"""

from summae.critics.per_token import PerToken, PerTokenConfig
from summae.critics.wgan_gp import WganGp, WganGpConfig

Critic = WganGp | PerToken  # any of them
CriticOptions = WganGpConfig | PerTokenConfig

CRITICS: dict[str, type[Critic]] = {
    "wgan_gp": WganGp,
    "per_token": PerToken,
}

__all__ = ["CRITICS", "Critic", "CriticOptions", "PerToken", "PerTokenConfig", "WganGp", "WganGpConfig"]
