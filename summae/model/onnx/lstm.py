"""``nn.LSTM`` as one node of an ONNX graph.

Torch's exporter follows the LSTM piece by piece, as many pieces as the example has; ONNX has a node for the whole of
it. The two differ in the order of the gates (torch: input, forget, cell, output; ONNX: input, output, forget, cell).

Legend: N rows, T pieces, H hidden width.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

VERSION = 14  # of ONNX's operator set: the last to change LSTM that all of torch 2.9 to 2.13 write at least


class OnnxLSTM(nn.Module):
    """Stands for an LSTM of one direction, batch first, that begins with zeros; only while a graph is written."""

    def __init__(self, lstm: nn.LSTM):
        super().__init__()
        self.lstm = lstm

    def forward(self, inputs_NTE: Tensor) -> tuple[Tensor, None]:
        rows, pieces, _ = inputs_NTE.shape
        states = inputs_NTE.transpose(0, 1)
        for layer in range(self.lstm.num_layers):
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            inner, outer, *biases = (_reordered(getattr(self.lstm, f"{name}_l{layer}")) for name in names)
            (states,) = torch.onnx.ops.symbolic_multi_out(
                "LSTM",
                (states, inner, outer, torch.cat(biases, dim=1)),
                {"hidden_size": self.lstm.hidden_size},
                dtypes=[torch.float32],
                shapes=[(pieces, 1, rows, self.lstm.hidden_size)],
                version=VERSION,
            )
            states = states.squeeze(1)
        return states.transpose(0, 1), None


def _reordered(weight: Tensor) -> Tensor:
    """[4H, …] → [1, 4H, …]: one direction, its gates as ONNX has them."""
    enter, forget, cell, leave = weight.chunk(4)
    return torch.cat([enter, leave, forget, cell])[None]


def with_onnx_lstm(module: nn.Module) -> nn.Module:
    """``module``, or a copy of it whose LSTMs can be written."""
    if not any(isinstance(each, nn.LSTM) for each in module.modules()):
        return module
    module = copy.deepcopy(module)
    for parent in list(module.modules()):
        for name, each in list(parent.named_children()):
            if isinstance(each, nn.LSTM):
                setattr(parent, name, OnnxLSTM(each))
    return module
