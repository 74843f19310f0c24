"""The resumable state of a stage, in safetensors and JSON: nothing here is ever pickled.

``networks`` are state dicts; ``optimizers`` are flattened to tensors named ``network/index/slot``; random states are
uint8 tensors. The JSON holds the step, the seconds spent and whatever plain figures the task keeps.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from summae.errors import CheckpointError
from summae.files import new_directory


@dataclass(kw_only=True)
class StageState:
    """Where a stage stands."""

    step: int = 0
    seconds: float = 0.0
    ended: bool = False  # a task may set it in ``after_step``, on all processes alike: there is nothing more to gain
    figures: dict[str, Any] = field(default_factory=dict)


def _optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    return {
        f"{index}/{slot}": torch.as_tensor(value)
        for index, slots in optimizer.state_dict()["state"].items()
        for slot, value in slots.items()
    }


def _restore_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        index, slot = name.split("/")
        state.setdefault(int(index), {})[slot] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})


def save_state(
    directory: Path,
    state: StageState,
    networks: dict[str, nn.Module],
    optimizers: dict[str, torch.optim.Optimizer],
    random_states: dict[str, Tensor],
) -> None:
    """Write the whole state beside and rename, so a crash leaves the previous one."""
    with new_directory(directory) as building:
        for name, network in networks.items():
            tensors = {key: value.detach().cpu().contiguous() for key, value in network.state_dict().items()}
            save_file(tensors, building / f"{name}.safetensors")
        for name, optimizer in optimizers.items():
            tensors = {key: value.cpu().contiguous().clone() for key, value in _optimizer_tensors(optimizer).items()}
            save_file(tensors, building / f"{name}.optimizer.safetensors")
        save_file(random_states, building / "random.safetensors")
        (building / "state.json").write_text(json.dumps(vars(state)), encoding="utf-8")


def load_state(
    directory: Path, networks: dict[str, nn.Module], optimizers: dict[str, torch.optim.Optimizer]
) -> tuple[StageState, dict[str, Tensor]]:
    """Restore in place; :class:`CheckpointError` names the file that is missing or damaged."""
    current = directory / "state.json"
    try:
        state = StageState(**json.loads(current.read_text(encoding="utf-8")))
        for name, network in networks.items():
            current = directory / f"{name}.safetensors"
            network.load_state_dict(load_file(current))
        for name, optimizer in optimizers.items():
            current = directory / f"{name}.optimizer.safetensors"
            _restore_optimizer(optimizer, load_file(current))
        current = directory / "random.safetensors"
        return state, load_file(current)
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        raise CheckpointError(f"{current}: cannot resume from it ({reason})") from error
