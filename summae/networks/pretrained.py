"""Any Hugging Face seq2seq checkpoint (BART, T5, mBART, Pegasus, …) in the place of G or R.

    log p(y_t | y_<t, x) = log softmax(checkpoint's logits)[checkpoint's id of y_t]

Outside, this network speaks our ids and answers to the calls that the training makes of a
:class:`~summae.networks.pointer_generator.PointerGenerator`; inside, ids are moved down by ``special_pieces`` (see
:mod:`summae.text.borrowed`) and the text is framed by the start and end pieces that the checkpoint was trained with.
New and learned are: an embedding for each length prompt and for the mask, and one for each salience level (at first 0).

Relations: no copy mechanism, so ``log_distribution`` is the checkpoint's softmax alone, with probability 0 for what is
never written (special pieces except the end). What ``decode`` calls hidden states are the checkpoint's logits.

Legend: N batch, T target steps, S source pieces, V our vocabulary, I the checkpoint's vocabulary, D width.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import (
    AutoConfig,
    AutoModelForSeq2SeqLM,
    DynamicCache,
    EncoderDecoderCache,
    GenerationMixin,
    PreTrainedConfig,
    PreTrainedModel,
)
from transformers.modeling_outputs import BaseModelOutput

from summae.networks.layers import IMPOSSIBLE
from summae.networks.seq2seq import SMALLEST, CachePast, Seq2Seq, SourceMemory
from summae.records import Sources

ENCODER, DECODER = 0, 1
NEW_EMBEDDING_STD = 0.02  # as BART and most others begin


class PretrainedSeq2SeqConfig(PreTrainedConfig):
    """Filled in by :func:`summae.networks.adopt.adopt`. "Inner" ids are the checkpoint's, all others ours."""

    model_type = "summae-pretrained"
    keys_to_ignore_at_inference = ["past_key_values"]

    inner: dict[str, Any] = field(default_factory=dict)  # the checkpoint's own config.json
    inner_specials: list[int] = field(default_factory=list)  # inner id that stands for each of our special pieces
    never: list[int] = field(default_factory=list)  # inner ids that are never written
    source_prefix: list[int] = field(default_factory=list)  # inner ids in front of a source: <s> for BART
    source_suffix: list[int] = field(default_factory=list)  # … and behind it: </s> for BART and T5
    target_prefix: list[int] = field(default_factory=list)  # what decoding starts from: </s> <s> for BART, <pad> for T5
    embedding_scales: list[float] = field(default_factory=list)  # encoder, decoder: embedding = scale · weight[id]
    num_hidden_layers: int = 1  # the decoder's, for Transformers' cache
    vocab_size: int = 1000
    salience_levels: int = 17  # 0 = unknown, 1..16
    special_pieces: int = 36
    max_source_length: int = 128  # pieces
    max_target_length: int = 48  # pieces
    mask_token_id: int = 3  # from here to special_pieces: mask and length prompts, with embeddings of their own
    pad_token_id: int | None = 1
    bos_token_id: int | None = 0
    eos_token_id: int | list[int] | None = 2
    decoder_start_token_id: int | None = 0
    is_encoder_decoder: bool = True
    tie_word_embeddings: bool = False  # the checkpoint ties its own


class LoopPast(CachePast):
    """Transformers' cache for the training's own sampling loop."""

    def __init__(self) -> None:
        super().__init__(EncoderDecoderCache(DynamicCache(), DynamicCache()))

    def advance(self, steps: int) -> None:
        self.length += steps


class PretrainedSeq2Seq(Seq2Seq, PreTrainedModel, GenerationMixin):
    """A checkpoint that speaks our ids; may be G or R."""

    config_class = PretrainedSeq2SeqConfig
    main_input_name = "input_ids"
    base_model_prefix = ""
    _supports_cache_class = True

    inner_ids: Tensor  # [V] int64: our id → inner id
    writable: Tensor  # [V] bool: may be written
    piece_starts: Tensor  # [V] int64: 1 where a piece begins a word

    def __init__(self, config: PretrainedSeq2SeqConfig, inner: PreTrainedModel | None = None):
        super().__init__(config)
        self.inner = inner if inner is not None else AutoModelForSeq2SeqLM.from_config(_inner_config(config))
        width = self.inner.get_encoder().get_input_embeddings().embedding_dim
        self.own_embedding = nn.Embedding(config.special_pieces - config.mask_token_id, width)  # mask, length prompts
        self.salience_embedding = nn.Embedding(config.salience_levels, width)
        self.register_buffer("inner_ids", torch.zeros(config.vocab_size, dtype=torch.long))
        self.register_buffer("writable", torch.zeros(config.vocab_size, dtype=torch.bool))
        self.register_buffer("piece_starts", torch.ones(config.vocab_size, dtype=torch.long))
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, PretrainedSeq2Seq):
            config = self.config
            nn.init.normal_(self.own_embedding.weight, std=NEW_EMBEDDING_STD)
            nn.init.zeros_(self.salience_embedding.weight)
            nn.init.ones_(self.piece_starts)
            inner = torch.arange(config.vocab_size) - config.special_pieces
            inner[: config.special_pieces] = torch.tensor(config.inner_specials)
            writable = ~torch.isin(inner, torch.tensor(config.never))
            writable[: config.special_pieces] = False
            writable[config.eos_token_id] = True
            self.inner_ids.copy_(inner)
            self.writable.copy_(writable)

    # -- embeddings -----------------------------------------------------------------------------------------

    def _stack(self, side: int) -> tuple[nn.Module, Tensor, float]:
        """Encoder or decoder, its embedding matrix [I, D] and what this is multiplied by."""
        stack = self.inner.get_encoder() if side == ENCODER else self.inner.get_decoder()
        return stack, stack.get_input_embeddings().weight, self.config.embedding_scales[side]

    def _inner_rows(self, side: int, ids: list[int]) -> Tensor:
        """Embeddings of inner ids: [len(ids), D]."""
        _, weight, scale = self._stack(side)
        return F.embedding(torch.tensor(ids, dtype=torch.long, device=weight.device), weight) * scale

    def _embed(self, side: int, ids: Tensor, words: Tensor | None) -> Tensor:
        """Embeddings of our ids, or the mixtures of them that relaxed ``words [N, T, V]`` say: [N, T, D]."""
        _, weight, scale = self._stack(side)
        count, first_own = self.config.special_pieces, self.config.mask_token_id
        special = torch.cat([F.embedding(self.inner_ids[:first_own], weight) * scale, self.own_embedding.weight])
        if words is not None:
            pieces = words[..., count:]
            return words[..., :count] @ special + (pieces @ weight[: pieces.shape[-1]]) * scale
        plain = F.embedding(self.inner_ids[ids], weight) * scale
        return torch.where((ids < count)[..., None], F.embedding(ids.clamp_max(count - 1), special), plain)

    # -- encoder --------------------------------------------------------------------------------------------

    def encode(self, sources: Sources, words_NSV: Tensor | None = None) -> SourceMemory:
        """Read the sources; with ``words_NSV`` (relaxed one-hots) the embedding is their mixture."""
        embedded = self._embed(ENCODER, sources.input_ids, words_NSV) + self.salience_embedding(sources.salience_ids)
        embedded, mask = self._framed(embedded, sources)
        hidden = self.inner.get_encoder()(inputs_embeds=embedded, attention_mask=mask)[0]
        return SourceMemory(last_hidden_state=hidden, input_ids=sources.input_ids, attention_mask=mask)

    def _framed(self, embedded_NSD: Tensor, sources: Sources) -> tuple[Tensor, Tensor]:
        """``(embeddings, mask)`` with the checkpoint's pieces around each text; an end piece already there stays."""
        mask = sources.attention_mask.long()
        last = mask.sum(1, keepdim=True) - 1
        ended = sources.input_ids.gather(1, last.clamp_min(0)) == self.config.eos_token_id  # [N, 1]
        before, after = (
            self._inner_rows(ENCODER, ids).to(embedded_NSD.dtype)
            for ids in (self.config.source_prefix, self.config.source_suffix)
        )
        embedded = F.pad(embedded_NSD, (0, 0, 0, len(after)))
        embedded = torch.cat([before.expand(len(embedded), -1, -1), embedded], dim=1)
        mask = F.pad(F.pad(mask, (len(before), 0), value=1), (0, len(after)))
        places = torch.arange(mask.shape[1], device=mask.device)[None, :]
        for index, row in enumerate(after):
            here = places == len(before) + last + 1 + index - ended.long()
            if index == 0:
                here = here & ~ended
            embedded = torch.where(here[..., None], row, embedded)
            mask = mask | here.long()
        return embedded, mask

    # -- decoder --------------------------------------------------------------------------------------------

    def decode(
        self, previous_NT: Tensor, memory: SourceMemory, past: CachePast | None = None, words_NTV: Tensor | None = None
    ) -> Tensor:
        """The checkpoint's logits [N, T, I] for the steps that follow ``previous_NT`` (ids of y_{t−1}).

        Our start piece is the last of ``target_prefix``; the others are put in front of the very first step.
        """
        embedded = self._embed(DECODER, previous_NT, words_NTV)
        lead = [] if past is not None and past.length else self.config.target_prefix[:-1]
        if lead:
            rows = self._inner_rows(DECODER, lead).to(embedded.dtype)
            embedded = torch.cat([rows.expand(len(embedded), -1, -1), embedded], dim=1)
        found = self.inner(
            encoder_outputs=BaseModelOutput(last_hidden_state=memory.last_hidden_state),
            attention_mask=memory.attention_mask,
            decoder_inputs_embeds=embedded,
            past_key_values=None if past is None else past.cache,
            use_cache=past is not None,
        )
        return found.logits[:, len(lead) :]

    def log_distribution(self, logits_NTI: Tensor, memory: SourceMemory, previous_NT: Tensor) -> Tensor:
        """log p(y_t) over our vocabulary [N, T, V]; ``IMPOSSIBLE`` for what is never written."""
        log_probs = logits_NTI.log_softmax(-1).index_select(-1, self.inner_ids)
        return log_probs.masked_fill(~self.writable, IMPOSSIBLE)

    def target_log_probs(
        self,
        logits_NTI: Tensor,
        memory: SourceMemory,
        previous_NT: Tensor,
        targets_NT: Tensor,
        source_words_NSV: Tensor | None = None,
    ) -> Tensor:
        """log p(targets) [N, T]; log SMALLEST for a target that is never written (a "<mask>" in a user's text, say)."""
        found = logits_NTI.gather(-1, self.inner_ids[targets_NT][..., None]).squeeze(-1) - logits_NTI.logsumexp(-1)
        return found.masked_fill(~self.writable[targets_NT], math.log(SMALLEST))

    # -- Transformers' interface ----------------------------------------------------------------------------

    def prepare_inputs_for_generation(  # type: ignore[override] # called by keyword; Transformers' own override it so
        self, input_ids: Tensor, past_key_values=None, encoder_outputs=None, use_cache=None, **kwargs
    ) -> dict[str, Any]:
        begun = past_key_values is not None and past_key_values.get_seq_length() > 0
        return {
            "decoder_input_ids": input_ids[:, -1:] if begun else input_ids,
            "past_key_values": past_key_values,
            "encoder_outputs": encoder_outputs,
            "use_cache": use_cache,
        }

    def get_input_embeddings(self) -> nn.Module:
        return self.inner.get_input_embeddings()

    def new_past(self) -> LoopPast:
        return LoopPast()

    # -- storing --------------------------------------------------------------------------------------------

    def state_dict(self, *args, **kwargs) -> dict[str, Tensor]:  # type: ignore[override]
        """Tied weights once: safetensors refuses tensors that share memory."""
        found, prefix = super().state_dict(*args, **kwargs), kwargs.get("prefix", "")
        for tied in self.all_tied_weights_keys:
            if prefix + tied in found and not found[prefix + tied].is_meta:  # meta: from_pretrained lists all names
                del found[prefix + tied]
        return found

    def load_state_dict(self, state_dict: Mapping[str, Any], *args, **kwargs):
        tied = {target: state_dict[source] for target, source in self.all_tied_weights_keys.items()}
        return super().load_state_dict({**tied, **state_dict}, *args, **kwargs)


def _inner_config(config: PretrainedSeq2SeqConfig) -> PreTrainedConfig:
    fields = dict(config.inner)
    return AutoConfig.for_model(fields.pop("model_type"), **fields)
