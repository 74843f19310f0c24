"""A trained parser as files: what :class:`summae.syntax.parser.Parser` reads, and what training can go on from.

``parser.json`` (sizes, relations, bundles), ``parser.safetensors`` (weights in 16-bit floats), ``parser.onnx`` (the
graph, every large matrix in 8-bit integers with a scale for each row, restored when it is opened: activations stay
floats, so a tree does not depend on which other sentences are parsed with it), ``tokenizer.json``.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import shutil
import warnings
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from summae.errors import CheckpointError
from summae.files import new_directory, write_atomically
from summae.syntax.labels import LabelSet
from summae.syntax.network import EncoderOptions, HeadOptions, ParserNetwork
from summae.syntax.parser import FORMAT, GRAPH, SIZES, TOKENIZER
from summae.syntax.pieces import PIECES

WEIGHTS = "parser.safetensors"
_OPSET = 18
#: Cells of a matrix that is worth storing in int8.
_SMALLEST = 4096


class ParserGraph(nn.Module):
    """What the ONNX form computes: pieces in; arc scores, best relations and bundles out."""

    def __init__(self, network: ParserNetwork):
        super().__init__()
        self.network = network

    def forward(self, pieces_BHP: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        scores = self.network(pieces_BHP)
        return scores.arcs_BNH, scores.all_relations(), scores.bundles_BNM.argmax(-1)


def export_parser(network: ParserNetwork, labels: LabelSet, tokenizer: Path, directory: Path) -> Path:
    """Write ``directory``, whole or not at all; needs the extra ``export``."""
    network.eval()
    with new_directory(directory) as folder:
        weights = {name: weight.half().contiguous() for name, weight in network.state_dict().items()}
        save_file(weights, folder / WEIGHTS)
        (folder / WEIGHTS).chmod(0o644)
        write_atomically(folder / SIZES, json.dumps(_sizes(network, labels), indent=1))
        shutil.copyfile(tokenizer, folder / TOKENIZER)
        _write_graph(network, folder / GRAPH)
    return directory


def _sizes(network: ParserNetwork, labels: LabelSet) -> dict:
    return {
        "format": FORMAT,
        "encoder": asdict(network.options),
        "heads": asdict(network.heads.options),
        "relations": labels.relations,
        "bundles": labels.bundles,
    }


def load_network(directory: str | Path) -> tuple[ParserNetwork, LabelSet]:
    """The network of an exported parser, in 32-bit floats, and its labels."""
    try:
        sizes = json.loads((Path(directory) / SIZES).read_text(encoding="utf-8"))
        labels = LabelSet(tuple(sizes["relations"]), tuple(sizes["bundles"]))
        encoder, heads = EncoderOptions(**sizes["encoder"]), HeadOptions(**sizes["heads"])
        network = ParserNetwork(encoder, heads, len(labels.relations), len(labels.bundles))
        weights = load_file(Path(directory) / WEIGHTS)
        network.load_state_dict({name: weight.float() for name, weight in weights.items()})
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise CheckpointError(f"{directory}: must hold an exported parser ({error})") from error
    return network.eval(), labels


def _write_graph(network: ParserNetwork, path: Path) -> None:
    rows, places = torch.export.Dim("B", min=1), torch.export.Dim("H", min=2)
    example = torch.arange(3 * 7 * PIECES).reshape(3, 7, PIECES) + 100  # no two varying axes of one length
    with _quiet(), torch.no_grad():
        program = torch.onnx.export(
            ParserGraph(network).eval(),
            (example % network.options.vocabulary,),
            dynamo=True,
            opset_version=_OPSET,
            input_names=["pieces"],
            output_names=["arcs", "relations", "bundles"],
            dynamic_shapes=({0: rows, 1: places},),
            verbose=False,
        )
        assert program is not None
        program.save(str(path), external_data=False)
    _to_int8(path)


def _to_int8(path: Path) -> None:
    """Every large matrix as ``w ≈ q · scale`` with ``scale = max |w| / 127`` of its row."""
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load(path)
    stored, nodes = [], []
    for weight in model.graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.ndim != 2 or values.size < _SMALLEST:
            stored.append(weight)
            continue
        names = [f"{weight.name}.int8", f"{weight.name}.scale"]
        scales = np.maximum(np.abs(values).max(axis=1), 1e-12) / 127
        rounded = np.rint(values / scales[:, None]).astype(np.int8)
        stored += [numpy_helper.from_array(part, name) for part, name in zip((rounded, scales), names, strict=True)]
        nodes.append(helper.make_node("DequantizeLinear", names, [weight.name], axis=0))
    rest = list(model.graph.node)
    for part, content in ((model.graph.initializer, stored), (model.graph.node, nodes + rest)):
        del part[:]
        part.extend(content)
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
