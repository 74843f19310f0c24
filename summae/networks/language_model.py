"""The short-text language model: a small causal Transformer that has read real short texts only.

log p(y_t | y_<t). A model of titles is a better prior for summaries than one of articles: +3.2 R-1 (RESEARCH §3.3).
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import PreTrainedModel

from summae.networks.config import ShortTextLMConfig
from summae.networks.layers import DecoderLayer, sinusoid_positions


class ShortTextLM(PreTrainedModel):
    """``log_likelihood(ids [N, T]) → [N, T]``, with gradient through relaxed words when they are given."""

    config_class = ShortTextLMConfig
    base_model_prefix = ""

    def __init__(self, config: ShortTextLMConfig):
        super().__init__(config)
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.layers = nn.ModuleList(
            DecoderLayer(config.d_model, config.heads, config.d_ff, config.dropout, sources=False)
            for _ in range(config.layers)
        )
        self.norm = nn.LayerNorm(config.d_model)
        self.output_bias = nn.Parameter(torch.zeros(config.vocab_size))
        self.drop = nn.Dropout(config.dropout)
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
        elif isinstance(module, ShortTextLM):
            nn.init.zeros_(module.output_bias)

    def log_likelihood(self, ids_NT: Tensor, words_NTV: Tensor | None = None) -> Tensor:
        """log p(y_t | y_<t) in nats [N, T], padding included (the caller masks)."""
        if words_NTV is None:
            embedded = self.embedding(F.pad(ids_NT[:, :-1], (1, 0), value=self.config.bos_token_id))
        else:
            first = self.embedding.weight[self.config.bos_token_id].expand(len(ids_NT), 1, -1)
            embedded = torch.cat([first, words_NTV[:, :-1] @ self.embedding.weight], dim=1)
        steps = torch.arange(ids_NT.shape[1], device=ids_NT.device)
        hidden = embedded * math.sqrt(self.config.d_model)
        hidden = self.drop(hidden + sinusoid_positions(steps, self.config.d_model).to(hidden.dtype))
        for index, layer in enumerate(self.layers):
            hidden = layer(hidden, None, None, None, index)
        log_probs = F.linear(self.norm(hidden), self.embedding.weight, self.output_bias).log_softmax(-1)
        if words_NTV is None:
            return log_probs.gather(-1, ids_NT[..., None]).squeeze(-1)
        return (words_NTV * log_probs).sum(-1)

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None) -> Tensor:
        """Per-step log-likelihood [N, T], 0 on padding."""
        keep = (input_ids != self.config.pad_token_id) if attention_mask is None else attention_mask
        return self.log_likelihood(input_ids) * keep

    def get_input_embeddings(self) -> nn.Module:
        return self.embedding
