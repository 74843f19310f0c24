"""Realism: what the critic pays for the summary, or for each piece of it.

``Episode.realism`` holds ``critic.rewards(critic(words, mask), mask)``: a score per summary
(``wgan_gp``), or a reward per piece (``per_token``: 2σ − 1, or what the piece adds to the score).
This reward passes it on. Its gradient, if the critic was fed relaxed words or distributions, stays.

Relations: ``fluency`` asks a language model, which cannot be fooled by training against it but does
not know what a summary looks like as a whole.
"""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from summae.options import Options, options
from summae.records import Episode
from summae.rewards.reward import required


@options
class RealismReward(Options):
    needs: ClassVar[frozenset[str]] = frozenset({"realism"})

    def __call__(self, episode: Episode) -> Tensor:
        value = required(episode, "realism")
        return value if value.dim() == 1 else value * episode.draw.mask
