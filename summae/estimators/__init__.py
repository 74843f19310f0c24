"""How a word is drawn from the generator, and what flows back to it from the rewards.

Every estimator has ``draw(policy, generator) -> Draw`` and
``loss(draw, rewards, baseline_rewards=None) -> Scored``; the rule by which rewards become a loss
is one and the same, in :mod:`summae.estimators.objective`. They differ in the draw:

| name | the draw leaves behind | rewards that flow pathwise |
|---|---|---|
| ``reinforce`` | ids only | none |
| ``straight_through`` | ids and relaxed one-hots (``Draw.words``) | those computed from the one-hots |
| ``soft`` | ids and the generator's distributions | those computed from the distributions |
"""

from summae.estimators.objective import Estimator
from summae.estimators.reinforce import Reinforce
from summae.estimators.soft import Soft
from summae.estimators.straight_through import StraightThrough

ESTIMATORS: dict[str, type[Estimator]] = {
    "straight_through": StraightThrough,
    "reinforce": Reinforce,
    "soft": Soft,
}

__all__ = ["ESTIMATORS", "Estimator", "Reinforce", "Soft", "StraightThrough"]
