"""The loop: accumulation, schedule, and stages that resume bit by bit."""

import math
from pathlib import Path

import pytest
import torch
from accelerate import Accelerator
from world import adversarial, warm_up, weights

from summae.records import Scored
from summae.training.loop import Loop, Update
from summae.training.optim import learning_rate, make_optimizer
from summae.training.schedule import LoopConfig, OptimizerConfig
from summae.training.train_logger import TrainLogger


def loop_of(task, folder, config):
    return Loop(Accelerator(cpu=True), task, config, folder, TrainLogger(folder, "test", active=False))


def run(task, folder, config):
    loop = loop_of(task, folder, config)
    loop.run()
    return loop


def same(one, two):
    assert one.keys() == two.keys()
    return all(torch.equal(one[name], two[name]) for name in one)


def contents(folder):
    return {file.name: file.read_bytes() for file in Path(folder).iterdir()}


# -- accumulation -------------------------------------------------------------------------------------------


class Slices:
    """Batches cut from one list, so that eight batches of one hold what one batch of eight holds."""

    def __init__(self, items, size):
        self.items, self.size = items, size

    def batch(self, number):
        return self.items[number * self.size : (number + 1) * self.size]


def accumulated(folder, size, kind):
    """Three steps over 24 pairs of very different lengths; the pieces of a step weigh alike, whatever their batch."""
    plain = kind is torch.optim.SGD  # unlike Adam, it tells a gradient from twice the gradient
    optimizer = OptimizerConfig(learning_rate=0.3 if plain else 3e-3, warmup_steps=1, clip=1e9 if plain else 0.5)
    config = LoopConfig(steps=3, batch_size=size, accumulate=8 // size, optimizer=optimizer)
    task = warm_up(config)
    task.pools = Slices(warm_up(LoopConfig(steps=1, batch_size=24)).pools.batch(0), size)
    loop = loop_of(task, folder, config)
    if plain:
        loop.optimizers["generator"] = kind(task.networks["generator"].parameters())
    loop.run()
    return weights(task)


@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.AdamW])
def test_eight_accumulated_batches_of_one_are_one_batch_of_eight(tmp_path, kind):
    whole = accumulated(tmp_path / "8", 8, kind)
    moved = whole["generator.embedding.weight"] - weights(warm_up(LoopConfig(steps=1)))["generator.embedding.weight"]
    assert float(moved.abs().max()) > 0.005
    for size in (1, 2):
        parts = accumulated(tmp_path / str(size), size, kind)
        for name, value in whole.items():
            # A bias of attention keys changes nothing: its gradient is rounding noise, which Adam blows up.
            if "key" in name and name.endswith("bias"):
                continue
            assert torch.allclose(parts[name], value, atol=2e-5, rtol=1e-4), name


class Pull(torch.nn.Module):
    """One weight that every item pulls by its own size."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(()))

    def loss(self, items):
        return self.weight * torch.tensor(items).sum()


class TwoTurns:
    """A task whose only network has two turns a step, the second with twice the pull; a batch is a list of numbers."""

    def __init__(self, size):
        self.networks = {"pull": Pull()}
        self.optimizers = {"pull": OptimizerConfig(learning_rate=0.5, warmup_steps=0, floor=1.0, clip=1e9)}
        self.size = size

    def batch(self, number):
        return [float(number * self.size + place) for place in range(self.size)]

    def weight(self, batch):
        return float(len(batch))

    def updates(self, batch, state):
        for factor in (1.0, 2.0):
            yield Update("pull", lambda call, factor=factor: Scored(value=factor * call("loss", batch)))

    def after_step(self, state):
        return {}

    def samples(self):
        return []


@pytest.mark.parametrize("accumulate", [1, 2, 4])
def test_two_turns_of_one_network_are_two_updates_however_the_batch_is_cut(tmp_path, accumulate):
    """Items 0 … 3: w falls by rate · mean(items), then by rate · 2 · mean(items)."""
    task = TwoTurns(4 // accumulate)
    loop = loop_of(task, tmp_path, LoopConfig(steps=1, accumulate=accumulate, optimizer=task.optimizers["pull"]))
    loop.optimizers["pull"] = torch.optim.SGD(task.networks["pull"].parameters(), lr=0.5)
    weight, moves = task.networks["pull"].weight, []
    loop.optimizers["pull"].register_step_post_hook(lambda *_: moves.append(weight.item()))
    loop.step()
    assert moves == pytest.approx([-0.5 * 1.5, -0.5 * 1.5 - 0.5 * 3.0])


# -- resuming -----------------------------------------------------------------------------------------------


class Stopped(Exception):
    pass


def stop_after(task, step):
    after_step = task.after_step

    def stopping(state):
        figures = after_step(state)
        if state.step == step:
            raise Stopped
        return figures

    task.after_step = stopping


def make_task(stage, folder, config):
    return warm_up(config, dropout=0.1) if stage == "warm-up" else adversarial(folder, config, lead_in=1)


@pytest.mark.parametrize("stage", ["warm-up", "adversarial"])
def test_resumed_is_uninterrupted_bit_by_bit(tmp_path, stage):
    """Seven steps at once, against five of which two are lost and taken again from the state of the third."""
    config = LoopConfig(steps=7, batch_size=3, save_every=3, accumulate=2, optimizer=OptimizerConfig(warmup_steps=4))
    straight = make_task(stage, tmp_path / "a", config)
    torch.manual_seed(21)
    expected = run(straight, tmp_path / "a", config).state

    broken = make_task(stage, tmp_path / "b", config)
    stop_after(broken, 5)
    torch.manual_seed(21)
    with pytest.raises(Stopped):
        run(broken, tmp_path / "b", config)
    resumed = make_task(stage, tmp_path / "b", config)
    torch.manual_seed(99)  # whatever happened in between
    loop = loop_of(resumed, tmp_path / "b", config)
    assert loop.resume() and loop.state.step == 3
    loop.run()

    assert same(weights(straight), weights(resumed))
    assert (loop.state.step, loop.state.figures) == (7, expected.figures)
    one, two = contents(tmp_path / "a" / "state"), contents(tmp_path / "b" / "state")
    assert [name for name in one if one[name] != two[name]] == ["state.json"]  # the seconds differ


def test_what_the_optimizer_knows_survives(tmp_path):
    config = LoopConfig(steps=3, batch_size=2)
    first = run(warm_up(config), tmp_path, config)
    second = loop_of(warm_up(config), tmp_path, config)
    assert second.resume()
    old, new = (each.optimizers["generator"].state_dict()["state"] for each in (first, second))
    assert old.keys() == new.keys() and len(old) > 10
    for index in old:
        assert old[index].keys() == {"step", "exp_avg", "exp_avg_sq"}
        assert all(torch.equal(old[index][slot], new[index][slot]) for slot in old[index])
    assert float(new[0]["step"]) == 3 and float(new[0]["exp_avg"].abs().sum()) > 0


def test_a_task_may_end_its_stage_and_a_stage_so_ended_is_not_taken_up_again(tmp_path):
    config = LoopConfig(steps=9, batch_size=2)
    task = warm_up(config)

    def after_step(state):
        state.ended = state.step == 3
        return {}

    task.after_step = after_step
    assert run(task, tmp_path, config).state.step == 3
    before, again = weights(task), loop_of(task, tmp_path, config)
    assert again.resume() and again.state.ended
    again.run()
    assert again.state.step == 3 and same(weights(task), before)


def test_without_a_state_there_is_nothing_to_resume(tmp_path):
    config = LoopConfig(steps=1)
    assert not loop_of(warm_up(config), tmp_path, config).resume()


# -- schedule -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "progress", "wanted"),
    [
        (0, 0.0, 0.25),  # a quarter of the way up
        (3, 0.0, 1.0),
        (9, 0.5, 0.55),  # half-way down: (1 + 0.1) / 2
        (1, 0.5, 0.275),
        (9, 1.0, 0.1),
        (9, 7.0, 0.1),
    ],
)
def test_learning_rate_by_hand(step, progress, wanted):
    config = OptimizerConfig(learning_rate=1.0, warmup_steps=4, floor=0.1)
    assert learning_rate(config, step, progress) == pytest.approx(wanted)


def test_every_step_has_its_rate_and_the_clock_may_be_ahead(tmp_path):
    config = LoopConfig(steps=4, batch_size=2, optimizer=OptimizerConfig(learning_rate=2.0, warmup_steps=2, clip=1e-9))
    task, rates = warm_up(config), []
    loop = loop_of(task, tmp_path, config)
    task.after_step = lambda state: rates.append(loop.optimizers["generator"].param_groups[0]["lr"]) or {}
    loop.run()
    down = [0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * share)) for share in (0, 0.25, 0.5, 0.75)]
    assert rates == pytest.approx([2 * rise * fall for rise, fall in zip((0.5, 1, 1, 1), down, strict=True)])
    late = loop_of(task, tmp_path, LoopConfig(steps=4, minutes=1.0))
    late.state.step, late.state.seconds = 1, 45.0
    assert late.progress == 0.75


def test_vectors_are_not_decayed():
    network = torch.nn.Linear(3, 2)
    groups = make_optimizer(network, OptimizerConfig(weight_decay=0.3)).param_groups
    assert [(group["weight_decay"], group["params"]) for group in groups] == [
        (0.3, [network.weight]),
        (0.0, [network.bias]),
    ]
