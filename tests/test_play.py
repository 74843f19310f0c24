"""The game: what every player is shown, where gradient flows and where it must not, and going back to the best."""

from types import SimpleNamespace

import pytest
import torch
from world import SHORT, TOKENIZER, game, network, weights

from summae.config import LoopConfig
from summae.networks import Reconstructor
from summae.records import Draw
from summae.rewards.spread import Spread
from summae.text.tokenizer import END_ID
from summae.training import adversarial
from summae.training.game import masked_out
from summae.training.play import critic_step, frozen, nothing, play, rebuilding_step, summary_step
from summae.training.sampling import NetworkPolicy
from summae.training.state import StageState
from summae.training.validation import validate

EVERYTHING = {"reconstruction": 1.0, "realism": 1.0, "fluency": 1.0, "retrieval": 1.0, "stay_close": 1.0, "length": 1.0}


def table(tmp_path, **changes):
    """A game with every reward, its first batch and a play of it."""
    task = game(tmp_path, LoopConfig(steps=1, batch_size=4), rewards=EVERYTHING, **changes)
    for each in task.networks.values():
        each.eval()
    batch = task.batch(0)
    torch.manual_seed(31)
    policy = NetworkPolicy(task.players.generator, batch.sources, 8)
    episode = play(task.players, policy, batch, torch.Generator().manual_seed(32))
    return task.players, batch, episode


def without_padding(ids, mask, row):
    return ids[row : row + 1, : int(mask[row].sum())]


# -- what is measured ---------------------------------------------------------------------------------------


def test_reconstruction_is_the_likelihood_computed_row_by_row(tmp_path):
    """Each row alone and unpadded; a summary that says nothing is the end piece alone."""
    players, batch, episode = table(tmp_path)
    reader, group = players.reconstructor, 2
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
    found = players.mixture.measure(episode)["reconstruction"]
    assert found.tolist() == pytest.approx(wanted, abs=1e-5) and max(map(abs, wanted)) > 1e-3


def test_summaries_of_one_source_are_compared_under_the_same_mask(tmp_path):
    _, batch, episode = table(tmp_path)
    assert torch.equal(episode.seen[0::2], episode.seen[1::2])
    hidden = (episode.seen != batch.documents.repeat_interleave(2, 0)).float().mean()
    assert 0.4 < float(hidden) < 0.8  # 60 % of the pieces


def test_retrieval_sets_the_own_source_against_those_of_other_rows(tmp_path):
    players, batch, episode = table(tmp_path)
    reader = players.reconstructor
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


def test_the_other_judges_see_the_same_summaries(tmp_path):
    players, _, episode = table(tmp_path)
    scores = players.critic(episode.draw.ids, episode.draw.mask)
    assert torch.allclose(episode.realism, players.critic.rewards(scores, episode.draw.mask))
    for row in range(8):
        said = without_padding(episode.draw.ids, episode.draw.mask, row)
        with torch.no_grad():
            fluent = players.language_model.log_likelihood(said)[0]
        assert torch.allclose(episode.fluency[row, : said.shape[1]], fluent, atol=1e-5)
        assert not episode.fluency[row, said.shape[1] :].any()
    assert float(episode.stay_close.abs().max()) < 1e-5  # G still is the warmed-up one


def test_a_summary_holds_ordinary_pieces_its_end_and_padding(tmp_path):
    _, _, episode = table(tmp_path)
    for row, kept in zip(episode.draw.ids.tolist(), episode.draw.mask.sum(1).int().tolist(), strict=True):
        assert all(piece >= 36 for piece in row[: kept - 1]) and set(row[kept:]) <= {1}
        assert row[kept - 1] == END_ID or kept == 8  # ended, or as long as allowed


def test_nothing_is_the_end_piece_alone():
    ids = torch.tensor([[40, 41, END_ID], [42, END_ID, 1]])
    draw = Draw(ids=ids, mask=(ids != 1).float(), log_probs=torch.zeros(2, 3), group=2)
    for every, rows in ((1, 2), (2, 1)):
        empty = nothing(draw, every)
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
    players, batch, episode = table(tmp_path, estimator=estimator, estimator_options=options)
    scored, _ = summary_step(players, episode, batch, Spread())
    scored.value.backward()
    assert len(gradients(players.generator)) == len(list(players.generator.parameters()))
    for other in (players.reconstructor, players.critic, players.language_model, players.warm):
        assert all(p.grad is None for p in other.parameters())
    assert all(p.requires_grad for p in (*players.reconstructor.parameters(), *players.critic.parameters()))
    assert not any(p.requires_grad for p in players.language_model.parameters())  # it never learns here


def test_frozen_thaws_only_what_it_froze_even_after_an_error():
    still, moving = network(Reconstructor, 1).requires_grad_(False), network(Reconstructor, 2)
    with pytest.raises(ZeroDivisionError), frozen(still, None, moving):
        assert not any(p.requires_grad for p in moving.parameters())
        1 / 0  # noqa: B018
    assert all(p.requires_grad for p in moving.parameters())
    assert not any(p.requires_grad for p in still.parameters())


def test_straight_through_carries_gradient_through_the_reconstructor_to_the_generator(tmp_path):
    options = {"group": 2, "baseline": "leave_one_out"}
    players, _, episode = table(tmp_path, estimator="straight_through", estimator_options=options)
    episode.rebuilt.sum().backward()
    assert "pointer.gate.weight" in gradients(players.generator)
    assert not gradients(players.reconstructor)


def test_under_reinforce_none_flows_through_the_reconstructor(tmp_path):
    """… the judges' figures are numbers; all gradient comes from log G, weighted by them."""
    players, batch, episode = table(tmp_path)
    for judged in (episode.rebuilt, episode.fluency, episode.realism, episode.retrieval):
        assert not judged.requires_grad
    scored, spread = summary_step(players, episode, batch, Spread())
    rewards = players.mixture.weigh(players.mixture.measure(episode), spread)
    advantages = players.estimator.advantages(episode.draw, rewards, None)
    by_hand = -(advantages * episode.draw.log_probs).sum(1).mean() / players.estimator.length_scale
    bias = players.generator.output_bias
    (found,), (wanted,) = (torch.autograd.grad(each, bias, retain_graph=True) for each in (scored.value, by_hand))
    torch.testing.assert_close(found, wanted)
    assert float(found.abs().sum()) > 0


@pytest.mark.parametrize(("estimator", "options"), ESTIMATORS)
def test_critic_and_reconstructor_learn_without_touching_the_generator(tmp_path, estimator, options):
    players, batch, episode = table(tmp_path, estimator=estimator, estimator_options=options)

    def call(each):
        return lambda method, *args, **kwargs: getattr(each, method)(*args, **kwargs)

    critic_step(call(players.critic), episode, batch, torch.Generator()).value.backward()
    rebuilding_step(call(players.reconstructor), players, episode, batch).value.backward()
    assert gradients(players.critic) and gradients(players.reconstructor)
    assert not gradients(players.generator) and not gradients(players.language_model)


# -- the stage ----------------------------------------------------------------------------------------------


def test_the_generator_goes_back_to_its_best(tmp_path, monkeypatch):
    task = game(tmp_path, LoopConfig(steps=1, batch_size=2), validate_every=10, revert_below=0.2)
    scores = iter([0.5, 0.6, 0.5, 0.4])
    monkeypatch.setattr(adversarial, "validate", lambda *_: SimpleNamespace(score=next(scores), figures=dict))
    history = []
    for step in (10, 20, 30, 40):
        with torch.no_grad():
            task.networks["generator"].output_bias.add_(1.0)
        said = task.after_step(StageState(step=step))
        history.append((task.networks["generator"].output_bias[0].item(), said.get("valid/reverted")))
    # 0.6 is the best; 0.5 is no fifth below it, 0.4 is: back to what the bias was at 0.6
    assert history == [(1.0, None), (2.0, None), (3.0, None), (2.0, 1.0)]
    assert task.after_step(StageState(step=41)) == {}


def test_a_stage_resumed_at_its_very_end_still_ends_with_the_best(tmp_path, monkeypatch):
    task = game(tmp_path, LoopConfig(steps=1, batch_size=2))
    monkeypatch.setattr(adversarial, "validate", lambda *_: SimpleNamespace(score=0.5, figures=dict))
    task.after_step(StageState(step=2))
    best = weights(task)
    again = game(tmp_path, LoopConfig(steps=1, batch_size=2))
    with torch.no_grad():
        again.networks["generator"].output_bias.add_(1.0)  # what the last step left
    again.keep_best()
    assert torch.equal(weights(again)["generator.output_bias"], best["generator.output_bias"])


def test_a_critic_that_is_too_good_sits_out_three_steps_of_four(tmp_path):
    task = game(tmp_path, LoopConfig(steps=1, batch_size=2), critic_pause_above=0.7)
    for accuracy, pauses in ((0.6, [False] * 4), (0.9, [False, True, True, True])):
        task.critic_accuracy = accuracy
        assert [task._critic_paused(StageState(step=step)) for step in range(4, 8)] == pauses


def test_validation_by_hand(tmp_path):
    """recovered = 1 − L(x | y) / L(x | ∅) over weighted pieces; fluent = exp(f − f_real), at most 1."""
    players, batch, _ = table(tmp_path)
    found = validate(players.generator, players.reconstructor, players.language_model, [batch, batch])
    given = {name: value for name, value in vars(batch.sources).items()}
    special = [piece for piece in range(36) if piece != END_ID]
    ids = players.generator.generate(**given, max_new_tokens=12, suppress_tokens=special)[:, 1:]
    sums = {"told": 0.0, "untold": 0.0, "ours": [], "real": []}
    with torch.no_grad():
        for row in range(4):
            said = ids[row : row + 1][:, : int((ids[row] != 1).sum())]
            document = without_padding(batch.documents, batch.document_mask, row)
            weight = batch.document_weights[row, : document.shape[1]]
            for name, summary in (("told", said), ("untold", torch.tensor([[END_ID]]))):
                source = players.reconstructor.sources(summary)
                sums[name] += float((players.reconstructor.log_likelihood(source, document)[0] * weight).sum())
            real = without_padding(batch.real, batch.real_mask, row)
            for name, text in (("ours", said), ("real", real)):
                sums[name] += players.language_model.log_likelihood(text)[0].tolist()
    recovered = 1 - sums["told"] / sums["untold"]
    ours, real = (torch.tensor(sums[name]).mean() for name in ("ours", "real"))
    assert found.recovered == pytest.approx(recovered, abs=1e-4)
    assert found.fluent == pytest.approx(min(1.0, float((ours - real).exp())), rel=1e-3)
    assert found.score == pytest.approx(max(found.recovered, 0) * found.fluent)


def test_a_batch_of_the_game_by_its_number(tmp_path):
    """The same whoever asks; the prompt asks for 2 … 4 words; as many real texts as summaries will be drawn."""
    task = game(tmp_path, LoopConfig(steps=1, batch_size=4))
    batch, again = task.batch(3), game(tmp_path, LoopConfig(steps=1, batch_size=4)).batch(3)
    for name in ("documents", "real", "target_length"):
        assert torch.equal(getattr(batch, name), getattr(again, name))
    prompts = [int(row[0]) - 3 for row in batch.sources.input_ids]  # <1> has id 4
    assert set(prompts) <= {2, 3, 4} and (len(batch.documents), len(batch.real)) == (4, 8)
    assert batch.target_length.tolist() == pytest.approx([words * task.pieces_per_word + 1 for words in prompts])
    assert {TOKENIZER.decode(row) for row in batch.real.tolist()} <= set(SHORT)
    for row, document in zip(batch.sources.input_ids, batch.documents, strict=True):
        assert TOKENIZER.decode(row.tolist()).startswith(TOKENIZER.decode(document.tolist()))
