"""Options of the adversarial stage. Those of its parts are read by the parts' own classes, at once with all others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Any

from pydantic import Field, Strict, ValidationInfo, field_validator

from summae.critics import CRITICS, CriticOptions
from summae.estimators import ESTIMATORS, Estimator
from summae.options import (
    Count,
    Flag,
    Natural,
    NotNegative,
    Options,
    Part,
    Share,
    changing,
    name_in,
    options,
    options_of,
    options_of_each,
)
from summae.rewards import REWARDS
from summae.rewards.reward import Reward
from summae.training.schedule import LoopConfig, OptimizerConfig

CRITIC_OPTIMIZER = OptimizerConfig(learning_rate=2e-3)
RECONSTRUCTOR_OPTIMIZER = OptimizerConfig(learning_rate=3e-4)
RewardName = Annotated[str, name_in(REWARDS)]


@options
class AdversarialConfig(Options):
    """Estimator, critic and weighted rewards. ``estimator_options`` become the estimator itself, ``reward_options`` the
    reward functions, one for every reward: options are their fields.
    """

    loop: LoopConfig
    lead_in: Natural = 0  # first steps in which only D and R learn, on what the warmed-up G says
    estimator: Annotated[str, name_in(ESTIMATORS)] = "reinforce"
    estimator_options: Estimator = field(default_factory=dict)  # type: ignore[assignment] # validated into one
    critic: Annotated[str, name_in(CRITICS)] | None = "per_token"
    critic_options: CriticOptions | None = field(default_factory=dict)  # type: ignore[assignment] # validated into one
    critic_optimizer: Annotated[OptimizerConfig, changing(CRITIC_OPTIMIZER)] = CRITIC_OPTIMIZER
    critic_steps: Count = 1  # critic updates per summary update
    critic_pause_above: Share = 0.8  # pause the critic while its accuracy is above this; 1: never …
    critic_pause_period: Count = 4  # … that is, let it learn in one step of so many
    critic_accuracy_decay: Part = 0.9  # share of the old figure in the running mean of that accuracy
    reconstructor_optimizer: Annotated[OptimizerConfig, changing(RECONSTRUCTOR_OPTIMIZER)] = RECONSTRUCTOR_OPTIMIZER
    rewards: dict[RewardName, NotNegative]  # name → weight
    reward_options: dict[str, Reward] = field(default_factory=dict)  # name → the reward
    normalise_rewards: Flag = True  # each reward to unit variance before weighting
    retrieval_sources: Count = 3  # sources among which ``retrieval`` must find its own
    mask_rebuilt: Share = 0.6  # share of R's decoder inputs that are masked out
    bonus_steps: Natural = 0  # steps over which the estimator's `bonus` decays to 0; 0: it stays
    max_words: Count = 14  # summary words requested at most
    min_words: Count = 6
    draw_limit: Annotated[float, Strict(), Field(ge=1)] = 1.5  # a draw ends at so many times the requested length
    validate_every: Count = 100  # steps between validations …
    validation_sources: Count = 256  # … on so many held-out sources at most
    blend: Annotated[float, Strict(), Field(gt=0, le=1)] = 1.0  # share of the trained G in the finished one
    revert_below: Share = 0.15  # go back to the best checkpoint when the validation score falls by this share

    @field_validator("estimator_options", mode="plain")
    @classmethod
    def _of_the_estimator(cls, given: Any, info: ValidationInfo) -> Any:
        return options_of(ESTIMATORS, info.data.get("estimator"), given)

    @field_validator("critic_options", mode="plain")
    @classmethod
    def _of_the_critic(cls, given: Any, info: ValidationInfo) -> Any:
        """None without a critic: what is said of one then waits for the day when there is."""
        if info.data.get("critic", "unknown") is None:
            return None
        return options_of({name: critic.Config for name, critic in CRITICS.items()}, info.data.get("critic"), given)

    @field_validator("rewards")
    @classmethod
    def _have_what_they_need(cls, rewards: dict[str, float], info: ValidationInfo) -> dict[str, float]:
        if not rewards:
            raise ValueError("must name at least one reward, got none")
        if "realism" in rewards and info.data.get("critic", "unknown") is None:
            raise ValueError("must not name 'realism' without a critic, got adversarial.critic = null")
        return rewards

    @field_validator("reward_options", mode="plain")
    @classmethod
    def _of_the_rewards(cls, given: Any, info: ValidationInfo) -> Any:
        """The named rewards; options of one that has no weight are checked, and wait."""
        used = info.data.get("rewards", {})
        if not isinstance(given, Mapping | None):
            return options_of_each(REWARDS, given)
        return options_of_each(REWARDS, {**dict.fromkeys(used), **(given or {})})

    @field_validator("min_words")
    @classmethod
    def _no_more_than_at_most(cls, words: int, info: ValidationInfo) -> int:
        if words > info.data.get("max_words", words):
            raise ValueError(f"must be <= max_words ({info.data['max_words']}), got {words}")
        return words
