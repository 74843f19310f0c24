"""New networks for a run, from our sizes or from a Hugging Face checkpoint."""

from __future__ import annotations

from typing import TypeVar

import torch

from summae.errors import ConfigError
from summae.networks import (
    SIZES,
    Generator,
    GeneratorConfig,
    Reconstructor,
    ReconstructorConfig,
    ShortTextLM,
    ShortTextLMConfig,
)
from summae.networks.adopt import adopt, load_tokenizer
from summae.networks.pointer_generator import PointerGenerator
from summae.networks.pretrained import PretrainedSeq2Seq
from summae.text.borrowed import borrow
from summae.text.tokenizer import SubwordTokenizer
from summae.training.config import NetworkConfig, RunConfig

Network = TypeVar("Network", bound=PointerGenerator | PretrainedSeq2Seq)


def new_network(config: NetworkConfig, tokenizer: SubwordTokenizer, seed: int) -> Generator | PretrainedSeq2Seq:
    """A G, freshly initialised or from a checkpoint."""
    torch.manual_seed(seed)
    if config.pretrained:
        return _adopted(config.pretrained, config, tokenizer)
    network = Generator(GeneratorConfig.of_size(config.size, **_fields(config, tokenizer)))
    return _with_piece_starts(network, tokenizer)


def new_reconstructor(config: RunConfig, tokenizer: SubwordTokenizer) -> Reconstructor | PretrainedSeq2Seq:
    """An R, freshly initialised or from a checkpoint."""
    torch.manual_seed(config.seed + 1)
    part = config.reconstructor
    if part.pretrained:
        return _adopted(part.pretrained, part, tokenizer)
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


def borrowed_tokenizer(config: RunConfig) -> SubwordTokenizer | None:
    """The tokeniser that a pretrained part brings along (``tokenizer.vocab_size`` then says nothing), if any does.

    G and R read each other's words: two checkpoints must share one tokeniser.
    """
    if config.language_model.pretrained:
        raise ConfigError(["language_model.pretrained must be left out: the short-text model is always our own"])
    names = dict.fromkeys(part.pretrained for part in (config.generator, config.reconstructor) if part.pretrained)
    found = [borrow(load_tokenizer(name).backend_tokenizer.to_str(), name) for name in names]
    if len({tokenizer.backend.to_str() for tokenizer in found}) > 1:
        both = " and ".join(f"'{name}'" for name in names)
        raise ConfigError([f"generator.pretrained and reconstructor.pretrained must share one tokeniser, got {both}"])
    return found[0] if found else None


def _adopted(name: str, config: NetworkConfig, tokenizer: SubwordTokenizer) -> PretrainedSeq2Seq:
    """The checkpoint in the folder, or of the hub, called ``name``."""
    network = adopt(
        name,
        vocab_size=tokenizer.vocab_size,
        max_source_length=config.max_source_length,
        max_target_length=config.max_target_length,
        dropout=config.dropout,
    )
    return _with_piece_starts(network, tokenizer)


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
