"""What may go wrong must never harm the last checkpoint: infinite numbers, damaged files, a full disk, a crash."""

import errno
import os
import re
from pathlib import Path

import pytest
import torch
from accelerate import Accelerator
from world import warm_up, weights

from summae.errors import CheckpointError, NonFiniteError
from summae.training.loop import Loop
from summae.training.schedule import LoopConfig
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


def no_number_in_the_loss(task):
    task._log_probs = lambda call, batch: batch.targets.float().log() * float("nan")


def no_number_in_the_gradient(task):
    """√0: a finite value with an infinite slope."""
    weight = task.networks["generator"].output_bias
    task._log_probs = lambda call, batch: ((weight[:1] * 0).sqrt() + 0 * batch.mask) * batch.mask


@pytest.mark.parametrize("harm", [no_number_in_the_loss, no_number_in_the_gradient])
def test_what_is_not_finite_stops_before_the_update(tmp_path, harm):
    config = LoopConfig(steps=9, batch_size=2, save_every=2)
    task, before = warm_up(config), {}

    def after_step(state):
        if state.step == 3:
            before.update(weights(task))
            harm(task)
        return {}

    task.after_step = after_step
    with pytest.raises(NonFiniteError, match=r"of the generator is (nan|inf) at step 3.*last good") as caught:
        run(task, tmp_path, config)
    assert str(tmp_path / "state") in str(caught.value)
    assert same(weights(task), before)
    again = loop_of(warm_up(config), tmp_path, config)
    assert again.resume() and again.state.step == 2
    assert all(bool(torch.isfinite(value).all()) for value in weights(again.task).values())


def spoilt(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("spoil", [spoilt, os.unlink], ids=["cut", "missing"])
@pytest.mark.parametrize(
    "name", ["state.json", "generator.safetensors", "generator.optimizer.safetensors", "random.safetensors"]
)
def test_a_damaged_state_is_one_line_naming_the_file(tmp_path, name, spoil):
    config = LoopConfig(steps=1, batch_size=2)
    run(warm_up(config), tmp_path, config)
    spoil(tmp_path / "state" / name)
    with pytest.raises(CheckpointError, match=re.escape(str(tmp_path / "state" / name))) as caught:
        loop_of(warm_up(config), tmp_path, config).resume()
    assert "\n" not in str(caught.value)


def test_the_state_of_another_network_is_one_line_too(tmp_path):
    config = LoopConfig(steps=1, batch_size=2)
    run(warm_up(config), tmp_path, config)
    task = warm_up(config)
    task.networks["generator"].embedding = torch.nn.Embedding(7, 16)
    with pytest.raises(CheckpointError, match=r"generator\.safetensors.*size mismatch") as caught:
        loop_of(task, tmp_path, config).resume()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("where", ["fsync", "rename"])
def test_a_full_disk_leaves_the_former_state(tmp_path, monkeypatch, where):
    config = LoopConfig(steps=1, batch_size=2)
    loop = run(warm_up(config), tmp_path, config)
    former = contents(tmp_path / "state")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    rename = Path.rename
    with monkeypatch.context() as patch:
        if where == "fsync":
            patch.setattr(os, "fsync", full)
        else:  # the new state cannot take its place: the old one is already aside
            patch.setattr(Path, "rename", lambda self, to: full() if ".new." in self.name else rename(self, to))
        loop.state.step = 5
        with pytest.raises(OSError, match="No space left"):
            loop.save()
    assert contents(tmp_path / "state") == former
    assert [file.name for file in tmp_path.iterdir()] == ["state"]
    again = loop_of(warm_up(config), tmp_path, config)
    assert again.resume() and again.state.step == 1


def test_a_crash_between_the_two_renames_loses_nothing(tmp_path):
    config = LoopConfig(steps=1, batch_size=2)
    run(warm_up(config), tmp_path, config)
    (tmp_path / "state").rename(tmp_path / ".state.old")
    again = loop_of(warm_up(config), tmp_path, config)
    assert again.resume() and again.state.step == 1
