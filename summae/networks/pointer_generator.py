"""The pointer-generator Transformer: G and R are both of this kind (See et al. 2017, on Transformers).

    p(y_t) = g_t · softmax(h_t Eᵀ)[y_t] + (1 − g_t) · Σ_s a_ts [x_s = y_t],    g_t = σ(w·[h_t; c_t])

Three departures make copying a decision about *words*, carried out in subwords (RESEARCH §3.4):

1. a piece inside a word can be copied only right after the piece before it: the pointer may stand on s at step t
   when s begins a word, or when x_{s−1} = y_{t−1};
2. the pointer prefers to move forward: its score gets a learned bias by the distance from where y_{t−1} stands
   in the source (averaged when it stands there several times);
3. every source piece carries the salience level of its word as an input feature.

Legend: N batch, T target steps, S source pieces, V vocabulary, D width.
"""

from __future__ import annotations

import math
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import GenerationMixin, PreTrainedModel

from summae.networks.config import GeneratorConfig, PointerGeneratorConfig, ReconstructorConfig
from summae.networks.layers import (
    IMPOSSIBLE,
    DecoderLayer,
    EncoderLayer,
    ListPast,
    Past,
    additive_mask,
    sinusoid_positions,
)
from summae.networks.seq2seq import SMALLEST, Seq2Seq, SourceMemory
from summae.records import Sources

WRITE = 30.0  # a gate logit at which nothing is copied: its sigmoid is 1 in 32-bit floats


class Pointer(nn.Module):
    """Where to copy from: log a_ts over the source, and the gate g_t between writing and copying."""

    def __init__(self, config: PointerGeneratorConfig):
        super().__init__()
        self.reach, self.special = config.pointer_reach, config.special_pieces
        self.query = nn.Linear(config.d_model, config.d_model)
        self.key = nn.Linear(config.d_model, config.d_model)
        self.gate = nn.Linear(2 * config.d_model, 1)
        self.distance_bias = nn.Parameter(torch.zeros(2 * config.pointer_reach + 1))

    def allowed(self, memory: SourceMemory, previous_NT: Tensor) -> tuple[Tensor, Tensor]:
        """Which positions may be copied [N, T, S], and where y_{t−1} stands in the source [N, T, S] (bool)."""
        source = memory.input_ids
        assert source is not None and memory.attention_mask is not None and memory.word_starts is not None
        matches = previous_NT[:, :, None] == source[:, None, :]
        usable = (memory.attention_mask > 0) & (source >= self.special)
        follows = F.pad(matches[:, :, :-1], (1, 0), value=False)
        begins = memory.word_starts > 0
        return (begins[:, None, :] | follows) & usable[:, None, :], matches & usable[:, None, :]

    def _forward_bias(self, matches_NTS: Tensor) -> Tensor:
        """Σ_s' m_ts' · bias[clip(s − s')], m_t = where y_{t−1} stands, normalised over its places."""
        length = matches_NTS.shape[-1]
        places = torch.arange(length, device=matches_NTS.device)
        distance = (places[None, :] - places[:, None]).clamp(-self.reach, self.reach) + self.reach
        weights = matches_NTS.to(self.distance_bias.dtype)
        weights = weights / weights.sum(-1, keepdim=True).clamp_min(1.0)
        return weights @ self.distance_bias[distance]

    def forward(self, hidden_NTD: Tensor, memory: SourceMemory, previous_NT: Tensor) -> tuple[Tensor, Tensor]:
        """``(log a [N, T, S], gate logit [N, T])``; positions that may not be copied get ``IMPOSSIBLE``."""
        assert memory.copy_keys is not None and memory.last_hidden_state is not None
        allowed, matches = self.allowed(memory, previous_NT)
        scores = self.query(hidden_NTD) @ memory.copy_keys.transpose(1, 2) / math.sqrt(hidden_NTD.shape[-1])
        scores = (scores + self._forward_bias(matches)).masked_fill(~allowed, IMPOSSIBLE)
        log_copy = scores.log_softmax(-1)
        context = log_copy.exp() @ memory.last_hidden_state
        gate = self.gate(torch.cat([hidden_NTD, context], dim=-1)).squeeze(-1)
        # nothing may be copied (an empty source): the gate must write
        gate = torch.where(allowed.any(-1), gate, torch.full_like(gate, WRITE))
        return log_copy.masked_fill(~allowed, IMPOSSIBLE), gate


class PointerGenerator(Seq2Seq, PreTrainedModel, GenerationMixin):
    """Encoder, decoder and pointer; ``generate()`` of Transformers works on it unchanged."""

    config_class = PointerGeneratorConfig
    main_input_name = "input_ids"
    base_model_prefix = ""
    _tied_weights_keys: dict[str, str] = {}
    _supports_cache_class = True

    piece_starts: Tensor  # [V] int64

    def __init__(self, config: PointerGeneratorConfig):
        super().__init__(config)
        width, inner = config.d_model, config.d_ff
        self.embedding = nn.Embedding(config.vocab_size, width)
        self.salience_embedding = nn.Embedding(config.salience_levels, width)
        self.start_embedding = nn.Embedding(2, width)
        self.encoder_layers = nn.ModuleList(
            EncoderLayer(width, config.heads, inner, config.dropout) for _ in range(config.encoder_layers)
        )
        self.decoder_layers = nn.ModuleList(
            DecoderLayer(width, config.heads, inner, config.dropout) for _ in range(config.decoder_layers)
        )
        self.encoder_norm, self.decoder_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.output_bias = nn.Parameter(torch.zeros(config.vocab_size))
        self.pointer = Pointer(config)
        self.drop = nn.Dropout(config.dropout)
        #: 1 where a vocabulary piece begins a word: how a text given as ids only is cut into words
        self.register_buffer("piece_starts", torch.ones(config.vocab_size, dtype=torch.long))
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=module.embedding_dim**-0.5)
        elif isinstance(module, nn.LayerNorm):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
        elif isinstance(module, Pointer):
            nn.init.zeros_(module.distance_bias)
        elif isinstance(module, PointerGenerator):
            nn.init.zeros_(module.output_bias)
            nn.init.ones_(module.piece_starts)

    # -- encoder --------------------------------------------------------------------------------------------

    def encode(self, sources: Sources, words_NSV: Tensor | None = None) -> SourceMemory:
        """Read the sources; with ``words_NSV`` (relaxed one-hots) the embedding is their mixture."""
        embedded = self.embedding(sources.input_ids) if words_NSV is None else words_NSV @ self.embedding.weight
        scale = math.sqrt(self.config.d_model)
        places = torch.arange(sources.input_ids.shape[1], device=sources.input_ids.device)
        hidden = embedded * scale + sinusoid_positions(places, self.config.d_model).to(embedded.dtype)
        hidden = hidden + self.salience_embedding(sources.salience_ids) + self.start_embedding(sources.word_starts)
        hidden = self.drop(hidden)
        mask = additive_mask(sources.attention_mask, hidden.dtype)
        for layer in self.encoder_layers:
            hidden = layer(hidden, mask)
        hidden = self.encoder_norm(hidden)
        return SourceMemory(
            last_hidden_state=hidden,
            input_ids=sources.input_ids,
            word_starts=sources.word_starts,
            attention_mask=sources.attention_mask,
            copy_keys=self.pointer.key(hidden),
        )

    # -- decoder --------------------------------------------------------------------------------------------

    def decode(
        self, previous_NT: Tensor, memory: SourceMemory, past: Past | None = None, words_NTV: Tensor | None = None
    ) -> Tensor:
        """Hidden states [N, T, D] of the steps that follow ``previous_NT`` (ids of y_{t−1})."""
        embedded = self.embedding(previous_NT) if words_NTV is None else words_NTV @ self.embedding.weight
        steps = torch.arange(previous_NT.shape[1], device=previous_NT.device) + (0 if past is None else past.length)
        hidden = embedded * math.sqrt(self.config.d_model)
        hidden = self.drop(hidden + sinusoid_positions(steps, self.config.d_model).to(hidden.dtype))
        assert memory.attention_mask is not None
        mask = additive_mask(memory.attention_mask, hidden.dtype)
        for index, layer in enumerate(self.decoder_layers):
            hidden = layer(hidden, memory.last_hidden_state, mask, past, index)
        return self.decoder_norm(hidden)

    def vocabulary_logits(self, hidden_NTD: Tensor) -> Tensor:
        return F.linear(hidden_NTD, self.embedding.weight, self.output_bias)

    def log_distribution(self, hidden_NTD: Tensor, memory: SourceMemory, previous_NT: Tensor) -> Tensor:
        """log p(y_t) over the whole vocabulary: [N, T, V]."""
        assert memory.input_ids is not None
        log_copy, gate = self.pointer(hidden_NTD, memory, previous_NT)
        written = self.vocabulary_logits(hidden_NTD).softmax(-1) * gate.sigmoid()[..., None]
        copied = log_copy.exp() * (-gate).sigmoid()[..., None]
        targets = memory.input_ids[:, None, :].expand_as(copied)
        return written.scatter_add(-1, targets, copied.to(written.dtype)).clamp_min(SMALLEST).log()

    def target_log_probs(
        self,
        hidden_NTD: Tensor,
        memory: SourceMemory,
        previous_NT: Tensor,
        targets_NT: Tensor,
        source_words_NSV: Tensor | None = None,
    ) -> Tensor:
        """log p(targets): [N, T], without building [N, T, V] probabilities of the copy part.

        With ``source_words_NSV`` the copied share is Σ_s a_ts · words[s, y_t], so gradient reaches the words.
        """
        assert memory.input_ids is not None
        log_copy, gate = self.pointer(hidden_NTD, memory, previous_NT)
        logits = self.vocabulary_logits(hidden_NTD)
        written = logits.gather(-1, targets_NT[..., None]).squeeze(-1) - logits.logsumexp(-1)
        if source_words_NSV is None:
            hit = (targets_NT[:, :, None] == memory.input_ids[:, None, :]).to(logits.dtype)
        else:
            index = targets_NT[:, None, :].expand(-1, source_words_NSV.shape[1], -1)
            hit = source_words_NSV.gather(-1, index).transpose(1, 2)
        copied = (log_copy.exp() * hit).sum(-1).clamp_min(SMALLEST).log()
        return torch.logaddexp(written + F.logsigmoid(gate), copied + F.logsigmoid(-gate))

    # -- Transformers' interface ----------------------------------------------------------------------------

    def prepare_inputs_for_generation(  # type: ignore[override] # called by keyword; Transformers' own override it so
        self, input_ids: Tensor, past_key_values=None, encoder_outputs=None, use_cache=None, **kwargs
    ) -> dict:
        if past_key_values is not None and past_key_values.get_seq_length() > 0:
            input_ids = input_ids[:, past_key_values.get_seq_length() :]
        return {
            "decoder_input_ids": input_ids,
            "past_key_values": past_key_values,
            "encoder_outputs": encoder_outputs,
            "use_cache": use_cache,
        }

    def get_input_embeddings(self) -> nn.Module:
        return self.embedding

    def set_input_embeddings(self, value: nn.Module) -> None:
        self.embedding = cast(nn.Embedding, value)

    def new_past(self) -> ListPast:
        return ListPast(len(self.decoder_layers))


class Generator(PointerGenerator):
    """G: source → summary."""

    config_class = GeneratorConfig


class Reconstructor(PointerGenerator):
    """R: summary → source."""

    config_class = ReconstructorConfig
