"""Critics: closed forms, finite differences, and the same score however a text is given or padded."""

import math

import pytest
import torch
from torch.nn import functional

from summae.critics import CRITICS, PerToken, WganGp
from summae.critics.penalty import accuracy, gradient_penalty
from summae.errors import ConfigError, SummaeError

V, PAD = 7, 0
IDS = torch.tensor([[3, 5, 1, 2], [4, 1, 0, 0], [6, 6, 2, 0]])
MASK = (IDS != PAD).double()
FAKE = torch.tensor([[5, 5, 5], [1, 2, 0], [2, 6, 1]])
FAKE_MASK = (FAKE != PAD).double()

SMALL = {
    "wgan_gp": WganGp.Config(channels=6, blocks=2, kernel=3),
    "bce": PerToken.Config(objective="bce", embedding=5, hidden=6, dropout=0.0),
    "wgan": PerToken.Config(objective="wgan", embedding=5, hidden=6, dropout=0.0),
}


def critic(name, seed=0, **changes):
    torch.manual_seed(seed)
    config = SMALL[name] if not changes else type(SMALL[name])(**(vars(SMALL[name]) | changes))
    kind = CRITICS["wgan_gp" if name == "wgan_gp" else "per_token"]
    return kind(config, vocab_size=V, pad_id=PAD).double()


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def one_hot(ids):
    return functional.one_hot(ids, V).double()


@pytest.mark.parametrize("name", SMALL)
def test_ids_and_one_hots_score_identically(name):
    model = critic(name)
    assert torch.equal(model(IDS, MASK), model(one_hot(IDS), MASK))
    single = model.float()
    assert torch.equal(single(IDS, MASK.float()), single(one_hot(IDS).float(), MASK.float()))


@pytest.mark.parametrize("name", SMALL)
def test_padding_changes_no_score_no_reward_and_no_objective(name):
    model = critic(name)
    # Four more columns of anything at all (piece 6), masked away.
    wide, wide_mask = functional.pad(IDS, (0, 4), value=6), functional.pad(MASK, (0, 4))
    scores, wide_scores = model(IDS, MASK), model(wide, wide_mask)
    assert scores.shape == ((3,) if name == "wgan_gp" else (3, 4))
    rewards, wide_rewards = model.rewards(scores, MASK), model.rewards(wide_scores, wide_mask)
    if name != "wgan_gp":
        assert not wide_rewards[wide_mask == 0].any()
        wide_scores, wide_rewards = wide_scores[:, :4], wide_rewards[:, :4]
    torch.testing.assert_close(wide_scores, scores)
    torch.testing.assert_close(wide_rewards, rewards)
    plain = model.objective(IDS, MASK, FAKE, FAKE_MASK, generator=seeded())
    padded = model.objective(wide, wide_mask, FAKE, FAKE_MASK, generator=seeded())
    torch.testing.assert_close(padded.value, plain.value)
    assert padded.metrics == pytest.approx(plain.metrics)


@pytest.mark.parametrize("name", SMALL)
def test_a_row_scores_the_same_alone_and_in_a_batch(name):
    model = critic(name)
    alone = torch.cat([model(IDS[[row]], MASK[[row]]) for row in range(3)])
    torch.testing.assert_close(alone, model(IDS, MASK))


@pytest.mark.parametrize("name", ["bce", "wgan"])
def test_a_score_depends_on_the_past_only(name):
    model, changed = critic(name), IDS.clone()
    changed[0, 2] = 4
    before, after = model(IDS, MASK), model(changed, MASK)
    assert torch.equal(before[0, :2], after[0, :2])
    assert (before[0, 2:] != after[0, 2:]).all()


@pytest.mark.parametrize("name", SMALL)
def test_relaxed_words_get_a_gradient_but_the_objective_gives_them_none(name):
    model, words = critic(name), one_hot(FAKE).requires_grad_()
    reward = model.rewards(model(words, FAKE_MASK), FAKE_MASK)
    (slope,) = torch.autograd.grad(reward.sum(), words)
    assert slope[FAKE_MASK > 0].abs().sum() > 0 and not slope[FAKE_MASK == 0].any()
    value = model.objective(IDS, MASK, words, FAKE_MASK).value
    assert torch.autograd.grad(value, words, allow_unused=True) == (None,)


# ---- the penalty ------------------------------------------------------------------------------


def test_penalty_of_a_linear_score_is_its_norm_less_one_squared():
    generator = seeded(1)
    w = torch.randn(4, V, generator=generator).double()
    real, fake = one_hot(IDS), one_hot(functional.pad(FAKE, (0, 1)))
    penalty, norm = gradient_penalty(lambda x, mask: (x * w).sum((1, 2)), real, MASK, fake, MASK, generator)
    assert norm.item() == pytest.approx(w.norm().item())
    assert penalty.item() == pytest.approx((w.norm().item() - 1) ** 2)


def test_wgan_gp_objective_of_a_linear_critic_in_closed_form():
    """Without blocks D(x) = (1/T) Σ_t x_t · u with u = W v, so ‖∇D‖ = ‖u‖ / √T on full rows."""
    model = critic("wgan_gp", blocks=0)
    real, fake, full = IDS[:1], torch.tensor([[5, 5, 5, 2]]), MASK[:1]
    u = (model.embedding.weight_VE @ model.score.weight[0]).detach()
    norm = u.norm().item() / 2
    wanted = u[fake].mean() - u[real].mean() + 10 * (norm - 1) ** 2
    scored = model.objective(real, full, fake, full, generator=seeded())
    assert scored.value.item() == pytest.approx(wanted.item())
    assert scored.metrics["critic_slope"] == pytest.approx(norm)
    assert scored.metrics["critic_gap"] == pytest.approx((u[real].mean() - u[fake].mean()).item())


def test_interpolates_lie_between_and_their_masks_with_them():
    seen = []

    def score(x, mask):
        seen.append((x.detach(), mask))
        return x.square().sum((1, 2))

    real, fake = one_hot(IDS) * MASK[..., None], one_hot(FAKE) * FAKE_MASK[..., None]
    gradient_penalty(score, real, MASK, fake, FAKE_MASK, seeded())
    share = torch.rand(3, generator=seeded(), dtype=torch.float64)[:, None]
    (inputs, mask), longer = seen[0], functional.pad(FAKE_MASK, (0, 1))
    torch.testing.assert_close(mask, share * MASK + (1 - share) * longer)
    torch.testing.assert_close(inputs.sum(-1), mask)  # one-hots mix to share, 1 − share or 1
    torch.testing.assert_close(inputs[0, 0, 3], share[0, 0])


@pytest.mark.parametrize("name", ["wgan_gp", "wgan"])
def test_the_objective_s_slope_in_the_parameters_is_its_finite_difference(name):
    """The penalty is differentiated twice, through convolutions and through the LSTM.

    The embedding of ``wgan`` stays out: interpolates are given points, so by design the penalty does
    not flow into what embedded them, and the finite difference, which moves them, differs.
    """
    model = critic(name)

    def value():
        return model.objective(IDS, MASK, FAKE, FAKE_MASK, generator=seeded()).value

    model.zero_grad()
    value().backward()
    for part, parameter in model.named_parameters():
        if name == "wgan" and part.startswith("embedding"):
            continue
        flat, slope = parameter.data.view(-1), parameter.grad.view(-1)
        for index in {0, len(flat) // 2, len(flat) - 1}:
            kept, step = flat[index].item(), 1e-6
            flat[index] = kept + step
            up = value().item()
            flat[index] = kept - step
            down = value().item()
            flat[index] = kept
            assert slope[index].item() == pytest.approx((up - down) / (2 * step), rel=1e-4, abs=1e-7)


def test_single_precision_gives_the_same_second_derivatives():
    """The float kernels of an LSTM (oneDNN here) are others than the double ones."""
    slopes = []
    for dtype in (torch.float64, torch.float32):
        model = critic("wgan").to(dtype)
        args = (IDS, MASK.to(dtype), FAKE, FAKE_MASK.to(dtype))
        real, fake = (model.embedding(*pair).detach() for pair in (args[:2], args[2:]))
        share = torch.tensor([0.2, 0.5, 0.9], dtype=dtype)[:, None, None]
        between = torch.lerp(functional.pad(fake, (0, 0, 0, 1)), real, share).requires_grad_()
        (slope,) = torch.autograd.grad(model._mean_score(between, args[1]).sum(), between, create_graph=True)
        slope.norm(dim=(1, 2)).sub(1).square().mean().backward()
        slopes.append(torch.cat([p.grad.flatten().double() for p in model.lstm.parameters()]))
    torch.testing.assert_close(slopes[1], slopes[0], rtol=1e-3, atol=1e-6)


# ---- objectives, rewards, accuracy ------------------------------------------------------------


def test_an_undecided_bce_critic_loses_two_log_two_and_pays_nothing():
    model = critic("bce")
    torch.nn.init.zeros_(model.score.weight)
    torch.nn.init.zeros_(model.score.bias)
    scored = model.objective(IDS, MASK, FAKE, FAKE_MASK)
    assert scored.value.item() == pytest.approx(2 * math.log(2))
    assert scored.metrics == {"critic_gap": 0.0, "critic_accuracy": 0.5}
    assert not model.rewards(model(FAKE, FAKE_MASK), FAKE_MASK).any()


def test_bce_is_torch_s_own_over_the_real_pieces():
    model = critic("bce")
    real, fake = model(IDS, MASK)[MASK > 0], model(FAKE, FAKE_MASK)[FAKE_MASK > 0]
    wanted = sum(
        functional.binary_cross_entropy_with_logits(scores, torch.full_like(scores, label))
        for scores, label in ((real, 1.0), (fake, 0.0))
    )
    torch.testing.assert_close(model.objective(IDS, MASK, FAKE, FAKE_MASK).value, wanted)


def test_wgan_per_token_is_the_gap_of_the_mean_scores():
    model = critic("wgan", penalty=0.0)
    means = [model(ids, mask).sum(1) / mask.sum(1) for ids, mask in ((IDS, MASK), (FAKE, FAKE_MASK))]
    wanted = means[1].mean() - means[0].mean()
    torch.testing.assert_close(model.objective(IDS, MASK, FAKE, FAKE_MASK).value, wanted)


def test_rewards_by_hand():
    scores = torch.tensor([[1.0, 3.0, 2.5], [-2.0, 0.5, 9.0]])
    mask = torch.tensor([[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]])
    gains = critic("wgan").rewards(scores, mask)
    torch.testing.assert_close(gains, torch.tensor([[1.0, 2.0, -0.5], [-2.0, 2.5, 0.0]]))
    torch.testing.assert_close(gains.sum(1), torch.tensor([2.5, 0.5]))  # the last real score
    # 2σ(s) − 1 = tanh(s / 2)
    torch.testing.assert_close(critic("bce").rewards(scores, mask), (scores / 2).tanh() * mask)
    totals = torch.tensor([0.3, -2.0])
    assert torch.equal(critic("wgan_gp").rewards(totals, mask), totals)


def test_accuracy_by_hand():
    """Pairs (1, 0) right, (1, 2) wrong, (2, 0) right, (2, 2) tied: 2.5 of 4."""
    assert accuracy(torch.tensor([1.0, 2.0]), torch.tensor([0.0, 2.0])) == 0.625


@pytest.mark.parametrize("name", SMALL)
def test_a_critic_learns_which_texts_are_real_and_then_pays_for_them(name):
    """Real texts count upwards, drawn ones hold the same pieces in random order."""
    model, generator = critic(name).float(), seeded(3)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.02)
    mask = torch.ones(32, 4)

    def batch():
        real = torch.randint(1, 4, (32, 1), generator=generator) + torch.arange(4)
        fake = real.gather(1, torch.rand(32, 4, generator=generator).argsort(1))
        return real, fake

    for _ in range(150):
        real, fake = batch()
        scored = model.objective(real, mask, fake, mask, generator=generator)
        optimiser.zero_grad()
        scored.value.backward()
        optimiser.step()
    real, fake = batch()
    paid = [model.rewards(model(ids, mask), mask).reshape(32, -1).sum(1).mean() for ids in (real, fake)]
    assert scored.metrics["critic_accuracy"] > 0.9
    assert paid[0] > paid[1] + 0.1


def test_wgan_per_token_cannot_widen_its_gap_by_scaling_the_embedding():
    model = critic("wgan")
    before = model(IDS, MASK)
    model.embedding.weight_VE.data *= 100
    torch.testing.assert_close(model(IDS, MASK), before)


@pytest.mark.parametrize(
    "kind, setting, message",
    [
        (WganGp, {"channels": 0}, "channels must be >= 1, got 0"),
        (WganGp, {"kernel": 4}, "kernel must be odd, got 4"),
        (WganGp, {"penalty": -1.0}, "penalty must be >= 0, got -1.0"),
        (WganGp, {"residual": 0.0}, "residual must be > 0, got 0.0"),
        (PerToken, {"objective": "gan"}, "objective must be one of bce, wgan, got 'gan'"),
        (PerToken, {"hidden": 0}, "hidden must be >= 1, got 0"),
        (PerToken, {"dropout": 1.0}, "dropout must be < 1, got 1.0"),
        (PerToken, {"penalty": float("inf")}, "penalty must be a finite number, got inf"),
    ],
)
def test_hyper_parameters_are_checked(kind, setting, message):
    with pytest.raises(ConfigError, match=message):
        kind.Config(**setting)


def test_words_of_another_vocabulary_are_refused():
    with pytest.raises(SummaeError, match=r"distributions \[N, T, 7\], got \[3, 4, 5\]"):
        critic("wgan_gp")(torch.zeros(3, 4, 5), MASK)
