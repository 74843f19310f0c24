"""New networks for a run, from our sizes or from a Hugging Face checkpoint."""

from __future__ import annotations

from typing import TypeVar

import torch

from summae.config import NetworkConfig, RunConfig
from summae.networks import (
    SIZES,
    Generator,
    GeneratorConfig,
    Reconstructor,
    ReconstructorConfig,
    ShortTextLM,
    ShortTextLMConfig,
)
from summae.networks.pointer_generator import PointerGenerator
from summae.text.tokenizer import SubwordTokenizer

Network = TypeVar("Network", bound=PointerGenerator)


def new_network(config: NetworkConfig, tokenizer: SubwordTokenizer, seed: int) -> Generator:
    """A freshly initialised G."""
    torch.manual_seed(seed)
    network = Generator(GeneratorConfig.of_size(config.size, **_fields(config, tokenizer)))
    return _with_piece_starts(network, tokenizer)


def new_reconstructor(config: RunConfig, tokenizer: SubwordTokenizer) -> Reconstructor:
    """A freshly initialised R."""
    torch.manual_seed(config.seed + 1)
    part = config.reconstructor
    network = Reconstructor(ReconstructorConfig.of_size(part.size, **_fields(part, tokenizer)))
    return _with_piece_starts(network, tokenizer)


def new_language_model(config: RunConfig, tokenizer: SubwordTokenizer) -> ShortTextLM:
    """A freshly initialised short-text language model."""
    torch.manual_seed(config.seed + 2)
    width, _, layers, heads, inner = SIZES[config.language_model.size]
    return ShortTextLM(
        ShortTextLMConfig(
            vocab_size=tokenizer.vocab_size,
            d_model=width,
            layers=layers,
            heads=heads,
            d_ff=inner,
            dropout=config.language_model.dropout,
        )
    )


def _with_piece_starts(network: Network, tokenizer: SubwordTokenizer) -> Network:
    """Tell the network which pieces begin a word."""
    network.piece_starts.copy_(torch.tensor(tokenizer.piece_starts, dtype=torch.long))
    return network


def _fields(config: NetworkConfig, tokenizer: SubwordTokenizer) -> dict:
    return {
        "vocab_size": tokenizer.vocab_size,
        "dropout": config.dropout,
        "max_source_length": config.max_source_length,
        "max_target_length": config.max_target_length,
    }
