"""torch: the reference, and the only one for borrowed checkpoints (BART, T5, …).

The graphs as modules; :mod:`summae.model.onnx.export` writes these very modules as ONNX.
Legend: see :mod:`summae.model.backends.base`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import AutoModel, PreTrainedModel

import summae.model.critic  # noqa: F401 - the critic, likewise
import summae.networks  # noqa: F401 - registers our networks with AutoModel
from summae.errors import CheckpointError
from summae.model.backends.base import Backend, mask_of, padded
from summae.model.checkpoint import Checkpoint, no_progress_bars
from summae.networks.layers import ListPast
from summae.networks.pointer_generator import PointerGenerator
from summae.networks.seq2seq import SourceMemory
from summae.records import Sources
from summae.text.encoding import EncodedSource
from summae.text.tokenizer import PAD_ID


class Graph(nn.Module):
    """A network asked for one thing."""

    network: Any

    def __init__(self, network: PreTrainedModel):
        super().__init__()
        self.network = network


class EncodeGraph(Graph):
    """Source → all that decoding needs of it."""

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, salience_ids: Tensor, word_starts: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        sources = Sources(
            input_ids=input_ids,
            attention_mask=attention_mask,
            salience_ids=salience_ids,
            word_starts=word_starts,
        )
        memory = self.network.encode(sources)
        hidden = memory.last_hidden_state
        cross = [torch.stack(layer.cross.project(hidden)) for layer in self.network.decoder_layers]
        return hidden, memory.copy_keys, torch.stack(cross)


class StepGraph(Graph):
    """One more piece for every row: log p over the vocabulary, and the longer cache."""

    def forward(
        self,
        previous: Tensor,
        input_ids: Tensor,
        attention_mask: Tensor,
        word_starts: Tensor,
        hidden: Tensor,
        copy_keys: Tensor,
        cross: Tensor,
        cache: Tensor,
    ) -> tuple[Tensor, Tensor]:
        layers = len(self.network.decoder_layers)
        past = ListPast(layers, cache.shape[4])
        past.own = [(cache[layer, 0], cache[layer, 1]) for layer in range(layers)]
        past.source = [(cross[layer, 0], cross[layer, 1]) for layer in range(layers)]
        memory = SourceMemory(
            last_hidden_state=hidden,
            input_ids=input_ids,
            word_starts=word_starts,
            attention_mask=attention_mask,
            copy_keys=copy_keys,
        )
        decoded = self.network.decode(previous, memory, past)
        log_probs = self.network.log_distribution(decoded, memory, previous)[:, -1]
        return log_probs, torch.stack([torch.stack(pair) for pair in past.own if pair is not None])


class RebuildGraph(Graph):
    """How probable R finds a source, given a summary."""

    def forward(self, summary_ids: Tensor, summary_mask: Tensor, source_ids: Tensor) -> Tensor:
        summary = self.network.summary_as_source(summary_ids, summary_mask)
        return self.network.log_likelihood(summary, source_ids)


class FluencyGraph(Graph):
    """How probable the short-text model finds a summary."""

    def forward(self, ids: Tensor) -> Tensor:
        return self.network.log_likelihood(ids)


class RealismGraph(Graph):
    """How probable the critic finds it that a real text begins so, in log-odds."""

    def forward(self, ids: Tensor) -> Tensor:
        return self.network(ids)


#: graph → its module, the part that it asks, its inputs in the order of ``forward``
GRAPHS: dict[str, tuple[type[Graph], str, tuple[str, ...]]] = {
    "encode": (EncodeGraph, "generator", ("input_ids", "attention_mask", "salience_ids", "word_starts")),
    "step": (
        StepGraph,
        "generator",
        (
            "previous",
            "input_ids",
            "attention_mask",
            "word_starts",
            "hidden",
            "copy_keys",
            "cross",
            "cache",
        ),
    ),
    "rebuild": (RebuildGraph, "reconstructor", ("summary_ids", "summary_mask", "source_ids")),
    "fluency": (FluencyGraph, "language_model", ("ids",)),
    "realism": (RealismGraph, "critic", ("ids",)),
}


class TorchGraphs:
    """The graphs of the given parts as modules, run without gradient where the networks are."""

    def __init__(self, **parts: PreTrainedModel):
        self.parts: dict[str, Any] = parts
        for network in parts.values():
            network.eval()
        self.modules = {name: kind(parts[part]) for name, (kind, part, _) in GRAPHS.items() if part in parts}

    @torch.no_grad()
    def run(self, name: str, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        module = self.modules[name]
        device = module.network.device
        given = (torch.from_numpy(np.ascontiguousarray(inputs[each])).to(device) for each in GRAPHS[name][2])
        outputs = module(*given)
        return [each.cpu().numpy() for each in (outputs if isinstance(outputs, tuple) else (outputs,))]

    def has(self, name: str) -> bool:
        return name in self.modules

    def cache_shape(self) -> tuple[int, int, int]:
        config = self.parts["generator"].config
        return config.decoder_layers, config.heads, config.d_model // config.heads


@dataclass
class _Written:
    """The state of :class:`UncachedBackend`: the sources, and all that each row has written."""

    sources: Sources  # row per source
    memory: SourceMemory  # of all rows
    source_of_row: np.ndarray  # [R]
    ids: np.ndarray  # [R, T], start piece first


class UncachedBackend(Backend):
    """Reads all that is written again at each step. Slow, but needs of a generator no more than training
    does.
    """

    graphs: TorchGraphs

    def start(self, sources: Sequence[EncodedSource]) -> _Written:  # type: ignore[override]
        device = self.graphs.parts["generator"].device
        columns = {
            "input_ids": padded([source.input_ids for source in sources], PAD_ID),
            "attention_mask": mask_of([len(source) for source in sources]),
            "salience_ids": padded([source.salience_ids for source in sources], 0),
            "word_starts": padded([source.word_starts for source in sources], 0),
        }
        batch = Sources(**{name: torch.from_numpy(column).to(device) for name, column in columns.items()})
        rows = np.arange(len(sources))
        return _Written(batch, self._memory(batch, rows), rows, np.zeros((len(rows), 0), dtype=np.int64))

    @torch.no_grad()
    def step(  # type: ignore[override]
        self, state: _Written, previous_ids: np.ndarray, rows: np.ndarray
    ) -> np.ndarray:
        source_of_row = state.source_of_row[rows]
        if not np.array_equal(source_of_row, state.source_of_row):
            state.memory, state.source_of_row = self._memory(state.sources, source_of_row), source_of_row
        state.ids = np.concatenate([state.ids[rows], previous_ids[:, None]], axis=1)
        network = self.graphs.parts["generator"]
        previous = torch.from_numpy(state.ids).to(network.device)
        decoded = network.decode(previous, state.memory)
        return network.log_distribution(decoded, state.memory, previous)[:, -1].cpu().numpy()

    @torch.no_grad()
    def _memory(self, sources: Sources, rows: np.ndarray) -> SourceMemory:
        index = torch.from_numpy(rows).to(sources.input_ids.device)
        return self.graphs.parts["generator"].encode(sources.map(lambda tensor: tensor[index]))


def backend_of(**parts: PreTrainedModel) -> Backend:
    """The backend of networks in memory; ``generator`` alone is enough for searching."""
    cached = isinstance(parts["generator"], PointerGenerator)
    return (Backend if cached else UncachedBackend)("torch", TorchGraphs(**parts))


def load_networks(checkpoint: Checkpoint) -> dict[str, PreTrainedModel]:
    """The networks of ``checkpoint`` by part, in float32 whatever the precision on disk."""
    with no_progress_bars():
        return {part: _network(checkpoint.path / part) for part in checkpoint.parts}


def load(checkpoint: Checkpoint) -> Backend:
    return backend_of(**load_networks(checkpoint))


def _network(folder: Path) -> PreTrainedModel:
    try:
        return AutoModel.from_pretrained(folder, dtype=torch.float32, local_files_only=True, use_safetensors=True)
    except Exception as error:  # what the libraries raise is not listed anywhere
        raise CheckpointError(f"{folder}: no usable network ({error})") from error
