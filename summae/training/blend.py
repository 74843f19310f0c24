"""Two networks of one shape averaged weight by weight.

θ = share · θ_after + (1 − share) · θ_before: training on something new gains there and forgets some of the rest; a
point between both is often better than either (Wortsman et al. 2022; Ramé et al. 2024).
"""

from __future__ import annotations

import torch
from torch import Tensor


def blended(before: dict[str, Tensor], after: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """The state dict between two; what is no float is taken from ``after``."""
    mixed = {name: torch.lerp(before[name], after[name], share) for name in after if after[name].is_floating_point()}
    return {**after, **mixed}
