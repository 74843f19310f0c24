"""The adversarial stage: its batches, its validation score, going back to the best, pausing the critic."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from accelerate import Accelerator
from world import SHORT, TOKENIZER, game, network, weights

from summae.networks import Generator
from summae.text.tokenizer import END_ID
from summae.training import adversarial
from summae.training.config import LoopConfig, RunConfig
from summae.training.run import Session, finished_generator
from summae.training.state import StageState
from summae.training.validation import validate
from summae.training.workspace import Workspace
from summae.training.yaml_tree import read_tree

ROOT = Path(__file__).resolve().parents[1]


def without_padding(ids, mask, row):
    return ids[row : row + 1, : int(mask[row].sum())]


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
    state = StageState(step=2)
    task.after_step(state)
    task._keep(state)
    best = weights(task)["generator.output_bias"]
    for score, wanted in ((0.4, best), (0.6, best + 1.0)):  # of what the last step left
        monkeypatch.setattr(adversarial, "validate", lambda *_, score=score: SimpleNamespace(score=score))
        again = game(tmp_path, LoopConfig(steps=1, batch_size=2))
        with torch.no_grad():
            again.networks["generator"].output_bias.copy_(best + 1.0)
        again.finish(state)
        assert torch.equal(weights(again)["generator.output_bias"], wanted)


def test_without_held_out_texts_no_checkpoint_counts_as_the_best(tmp_path):
    task = game(tmp_path, LoopConfig(steps=1, batch_size=2))
    task.validation_batches = []
    before = weights(task)["generator.output_bias"].clone()
    assert task.after_step(StageState(step=1)) == {}
    with torch.no_grad():
        task.networks["generator"].output_bias.add_(1.0)
    task.keep_best()
    assert torch.equal(weights(task)["generator.output_bias"], before + 1.0)


def test_a_critic_that_is_too_good_sits_out_three_steps_of_four(tmp_path):
    task = game(tmp_path, LoopConfig(steps=1, batch_size=2), critic_pause_above=0.7)
    for accuracy, pauses in ((0.6, [False] * 4), (0.9, [False, True, True, True])):
        task.critic_accuracy = accuracy
        assert [task._critic_paused(StageState(step=step)) for step in range(4, 8)] == pauses


def test_validation_by_hand(tmp_path):
    """recovered = 1 − L(x | y) / L(x | ∅) over weighted pieces; fluent = exp(f − f_real), at most 1."""
    task = game(tmp_path, LoopConfig(steps=1, batch_size=4))
    players, batch = task.players, task.batch(0)
    for each in (players.generator, players.reconstructor, players.language_model):
        each.eval()
    found = validate(players.generator, players.reconstructor, players.language_model, [batch, batch])
    given = {name: value for name, value in vars(batch.sources).items()}
    special = [piece for piece in range(36) if piece != END_ID]
    ids = players.generator.generate(**given, max_new_tokens=12, suppress_tokens=special)[:, 1:]
    sums = {"told": 0.0, "untold": 0.0, "ours": [], "real": []}
    texts = set()
    with torch.no_grad():
        for row in range(4):
            said = ids[row : row + 1][:, : int((ids[row] != 1).sum())]
            texts.add(tuple(said[0].tolist()))
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
    assert found.pieces == pytest.approx(len(sums["ours"]) / 4) and found.distinct == len(texts) / 8  # each seen twice


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


def test_the_finished_generator_lies_between_the_warm_and_the_played_one(tmp_path):
    config = read_tree(RunConfig, ROOT / "configs" / "tiny.yaml", ["adversarial.blend=0.25"])
    session = Session(config, Workspace(config, tmp_path), Accelerator(cpu=True))
    networks = {"generator": network(Generator, 1), "adversarial": network(Generator, 2)}
    for stage, each in networks.items():
        session.space.save_network(stage, each)
    warm, played = (each.state_dict() for each in networks.values())
    for name, value in finished_generator(session, played=True).state_dict().items():
        wanted = 0.75 * warm[name] + 0.25 * played[name] if value.is_floating_point() else played[name]
        assert torch.allclose(value, wanted, atol=1e-6), name
    assert torch.equal(finished_generator(session, played=False).output_bias, warm["output_bias"])
