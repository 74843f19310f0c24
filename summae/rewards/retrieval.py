"""Retrieval: is the summary's own source found among the batch's?

r = log softmax_c(ℓ_c / temperature) at c = own, ℓ_c = mean log p_R(source c | y): at most 0, and
−log C when the summary says nothing. The contrastive (InfoNCE, van den Oord et al. 2018) form of
reconstruction: words that fit every source pay nothing, whatever the reconstructor thinks of them.

Relations: ``reconstruction`` compares with an empty summary instead of with other sources.
"""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from summae.options import Options, Positive, options
from summae.records import Episode
from summae.rewards.reward import required


@options
class RetrievalReward(Options):
    temperature: Positive = 1.0  # nats; smaller asks for a clearer lead over the other sources

    needs: ClassVar[frozenset[str]] = frozenset({"retrieval"})

    def __call__(self, episode: Episode) -> Tensor:
        return (required(episode, "retrieval") / self.temperature).log_softmax(dim=1)[:, 0]
