"""The adversarial stage: its batches, its validation score, going back to the best, pausing the critic."""

from pathlib import Path

import pytest
import torch
from accelerate import Accelerator
from world import SHORT, SOURCES, TOKENIZER, adversarial, network, weights

from summae.networks import Generator
from summae.text.tokenizer import END_ID
from summae.training.adversarial.batches import PairedTexts
from summae.training.config import RunConfig
from summae.training.run import finished_generator
from summae.training.schedule import LoopConfig
from summae.training.session import Session
from summae.training.state import StageState
from summae.training.validation import validate
from summae.training.workspace import Workspace
from summae.training.yaml_tree import read_tree

ROOT = Path(__file__).resolve().parents[1]


def without_padding(ids, mask, row):
    return ids[row : row + 1, : int(mask[row].sum())]


def spoilt(network):
    with torch.no_grad():
        network.output_bias.add_(1.0)


def test_the_generator_goes_back_to_its_best(tmp_path):
    """A first validation finds some score s. Where s was far above what is found now, its weights come back."""
    task = adversarial(tmp_path, LoopConfig(steps=1, batch_size=2), validate_every=10, revert_below=0.2)
    bias, state = task.networks["generator"].output_bias, StageState(step=10)
    best = bias.detach().clone()
    first = task.after_step(state)
    assert "valid/reverted" not in first and state.figures["best_score"] == first["valid/score"]
    spoilt(task.networks["generator"])
    for known, back in ((1.1, False), (1.5, True)):  # times what is found now: a fall by 1/11, by 1/3
        found = task._validate(StageState(figures={"best_score": 1.0}))[0]
        state.figures["best_score"] = known * found
        assert task.after_step(StageState(step=20, figures=dict(state.figures))).get("valid/reverted") == (back or None)
        assert torch.equal(bias, best) == back
    assert task.after_step(StageState(step=41)) == {}


def test_a_stage_resumed_at_its_very_end_still_ends_with_the_best(tmp_path):
    task, state = adversarial(tmp_path, LoopConfig(steps=1, batch_size=2)), StageState(step=2)
    task.after_step(state)
    best, found = weights(task)["generator.output_bias"], state.figures["best_score"]
    for before, wanted in ((found + 1, best), (0.0, best + 1.0)):  # found of the best; is the last one better?
        again = adversarial(tmp_path, LoopConfig(steps=1, batch_size=2))
        spoilt(again.networks["generator"])
        again.finish(StageState(step=2, figures={**state.figures, "best_score": before}))
        assert torch.equal(weights(again)["generator.output_bias"], wanted)


def test_without_held_out_texts_no_checkpoint_counts_as_the_best(tmp_path):
    task = adversarial(tmp_path, LoopConfig(steps=1, batch_size=2))
    task.validation_batches = []
    before = weights(task)["generator.output_bias"].clone()
    assert task.after_step(StageState(step=1)) == {}
    spoilt(task.networks["generator"])
    task.finish(StageState(step=1))
    assert torch.equal(weights(task)["generator.output_bias"], before + 1.0)


def test_a_critic_that_is_too_good_sits_out_three_steps_of_four(tmp_path):
    task = adversarial(tmp_path, LoopConfig(steps=1, batch_size=2), critic_pause_above=0.7)
    batch = task.batch(0)
    for accuracy, learns in ((0.6, [True] * 4), (0.9, [True, False, False, False])):
        turns = []
        for step in range(4, 8):
            state = StageState(step=step, figures={"critic_accuracy": accuracy})
            turns.append("critic" in [update.network for update in task.updates(batch, state)])
        assert turns == learns


def test_real_pairs_are_taught_every_few_steps(tmp_path):
    task = adversarial(tmp_path, LoopConfig(steps=1, batch_size=2), lead_in=9)  # so that G has no turn of its own
    task.paired, batch = PairedTexts([(SOURCES[0], SHORT[0])], interval=3, seed=1), task.batch(0)
    turns = [[update.network for update in task.updates(batch, StageState(step=step))] for step in range(4)]
    assert [names.count("generator") for names in turns] == [1, 0, 0, 1]


def test_validation_by_hand(tmp_path):
    """recovered = 1 − L(x | y) / L(x | ∅) over weighted pieces; fluent = exp(f − f_real), at most 1."""
    task = adversarial(tmp_path, LoopConfig(steps=1, batch_size=4))
    models, batch = task.models, task.batch(0)
    for each in (models.generator, models.reconstructor, models.language_model):
        each.eval()
    found = validate(models.generator, models.reconstructor, models.language_model, [batch, batch])
    given = {name: value for name, value in vars(batch.sources).items()}
    special = [piece for piece in range(36) if piece != END_ID]
    ids = models.generator.generate(**given, max_new_tokens=12, suppress_tokens=special)[:, 1:]
    sums = {"told": 0.0, "untold": 0.0, "ours": [], "real": []}
    texts = set()
    with torch.no_grad():
        for row in range(4):
            said = ids[row : row + 1][:, : int((ids[row] != 1).sum())]
            texts.add(tuple(said[0].tolist()))
            document = without_padding(batch.documents, batch.document_mask, row)
            weight = batch.document_weights[row, : document.shape[1]]
            for name, summary in (("told", said), ("untold", torch.tensor([[END_ID]]))):
                source = models.reconstructor.sources(summary)
                sums[name] += float((models.reconstructor.log_likelihood(source, document)[0] * weight).sum())
            real = without_padding(batch.real, batch.real_mask, row)
            for name, text in (("ours", said), ("real", real)):
                sums[name] += models.language_model.log_likelihood(text)[0].tolist()
    recovered = 1 - sums["told"] / sums["untold"]
    ours, real = (torch.tensor(sums[name]).mean() for name in ("ours", "real"))
    assert found.recovered == pytest.approx(recovered, abs=1e-4)
    assert found.fluent == pytest.approx(min(1.0, float((ours - real).exp())), rel=1e-3)
    assert found.score == pytest.approx(max(found.recovered, 0) * found.fluent)
    assert found.pieces == pytest.approx(len(sums["ours"]) / 4) and found.distinct == len(texts) / 8  # each seen twice


def test_a_batch_by_its_number(tmp_path):
    """The same whoever asks; the prompt asks for 2 … 4 words; as many real texts as summaries will be drawn."""
    task = adversarial(tmp_path, LoopConfig(steps=1, batch_size=4))
    batch, again = task.batch(3), adversarial(tmp_path, LoopConfig(steps=1, batch_size=4)).batch(3)
    for name in ("documents", "real", "target_length"):
        assert torch.equal(getattr(batch, name), getattr(again, name))
    prompts = [int(row[0]) - 3 for row in batch.sources.input_ids]  # <1> has id 4
    assert set(prompts) <= {2, 3, 4} and (len(batch.documents), len(batch.real)) == (4, 8)
    pieces = [words * task.batches.pieces_per_word + 1 for words in prompts]
    assert batch.target_length.tolist() == pytest.approx(pieces)
    assert {TOKENIZER.decode(row) for row in batch.real.tolist()} <= set(SHORT)
    for row, document in zip(batch.sources.input_ids, batch.documents, strict=True):
        assert TOKENIZER.decode(row.tolist()).startswith(TOKENIZER.decode(document.tolist()))


def test_the_finished_generator_lies_between_the_warmed_up_and_the_adversarial_one(tmp_path):
    config = read_tree(RunConfig, ROOT / "configs" / "tiny.yaml", ["adversarial.blend=0.25"])
    session = Session(config, Workspace(config, tmp_path), Accelerator(cpu=True))
    networks = {"generator": network(Generator, 1), "adversarial": network(Generator, 2)}
    for stage, each in networks.items():
        session.space.save_network(stage, each)
    warm, after = (each.state_dict() for each in networks.values())
    for name, value in finished_generator(session, adversarial=True).state_dict().items():
        wanted = 0.75 * warm[name] + 0.25 * after[name] if value.is_floating_point() else after[name]
        assert torch.allclose(value, wanted, atol=1e-6), name
    assert torch.equal(finished_generator(session, adversarial=False).output_bias, warm["output_bias"])
