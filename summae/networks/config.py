"""Configurations of the networks. Transformers 5 makes a dataclass of every ``PreTrainedConfig`` subclass."""

from __future__ import annotations

from transformers import PreTrainedConfig

#: Sizes by name: width, encoder layers, decoder layers, heads, feed-forward width.
SIZES = {
    "toy": (64, 2, 1, 4, 192),
    "tiny": (64, 2, 1, 4, 128),
    "small": (192, 3, 2, 6, 640),
    "base": (512, 6, 3, 8, 2048),
}


class PointerGeneratorConfig(PreTrainedConfig):
    """Shared by generator and reconstructor; see :mod:`summae.networks.pointer_generator`."""

    model_type = "summae-pointer-generator"
    keys_to_ignore_at_inference = ["past_key_values"]
    attribute_map = {"hidden_size": "d_model", "num_hidden_layers": "decoder_layers", "num_attention_heads": "heads"}

    vocab_size: int = 1000
    d_model: int = 192
    encoder_layers: int = 3
    decoder_layers: int = 2
    heads: int = 6
    d_ff: int = 640
    dropout: float | int = 0.1
    salience_levels: int = 17  # 0 = unknown, 1..16
    pointer_reach: int = 12  # distances, in pieces, that the pointer tells apart in either direction
    special_pieces: int = 36  # ids below this are never copied
    max_source_length: int = 128  # pieces
    max_target_length: int = 48  # pieces
    mask_token_id: int = 3
    pad_token_id: int | None = 1
    bos_token_id: int | None = 0
    eos_token_id: int | list[int] | None = 2
    decoder_start_token_id: int | None = 0
    is_encoder_decoder: bool = True
    tie_word_embeddings: bool = False  # one embedding serves encoder, decoder and output: nothing to tie

    @classmethod
    def of_size(cls, size: str, **fields) -> PointerGeneratorConfig:
        d_model, encoder_layers, decoder_layers, heads, d_ff = SIZES[size]
        shape = dict(
            d_model=d_model, encoder_layers=encoder_layers, decoder_layers=decoder_layers, heads=heads, d_ff=d_ff
        )
        return cls(**{**shape, **fields})


class GeneratorConfig(PointerGeneratorConfig):
    """The generator G: source → summary."""

    model_type = "summae-generator"


class ReconstructorConfig(PointerGeneratorConfig):
    """The reconstructor R: summary → source."""

    model_type = "summae-reconstructor"


class ShortTextLMConfig(PreTrainedConfig):
    """The causal language model of the short texts."""

    model_type = "summae-short-text-lm"

    vocab_size: int = 1000
    d_model: int = 192
    layers: int = 2
    heads: int = 6
    d_ff: int = 640
    dropout: float | int = 0.1
    pad_token_id: int | None = 1
    bos_token_id: int | None = 0
    eos_token_id: int | list[int] | None = 2
    tie_word_embeddings: bool = False
