"""How far a share of successes may be trusted.

Wilson's 95 % interval (1927), p = hits / n, z = 1.96; unlike p ± z·√(p(1 − p)/n) it stays within [0, 1] and does not
shrink to a point at p = 0 or 1 (Brown, Cai and DasGupta 2001):

    (p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) / (1 + z²/n)

Relations: ``mean_intervals`` in :mod:`summae.metrics.bootstrap` is for means of anything.
"""

from __future__ import annotations

import math

from summae.metrics.bootstrap import Interval

Z = 1.959964  # two-sided 95 %


def share(hits: float, count: int) -> Interval:
    """``hits`` of ``count`` and Wilson's interval, all in [0, 1]; nothing counted tells nothing: NaN in [0, 1].
    Hits in parts are means over several judges of each of the ``count`` things."""
    if not 0 <= hits <= count:
        raise ValueError(f"hits must be in [0, count], got {hits} of {count}")
    if not count:
        return Interval(mean=float("nan"), low=0.0, high=1.0)
    mean, extra = hits / count, Z * Z / count
    middle, half = mean + extra / 2, Z * math.sqrt(mean * (1 - mean) / count + extra / (4 * count))
    return Interval(mean=mean, low=(middle - half) / (1 + extra), high=(middle + half) / (1 + extra))
