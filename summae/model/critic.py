"""A critic that a checkpoint keeps: ``per_token`` with ``bce`` as a folder of Transformers' ``save_pretrained``.

    realism(y) = 1/T · Σ_i σ(s_i)      in (0, 1): how real the text reads, after every piece, the end piece included

σ(s_i) is the probability that a text which begins y_1 … y_i is a real one, when as many are real as drawn (de Masson
d'Autume et al. 2019); so 0.5 is a text that could be either. What is read is normalised (:mod:`summae.text.finishing`):
neither capitals nor final marks tell.

It stands above both leaves that it joins: a critic, and what Transformers is to know of a network in a checkpoint.

Legend: N rows, T pieces.
Relations: the critic of adversarial training (:mod:`summae.critics`) learns while G changes, and is thrown away;
this one has seen what the finished model writes, and ranks it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, AutoTokenizer, PreTrainedConfig, PreTrainedModel

from summae.critics.inputs import masked_mean
from summae.critics.per_token import PerToken, PerTokenConfig
from summae.networks.shared_tokenizer import SharedTokenizer
from summae.records import Scored


class SavedCriticConfig(PreTrainedConfig):
    """What of :class:`PerTokenConfig` a classifier needs, and the pieces it reads."""

    model_type = "summae-critic"

    vocab_size: int = 1000
    embedding: int = 128
    hidden: int = 256
    layers: int = 1
    dropout: float | int = 0.1
    pad_token_id: int | None = 1
    tie_word_embeddings: bool = False


class SavedCritic(PreTrainedModel):
    """ids [N, T] → log-odds [N, T] that what is read so far begins a real text; higher = more real, 0 on padding."""

    config_class = SavedCriticConfig
    base_model_prefix = ""

    def __init__(self, config: SavedCriticConfig):
        super().__init__(config)
        shape = {name: getattr(config, name) for name in ("embedding", "hidden", "layers", "dropout")}
        assert config.pad_token_id is not None
        self.critic = PerToken(PerTokenConfig(**shape), vocab_size=config.vocab_size, pad_id=config.pad_token_id)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """They are as :class:`PerToken` has made them."""

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None) -> Tensor:
        keep = (input_ids != self.config.pad_token_id).long() if attention_mask is None else attention_mask
        return self.critic(input_ids, keep)

    def objective(self, real_ids: Tensor, real_mask: Tensor, drawn_ids: Tensor, drawn_mask: Tensor) -> Scored:
        """The loss to descend (:meth:`PerToken.objective`)."""
        return self.critic.objective(real_ids, real_mask, drawn_ids, drawn_mask)

    @torch.no_grad()
    def realism(self, ids_NT: Tensor, mask_NT: Tensor) -> Tensor:
        """[N], see above."""
        return masked_mean(self(ids_NT, mask_NT).sigmoid(), mask_NT)


AutoConfig.register(SavedCriticConfig.model_type, SavedCriticConfig)
AutoModel.register(SavedCriticConfig, SavedCritic)
AutoTokenizer.register(SavedCriticConfig, fast_tokenizer_class=SharedTokenizer)
