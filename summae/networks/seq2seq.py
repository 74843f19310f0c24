"""What G and R have in common, be they ours or borrowed: teacher forcing, and what Transformers asks of a network.

Legend: N batch, T target steps, S source pieces, V vocabulary, D width.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import EncoderDecoderCache
from transformers.cache_utils import CacheLayerMixin
from transformers.modeling_outputs import Seq2SeqLMOutput
from transformers.utils import ModelOutput

from summae.records import Sources

SMALLEST = 1e-12  # probabilities below this are not told apart


@dataclass
class SourceMemory(ModelOutput):
    """What the decoder needs of the source; ``generate()`` expands every tensor for its beams."""

    last_hidden_state: Tensor | None = None  # [N, S, D]
    input_ids: Tensor | None = None  # [N, S]
    word_starts: Tensor | None = None  # [N, S]
    attention_mask: Tensor | None = None  # [N, S]
    copy_keys: Tensor | None = None  # [N, S, D]


class CachePast:
    """Transformers' cache seen as a :class:`~summae.networks.layers.Past`."""

    length: int | Tensor

    def __init__(self, cache: EncoderDecoderCache):
        self.cache, self.length = cache, cache.get_seq_length()

    def extend(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        return self.cache.self_attention_cache.update(keys, values, layer)

    def memory(self, layer: int, project: Callable[[], tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
        cross = self.cache.cross_attention_cache
        if not self.cache.is_updated.get(layer, False):
            self.cache.is_updated[layer] = True
            return cross.update(*project(), layer)
        stored = cast(CacheLayerMixin, cross.layers[layer])
        assert stored.keys is not None and stored.values is not None  # updated before
        return stored.keys, stored.values


class Seq2Seq(ABC):
    """Of a network that encodes sources and scores targets: all that follows from those two."""

    config: Any
    piece_starts: Tensor  # [V] int64

    @abstractmethod
    def encode(self, sources: Sources, words_NSV: Tensor | None = None) -> SourceMemory: ...

    @abstractmethod
    def decode(
        self, previous_NT: Tensor, memory: SourceMemory, past: Any = None, words_NTV: Tensor | None = None
    ) -> Tensor:
        """What the next two read; ``past``: what ``new_past`` of the same network gave."""

    @abstractmethod
    def log_distribution(self, hidden: Tensor, memory: SourceMemory, previous_NT: Tensor, /) -> Tensor:
        """log p over the vocabulary: [N, T, V]."""

    @abstractmethod
    def target_log_probs(
        self,
        hidden: Tensor,
        memory: SourceMemory,
        previous_NT: Tensor,
        targets_NT: Tensor,
        source_words_NSV: Tensor | None = None,
        /,
    ) -> Tensor:
        """log p of the targets: [N, T]."""

    @abstractmethod
    def new_past(self) -> Any: ...

    def sources(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        salience_ids: Tensor | None = None,
        word_starts: Tensor | None = None,
    ) -> Sources:
        """A :class:`Sources` from what is known: unknown salience, words cut by ``piece_starts``."""
        if attention_mask is None:
            attention_mask = (input_ids != self.config.pad_token_id).long()
        return Sources(
            input_ids=input_ids,
            attention_mask=attention_mask,
            salience_ids=torch.zeros_like(input_ids) if salience_ids is None else salience_ids,
            word_starts=self.piece_starts[input_ids] if word_starts is None else word_starts,
        )

    def summary_as_source(self, ids_NT: Tensor, mask_NT: Tensor) -> Sources:
        """The drawn summary as R's source; salience is unknown there."""
        return self.sources(ids_NT, attention_mask=mask_NT.long())

    def log_likelihood(
        self,
        sources: Sources,
        targets_NT: Tensor,
        *,
        seen_NT: Tensor | None = None,
        source_words_NSV: Tensor | None = None,
    ) -> Tensor:
        """Teacher-forced log p(y_t | y_<t, x) [N, T], padding included (the caller masks).

        ``seen_NT``: what the decoder is shown instead of ``targets_NT`` (R's inputs with pieces masked out).
        """
        memory = self.encode(sources, source_words_NSV)
        previous = shifted(targets_NT if seen_NT is None else seen_NT, self.config.decoder_start_token_id)
        return self.target_log_probs(self.decode(previous, memory), memory, previous, targets_NT, source_words_NSV)

    # -- Transformers' interface ----------------------------------------------------------------------------

    def get_encoder(self, modality: str | None = None) -> nn.Module:
        return EncoderOf(self)

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        salience_ids: Tensor | None = None,
        word_starts: Tensor | None = None,
        decoder_input_ids: Tensor | None = None,
        encoder_outputs: SourceMemory | None = None,
        past_key_values: EncoderDecoderCache | None = None,
        labels: Tensor | None = None,
        use_cache: bool | None = None,
        return_dict: bool = True,
        **kwargs,
    ) -> Seq2SeqLMOutput:
        """``logits``: log-probabilities [N, T, V]; ``loss``: mean cross-entropy of ``labels`` (−100 left out)."""
        memory = encoder_outputs
        if memory is None:
            assert input_ids is not None, "input_ids or encoder_outputs must be given"
            memory = self.encode(self.sources(input_ids, attention_mask, salience_ids, word_starts))
        if decoder_input_ids is None:
            assert labels is not None, "labels or decoder_input_ids must be given"
            pad = self.config.pad_token_id
            decoder_input_ids = shifted(labels.masked_fill(labels == -100, pad), self.config.decoder_start_token_id)
        past = CachePast(past_key_values) if past_key_values is not None else None
        hidden = self.decode(decoder_input_ids, memory, past)
        logits = self.log_distribution(hidden, memory, decoder_input_ids)
        loss = None if labels is None else F.nll_loss(logits.flatten(0, 1), labels.flatten(), ignore_index=-100)
        # by place: the third field is ``past_key_values`` before Transformers 5.24, ``cache`` since
        return Seq2SeqLMOutput(loss, logits, past_key_values, encoder_last_hidden_state=memory.last_hidden_state)


class EncoderOf(nn.Module):
    """The encoder half as ``generate()`` wants to call it."""

    def __init__(self, network: Seq2Seq):
        super().__init__()
        object.__setattr__(self, "network", network)  # not a sub-module: its weights belong to the network
        self.main_input_name = "input_ids"

    def forward(self, input_ids, attention_mask=None, salience_ids=None, word_starts=None, return_dict=True, **kwargs):
        return self.network.encode(self.network.sources(input_ids, attention_mask, salience_ids, word_starts))


def shifted(ids_NT: Tensor, start_id: int) -> Tensor:
    """y_{t−1} for every step t: the start piece, then all but the last."""
    return F.pad(ids_NT[:, :-1], (1, 0), value=start_id)
