"""Rewards against figures worked out by hand, and the properties every reward shares."""

import json
import math
from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from torch.nn import functional

from summae.errors import ConfigError, SummaeError
from summae.records import Draw, Episode
from summae.rewards import (
    REWARDS,
    CoverageReward,
    FluencyReward,
    LengthReward,
    RealismReward,
    ReconstructionReward,
    RetrievalReward,
    StayCloseReward,
)
from summae.rewards.mixture import RewardMixture, breakdown
from summae.rewards.spread import Spread


def tensor(*rows):
    return torch.tensor(rows, dtype=torch.float64)


def episode(**changes):
    """Two sources of 3 and 2 pieces; summaries of 2 and 3 pieces, end (1) included."""
    mask = tensor([1, 1, 0], [1, 1, 1])
    draw = Draw(ids=torch.tensor([[5, 1, 0], [7, 8, 1]]), mask=mask, log_probs=-mask)
    known = {
        "source_ids": torch.tensor([[5, 6, 5], [7, 9, 0]]),
        "source_mask": tensor([1, 1, 1], [1, 1, 0]),
        "source_weights": tensor([2, 1, 1], [3, 1, 4]),  # the last 4 stands on padding
        "target_length": torch.tensor([2.0, 5.0], dtype=torch.float64),
        "rebuilt": tensor([-1, -2, -3], [-4, -1, -99]),
        "rebuilt_from_nothing": tensor([-2, -2, -5], [-4, -3, -50]),
        "retrieval": tensor([-1, -3], [-2, -2]),
        "realism": tensor([0.5, -0.25, 7], [0.1, 0.2, 0.3]),
        "fluency": tensor([-1, -3, -99], [-2, -2, -5]),
        "stay_close": tensor([0.5, -1, 9], [0, 0.25, 1]),
    }
    return Episode(draw=draw, **(known | changes))


# (reward, what it must say of the episode above), each worked out in the comment
BY_HAND = {
    # row 0: (2·1 + 1·0 + 1·2) / 4; row 1: (3·0 + 1·2) / 4
    "relative, weighted": (ReconstructionReward(), [1.0, 0.5]),
    # row 0: −(2·1 + 2 + 3) / 4; row 1: −(3·4 + 1) / 4
    "weighted": (ReconstructionReward(relative=False), [-1.75, -3.25]),
    "relative": (ReconstructionReward(weighted=False), [1.0, 1.0]),
    "plain": (ReconstructionReward(relative=False, weighted=False), [-2.0, -2.5]),
    "exponential": (
        ReconstructionReward(relative=False, weighted=False, exp_scale=2.0),
        [math.exp(-1.0), math.exp(-1.25)],
    ),
    # e^−1 / (e^−1 + e^−3) = 1 / (1 + e^−2); equal candidates: log(1/2)
    "retrieval": (RetrievalReward(), [-math.log(1 + math.exp(-2)), -math.log(2)]),
    "sharp retrieval": (RetrievalReward(temperature=0.5), [-math.log(1 + math.exp(-4)), -math.log(2)]),
    # row 0: piece 5 stands twice, weights 2 and 1 of 4; row 1: piece 7, weight 3 of 4
    "coverage": (CoverageReward(), [0.75, 0.75]),
    # pieces above weight 1 only: 2 of 2, 3 of 3
    "coverage of content": (CoverageReward(content_above=1.0), [1.0, 1.0]),
    "fluency": (FluencyReward(), [-2.0, -3.0]),
    "floored fluency": (FluencyReward(floor=-2.5), [-1.75, -6.5 / 3]),
    "soft fluency": (FluencyReward(exp_scale=10.0), [math.exp(-math.exp(2) / 10), math.exp(-math.exp(3) / 10)]),
    # lengths 2 and 3, wanted 2 and 5
    "length": (LengthReward(), [1.0, math.exp(-0.2)]),
    "gaussian length": (LengthReward(shape="gaussian", scale=2.0), [1.0, math.exp(-0.5)]),
    "realism": (RealismReward(), [[0.5, -0.25, 0.0], [0.1, 0.2, 0.3]]),
    "stay close": (StayCloseReward(), [[-0.5, 1.0, 0.0], [0.0, -0.25, -1.0]]),
}


@pytest.mark.parametrize("case", BY_HAND)
def test_by_hand(case):
    reward, wanted = BY_HAND[case]
    torch.testing.assert_close(reward(episode()), torch.tensor(wanted, dtype=torch.float64))


def test_realism_of_a_whole_summary_is_passed_on():
    scores = torch.tensor([0.25, -1.5], dtype=torch.float64)
    assert torch.equal(RealismReward()(episode(realism=scores)), scores)


def test_stay_close_is_minus_the_kl_on_average():
    """Σ_y p(y) · (−(log p(y) − log q(y))) = −KL(p ‖ q), over one step of three pieces."""
    p, q = torch.tensor([0.7, 0.2, 0.1]), torch.tensor([0.3, 0.3, 0.4])
    ids, mask = torch.arange(3)[:, None], torch.ones(3, 1)
    drawn = Draw(ids=ids, mask=mask, log_probs=p.log()[:, None])
    one = Episode(draw=drawn, source_ids=ids, source_mask=mask, stay_close=(p / q).log()[:, None])
    wanted = -functional.kl_div(q.log(), p, reduction="sum")
    torch.testing.assert_close((p * StayCloseReward()(one)[:, 0]).sum(), wanted)


def padded(before):
    """The same episode with two more columns of nonsense on source and summary."""
    draw = before.draw
    wider = Draw(
        ids=functional.pad(draw.ids, (0, 2), value=6),
        mask=functional.pad(draw.mask, (0, 2)),
        log_probs=functional.pad(draw.log_probs, (0, 2)),
    )
    nonsense = {"source_ids": 7, "source_mask": 0, "source_weights": 3}
    changes = {
        name: functional.pad(getattr(before, name), (0, 2), value=nonsense.get(name, -math.inf))
        for name in (*nonsense, "rebuilt", "rebuilt_from_nothing", "fluency", "stay_close")
    }
    return replace(before, draw=wider, realism=functional.pad(before.realism, (0, 2), value=8.0), **changes)


@pytest.mark.parametrize("case", BY_HAND)
def test_padding_changes_nothing(case):
    reward, _ = BY_HAND[case]
    before, after = reward(episode()), reward(padded(episode()))
    if before.dim() == 2:
        assert not after[:, 3:].any()
        after = after[:, :3]
    torch.testing.assert_close(after, before)


@pytest.mark.parametrize("case", BY_HAND)
def test_a_reward_reads_exactly_the_optional_fields_it_names(case):
    reward, _ = BY_HAND[case]
    assert reward.needs
    optional = {field.name for field in fields(Episode)} - {"draw", "source_ids", "source_mask"}
    lean = episode(**dict.fromkeys(optional - reward.needs))
    assert torch.equal(reward(lean), reward(episode()))
    for name in reward.needs:
        with pytest.raises(SummaeError, match=f"episode.{name} must be filled"):
            reward(episode(**{name: None}))


@pytest.mark.parametrize(
    "reward, name, sign",
    [
        (ReconstructionReward(), "rebuilt", 1),
        (ReconstructionReward(exp_scale=1.0), "rebuilt", 1),
        (RealismReward(), "realism", 1),
        (FluencyReward(), "fluency", 1),
        (FluencyReward(exp_scale=5.0), "fluency", 1),
    ],
)
def test_higher_is_better_and_the_gradient_says_so(reward, name, sign):
    """Rewards stay pathwise: better figures, on real pieces only, mean a higher reward."""
    leaf = getattr(episode(), name).requires_grad_()
    (slope,) = torch.autograd.grad(reward(episode(**{name: leaf})).sum(), leaf)
    mask = episode().source_mask if name == "rebuilt" else episode().draw.mask
    assert (slope * sign >= 0).all() and (slope[mask > 0] > 0).all() and not slope[mask == 0].any()


def test_retrieval_s_gradient_prefers_the_own_source():
    leaf = episode().retrieval.requires_grad_()
    (slope,) = torch.autograd.grad(RetrievalReward()(episode(retrieval=leaf)).sum(), leaf)
    assert (slope[:, 0] > 0).all() and (slope[:, 1] < 0).all()


@pytest.mark.parametrize("name", ["stay_close", "length", "coverage"])
def test_rewards_that_are_numbers_carry_no_gradient(name):
    leaves = {key: getattr(episode(), key).requires_grad_() for key in ("stay_close", "source_weights")}
    assert not REWARDS[name]()(episode(**leaves)).requires_grad


def test_extremes_stay_finite():
    awful = episode().fluency.mul(1e4).requires_grad_()
    value = FluencyReward(exp_scale=1000.0)(episode(fluency=awful))
    (slope,) = torch.autograd.grad(value.sum(), awful)
    assert value.isfinite().all() and slope.isfinite().all()
    nothing = episode(source_weights=torch.zeros(2, 3).double())
    assert not CoverageReward()(nothing).any() and not ReconstructionReward()(nothing).any()


@pytest.mark.parametrize(
    "kind, setting, message",
    [
        (ReconstructionReward, {"exp_scale": 0.0}, "exp_scale must be > 0, got 0.0"),
        (RetrievalReward, {"temperature": 0.0}, "temperature must be > 0, got 0.0"),
        (CoverageReward, {"content_above": -1.0}, "content_above must be >= 0, got -1.0"),
        (FluencyReward, {"floor": 1.0}, "floor must be < 0, got 1.0"),
        (FluencyReward, {"exp_scale": -1.0}, "exp_scale must be > 0, got -1.0"),
        (LengthReward, {"scale": 0.0}, "scale must be > 0, got 0.0"),
        (LengthReward, {"shape": "box"}, "shape must be one of exponential, gaussian, got 'box'"),
    ],
)
def test_hyper_parameters_are_checked(kind, setting, message):
    with pytest.raises(ConfigError, match=message):
        kind(**setting)


# ---- the mixture ------------------------------------------------------------------------------


def mixture(**changes):
    given = {
        "rewards": {"fluency": FluencyReward(), "realism": RealismReward(), "length": LengthReward()},
        "weights": {"fluency": 0.5, "realism": 2.0, "length": 0.0},
    }
    return RewardMixture(**(given | changes))


def test_mixture_weighs_by_name_and_reports_plain_means():
    measured = mixture().measure(episode())
    weighed = mixture().weigh(measured)
    assert set(weighed) == {"fluency", "realism"}  # weight 0: for the log only
    torch.testing.assert_close(weighed["fluency"], tensor([-1.0, -1.5])[0])
    torch.testing.assert_close(weighed["realism"], 2 * RealismReward()(episode()))
    wanted = {"fluency": -2.5, "realism": 0.85 / 5, "length": (1 + math.exp(-0.2)) / 2}
    assert breakdown(measured, episode()) == pytest.approx(wanted)
    assert mixture().needs == {"fluency", "realism", "target_length"}


def test_all_problems_of_a_mixture_come_at_once():
    with pytest.raises(ConfigError) as caught:
        RewardMixture(
            rewards={"fluency": FluencyReward(), "lenght": LengthReward()},
            weights={"fluency": -1.0, "realism": 1.0},
            normalise=frozenset({"coverage"}),
        )
    assert len(caught.value.problems) == 5
    for part in (
        "got 'lenght', did you mean 'length'?",
        "weights must name one of the rewards fluency, lenght, got 'realism'",
        "normalise must name one of the rewards fluency, lenght, got 'coverage'",
        "weights must give one for lenght, got none",
        "weight of fluency must be at least 0, got -1.0",
    ):
        assert part in str(caught.value)
    with pytest.raises(ConfigError, match="at least one reward, got none"):
        RewardMixture(rewards={}, weights={})


def test_normalising_makes_the_unit_of_a_reward_irrelevant():
    """Fluency in nats or in millinats: the same weighted reward after the same batches."""
    results = []
    for unit in (1.0, 1000.0):
        mix, spread = mixture(normalise={"fluency"}), Spread(decay=0.9)
        for batch in range(3):
            one = episode(fluency=episode().fluency * unit * (batch + 1))
            measured = mix.measure(one)
            spread = spread.observed(measured)
        results.append(mix.weigh(measured, spread)["fluency"])
    torch.testing.assert_close(results[0], results[1])


def test_spread_is_the_corrected_running_variance():
    batches = [np.array([1.0, 2.0, 4.0, 9.0]), np.array([0.0, 0.0, 3.0, 1.0])]
    spread = Spread(decay=0.9)
    for batch in batches:
        spread = spread.observed({"fluency": torch.tensor(batch)})
    # decay 0.9 after two updates: weights 0.09 and 0.1 of 0.19
    variance = (0.09 * batches[0].var(ddof=1) + 0.1 * batches[1].var(ddof=1)) / 0.19
    assert spread.scale("fluency") == pytest.approx(variance**-0.5)
    assert spread.scale("length") == 1.0


def test_spread_within_groups_ignores_what_sources_differ_by():
    values = torch.tensor([100.0, 102.0, -7.0, -5.0])  # two sources, two samples each
    assert Spread().observed({"r": values}, group=2).scale("r") == pytest.approx(2**-0.5)
    per_step = torch.tensor([[1.0, 0.0], [2.0, 1.0]])  # sums 1 and 3
    assert Spread().observed({"r": per_step}).scale("r") == pytest.approx(2**-0.5)
    assert Spread().observed({"r": values[:1]}).scale("r") == 1.0
    assert Spread(floor=0.1).observed({"r": torch.ones(4)}).scale("r") == 10.0


def test_normalising_keeps_the_sign_of_values_and_gradients():
    leaf = episode().fluency.requires_grad_()
    mix = mixture(normalise={"fluency"})
    measured = mix.measure(episode(fluency=leaf))
    weighed = mix.weigh(measured, Spread().observed(measured))["fluency"]
    assert torch.equal(weighed.sign(), measured["fluency"].sign())
    (slope,) = torch.autograd.grad(weighed.sum(), leaf)
    assert (slope[episode().draw.mask > 0] > 0).all()


def test_spread_survives_a_checkpoint_as_plain_floats():
    spread = Spread().observed({"fluency": torch.tensor([1.0, 4.0]), "length": torch.tensor([0.1, 0.3])})
    state = json.loads(json.dumps(spread.state_dict()))
    assert all(isinstance(value, float) for value in state.values())
    again = Spread().restored(state)
    assert again == spread
    more = {"fluency": torch.tensor([3.0, 5.0])}
    assert again.observed(more).scale("fluency") == spread.observed(more).scale("fluency")
    with pytest.raises(SummaeError, match="NAME.variance and NAME.updates, got 'fluency'"):
        Spread().restored({"fluency": 1.0})
