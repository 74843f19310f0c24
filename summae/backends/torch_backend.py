"""torch: the reference. The same graphs as modules; :mod:`summae.exporting` writes these very modules as ONNX.

Legend: see :mod:`summae.backends.base`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from summae.backends.base import Backend
from summae.checkpoint import Checkpoint
from summae.errors import CheckpointError
from summae.networks import Generator, Reconstructor, ShortTextLM
from summae.networks.layers import ListPast
from summae.networks.pointer_generator import SourceMemory
from summae.records import Sources


class Encode(nn.Module):
    """Source → all that decoding needs of it."""

    def __init__(self, network: Generator):
        super().__init__()
        self.network = network

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, salience_ids: Tensor, word_starts: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        sources = Sources(
            input_ids=input_ids, attention_mask=attention_mask, salience_ids=salience_ids, word_starts=word_starts
        )
        memory = self.network.encode(sources)
        hidden = memory.last_hidden_state
        cross = [torch.stack(layer.cross.project(hidden)) for layer in self.network.decoder_layers]
        return hidden, memory.copy_keys, torch.stack(cross)


class Step(nn.Module):
    """One more piece for every row: log p over the vocabulary, and the longer cache."""

    def __init__(self, network: Generator):
        super().__init__()
        self.network = network

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
        return log_probs, torch.stack([torch.stack(pair) for pair in past.own])


class Rebuild(nn.Module):
    """How probable R finds a source, given a summary."""

    def __init__(self, network: Reconstructor):
        super().__init__()
        self.network = network

    def forward(self, summary_ids: Tensor, summary_mask: Tensor, source_ids: Tensor) -> Tensor:
        return self.network.log_likelihood(self.network.summary_as_source(summary_ids, summary_mask), source_ids)


class Fluency(nn.Module):
    """How probable the short-text model finds a summary."""

    def __init__(self, network: ShortTextLM):
        super().__init__()
        self.network = network

    def forward(self, ids: Tensor) -> Tensor:
        return self.network.log_likelihood(ids)


class TorchGraphs:
    """The four graphs as modules, run without gradient."""

    def __init__(self, generator: Generator, reconstructor: Reconstructor, language_model: ShortTextLM):
        for network in (generator, reconstructor, language_model):
            network.float().eval()
        self.generator = generator
        self.modules: dict[str, nn.Module] = {
            "encode": Encode(generator),
            "step": Step(generator),
            "rebuild": Rebuild(reconstructor),
            "fluency": Fluency(language_model),
        }

    @torch.no_grad()
    def run(self, name: str, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        module = self.modules[name]
        wanted = INPUTS[name]
        outputs = module(*(torch.from_numpy(np.ascontiguousarray(inputs[each])) for each in wanted))
        return [output.numpy() for output in (outputs if isinstance(outputs, tuple) else (outputs,))]

    def cache_shape(self) -> tuple[int, int, int]:
        config = self.generator.config
        return config.decoder_layers, config.heads, config.d_model // config.heads


#: graph → its inputs in the order of ``forward``
INPUTS: dict[str, tuple[str, ...]] = {
    "encode": ("input_ids", "attention_mask", "salience_ids", "word_starts"),
    "step": ("previous", "input_ids", "attention_mask", "word_starts", "hidden", "copy_keys", "cross", "cache"),
    "rebuild": ("summary_ids", "summary_mask", "source_ids"),
    "fluency": ("ids",),
}


def load_graphs(checkpoint: Checkpoint) -> TorchGraphs:
    """The networks of ``checkpoint``, in float32 whatever the precision on disk."""
    kinds = {"generator": Generator, "reconstructor": Reconstructor, "language_model": ShortTextLM}
    return TorchGraphs(**{part: _network(kind, checkpoint.path / part) for part, kind in kinds.items()})


def _network(kind: type[PreTrainedModel], folder: Path) -> PreTrainedModel:
    try:
        return kind.from_pretrained(folder, dtype=torch.float32, local_files_only=True, use_safetensors=True)
    except Exception as error:  # what the libraries raise is not listed anywhere
        raise CheckpointError(f"{folder}: no usable network ({error})") from error


def load(checkpoint: Checkpoint) -> Backend:
    return Backend("torch", load_graphs(checkpoint))
