"""A mixture of rewards: each measured, weighted, optionally brought to unit spread, apart by name.

r_k ↦ weight_k · scale_k · r_k, with scale_k = 1 / (running standard deviation of r_k) for the names in
``normalise`` and 1 for the others. The tensors are not added up: those that carry a gradient and
those that do not take different ways in the estimator (``Estimator.loss``).

Sign: rewards are higher-is-better and weights at least 0, so nothing is turned round here.
Relations: ``Spread`` holds the running figures; a weight of 0 measures for the log only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from summae.errors import ConfigError
from summae.records import Episode
from summae.rewards import REWARDS
from summae.rewards.reward import Reward
from summae.rewards.spread import Spread
from summae.tables import nearest


@dataclass(frozen=True, kw_only=True)
class RewardMixture:
    rewards: Mapping[str, Reward]  # one per name of the REWARDS table
    weights: Mapping[str, float]  # one per reward, >= 0
    normalise: frozenset[str] = frozenset()  # names brought to unit standard deviation

    def __post_init__(self) -> None:
        object.__setattr__(self, "normalise", frozenset(self.normalise))
        problems = [*self._unknown_names(), *self._bad_weights()]
        if not self.rewards:
            problems.append("rewards must name at least one reward, got none")
        if problems:
            raise ConfigError(problems, where="rewards")

    def _unknown_names(self) -> list[str]:
        given = [("weights", self.weights), ("normalise", sorted(self.normalise))]
        unknown = [
            f"reward must be one of {', '.join(REWARDS)}, got '{name}'{nearest(name, REWARDS)}"
            for name in self.rewards
            if name not in REWARDS
        ]
        return unknown + [
            f"{where} must name one of the rewards {', '.join(self.rewards)}, got '{name}'"
            for where, names in given
            for name in names
            if name not in self.rewards
        ]

    def _bad_weights(self) -> list[str]:
        missing = [name for name in self.rewards if name not in self.weights]
        return [f"weights must give one for {name}, got none" for name in missing] + [
            f"weight of {name} must be at least 0, got {weight}"
            for name, weight in self.weights.items()
            if not 0 <= weight < float("inf")
        ]

    @property
    def needs(self) -> frozenset[str]:
        """The optional Episode fields that some reward reads."""
        return frozenset().union(*(reward.needs for reward in self.rewards.values()))

    def measure(self, episode: Episode) -> dict[str, Tensor]:
        """Every reward as it is."""
        return {name: reward(episode) for name, reward in self.rewards.items()}

    def weigh(self, measured: Mapping[str, Tensor], spread: Spread | None = None) -> dict[str, Tensor]:
        """Weighted and, for the names in ``normalise``, scaled to unit spread."""
        spread = spread or Spread()
        scales = {name: spread.scale(name) if name in self.normalise else 1.0 for name in measured}
        return {
            name: value * (self.weights[name] * scales[name])
            for name, value in measured.items()
            if self.weights[name] > 0
        }


def breakdown(measured: Mapping[str, Tensor], episode: Episode) -> dict[str, float]:
    """Plain means: over summaries for a [N] reward, over real pieces for a [N, T] reward."""
    pieces = episode.draw.mask.sum().clamp_min(1)
    means = {}
    for name, value in measured.items():
        value = value.detach()
        means[name] = (value.mean() if value.dim() == 1 else value.sum() / pieces).item()
    return means
