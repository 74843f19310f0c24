"""Straight-through Gumbel softmax: words are discrete forward and relaxed backward (SEQ3).

Forward, y_i = one-hot(argmax(log p_i + g_i)), g standard Gumbel: an exact sample of G. Backward,
∂y_i is taken as ∂ softmax((log p_i + g_i) / tau) (Jang et al. 2017; Baziotis et al. 2019, tau 0.5
fixed). Every word is fed to the next step as such a one-hot, so a reward computed from
``Draw.words`` reaches all earlier choices. Low variance, biased: the backward slope is that of the
relaxation, not of the choice.

Relations: rewards that do not flow through ``Draw.words`` take the score function, exactly as in
``reinforce``; for these ``log_probs`` are teacher-forced on the ids, because those of the unrolling
also depend on the relaxed words before them. ``soft`` relaxes the critic's input only, never what
is fed to the next step. As tau → 0 the slope tends to 0 almost everywhere; as it grows, to that of
the softmax of log p / tau.

Sign: see :mod:`summae.estimators.objective`, which holds the one minus sign.
"""

from __future__ import annotations

import torch

from summae.estimators.objective import Baseline, Estimator
from summae.estimators.sampling import relaxed, with_greedy
from summae.options import Count, Positive, options
from summae.records import Draw, Policy


@options
class StraightThrough(Estimator):
    """One relaxed sample per source by default; the rest of the batch is its baseline."""

    tau: Positive = 0.5  # temperature of the backward softmax; the forward sample does not depend on it
    baseline: Baseline = "batch_mean"  # for rewards without gradient only
    group: Count = 1  # samples per source; >= 2 for leave_one_out

    def draw(self, policy: Policy, generator: torch.Generator) -> Draw:
        rows = policy.repeat(self.group)
        ids, mask, words, _ = rows.unroll(relaxed(self.tau, generator), gradient=True)
        draw = Draw(ids=ids, mask=mask, words=words, log_probs=rows.log_probs(ids, mask), group=self.group)
        return with_greedy(draw, policy) if self.baseline == "self_critical" else draw
