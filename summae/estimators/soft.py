"""Soft: the critic reads the generator's distributions along a drawn path (Wang & Lee, scheme 1).

The path y ~ G is discrete, and the reconstructor sees only it (given the distributions, G would hide
the source in them). The critic is fed p_i = G(· | y_<i, x) instead of y_i, so ∇ D(p_1 … p_T) reaches
G directly. Exact for one step with a critic linear in the word, as E_y[D(y)] = D(p); beyond that
biased: D is not linear, and the effect of y_i on later steps does not flow.

Relations: all other rewards take the score function as in ``reinforce``; with no reward computed
from ``Draw.distributions`` this *is* ``reinforce``, at the price of an unrolling with gradient.
``straight_through`` instead feeds relaxed one-hots, to the next step too.

Sign: see :mod:`summae.estimators.objective`, which holds the one minus sign.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from summae.estimators.objective import Baseline, Estimator
from summae.estimators.sampling import categorical, with_greedy
from summae.options import Count, Positive, options
from summae.records import Draw, Policy


@options
class Soft(Estimator):
    """One sample per source and the greedy summary as its baseline, as in the paper."""

    temperature: Positive = 1.0  # of the drawn path; other than 1 is off-policy, uncorrected
    baseline: Baseline = "self_critical"  # for rewards without gradient
    group: Count = 1  # samples per source; >= 2 for leave_one_out

    def draw(self, policy: Policy, generator: torch.Generator) -> Draw:
        rows = policy.repeat(self.group)
        ids, mask, _, log_probs_NTV = rows.unroll(categorical(self.temperature, generator), gradient=True)
        assert log_probs_NTV is not None  # kept with gradient=True
        draw = Draw(
            ids=ids,
            mask=mask,
            log_probs=chosen(log_probs_NTV, ids, mask),
            distributions=padded(log_probs_NTV.exp(), mask, policy.pad_id),
            group=self.group,
        )
        return with_greedy(draw, policy) if self.baseline == "self_critical" else draw


def chosen(log_probs_NTV: Tensor, ids: Tensor, mask: Tensor) -> Tensor:
    """The log-probability of each drawn piece, 0 on padding (where it may be −inf): [N, T]."""
    picked_NT = log_probs_NTV.gather(-1, ids[..., None]).squeeze(-1)
    return picked_NT.masked_fill(mask == 0, 0.0)


def padded(probs_NTV: Tensor, mask: Tensor, pad_id: int) -> Tensor:
    """The distributions, one-hot pad after the end piece: [N, T, V]."""
    pad_V = functional.one_hot(torch.tensor(pad_id), probs_NTV.shape[-1]).to(probs_NTV)
    return torch.where(mask[..., None] > 0, probs_NTV, pad_V)
