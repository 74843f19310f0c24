"""ONNX Runtime: the fast one, and the only one that starts without torch."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import numpy as np

from summae.errors import CheckpointError
from summae.model.backends.base import Backend
from summae.model.checkpoint import Checkpoint


class OnnxGraphs:
    """Opens a graph of ``folder`` when it is first run. ``threads=0``: as many as the machine has cores."""

    def __init__(self, folder: Path, threads: int = 0):
        self.folder, self.threads = folder, threads
        self.session = cache(self._session)

    def _session(self, name: str):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.log_severity_level = 3  # errors only: warnings would stand among the notes of the command line
        path = self.folder / f"{name}.onnx"
        try:
            return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the runtime's own classes, which derive from Exception only
            raise CheckpointError(
                f"{path}: no usable ONNX graph ({error}); write it anew with 'summae export'"
            ) from error

    def run(self, name: str, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        session = self.session(name)
        return session.run(None, {each.name: inputs[each.name] for each in session.get_inputs()})

    def has(self, name: str) -> bool:
        return (self.folder / f"{name}.onnx").is_file()

    def cache_shape(self) -> tuple[int, int, int]:
        shape = next(each.shape for each in self.session("step").get_inputs() if each.name == "cache")
        return shape[0], shape[3], shape[5]


def load(checkpoint: Checkpoint) -> Backend:
    """The exported graphs of ``checkpoint``; as many threads as OMP_NUM_THREADS says, if it does."""
    if not checkpoint.exported:
        raise CheckpointError(
            f"{checkpoint.path}: has no ONNX graphs; write them with 'summae export {checkpoint.path}'"
        )
    threads = os.environ.get("OMP_NUM_THREADS", "")
    return Backend("onnx", OnnxGraphs(checkpoint.path / "onnx", int(threads) if threads.isdecimal() else 0))
