"""What every stage of a run needs, and how one of them is trained to its end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.utils import gather_object, set_seed
from transformers import PreTrainedModel

from summae.training.config import RunConfig
from summae.training.loop import Loop, TrainingTask
from summae.training.schedule import LoopConfig
from summae.training.state import StageState
from summae.training.train_logger import TrainLogger
from summae.training.workspace import Workspace


@dataclass(frozen=True)
class Session:
    """What every stage needs: configuration, folder, device."""

    config: RunConfig
    space: Workspace
    accelerator: Accelerator

    @classmethod
    def begun(cls, config: RunConfig, root: Path) -> Session:
        """On the devices that there are."""
        accelerator = Accelerator(mixed_precision=precision(config), cpu=not torch.cuda.is_available())
        return cls(config, Workspace(config, root), accelerator)

    @property
    def device(self) -> torch.device:
        return self.accelerator.device

    def logger(self, stage: str) -> TrainLogger:
        return TrainLogger(
            self.space.stage(stage),
            stage,
            active=self.accelerator.is_main_process,
            tensorboard=self.config.tracker == "tensorboard",
        )

    def train(self, stage: str, task: TrainingTask, loop: LoopConfig) -> StageState:
        """Run ``task`` to its end, resuming what is there; returns where it stands then."""
        set_seed(self.config.seed + self.accelerator.process_index)
        runner = Loop(self.accelerator, task, loop, self.space.stage(stage), self.logger(stage))
        runner.resume()
        runner.run()
        return runner.state

    def finish(self, stage: str, network: PreTrainedModel) -> None:
        if self.accelerator.is_main_process:
            self.space.save_network(stage, network)
        self.accelerator.wait_for_everyone()

    @property
    def part(self) -> tuple[int, int]:
        """(rank, processes): the share of work of this process."""
        return self.accelerator.process_index, self.accelerator.num_processes

    def write_together(self, name: str, rows: list[dict[str, str]]) -> None:
        """The pairs that all processes made, in one file."""
        gathered = gather_object(rows)
        if self.accelerator.is_main_process:
            self.space.write_pairs(name, gathered)
        self.accelerator.wait_for_everyone()


def precision(config: RunConfig) -> str:
    """Accelerate's name for the arithmetic: bf16 only where the device has it."""
    if config.precision == "auto":
        return "bf16" if torch.cuda.is_available() and torch.cuda.is_bf16_supported() else "no"
    return "no" if config.precision == "fp32" else config.precision
