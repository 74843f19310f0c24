"""``summae export``: the networks of a checkpoint as ONNX graphs, stored in int8, beside them in ``onnx/``.

The modules written are those that the torch backend runs, so the two backends differ in rounding only.
Matrices become 8-bit integers with a scale per row, and are restored when a graph is opened: a quarter of
the size, at the speed of 32-bit floats. ``onnxruntime.quantization.quantize_dynamic`` would be a third
faster but quantises activations too, by one scale for the whole batch: then a summary depends on which other
texts are summarised with it (9 % of 400 news leads changed between batches of 16 and of 1, and 9 % differed
from torch; here none and 3 %).

Needs the extra ``export``; running the result does not.
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from summae.errors import MissingExtraError, SummaeError
from summae.files import new_directory
from summae.model.checkpoint import list_files, open_checkpoint

if TYPE_CHECKING:
    from torch import Tensor

    from summae.model.backends.torch_backend import TorchGraphs

FOLDER = "onnx"
OUTPUTS = {
    "encode": ["hidden", "copy_keys", "cross"],
    "step": ["log_probs", "cache_out"],
    "rebuild": ["log_probs"],
    "fluency": ["log_probs"],
    "realism": ["scores"],
}
SMALLEST = 4096  # cells of a matrix that is worth storing in int8
#: input → the letters of its axes that vary (see summae.model.backends.base)
AXES = {
    "input_ids": {0: "N", 1: "S"},
    "attention_mask": {0: "N", 1: "S"},
    "salience_ids": {0: "N", 1: "S"},
    "word_starts": {0: "N", 1: "S"},
    "hidden": {0: "N", 1: "S"},
    "copy_keys": {0: "N", 1: "S"},
    "cross": {2: "N", 4: "S"},
    "cache": {2: "N", 4: "T"},
    "previous": {0: "N"},
    "summary_ids": {0: "N", 1: "T"},
    "summary_mask": {0: "N", 1: "T"},
    "source_ids": {0: "N", 1: "S"},
    "ids": {0: "N", 1: "T"},
}


def export(directory: str | Path, *, quantize: bool = True) -> Path:
    """Write ``onnx/`` into the checkpoint in ``directory`` and list its files in ``model.json``.

    Whole or not at all: while the folder is replaced, ``model.json`` does not list it. ``quantize=False``
    keeps 32-bit floats, for comparing.
    """
    checkpoint = open_checkpoint(directory)
    _require_extra()
    from summae.model.backends.torch_backend import TorchGraphs, load_networks

    graphs = TorchGraphs(**load_networks(checkpoint))
    _require_own_networks(graphs)
    manifest = list_files(checkpoint.path, checkpoint.manifest, without=(f"{FOLDER}/",))
    target = checkpoint.path / FOLDER
    with new_directory(target) as folder:
        for name in filter(graphs.has, OUTPUTS):
            _write(graphs, name, folder / f"{name}.onnx", quantize)
    list_files(checkpoint.path, manifest)
    return target


def _require_extra() -> None:
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
        import onnxscript  # noqa: F401
        import torch  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            f"exporting needs the extra 'export': pip install 'summae[export]' ({error})"
        ) from error


def _require_own_networks(graphs: TorchGraphs) -> None:
    from summae.networks.pointer_generator import PointerGenerator

    for part in ("generator", "reconstructor"):
        if not isinstance(graphs.parts[part], PointerGenerator):
            raise SummaeError(f"the {part} must be a pointer-generator to be exported, got a borrowed checkpoint")


def _write(graphs: TorchGraphs, name: str, path: Path, quantize: bool) -> None:
    import torch

    from summae.model.backends.torch_backend import GRAPHS
    from summae.model.onnx.lstm import with_onnx_lstm

    wanted = GRAPHS[name][2]
    examples = _examples(graphs)
    # at least 2, or "one step" and "several steps" would stay two cases; the graphs written work from 0 on
    sizes = {letter: torch.export.Dim(letter, min=2) for letter in "NST"}
    shapes = tuple({axis: sizes[letter] for axis, letter in AXES[each].items()} for each in wanted)
    with _quiet():
        program = torch.onnx.export(
            with_onnx_lstm(graphs.modules[name]),
            tuple(examples[each] for each in wanted),
            dynamo=True,
            input_names=list(wanted),
            output_names=OUTPUTS[name],
            dynamic_shapes=shapes,
            verbose=False,
        )
        assert program is not None
        program.save(str(path), external_data=False)
        if quantize:
            _to_int8(path)


def _examples(graphs: TorchGraphs) -> dict[str, Tensor]:
    """Inputs of every graph, small, with no two varying axes of the same length."""
    import torch

    rows, source, summary, done = 3, 11, 7, 5
    config = graphs.parts["generator"].config
    special = config.special_pieces
    layers, heads, part = graphs.cache_shape()

    def ids(width: int) -> Tensor:
        return torch.arange(special, special + rows * width).reshape(rows, width)

    floats = torch.zeros(rows, source, config.d_model)
    return {
        "input_ids": ids(source),
        "attention_mask": torch.ones(rows, source, dtype=torch.long),
        "salience_ids": torch.ones(rows, source, dtype=torch.long),
        "word_starts": torch.ones(rows, source, dtype=torch.long),
        "hidden": floats,
        "copy_keys": floats.clone(),
        "cross": torch.zeros(layers, 2, rows, heads, source, part),
        "cache": torch.zeros(layers, 2, rows, heads, done, part),
        "previous": ids(1),
        "summary_ids": ids(summary),
        "summary_mask": torch.ones(rows, summary, dtype=torch.long),
        "source_ids": ids(source),
        "ids": ids(summary),
    }


def _rounded(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``(q [rows, columns] int8, scale [rows])`` with w ≈ q · scale, scale = max |w| / 127 in each row."""
    scales = np.maximum(np.abs(weight).max(axis=1), 1e-12) / 127
    return np.rint(weight / scales[:, None]).astype(np.int8), scales


def _to_int8(path: Path) -> None:
    """Store every large weight matrix of the graph as int8 with scales, restored by a node in front of it."""
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load(path)
    stored, nodes = [], []
    for weight in model.graph.initializer:
        if weight.data_type != onnx.TensorProto.FLOAT or len(weight.dims) != 2 or np.prod(weight.dims) < SMALLEST:
            stored.append(weight)
            continue
        names = [f"{weight.name}.int8", f"{weight.name}.scale"]
        parts = zip(_rounded(numpy_helper.to_array(weight)), names, strict=True)
        stored += [numpy_helper.from_array(part, name) for part, name in parts]
        nodes.append(helper.make_node("DequantizeLinear", names, [weight.name], axis=0))
    rest = list(model.graph.node)
    for field, content in ((model.graph.initializer, stored), (model.graph.node, nodes + rest)):
        del field[:]
        field.extend(content)
    onnx.checker.check_model(model)
    onnx.save(model, path)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The exporters print progress and warn about each other's versions: none of it helps a user."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
