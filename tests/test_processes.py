"""Two processes (gloo, on this machine) do what one process with twice the batch does, and stay together.

Run by ``torchrun`` this file is the worker: ``test_processes.py FOLDER``.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from accelerate import Accelerator
from safetensors.torch import load_file, save_file
from world import adversarial, warm_up, weights

from summae.training.distributed import destroy_process_group, mean_over_processes
from summae.training.loop import Loop
from summae.training.schedule import LoopConfig, OptimizerConfig
from summae.training.train_logger import TrainLogger

HERE = Path(__file__).resolve().parent
ESTIMATORS = {"reinforce": {"group": 2}, "straight_through": {}, "soft": {}}


def taught(accelerator, folder, accumulate):
    """Three steps of warm-up by plain gradient descent, which tells a gradient from twice the gradient."""
    optimizer = OptimizerConfig(learning_rate=0.3, warmup_steps=1, clip=1e9)
    config = LoopConfig(steps=3, batch_size=4, accumulate=accumulate, optimizer=optimizer)
    task = warm_up(config)
    loop = Loop(accelerator, task, config, folder, TrainLogger(folder, "test", active=False))
    loop.optimizers["generator"] = torch.optim.SGD(task.networks["generator"].parameters())
    loop.run()
    return weights(task)


def rolled_out(accelerator, folder, estimator):
    """Two adversarial steps; every process draws summaries of its own."""
    config = LoopConfig(steps=2, batch_size=2)
    task = adversarial(folder, config, estimator=estimator, estimator_options=ESTIMATORS[estimator])
    torch.manual_seed(41 + accelerator.process_index)
    loop = Loop(accelerator, task, config, folder, TrainLogger(folder, "test", active=False))
    loop.run()
    figures = {**loop.state.figures["spread"], "critic_accuracy": loop.state.figures["critic_accuracy"]}
    assert len(figures) > 1
    return weights(task) | {f"figures.{name}": torch.tensor(value) for name, value in figures.items()}


def worker(folder):
    accelerator = Accelerator(cpu=True)
    rank = accelerator.process_index
    save_file(taught(accelerator, folder / "warm-up", accumulate=1), folder / f"warm-up.{rank}.safetensors")
    for estimator in ESTIMATORS:
        save_file(rolled_out(accelerator, folder / estimator, estimator), folder / f"{estimator}.{rank}.safetensors")
    mean = mean_over_processes(float(rank), accelerator.device)
    found = {"processes": accelerator.num_processes, "mean": mean, "threads_before": gloo_threads()}
    destroy_process_group(accelerator)
    (folder / f"{rank}.json").write_text(json.dumps({**found, "threads_after": gloo_threads()}))


def gloo_threads():
    """How many threads of this process belong to the process group, by the names that the system has for them."""
    return sum("gloo" in file.read_text() for file in Path("/proc/self/task").glob("*/comm"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What the two processes left."""
    folder = tmp_path_factory.mktemp("processes")
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2", "--local-addr", "127.0.0.1"]
    meeting = ["--rdzv-backend", "c10d", "--rdzv-endpoint", "127.0.0.1:0"]  # any free port
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": f"{HERE.parent}{os.pathsep}{HERE}"}
    ran = subprocess.run(
        [*torchrun, *meeting, __file__, str(folder)], env=environment, capture_output=True, text=True, timeout=300
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    return folder


def test_there_were_two_and_they_know_of_each_other(folder):
    found = [json.loads((folder / f"{rank}.json").read_text()) for rank in (0, 1)]
    assert [(one["processes"], one["mean"]) for one in found] == [(2, 0.5)] * 2
    assert mean_over_processes(0.3, torch.device("cpu")) == 0.3  # alone


def test_two_processes_are_one_with_twice_the_batch(folder, tmp_path):
    both = load_file(folder / "warm-up.0.safetensors")
    alone = taught(Accelerator(cpu=True), tmp_path, accumulate=2)
    moved = alone["generator.embedding.weight"] - weights(warm_up(LoopConfig(steps=1)))["generator.embedding.weight"]
    assert float(moved.abs().max()) > 0.02
    for name, value in alone.items():
        assert torch.allclose(both[name], value, atol=1e-5, rtol=1e-4), name


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
def test_no_thread_of_the_group_outlives_it(folder):
    """One that lets go of a tensor while Python shuts down would abort the process, now and then."""
    for one in (json.loads((folder / f"{rank}.json").read_text()) for rank in (0, 1)):
        assert one["threads_before"] > 0 and one["threads_after"] == 0


@pytest.mark.parametrize("what", ["warm-up", *ESTIMATORS])
def test_all_processes_hold_the_same_networks(folder, what):
    one, two = (load_file(folder / f"{what}.{rank}.safetensors") for rank in (0, 1))
    assert one.keys() == two.keys() and [name for name in one if not torch.equal(one[name], two[name])] == []


if __name__ == "__main__":
    worker(Path(sys.argv[1]))
