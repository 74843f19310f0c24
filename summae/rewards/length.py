"""Length: is the summary as long as wanted?

With L the summary's real pieces (end included) and l ``Episode.target_length``:
``exponential``: exp(−|L − l| / scale), with the usual scale of 10;
``gaussian``: exp(−(L − l)² / (2 scale²)), which forgives small differences. In (0, 1], 1 when met.

Relations: a hard budget when decoding does the rest; no gradient.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from summae.errors import SummaeError
from summae.records import Episode
from summae.rewards.reading import required

SHAPES = ("exponential", "gaussian")


@dataclass(frozen=True, kw_only=True)
class Length:
    scale: float = 10.0  # pieces, > 0
    shape: str = "exponential"  # one of SHAPES

    needs: ClassVar[frozenset[str]] = frozenset({"target_length"})

    def __post_init__(self) -> None:
        if not 0 < self.scale < float("inf"):
            raise SummaeError(f"length scale must be above 0, got {self.scale}")
        if self.shape not in SHAPES:
            raise SummaeError(f"length shape must be one of {', '.join(SHAPES)}, got {self.shape!r}")

    def __call__(self, episode: Episode) -> Tensor:
        off_N = (episode.draw.mask.sum(dim=1) - required(episode, "target_length")) / self.scale
        return (-off_N.abs()).exp() if self.shape == "exponential" else (-0.5 * off_N.square()).exp()
