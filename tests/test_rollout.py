"""The rollout and the update: what every model is shown and says, where gradient flows and where it must not."""

import pytest
import torch
from world import adversarial, network

from summae.networks import Reconstructor
from summae.records import Draw
from summae.rewards.spread import Spread
from summae.text.tokenizer import END_ID
from summae.training.adversarial.rollout import empty_summary, frozen, rollout
from summae.training.adversarial.update import critic_step, rebuilding_step, summary_step
from summae.training.batches import masked_out
from summae.training.policy import NetworkPolicy
from summae.training.schedule import LoopConfig

EVERYTHING = {"reconstruction": 1.0, "realism": 1.0, "fluency": 1.0, "retrieval": 1.0, "stay_close": 1.0, "length": 1.0}


def rolled_out(tmp_path, **changes):
    """The models, with every reward, the first batch and a rollout of it; G ends its summaries early now and then."""
    task = adversarial(tmp_path, LoopConfig(steps=1, batch_size=4), rewards=EVERYTHING, **changes)
    with torch.no_grad():
        for each in (task.models.generator, task.models.warm):
            each.output_bias[END_ID] += 4.0
    for each in task.networks.values():
        each.eval()
    batch = task.batch(0)
    torch.manual_seed(31)
    policy = NetworkPolicy(task.models.generator, batch.sources, 8)
    episode = rollout(task.models, policy, batch, torch.Generator().manual_seed(32))
    return task.models, batch, episode


def without_padding(ids, mask, row):
    return ids[row : row + 1, : int(mask[row].sum())]


def test_what_is_drawn_from_sums_to_one_without_special_pieces(tmp_path):
    models, batch, _ = rolled_out(tmp_path)
    policy = NetworkPolicy(models.generator, batch.sources, 8)
    _, _, _, log_probs = policy.unroll(lambda log_probs: (log_probs.argmax(-1), None), gradient=True)
    probs = log_probs.exp()
    assert torch.allclose(probs.sum(-1), torch.ones(probs.shape[:2]), atol=1e-5)
    special = [piece for piece in range(36) if piece != END_ID]
    assert float(probs[..., special].sum().detach()) == 0.0


# -- what is measured ---------------------------------------------------------------------------------------


def test_reconstruction_is_the_likelihood_computed_row_by_row(tmp_path):
    """Each row alone and unpadded; a summary that says nothing is the end piece alone."""
    models, batch, episode = rolled_out(tmp_path)
    reader, group = models.reconstructor, 2
    wanted = []
    for row in range(8):
        said = without_padding(episode.draw.ids, episode.draw.mask, row)
        document = without_padding(batch.documents, batch.document_mask, row // group)
        seen = episode.seen[row : row + 1, : document.shape[1]]
        weights_S = batch.document_weights[row // group, : document.shape[1]]
        with torch.no_grad():
            told = reader.log_likelihood(reader.sources(said), document, seen_NT=seen)[0]
            untold = reader.log_likelihood(reader.sources(torch.tensor([[END_ID]])), document, seen_NT=seen)[0]
        assert torch.allclose(episode.rebuilt[row, : len(told)], told, atol=1e-5)
        wanted.append(float(((told - untold) * weights_S).sum() / weights_S.sum()))
    found = models.mixture.measure(episode)["reconstruction"]
    assert found.tolist() == pytest.approx(wanted, abs=1e-5) and max(map(abs, wanted)) > 1e-3


def test_summaries_of_one_source_are_compared_under_the_same_mask(tmp_path):
    _, batch, episode = rolled_out(tmp_path)
    assert torch.equal(episode.seen[0::2], episode.seen[1::2])
    hidden = (episode.seen != batch.documents.repeat_interleave(2, 0)).float().mean()
    assert 0.4 < float(hidden) < 0.8  # 60 % of the pieces


def test_retrieval_sets_the_own_source_against_those_of_other_rows(tmp_path):
    models, batch, episode = rolled_out(tmp_path)
    reader = models.reconstructor
    assert episode.retrieval.shape == (8, 3)
    for row in range(8):
        said = without_padding(episode.draw.ids, episode.draw.mask, row)
        for column in range(3):
            other = (row // 2 - column) % 4
            document = without_padding(batch.documents, batch.document_mask, other)
            seen = episode.seen[2 * other : 2 * other + 1, : document.shape[1]]
            with torch.no_grad():
                wanted = reader.log_likelihood(reader.sources(said), document, seen_NT=seen).mean()
            assert float(episode.retrieval[row, column]) == pytest.approx(float(wanted), abs=1e-5)


def test_the_other_models_see_the_same_summaries(tmp_path):
    models, _, episode = rolled_out(tmp_path)
    scores = models.critic(episode.draw.ids, episode.draw.mask)
    assert torch.allclose(episode.realism, models.critic.rewards(scores, episode.draw.mask))
    for row in range(8):
        said = without_padding(episode.draw.ids, episode.draw.mask, row)
        with torch.no_grad():
            fluent = models.language_model.log_likelihood(said)[0]
        assert torch.allclose(episode.fluency[row, : said.shape[1]], fluent, atol=1e-5)
        assert not episode.fluency[row, said.shape[1] :].any()
    assert float(episode.stay_close.abs().max()) < 1e-5  # G still is the warmed-up one


def test_a_summary_holds_ordinary_pieces_its_end_and_padding(tmp_path):
    _, _, episode = rolled_out(tmp_path)
    assert len(set(episode.draw.mask.sum(1).tolist())) > 2  # of different lengths
    for row, kept in zip(episode.draw.ids.tolist(), episode.draw.mask.sum(1).int().tolist(), strict=True):
        assert all(piece >= 36 for piece in row[: kept - 1]) and set(row[kept:]) <= {1}
        assert row[kept - 1] == END_ID or kept == 8  # ended, or as long as allowed


def test_an_empty_summary_is_the_end_piece_alone():
    ids = torch.tensor([[40, 41, END_ID], [42, END_ID, 1]])
    draw = Draw(ids=ids, mask=(ids != 1).float(), log_probs=torch.zeros(2, 3), group=2)
    for every, rows in ((1, 2), (2, 1)):
        empty = empty_summary(draw, every)
        assert (empty.ids.tolist(), empty.mask.tolist()) == ([[END_ID]] * rows, [[1.0]] * rows)


def test_masking_hides_the_share_it_is_asked_to():
    torch.manual_seed(0)
    ids = torch.arange(10_000)[None] + 40
    hidden = masked_out(ids, 0.3, mask_id=3)
    assert bool(((hidden == ids) | (hidden == 3)).all())
    assert float((hidden == 3).float().mean()) == pytest.approx(0.3, abs=0.025)  # 5 σ
    assert masked_out(ids, 0.0, mask_id=3) is ids


# -- where gradient flows -----------------------------------------------------------------------------------


def gradients(each):
    return {name: p.grad for name, p in each.named_parameters() if p.grad is not None and bool(p.grad.abs().sum() > 0)}


ESTIMATORS = [
    ("reinforce", {"group": 2}),
    ("straight_through", {"group": 2, "baseline": "leave_one_out"}),
    ("soft", {"group": 2, "baseline": "leave_one_out"}),
]


@pytest.mark.parametrize(("estimator", "options"), ESTIMATORS)
def test_the_summary_step_teaches_the_generator_alone(tmp_path, estimator, options):
    models, batch, episode = rolled_out(tmp_path, estimator=estimator, estimator_options=options)
    scored, _ = summary_step(models, episode, batch, Spread())
    scored.value.backward()
    assert len(gradients(models.generator)) == len(list(models.generator.parameters()))
    for other in (models.reconstructor, models.critic, models.language_model, models.warm):
        assert all(p.grad is None for p in other.parameters())
    assert all(p.requires_grad for p in (*models.reconstructor.parameters(), *models.critic.parameters()))
    assert not any(p.requires_grad for p in models.language_model.parameters())  # it never learns here


def test_frozen_thaws_only_what_it_froze_even_after_an_error():
    still, moving = network(Reconstructor, 1).requires_grad_(False), network(Reconstructor, 2)
    with pytest.raises(ZeroDivisionError), frozen(still, None, moving):
        assert not any(p.requires_grad for p in moving.parameters())
        1 / 0  # noqa: B018
    assert all(p.requires_grad for p in moving.parameters())
    assert not any(p.requires_grad for p in still.parameters())


def test_straight_through_carries_gradient_through_the_reconstructor_to_the_generator(tmp_path):
    options = {"group": 2, "baseline": "leave_one_out"}
    models, _, episode = rolled_out(tmp_path, estimator="straight_through", estimator_options=options)
    episode.rebuilt.sum().backward()
    assert "pointer.gate.weight" in gradients(models.generator)
    assert not gradients(models.reconstructor)


def test_under_reinforce_none_flows_through_the_reconstructor(tmp_path):
    """… the models' figures are numbers; all gradient comes from log G, weighted by them."""
    models, batch, episode = rolled_out(tmp_path)
    for measured in (episode.rebuilt, episode.fluency, episode.realism, episode.retrieval):
        assert not measured.requires_grad
    scored, spread = summary_step(models, episode, batch, Spread())
    rewards = models.mixture.weigh(models.mixture.measure(episode), spread)
    advantages = models.estimator.advantages(episode.draw, rewards, None)
    by_hand = -(advantages * episode.draw.log_probs).sum(1).mean() / models.estimator.length_scale
    bias = models.generator.output_bias
    (found,), (wanted,) = (torch.autograd.grad(each, bias, retain_graph=True) for each in (scored.value, by_hand))
    torch.testing.assert_close(found, wanted)
    assert float(found.abs().sum()) > 0


@pytest.mark.parametrize(("estimator", "options"), ESTIMATORS)
def test_critic_and_reconstructor_learn_without_touching_the_generator(tmp_path, estimator, options):
    models, batch, episode = rolled_out(tmp_path, estimator=estimator, estimator_options=options)

    def call(each):
        return lambda method, *args, **kwargs: getattr(each, method)(*args, **kwargs)

    critic_step(call(models.critic), episode, batch, torch.Generator()).value.backward()
    rebuilding_step(call(models.reconstructor), models, episode, batch).value.backward()
    assert gradients(models.critic) and gradients(models.reconstructor)
    assert not gradients(models.generator) and not gradients(models.language_model)
