"""How far each reward spreads, so that weights mean the same for all: a running variance by name.

v ← decay · v + (1 − decay) · var, with Adam's correction v / (1 − decay^updates) for the start. ``var``
is taken within groups of samples of one source when there are such groups: what differs between
sources is removed by the baseline and does not move the generator.

A value, not an object that changes: ``spread = spread.observed(...)``. Scaling is by a positive
number and subtracts nothing, so no reward and no gradient changes sign.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from torch import Tensor

from summae.errors import SummaeError


@dataclass(frozen=True, kw_only=True)
class Spread:
    decay: float = 0.99  # 0..1, share of the old variance kept at each update
    floor: float = 1e-3  # reward units, > 0: a smaller standard deviation counts as this
    variances: Mapping[str, float] = field(default_factory=dict)  # reward units², uncorrected
    updates: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 <= self.decay < 1:
            raise SummaeError(f"spread decay must be at least 0 and below 1, got {self.decay}")
        if not 0 < self.floor < float("inf"):
            raise SummaeError(f"spread floor must be above 0, got {self.floor}")

    def observed(self, rewards: Mapping[str, Tensor], group: int = 1) -> Spread:
        """The spread after one more batch; rewards with nothing to compare are left out."""
        variances, updates = dict(self.variances), dict(self.updates)
        for name, values in rewards.items():
            rows = totals(values.detach()).double().reshape(-1, group if group > 1 else len(values))
            if rows.shape[1] < 2:
                continue
            new = rows.var(dim=1).mean().item()
            variances[name] = self.decay * variances.get(name, 0.0) + (1 - self.decay) * new
            updates[name] = updates.get(name, 0.0) + 1
        return replace(self, variances=variances, updates=updates)

    def scale(self, name: str) -> float:
        """1 / standard deviation, > 0; 1 for a reward not seen yet."""
        if name not in self.variances:
            return 1.0
        variance = self.variances[name] / (1 - self.decay ** self.updates[name])
        return 1 / max(variance**0.5, self.floor)

    def mapped(self, change: Callable[[float], float]) -> Spread:
        """With every variance changed, as to the mean over all processes."""
        return replace(self, variances={name: change(value) for name, value in self.variances.items()})

    def state_dict(self) -> dict[str, float]:
        """What a checkpoint keeps, as plain floats."""
        variances = {f"{name}.variance": value for name, value in self.variances.items()}
        return variances | {f"{name}.updates": value for name, value in self.updates.items()}

    def restored(self, state: Mapping[str, float]) -> Spread:
        """This spread with the figures of a ``state_dict``."""
        kept: dict[str, dict[str, float]] = {suffix: {} for suffix in ("variance", "updates")}
        for key, value in state.items():
            name, _, suffix = key.rpartition(".")
            if suffix not in kept:
                raise SummaeError(f"spread state must hold NAME.variance and NAME.updates, got {key!r}")
            kept[suffix][name] = float(value)
        return replace(self, variances=kept["variance"], updates=kept["updates"])


def totals(values: Tensor) -> Tensor:
    """One figure per summary, [N]: the sum over the steps of a [N, T] reward."""
    return values if values.dim() == 1 else values.sum(dim=1)
