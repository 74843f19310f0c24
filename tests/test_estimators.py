"""Estimators against exact enumeration, finite differences and hand-computed returns.

The authority is a generator small enough to write down: two steps, three pieces (0 ends), so seven
summaries. Its exact gradient comes from differentiating Σ_y p(y) r(y), with no score function in it.
"""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from summae.errors import ConfigError, SummaeError
from summae.estimators import ESTIMATORS, Reinforce, Soft, StraightThrough
from summae.estimators import returns as returns_module
from summae.estimators.pathwise import flows_through
from summae.estimators.sampling import gumbel
from summae.records import Draw

END, PAD = 0, 3
SUMMARIES = [(0, 3), (1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2)]
IDS = torch.tensor(SUMMARIES)
MASK = (IDS != PAD).double()


class Table(nn.Module):
    """A generator of at most two pieces out of {0 = end, 1, 2}, one table of logits per source."""

    pad_id, end_id, max_length = PAD, END, 2

    def __init__(self, first_B3, second_B33, rows=None):
        super().__init__()
        self.first, self.second = nn.Parameter(first_B3), nn.Parameter(second_B33)
        self.rows = torch.arange(len(first_B3)) if rows is None else rows

    def repeat(self, times):
        copy = Table(self.first, self.second, self.rows.repeat_interleave(times))
        copy.first, copy.second = self.first, self.second
        return copy

    def _step(self, word_N4=None):
        """log G(· | word): [N, 4]; the pad piece is banned."""
        if word_N4 is None:
            logits_N3 = self.first[self.rows]
        else:
            logits_N3 = (word_N4[:, None, :3] @ self.second[self.rows]).squeeze(1)
        banned_N1 = torch.full_like(logits_N3[:, :1], -torch.inf)
        return torch.cat([logits_N3.log_softmax(-1), banned_N1], dim=-1)

    def unroll(self, pick, *, gradient):
        with torch.set_grad_enabled(gradient):
            first = self._step()
            ids_1, words_1 = pick(first)
            one_hot = nn.functional.one_hot(ids_1, 4).double()
            second = self._step(one_hot if words_1 is None else words_1)
            ids_2, words_2 = pick(second)
            alive = ids_1 != END
            ids = torch.stack([ids_1, torch.where(alive, ids_2, PAD)], dim=1)
            mask = torch.stack([torch.ones_like(alive), alive], dim=1).double()
            if words_1 is None:
                words = None
            else:
                pad = nn.functional.one_hot(torch.tensor(PAD), 4).double()
                words = torch.stack([words_1, torch.where(alive[:, None], words_2, pad)], dim=1)
        return ids, mask, words, torch.stack([first, second], dim=1) if gradient else None

    def log_probs(self, ids, mask):
        first = self._step().gather(1, ids[:, :1])
        second = self._step(nn.functional.one_hot(ids[:, 0], 4).double()).gather(1, ids[:, 1:])
        return torch.cat([first, second], dim=1).masked_fill(mask == 0, 0.0)


def table(sources=1, seed=0):
    generator = torch.Generator().manual_seed(seed)
    first, second = (torch.randn(shape, generator=generator).double() for shape in [(1, 3), (1, 3, 3)])
    return Table(first.repeat(sources, 1), second.repeat(sources, 1, 1))


def gradient(value, policy):
    """∂ value / ∂ (first, second), one row per source: [B, 3 + 9]."""
    tables = [policy.first, policy.second]
    parts = torch.autograd.grad(value, tables, retain_graph=True, materialize_grads=True)
    return torch.cat([part.flatten(1) for part in parts], dim=1)


def every_summary(policy):
    """The probability of each of the seven summaries, with gradient."""
    return policy.repeat(len(SUMMARIES)).log_probs(IDS, MASK).sum(1).exp()


def draw_of(policy, rows, group, greedy=None):
    """The draw that an estimator would have made had it sampled these summaries."""
    copies = policy.repeat(len(rows) // len(policy.first))
    ids, mask = IDS[list(rows)], MASK[list(rows)]
    extra = {} if greedy is None else {"baseline_ids": IDS[[greedy]], "baseline_mask": MASK[[greedy]]}
    return Draw(ids=ids, mask=mask, log_probs=copies.log_probs(ids, mask), group=group, **extra)


def expected_gradient(policy, estimator, reward, size, greedy=None):
    """E[∇ loss] over every way to draw ``size`` samples: the estimator's expectation, exactly."""
    probabilities = every_summary(policy).detach()
    total = 0
    for rows in itertools.product(range(len(SUMMARIES)), repeat=size):
        baseline = None if greedy is None else reward[[greedy]]
        loss = estimator.loss(draw_of(policy, rows, size, greedy), reward[list(rows)], baseline).value
        total = total + probabilities[list(rows)].prod() * gradient(loss, policy)
    return total


REWARD_N = torch.tensor([0.3, -1.0, 2.0, 0.5, 1.5, -0.7, 0.1], dtype=torch.float64)
# Causal: the reward of step 1 depends on piece 1 only. 9.0 stands on padding and must not count.
REWARD_NT = torch.tensor(
    [[0.4, 9.0], [-0.6, 0.2], [-0.6, 1.3], [-0.6, -0.8], [1.1, 0.5], [1.1, -1.2], [1.1, 0.9]],
    dtype=torch.float64,
)


@pytest.mark.parametrize("baseline", ["leave_one_out", "batch_mean"])
@pytest.mark.parametrize("reward", [REWARD_N, REWARD_NT], ids=["per_summary", "per_step"])
def test_expected_gradient_over_all_pairs_is_exact(baseline, reward):
    policy = table()
    estimator = Reinforce(group=2, baseline=baseline, length_scale=4.0)
    total = reward if reward.dim() == 1 else (reward * MASK).sum(1)
    exact = gradient((every_summary(policy) * total).sum(), policy)
    torch.testing.assert_close(expected_gradient(policy, estimator, reward, 2), -exact / 4.0)


@pytest.mark.parametrize("greedy", [0, 3], ids=["greedy_ends_first", "greedy_is_longer"])
@pytest.mark.parametrize("reward", [REWARD_N, REWARD_NT], ids=["per_summary", "per_step"])
def test_self_critical_is_exact_whatever_the_greedy_summary_and_bonus(greedy, reward):
    policy = table()
    estimator = Reinforce(group=1, baseline="self_critical", bonus=0.25, length_scale=1.0)
    total = reward if reward.dim() == 1 else (reward * MASK).sum(1)
    exact = gradient((every_summary(policy) * total).sum(), policy)
    torch.testing.assert_close(expected_gradient(policy, estimator, reward, 1, greedy), -exact)


def test_discount_against_a_plain_double_sum():
    """Σ_y p(y) Σ_i Σ_{j ≥ i} γ^{j−i} r_j ∇ log p(y_i | …), each term by itself."""
    policy, discount = table(), 0.3
    wanted = 0
    for row, summary in enumerate(SUMMARIES):
        log_probs = policy.log_probs(IDS[[row]], MASK[[row]])[0]
        steps = 1 if summary[0] == END else 2
        for i in range(steps):
            for j in range(i, steps):
                weight = log_probs.sum().exp().item() * discount ** (j - i) * REWARD_NT[row, j].item()
                wanted = wanted + weight * gradient(log_probs[i], policy)
    estimator = Reinforce(group=2, discount=discount, length_scale=1.0)
    torch.testing.assert_close(expected_gradient(policy, estimator, REWARD_NT, 2), -wanted)


@pytest.mark.parametrize("baseline, size", [("leave_one_out", 2), ("self_critical", 1)])
def test_entropy_field_climbs_the_exact_entropy(baseline, size):
    policy = table()
    estimator = Reinforce(group=2, baseline=baseline, entropy=0.7, length_scale=1.0)
    p = every_summary(policy)
    exact = gradient(-0.7 * (p * p.log()).sum(), policy)
    greedy = 0 if baseline == "self_critical" else None
    torch.testing.assert_close(expected_gradient(policy, estimator, torch.zeros(7).double(), size, greedy), -exact)


@pytest.mark.parametrize("baseline", ["leave_one_out", "self_critical"])
def test_many_seeded_draws_average_to_the_exact_gradient(baseline):
    """4,000 sources with one and the same table: their gradients are independent estimates."""
    sources = 4000
    policy = table(sources)
    estimator = Reinforce(group=2, baseline=baseline, length_scale=1.0)
    draw = estimator.draw(policy, torch.Generator().manual_seed(1))
    number = {summary: row for row, summary in enumerate(SUMMARIES)}
    reward = REWARD_N[[number[tuple(ids)] for ids in draw.ids.tolist()]]
    greedy = None
    if baseline == "self_critical":
        greedy = REWARD_N[[number[tuple(ids)] for ids in draw.baseline_ids.tolist()]]
    estimates = gradient(estimator.loss(draw, reward, greedy).value, policy) * sources
    one = table()
    exact = -gradient((every_summary(one) * REWARD_N).sum(), one)[0]
    error = estimates.std(dim=0) / sources**0.5
    assert ((estimates.mean(dim=0) - exact).abs() <= 4 * error + 1e-12).all()
    assert error.max() < 0.03  # so the comparison says something


def test_reinforce_samples_the_tempered_distribution():
    policy = table(20000)
    draw = Reinforce(group=2, temperature=0.5).draw(policy, torch.Generator().manual_seed(2))
    share = torch.bincount(draw.ids[:, 0], minlength=3)[:3] / len(draw.ids)
    wanted = (policy.first[0] / 0.5).softmax(-1)
    assert (share - wanted).abs().max() < 4 * 0.5 / len(draw.ids) ** 0.5
    assert not draw.words and draw.log_probs.requires_grad and draw.mask[:, 0].all()


# ---- straight-through -------------------------------------------------------------------------


def softmax(values):
    values = np.exp(values - values.max(axis=-1, keepdims=True))
    return values / values.sum(axis=-1, keepdims=True)


def slopes(function, at, step=1e-6):
    """Central finite differences of a scalar function."""
    result = np.zeros_like(at)
    for index in np.ndindex(at.shape):
        up, down = at.copy(), at.copy()
        up[index] += step
        down[index] -= step
        result[index] = (function(up) - function(down)) / (2 * step)
    return result


def test_straight_through_slope_is_the_relaxation_s_over_the_same_noise():
    """Linear reward c·w at step 1: the slope is that of c·softmax((logits + g) / tau), averaged over
    the very Gumbels g, here by numpy and finite differences."""
    rows, tau, c = 64, 0.5, np.array([0.5, -1.0, 2.0])
    policy = table(rows)
    estimator = StraightThrough(tau=tau, length_scale=1.0)
    draw = estimator.draw(policy, torch.Generator().manual_seed(3))
    noise = gumbel(torch.zeros(rows, 4).double(), torch.Generator().manual_seed(3)).numpy()[:, :3]
    assert (draw.ids[:, 0].numpy() == (policy.first.detach().numpy() + noise).argmax(1)).all()
    reward = draw.words[:, 0, :3] @ torch.tensor(c)
    actual = gradient(estimator.loss(draw, reward).value, policy)[:, :3].sum(0)
    logits = policy.first[0].detach().numpy()
    wanted = slopes(lambda at: (softmax((at + noise) / tau) @ c).mean(), logits)
    np.testing.assert_allclose(actual, -wanted, atol=1e-7)


def test_straight_through_reaches_the_first_step_through_the_second():
    """The surrogate of one row, written out: word 1 is hard, but moves with its relaxation."""
    policy, tau, c = table(), 0.8, np.array([0.3, -2.0, 1.0])
    estimator = StraightThrough(tau=tau, length_scale=1.0)
    seed = next(s for s in range(50) if draw_ids(estimator, policy, s)[0] != END)
    draw = estimator.draw(policy, torch.Generator().manual_seed(seed))
    actual = gradient(estimator.loss(draw, draw.words[:, 1, :3] @ torch.tensor(c)).value, policy)[0]
    generator = torch.Generator().manual_seed(seed)
    noise = [gumbel(torch.zeros(1, 4).double(), generator).numpy()[0, :3] for _ in range(2)]
    first, second = policy.first[0].detach().numpy(), policy.second[0].detach().numpy()
    hard, here = np.eye(3)[draw.ids[0, 0]], softmax((first + noise[0]) / tau)

    def reward(parameters):
        word = hard + softmax((parameters[:3] + noise[0]) / tau) - here
        return softmax((word @ parameters[3:].reshape(3, 3) + noise[1]) / tau) @ c

    wanted = slopes(reward, np.concatenate([first, second.ravel()]))
    np.testing.assert_allclose(actual, -wanted, atol=1e-7)
    assert np.abs(wanted[:3]).max() > 1e-3


def draw_ids(estimator, policy, seed):
    return estimator.draw(policy, torch.Generator().manual_seed(seed)).ids[0].tolist()


def test_straight_through_words_are_exactly_one_hot_samples_of_the_policy():
    policy = table(20000)
    draw = StraightThrough(tau=0.1).draw(policy, torch.Generator().manual_seed(4))
    assert torch.equal(draw.words.detach(), nn.functional.one_hot(draw.ids, 4).double())
    share = torch.bincount(draw.ids[:, 0], minlength=3)[:3] / len(draw.ids)
    assert (share - policy.first[0].softmax(-1)).abs().max() < 4 * 0.5 / len(draw.ids) ** 0.5


@pytest.mark.parametrize("kind", [StraightThrough, Soft])
def test_rewards_without_gradient_take_the_score_function(kind):
    """Whatever else a draw leaves behind, a mere number is paid as REINFORCE pays it."""
    policy = table(6)
    estimator = kind(group=2, baseline="leave_one_out")
    draw = estimator.draw(policy, torch.Generator().manual_seed(5))
    reward = torch.arange(12).double()
    log_probs = policy.repeat(2).log_probs(draw.ids, draw.mask)
    bare = Draw(ids=draw.ids, mask=draw.mask, log_probs=log_probs, group=2)
    wanted = Reinforce(group=2).loss(bare, reward)
    actual = estimator.loss(draw, {"some": reward})
    torch.testing.assert_close(actual.value, wanted.value)
    torch.testing.assert_close(gradient(actual.value, policy), gradient(wanted.value, policy))


# ---- soft -------------------------------------------------------------------------------------


def bent(distributions):
    """A critic that is not linear in the words."""
    weights = torch.linspace(-1, 2, 8).double().reshape(2, 4)
    return torch.tanh((distributions * weights).sum((1, 2))) + distributions.square().sum((1, 2))


def test_soft_gradient_of_a_critic_is_its_finite_difference_along_the_path():
    policy = table(5)
    estimator = Soft(length_scale=1.0)
    draw = estimator.draw(policy, torch.Generator().manual_seed(6))
    actual = gradient(estimator.loss(draw, {"realism": bent(draw.distributions)}).value, policy)

    def value(parameters):
        moved = Table(torch.tensor(parameters[:, :3]), torch.tensor(parameters[:, 3:]).reshape(-1, 3, 3))
        ids, _, _, log_probs = moved.unroll(iter_picks(draw.ids), gradient=True)
        on = MASK.new_tensor(draw.mask.numpy())[..., None] > 0
        pad = nn.functional.one_hot(torch.tensor(PAD), 4).double()
        return bent(torch.where(on, log_probs.exp(), pad)).mean().item()

    start = np.concatenate([policy.first.detach().numpy(), policy.second.detach().reshape(5, 9).numpy()], 1)
    np.testing.assert_allclose(actual, -slopes(value, start), atol=1e-8)


def iter_picks(ids):
    """A pick that plays back given ids."""
    columns = iter(ids.T.clamp_max(2))
    return lambda log_probs: (next(columns), None)


def test_soft_is_exact_and_free_of_noise_for_one_step_and_a_linear_critic():
    policy, c = table(3), torch.tensor([0.5, -1.0, 2.0, 0.0]).double()
    estimator = Soft(length_scale=1.0)
    draw = estimator.draw(policy, torch.Generator().manual_seed(7))
    actual = gradient(estimator.loss(draw, draw.distributions[:, 0] @ c).value, policy)[:, :3]
    exact = gradient((policy.first.softmax(-1) @ c[:3]).mean(), policy)[:, :3]
    torch.testing.assert_close(actual, -exact)


def test_soft_draws_the_path_reinforce_draws():
    policy = table(50)
    soft = Soft(group=2, baseline="self_critical").draw(policy, torch.Generator().manual_seed(8))
    hard = Reinforce(group=2, baseline="self_critical").draw(policy, torch.Generator().manual_seed(8))
    assert torch.equal(soft.ids, hard.ids) and torch.equal(soft.baseline_ids, hard.baseline_ids)
    torch.testing.assert_close(soft.log_probs, hard.log_probs)
    torch.testing.assert_close(soft.distributions.sum(-1), torch.ones(100, 2).double())
    assert torch.equal(hard.baseline_mask, (hard.baseline_ids != PAD).double())


# ---- the rule ---------------------------------------------------------------------------------


def test_pathwise_and_score_function_parts_add_up():
    policy = table(4)
    estimator = Soft(group=2, baseline="leave_one_out")
    draw = estimator.draw(policy, torch.Generator().manual_seed(9))
    critic, number = bent(draw.distributions), torch.arange(8).double()
    both = estimator.loss(draw, {"realism": critic, "coverage": number})
    apart = [estimator.loss(draw, {"x": reward}).value for reward in (critic, number)]
    torch.testing.assert_close(both.value, sum(apart))
    assert both.metrics["reward"] == pytest.approx((critic.mean() + number.mean()).item())


def test_a_gradient_that_bypasses_the_words_is_not_pathwise():
    """A reward computed from ids by a reconstructor in training requires grad, but not the words'."""
    policy, trained = table(4), torch.ones(8, dtype=torch.float64, requires_grad=True)
    draw = StraightThrough(group=2).draw(policy, torch.Generator().manual_seed(10))
    assert not flows_through(trained * 2, draw)
    assert flows_through(trained + draw.words.square().sum((1, 2)), draw)
    loss = StraightThrough(group=2).loss(draw, trained * torch.arange(8)).value
    assert torch.autograd.grad(loss, trained, allow_unused=True, retain_graph=True) == (None,)
    assert gradient(loss, policy).abs().max() > 0


def test_returns_to_go_by_hand():
    """γ = 0.5, rewards 1, 2, 4: 1 + 0.5·2 + 0.25·4 = 3; 2 + 0.5·4 = 4; 4."""
    rewards = torch.tensor([[1.0, 2.0, 4.0], [1.0, 2.0, 99.0]])
    mask = torch.tensor([[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]])
    wanted = torch.tensor([[3.0, 4.0, 4.0], [2.0, 2.0, 0.0]])
    torch.testing.assert_close(returns_module.step_returns(rewards, mask, 0.5), wanted)
    torch.testing.assert_close(returns_module.step_returns(rewards, mask, 0.0), rewards * mask)


def test_leave_one_out_by_hand():
    values = torch.tensor([[1.0, 0.0], [2.0, 3.0], [6.0, 6.0]])
    wanted = torch.tensor([[4.0, 4.5], [3.5, 3.0], [1.5, 1.5]])
    torch.testing.assert_close(returns_module.leave_one_out(values, 3), wanted)
    with pytest.raises(SummaeError, match="multiple of the group, got 3 rows, group 2"):
        returns_module.leave_one_out(values, 2)


def test_self_critical_advantages_by_hand():
    """Sample (1, 1) against greedy (0): its per-step rewards end after one step, 9 is on padding.

    γ = 0.5: returns (1 + 0.5·2, 2) less the greedy (3, 0) plus the bonus 0.25; a per-summary reward
    of 4 against 1 adds 3 to both steps.
    """
    draw = draw_of(table(), [2], 1, greedy=0)
    estimator = Reinforce(group=1, baseline="self_critical", bonus=0.25, discount=0.5)
    sampled = {"realism": torch.tensor([[1.0, 2.0]]), "coverage": torch.tensor([4.0])}
    greedy = {"realism": torch.tensor([[3.0, 9.0]]), "coverage": torch.tensor([1.0])}
    advantages = estimator.advantages(draw, sampled, greedy)
    torch.testing.assert_close(advantages, torch.tensor([[2.25, 5.25]]).double())


@pytest.mark.parametrize("reward", [REWARD_N, REWARD_NT], ids=["per_summary", "per_step"])
def test_more_padding_changes_nothing(reward):
    draw = draw_of(table(), [0, 1, 4, 6], 2)
    wide = {name: nn.functional.pad(getattr(draw, name), (0, 3)) for name in ("ids", "mask", "log_probs")}
    padded = reward[:4] if reward.dim() == 1 else nn.functional.pad(reward[:4], (0, 3), value=7.0)
    for estimator in (Reinforce(group=2, discount=0.5), Reinforce(group=2, whiten=True, entropy=0.1)):
        narrow_loss = estimator.loss(draw, reward[:4])
        wide_loss = estimator.loss(Draw(**wide, group=2), padded)
        torch.testing.assert_close(wide_loss.value, narrow_loss.value)
        assert wide_loss.metrics == pytest.approx(narrow_loss.metrics)


def test_one_batch_is_the_mean_of_its_halves():
    policy, estimator = table(), Reinforce(group=2, discount=0.5)
    whole, *halves = (
        estimator.loss(draw_of(policy, rows, 2), REWARD_NT[rows]).value for rows in ([0, 3, 5, 2], [0, 3], [5, 2])
    )
    torch.testing.assert_close(whole, sum(halves) / 2)


def test_whitening_gives_unit_advantages_and_keeps_their_signs():
    draw = draw_of(table(), [0, 3, 5, 2], 2)
    plain = Reinforce(group=2).advantages(draw, {"r": REWARD_N[:4]}, None)
    white = Reinforce(group=2, whiten=True).advantages(draw, {"r": REWARD_N[:4]}, None)
    assert torch.equal(white.sign(), plain.sign())
    assert (white.square().sum() / draw.mask.sum()).item() == pytest.approx(1.0)


def test_metrics_by_hand():
    draw = draw_of(table(), [1, 1, 0, 4], 2)
    metrics = Reinforce(group=2).loss(draw, torch.tensor([1.0, 2.0, 3.0, 6.0])).metrics
    assert metrics["reward"] == 3.0 and metrics["length"] == 1.75
    assert metrics["distinct"] == 0.75  # one of four rows repeats another of its group


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.parametrize(
    "setting, message",
    [
        ({"groop": 2}, "unknown key 'groop', did you mean 'group'?"),
        ({"group": 2.0}, "group must be an integer, got 2.0"),
        ({"group": 0}, "group must be >= 1, got 0"),
        ({"group": 1, "baseline": "leave_one_out"}, "group must be >= 2 with the baseline leave_one_out, got 1"),
        ({"baseline": "none"}, "baseline must be one of leave_one_out, .*, got 'none'"),
        ({"discount": 1.5}, "discount must be <= 1, got 1.5"),
        ({"length_scale": 0.0}, "length_scale must be > 0, got 0.0"),
        ({"bonus": -1.0}, "bonus must be >= 0, got -1.0"),
        ({"entropy": float("nan")}, "entropy must be a finite number, got nan"),
    ],
)
def test_hyper_parameters_are_checked(name, setting, message):
    with pytest.raises(ConfigError, match=message):
        ESTIMATORS[name](**setting)


def test_temperatures_are_checked():
    for kind, setting in ((Reinforce, "temperature"), (Soft, "temperature"), (StraightThrough, "tau")):
        with pytest.raises(ConfigError, match=f"{setting} must be > 0, got 0.0"):
            kind(**{setting: 0.0})


def test_rewards_are_checked():
    draw = draw_of(table(), [1, 2], 2)
    with pytest.raises(SummaeError, match=r"reward length must be \[2\] or \[2, 2\], got \[3\]"):
        Reinforce(group=2).loss(draw, {"length": torch.zeros(3)})
    critical = Reinforce(group=2, baseline="self_critical")
    with pytest.raises(SummaeError, match="greedy summaries and their rewards, got none"):
        critical.loss(draw, torch.zeros(2))
    given = draw_of(table(), [1, 2], 2, greedy=3)
    with pytest.raises(SummaeError, match="greedy reward of length, got none"):
        critical.loss(given, {"length": torch.zeros(2)}, {"realism": torch.zeros(1)})
