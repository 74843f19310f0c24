"""REINFORCE: sample, score, and make the samples that did better than their baseline more likely.

∇J ≈ 1/N Σ_n Σ_i (R_ni − b_ni) ∇ log G(y_ni | y_n<i, x_n), y ~ G (Williams 1992), with the group
leave-one-out baseline (Kool et al. 2019; k = 8 as in RLOO, Ahmadian et al. 2024) or the greedy one
(Rennie et al. 2017). Wang & Lee's adversarial REINFORCE is this with ``baseline="self_critical"``,
``group=1``, ``discount < 1`` and the per-step critic; their public code takes ``batch_mean`` and 0.3.

Relations: ``straight_through`` draws the same distribution of ids and falls back to this very loss
for rewards without gradient; ``soft`` does so too. With one step and a reward linear in the word,
the expectation of this estimator is the gradient that ``soft`` computes without noise.

Sign: see :mod:`summae.estimators.objective`, which holds the one minus sign.
"""

from __future__ import annotations

import torch

from summae.estimators.objective import Estimator
from summae.estimators.sampling import categorical, with_greedy
from summae.options import Positive, options
from summae.records import Draw, Policy


@options
class Reinforce(Estimator):
    """Samples without gradient, then teacher-forces them once to get log-probabilities with it."""

    temperature: Positive = 1.0  # other than 1 samples off-policy, uncorrected: biased, more varied

    def draw(self, policy: Policy, generator: torch.Generator) -> Draw:
        rows = policy.repeat(self.group)
        with torch.no_grad():
            ids, mask, _, _ = rows.unroll(categorical(self.temperature, generator), gradient=False)
        draw = Draw(ids=ids, mask=mask, log_probs=rows.log_probs(ids, mask), group=self.group)
        return with_greedy(draw, policy) if self.baseline == "self_critical" else draw
