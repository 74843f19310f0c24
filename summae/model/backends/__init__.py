"""What computes: the graphs of a model, run by ONNX Runtime or by torch, behind one numpy interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from summae.errors import MissingExtraError
from summae.tables import look_up

if TYPE_CHECKING:
    from summae.model.backends.base import Backend
    from summae.model.checkpoint import Checkpoint


def _onnx(checkpoint: Checkpoint) -> Backend:
    from summae.model.backends.onnx_backend import load

    return load(checkpoint)


def _torch(checkpoint: Checkpoint) -> Backend:
    try:
        from summae.model.backends.torch_backend import load
    except ImportError as error:
        raise MissingExtraError(
            f"backend 'torch' needs the extra 'train': pip install 'summae[train]' ({error})"
        ) from error
    return load(checkpoint)


def _auto(checkpoint: Checkpoint) -> Backend:
    """ONNX where the checkpoint has been exported, torch otherwise."""
    return (_onnx if checkpoint.exported else _torch)(checkpoint)


BACKENDS = {"auto": _auto, "onnx": _onnx, "torch": _torch}


def load_backend(checkpoint: Checkpoint, name: str = "auto") -> Backend:
    """The named backend for ``checkpoint``."""
    return look_up(BACKENDS, name, "backend")(checkpoint)
