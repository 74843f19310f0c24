"""Length: is the summary as long as wanted?

With L the summary's real pieces (end included) and l ``Episode.target_length``:
``exponential``: exp(−|L − l| / scale), with the usual scale of 10;
``gaussian``: exp(−(L − l)² / (2 scale²)), which forgives small differences. In (0, 1], 1 when met.

Relations: a hard budget when decoding does the rest; no gradient.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from torch import Tensor

from summae.options import Options, Positive, options
from summae.records import Episode
from summae.rewards.reward import required


@options
class LengthReward(Options):
    scale: Positive = 10.0  # pieces
    shape: Literal["exponential", "gaussian"] = "exponential"

    needs: ClassVar[frozenset[str]] = frozenset({"target_length"})

    def __call__(self, episode: Episode) -> Tensor:
        off_N = (episode.draw.mask.sum(dim=1) - required(episode, "target_length")) / self.scale
        return (-off_N.abs()).exp() if self.shape == "exponential" else (-0.5 * off_N.square()).exp()
