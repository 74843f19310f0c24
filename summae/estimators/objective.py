"""The rule by which rewards become a loss, shared by every estimator.

Wanted: the gradient of J = E_{y ~ G}[Σ_k r_k(y)], to climb it. Each reward takes one of two ways:

- *pathwise*: a reward computed from ``draw.words`` or ``draw.distributions`` carries a gradient and
  is maximised directly, J ≈ mean_n r_n (a [N, T] reward: mean_n Σ_t r_nt, undiscounted);
- *score function* (Williams 1992): any other reward is a number; each piece's log-probability is
  weighted by its advantage, mean_n Σ_i A_ni · log G(y_ni | y_n<i, x_n), A_ni = R_ni − b_ni,
  where R_ni is r_n for a [N] reward and Σ_{j ≥ i} discount^{j−i} r_nj for a [N, T] reward.

Baselines b: ``leave_one_out`` is the mean return at step i of the other samples of the same source
(Kool et al. 2019); ``self_critical`` the return of the greedy summary (Rennie et al. 2017; Wang &
Lee 2018) minus ``bonus``; ``batch_mean`` the mean over all other rows of the batch (ScratchGAN
takes the row itself in, which only scales the gradient by 1 − 1/N). All three leave the gradient
unbiased, as no baseline depends on the sample it is subtracted from.

Both ways are divided by the constant ``length_scale``, never by a sample's own length, which would
favour long summaries when the advantage is negative and short ones when it is positive.

Legend: N rows (sources × group), T summary pieces, T' pieces of the greedy summary.
Sign: rewards are higher-is-better; the one minus sign stands in :meth:`Estimator.loss`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from pydantic import ValidationInfo, field_validator
from torch import Tensor

from summae.errors import SummaeError
from summae.estimators import returns
from summae.estimators.pathwise import flows_through
from summae.options import Count, Flag, NotNegative, Options, Positive, Share, options
from summae.records import Draw, Policy, Scored

Baseline = Literal["leave_one_out", "self_critical", "batch_mean"]
Rewards = Tensor | Mapping[str, Tensor]


@options
class Estimator(Options, ABC):
    """Hyper-parameters of the rule; the estimators inherit them and add their draw."""

    baseline: Baseline = "leave_one_out"  # what a return is compared with, see above
    group: Count = 8  # samples per source; >= 2 for leave_one_out
    bonus: NotNegative = 0.0  # reward units: taken off the greedy baseline (Wang & Lee: 0.25 -> 0)
    discount: Share = 1.0  # for [N, T] rewards only
    length_scale: Positive = 16.0  # pieces: the constant that divides the loss
    entropy: NotNegative = 0.0  # reward per nat: adds the per-step reward −log G(y_i)
    whiten: Flag = False  # divide advantages by their root mean square (biased, keeps the sign)

    @field_validator("group")
    @classmethod
    def _others_to_compare_with(cls, group: int, info: ValidationInfo) -> int:
        if group < 2 and info.data.get("baseline") == "leave_one_out":
            raise ValueError(f"must be >= 2 with the baseline leave_one_out, got {group}")
        return group

    @abstractmethod
    def draw(self, policy: Policy, generator: torch.Generator) -> Draw:
        """Summaries of the policy's sources, ``group`` of each, and what flows back through them."""

    def loss(self, draw: Draw, rewards: Rewards, baseline_rewards: Rewards | None = None) -> Scored:
        """The loss to descend, from weighted rewards ([N] or [N, T] each).

        ``baseline_rewards`` holds the same rewards of the greedy summaries ([N] or [N, T']); only
        ``self_critical`` reads it, and only the rewards that take the score function.
        """
        rewards = _named(rewards, draw.mask.shape)
        pathwise = {name: value for name, value in rewards.items() if flows_through(value, draw)}
        numbers = {name: value for name, value in rewards.items() if name not in pathwise}
        advantages_NT = self.advantages(draw, numbers, baseline_rewards)
        climb_N = (advantages_NT * draw.log_probs * draw.mask).sum(dim=1)
        for value in pathwise.values():
            climb_N = climb_N + _totals(value, draw.mask)
        # The minus sign: rewards are climbed, a loss is descended.
        value = -climb_N.mean() / self.length_scale
        return Scored(value=value, metrics=_metrics(draw, rewards, advantages_NT))

    def advantages(self, draw: Draw, rewards: Mapping[str, Tensor], greedy: Rewards | None) -> Tensor:
        """A = R − b for every step, summed over ``rewards``, without gradient: [N, T]."""
        mask_NT = draw.mask
        numbers = list(rewards.values())
        if self.entropy:
            numbers.append(-self.entropy * draw.log_probs)
        each = [returns.step_returns(value.detach(), mask_NT, self.discount) for value in numbers]
        returns_NT = sum(each, torch.zeros_like(mask_NT))
        if self.baseline == "self_critical":
            baseline_NT = self._greedy_returns(draw, rewards, greedy)
        else:
            group = draw.group if self.baseline == "leave_one_out" else len(returns_NT)
            baseline_NT = returns.leave_one_out(returns_NT, group)
        advantages_NT = (returns_NT - baseline_NT) * mask_NT
        return returns.whitened(advantages_NT, mask_NT) if self.whiten else advantages_NT

    def _greedy_returns(self, draw: Draw, rewards: Mapping[str, Tensor], greedy: Rewards | None) -> Tensor:
        """The greedy summary's returns at the sample's steps, less the bonus; 0 where it has ended."""
        total_NT = torch.zeros_like(draw.mask)
        if not rewards:
            return total_NT
        if greedy is None or draw.baseline_mask is None:
            raise SummaeError("self_critical must be given the greedy summaries and their rewards, got none")
        greedy = _named(greedy, draw.baseline_mask.shape)
        missing = ", ".join(name for name in rewards if name not in greedy)
        if missing:
            raise SummaeError(f"self_critical must be given the greedy reward of {missing}, got none")
        for name in rewards:
            value = greedy[name].detach()
            if value.dim() == 1:  # counts for every step of the sample, however short the greedy one is
                total_NT = total_NT + value[:, None]
            else:
                value = returns.step_returns(value, draw.baseline_mask, self.discount)
                total_NT = total_NT + returns.fit_steps(value, total_NT.shape[1])
        return total_NT - self.bonus


def _named(rewards: Rewards, shape: Sequence[int]) -> dict[str, Tensor]:
    """The rewards by name, each checked to be [N] or [N, T]."""
    named = {"reward": rewards} if isinstance(rewards, Tensor) else dict(rewards)
    for name, value in named.items():
        if tuple(value.shape) not in (tuple(shape[:1]), tuple(shape)):
            raise SummaeError(f"reward {name} must be [{shape[0]}] or {list(shape)}, got {list(value.shape)}")
    return named


def _totals(reward: Tensor, mask_NT: Tensor) -> Tensor:
    """One figure per summary: a [N] reward itself, the sum over the steps of a [N, T] one."""
    return reward if reward.dim() == 1 else (reward * mask_NT).sum(dim=1)


@torch.no_grad()
def _metrics(draw: Draw, rewards: Mapping[str, Tensor], advantages_NT: Tensor) -> dict[str, float]:
    pieces = draw.mask.sum().clamp_min(1)
    return {
        "reward": sum(_totals(value, draw.mask).mean().item() for value in rewards.values()),
        "advantage_rms": (advantages_NT.square().sum() / pieces).sqrt().item(),
        "surprise": -((draw.log_probs * draw.mask).sum() / pieces).item(),  # nats per piece
        "distinct": returns.distinct_share(draw.ids, draw.mask, draw.group),
        "length": draw.mask.sum(dim=1).mean().item(),
    }
