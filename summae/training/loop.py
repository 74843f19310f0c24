"""The loop: Accelerate, schedule, checkpoints, trackers. No mathematics; a :class:`TrainingTask` brings that.

Per step and network: every micro-batch's summed loss is divided by the *gathered* weight (target pieces, rows) of the
whole step, so one batch of 8 equals 8 accumulated batches of 1 on any number of processes. A loss or gradient that is
not finite stops the run before the update; the last checkpoint stays.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from summae.errors import NonFiniteError
from summae.files import put_back
from summae.records import Scored
from summae.training.optim import learning_rate, make_optimizer
from summae.training.schedule import LoopConfig, OptimizerConfig
from summae.training.state import StageState, load_state, save_state

Call = Callable[..., Any]  # a prepared network: ``call("method", …)``, see :class:`MethodWrapper`


@dataclass(frozen=True)
class Update:
    """One network's turn: ``loss(call)`` gives the summed loss of the micro-batch, ``call`` being that network."""

    network: str
    loss: Callable[[Call], Scored]


class TrainingTask(Protocol):
    """What a stage trains: ``networks`` by name, with their ``optimizers``. What must survive a restart, weights
    apart, it keeps in ``state.figures``.
    """

    networks: dict[str, nn.Module]
    optimizers: dict[str, OptimizerConfig]

    def batch(self, number: int) -> Any:
        """Micro-batch ``number``: a pure function of the number and the seed, so that resuming is exact."""
        ...

    def weight(self, batch: Any) -> float: ...

    def updates(self, batch: Any, state: StageState) -> Iterator[Update]:
        """The turns of one step: as many, of the same networks, whatever the batch."""
        ...

    def samples(self) -> list[dict[str, str]]:
        """A few real samples for the log."""
        ...

    def after_step(self, state: StageState) -> dict[str, float]:
        """Validation and the like; figures for the log."""
        ...


class MethodWrapper(nn.Module):
    """Lets DistributedDataParallel see any method call as a forward."""

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def forward(self, method: str | Callable, *args, **kwargs):
        """The named method of the network, or any function that runs it."""
        return (method if callable(method) else getattr(self.network, method))(*args, **kwargs)


class LogSink(Protocol):
    """Who is told how it goes (a :class:`summae.training.train_logger.TrainLogger`, say)."""

    def begin(self, steps: int, done: int) -> None: ...

    def figures(self, step: int, figures: dict[str, float], seconds: float) -> None: ...

    def samples(self, step: int, rows: list[dict[str, str]]) -> None: ...

    def end(self) -> None: ...


def progress(config: LoopConfig, state: StageState) -> float:
    """Share of a run done, [0, 1], by steps or by the clock, whichever is further."""
    done = state.step / max(config.steps, 1)
    if config.minutes:
        done = max(done, state.seconds / (60 * config.minutes))
    return min(done, 1.0)


class Loop:
    """Runs one task to its end; ``directory/state`` holds the resumable state."""

    def __init__(
        self, accelerator: Accelerator, task: TrainingTask, config: LoopConfig, directory: Path, logger: LogSink
    ):
        self.accelerator, self.task, self.config, self.logger = accelerator, task, config, logger
        self.state_directory = directory / "state"
        self.optimizers: dict[str, torch.optim.Optimizer] = {}
        self.prepared: dict[str, nn.Module] = {}
        for name, network in task.networks.items():
            optimizer = make_optimizer(network, task.optimizers[name])
            self.prepared[name], self.optimizers[name] = accelerator.prepare(MethodWrapper(network), optimizer)
        self.state = StageState()
        self.waiting = 0.0  # seconds spent waiting for data

    def resume(self) -> bool:
        """Take up the stored state; False when there is none."""
        if self.accelerator.is_main_process:
            put_back(self.state_directory)
        self.accelerator.wait_for_everyone()
        if not self.state_directory.exists():
            return False
        self.state, random_states = load_state(self.state_directory, self.task.networks, self.optimizers)
        rank = self.accelerator.process_index
        if f"cpu{rank}" in random_states:
            torch.set_rng_state(random_states[f"cpu{rank}"])
        if torch.cuda.is_available() and f"cuda{rank}" in random_states:
            torch.cuda.set_rng_state(random_states[f"cuda{rank}"], self.accelerator.device)
        return True

    def save(self) -> None:
        rank = self.accelerator.process_index
        random_states = {f"cpu{rank}": torch.get_rng_state()}
        if torch.cuda.is_available():
            random_states[f"cuda{rank}"] = torch.cuda.get_rng_state(self.accelerator.device)
        random_states = _gather_states(random_states, self.accelerator)
        if self.accelerator.is_main_process:
            save_state(self.state_directory, self.state, self.task.networks, self.optimizers, random_states)
        self.accelerator.wait_for_everyone()

    @property
    def progress(self) -> float:
        """Share of the run done, [0, 1]."""
        return progress(self.config, self.state)

    def run(self) -> None:
        """Steps until the configured end, or the task's; saves on the way and at the end."""
        self.logger.begin(self.config.steps, self.state.step)
        while self.progress < 1.0 and not self.state.ended:
            started = time.monotonic()
            figures = self.step()
            self.state.step += 1
            self.state.seconds += self._longest(time.monotonic() - started)
            figures.update(self.task.after_step(self.state))
            self._log(figures)
            if self.state.step % self.config.save_every == 0:
                self.save()
        self.save()
        self.logger.end()

    def _longest(self, seconds: float) -> float:
        """The same figure on every process, so that all stop at the same step."""
        if self.accelerator.num_processes == 1 or not self.config.minutes:
            return seconds
        gathered = self.accelerator.gather(torch.tensor([seconds], device=self.accelerator.device))
        return float(gathered.max())

    def step(self) -> dict[str, float]:
        """One update of every network of the task."""
        started = time.monotonic()
        first = self.state.step * self.config.accumulate
        world, rank = self.accelerator.num_processes, self.accelerator.process_index
        batches = [self.task.batch((first + i) * world + rank) for i in range(self.config.accumulate)]
        self.waiting += time.monotonic() - started
        total = self._total_weight(sum(self.task.weight(batch) for batch in batches))
        figures: dict[str, float] = {}
        turns = zip(*(self.task.updates(batch, self.state) for batch in batches), strict=True)
        for turn in turns:  # one network's turn over all micro-batches, then the next turn
            for index, update in enumerate(turn):
                figures.update(self._apply(update, world / total, last=index == len(turn) - 1))
        return figures

    def _total_weight(self, weight: float) -> float:
        tensor = torch.tensor([weight], dtype=torch.float64 if self.accelerator.device.type == "cpu" else torch.float32)
        return float(self.accelerator.reduce(tensor.to(self.accelerator.device), "sum"))

    def _apply(self, update: Update, scale: float, last: bool) -> dict[str, float]:
        wrapped = self.prepared[update.network]
        with nullcontext() if last else self.accelerator.no_sync(wrapped):
            scored = update.loss(wrapped)
            self._require_finite(scored.value, f"loss of the {update.network}")
            self.accelerator.backward(scored.value * scale)
        if last:
            self._update_weights(update.network)
        return scored.metrics

    def _update_weights(self, name: str) -> None:
        config, optimizer = self.task.optimizers[name], self.optimizers[name]
        norm = self.accelerator.clip_grad_norm_(self.prepared[name].parameters(), config.clip)
        self._require_finite(torch.as_tensor(norm), f"gradient of the {name}")
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(config, self.state.step, self.progress)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    def _require_finite(self, value: Tensor, what: str) -> None:
        if not torch.isfinite(value).all():
            raise NonFiniteError(
                f"{what} is {float(value)} at step {self.state.step}: stopped before the update; "
                f"the last good checkpoint is {self.state_directory}"
            )

    def _log(self, figures: dict[str, float]) -> None:
        step = self.state.step
        if step % self.config.log_every == 0:
            figures["data_wait_share"] = self.waiting / max(self.state.seconds, 1e-9)
            self.logger.figures(step, figures, self.state.seconds)
        if step % self.config.sample_every == 0 and self.accelerator.is_main_process:
            self.logger.samples(step, self.task.samples())


def _gather_states(states: dict[str, Tensor], accelerator: Accelerator) -> dict[str, Tensor]:
    """Random states of all processes by name, on every process."""
    if accelerator.num_processes == 1:
        return states
    merged: dict[str, Tensor] = {}
    for name, value in states.items():
        kind = name.rstrip("0123456789")
        gathered = accelerator.gather(value[None].to(accelerator.device)).cpu()
        merged.update({f"{kind}{rank}": row.clone() for rank, row in enumerate(gathered)})
    return merged
