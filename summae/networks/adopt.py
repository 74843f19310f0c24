"""From the name or folder of a Hugging Face seq2seq checkpoint to a network that speaks our ids.

Only safetensors are read and no code of the checkpoint is run. Everything that cannot be used is a
:class:`~summae.errors.CheckpointError` of one line.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, AutoModelForSeq2SeqLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from summae.errors import CheckpointError, ConfigError
from summae.networks.pretrained import PretrainedSeq2Seq, PretrainedSeq2SeqConfig

PROBE = "A text"


def adopt(
    name: str, *, vocab_size: int, max_source_length: int, max_target_length: int, dropout: float
) -> PretrainedSeq2Seq:
    """The checkpoint behind our calls; ``vocab_size`` counts our special pieces too."""
    tokenizer, inner = load_tokenizer(name), _load_network(name, dropout)
    with _errors_of(name):
        config = PretrainedSeq2SeqConfig(
            **_conventions(tokenizer, inner),
            inner=inner.config.to_dict(),
            embedding_scales=[_embedding_scale(stack) for stack in (inner.get_encoder(), inner.get_decoder())],
            num_hidden_layers=_decoder_layers(inner),
            vocab_size=vocab_size,
            max_source_length=max_source_length,
            max_target_length=max_target_length,
        )
    _check_lengths(name, config, inner)
    network = PretrainedSeq2Seq(config, inner)
    _begin_own_embeddings(network, tokenizer.mask_token_id)
    return network


def load_tokenizer(name: str) -> PreTrainedTokenizerBase:
    """The checkpoint's tokeniser, which must be one of the ``tokenizers`` library and fit the network."""
    with _errors_of(name):
        config, tokenizer = AutoConfig.from_pretrained(name), AutoTokenizer.from_pretrained(name)
        if not config.is_encoder_decoder:
            raise ValueError(f"a {config.model_type} has no encoder and decoder")
        if getattr(tokenizer, "backend_tokenizer", None) is None:
            raise ValueError("its tokeniser has no tokenizer.json")
        rows, pieces = config.get_text_config(decoder=True).vocab_size, len(tokenizer)
        if not rows / 2 <= pieces <= rows:  # without its files Transformers makes up a tokeniser of a few pieces
            raise ValueError(f"its tokeniser must have about {rows} pieces, as its network has, got {pieces}")
        return tokenizer


def _load_network(name: str, dropout: float) -> PreTrainedModel:
    with _errors_of(name):
        config = AutoConfig.from_pretrained(name)
        for field in ("dropout", "dropout_rate"):
            if hasattr(config, field):
                setattr(config, field, dropout)
        return AutoModelForSeq2SeqLM.from_pretrained(name, config=config, dtype=torch.float32, use_safetensors=True)


@contextmanager
def _errors_of(name: str) -> Iterator[None]:
    """Whatever goes wrong inside, in one line."""
    try:
        yield
    except Exception as error:  # Transformers, the hub client and safetensors each have their own
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise CheckpointError(
            f"pretrained must be the folder or the reachable hub name of a seq2seq checkpoint with safetensors, "
            f"got '{name}' ({reason})"
        ) from error


def _conventions(tokenizer: PreTrainedTokenizerBase, inner: PreTrainedModel) -> dict[str, Any]:
    """What the checkpoint puts around sources and targets, and which of its pieces never are part of a text."""
    plain, full = (tokenizer(PROBE, add_special_tokens=special)["input_ids"] for special in (False, True))
    begin = next(place for place in range(len(full)) if full[place : place + len(plain)] == plain)
    prefix, suffix = full[:begin], full[begin + len(plain) :]

    def known(field: str) -> list[int | list[int] | None]:
        return [getattr(each, field, None) for each in (inner.generation_config, inner.config, tokenizer)]

    end = _first(*known("eos_token_id"), tokenizer.sep_token_id)
    pad = _first(*known("pad_token_id"), end)
    language = suffix[-1] if suffix and suffix[-1] != end else None  # mBART: the code behind the text starts decoding
    start = _first(*known("decoder_start_token_id"), language, *known("bos_token_id"), pad)
    forced = _first(*known("forced_bos_token_id"))
    if end is None or pad is None or start is None:
        raise ValueError("it has no end or start piece")
    target_prefix = [start, *(prefix if forced is None else [forced])]
    unknown = tokenizer.unk_token_id
    special = {index for index, token in tokenizer.added_tokens_decoder.items() if token.special} - {unknown}
    standing = [target_prefix[-1], pad, end, _first(tokenizer.mask_token_id, unknown, pad)]
    prompts = PretrainedSeq2SeqConfig().special_pieces - len(standing)
    return {
        "inner_specials": [*standing, *[pad] * prompts],
        "never": sorted(special | {end, pad}),
        "source_prefix": prefix,
        "source_suffix": suffix,
        "target_prefix": target_prefix,
    }


def _decoder_layers(inner: PreTrainedModel) -> int:
    """At least the decoder's layers, under whichever name this family counts them."""
    config = inner.config.get_text_config(decoder=True)
    return max(getattr(config, name, 0) or 0 for name in ("num_hidden_layers", "decoder_layers", "num_decoder_layers"))


def _first(*candidates: int | list[int] | None) -> int | None:
    """The first id that there is (the first of a list of them)."""
    found = next((each for each in candidates if each is not None), None)
    return found[0] if isinstance(found, list) else found


@torch.no_grad()
def _embedding_scale(stack: PreTrainedModel) -> float:
    """What rows of the embedding matrix are multiplied by to be ``inputs_embeds``.

    Some checkpoints scale (by √D) in the embedding module, some in the stack for ids only, some in the stack for both:
    the factor under which both ways in give the same result is the right one.
    """
    embedding, ids = stack.get_input_embeddings(), torch.tensor([[5, 7, 6]])
    assert isinstance(embedding, nn.Embedding)
    wanted = stack(input_ids=ids)[0]
    for scale in {1.0, getattr(embedding, "embed_scale", 1.0), getattr(stack, "embed_scale", 1.0)}:
        found = stack(inputs_embeds=embedding.weight[ids] * scale)[0]
        if torch.allclose(found, wanted, rtol=1e-3, atol=1e-4 * float(wanted.abs().max())):
            return float(scale)
    raise ValueError("its embeddings are more than a table of pieces")


def _check_lengths(name: str, config: PretrainedSeq2SeqConfig, inner: PreTrainedModel) -> None:
    most = getattr(inner.config, "max_position_embeddings", None)
    frame = len(config.source_prefix) + len(config.source_suffix)
    needed = {"max_source_length": frame, "max_target_length": len(config.target_prefix)}
    problems = [
        f"{field} must be <= {most - extra} for '{name}', got {getattr(config, field)}"
        for field, extra in needed.items()
        if most is not None and getattr(config, field) > most - extra
    ]
    if problems:
        raise ConfigError(problems)


@torch.no_grad()
def _begin_own_embeddings(network: PretrainedSeq2Seq, mask: int | None) -> None:
    """Length prompts start near the mean of all pieces; the mask as the checkpoint's own, if it has one."""
    _, weight, scale = network._stack(0)
    own = network.own_embedding.weight
    spread = weight.std() * 0.1
    own.copy_((weight.mean(0) + spread * torch.randn_like(own)) * scale)
    if mask is not None:
        own[0] = weight[mask] * scale
