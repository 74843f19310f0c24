"""The best weights that a stage has met: kept in a file, put back at its end."""

from __future__ import annotations

from pathlib import Path

from safetensors.torch import load_file, save
from torch import nn

from summae.files import write_atomically


def keep(network: nn.Module, file: Path) -> None:
    """``file`` holds the weights of ``network`` from now on."""
    tensors = {name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}
    write_atomically(file, save(tensors))


def put_back(network: nn.Module, file: Path) -> None:
    """The kept weights, if any were kept."""
    if file.exists():
        network.load_state_dict(load_file(file))
