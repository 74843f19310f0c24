"""The rollout: G draws summaries, and the models say of them whatever the configured rewards need to know.

    source x ─▶ G ─▶ summary y ─▶ R ─▶ x̂           rewards: rebuilds the source? reads like a real one? …
                      └─▶ D ◀── real, unpaired short texts

Legend: N rows (sources × group), S document pieces, T summary pieces.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from summae.critics import Critic
from summae.estimators import Estimator
from summae.networks import AnyGenerator, AnyReconstructor, ShortTextLM
from summae.records import Draw, Episode
from summae.rewards.mixture import RewardMixture
from summae.text.tokenizer import END_ID
from summae.training.adversarial.batches import RolloutBatch
from summae.training.batches import masked_out
from summae.training.policy import NetworkPolicy


@dataclass(frozen=True, kw_only=True)
class Models:
    """The networks of a rollout, how words are drawn from G, and the rewards that are measured."""

    generator: AnyGenerator
    reconstructor: AnyReconstructor
    language_model: ShortTextLM
    critic: Critic | None
    warm: AnyGenerator | None  # the warmed-up generator that ``stay_close`` compares with
    estimator: Estimator
    mixture: RewardMixture
    mask_rebuilt: float
    retrieval_sources: int  # among which ``retrieval`` must find its own


@contextmanager
def frozen(*networks: nn.Module | None) -> Iterator[None]:
    """Gradient passes through these networks but does not stay in their weights."""
    parameters = [p for network in networks if network is not None for p in network.parameters() if p.requires_grad]
    for parameter in parameters:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in parameters:
            parameter.requires_grad_(True)


def rollout(models: Models, policy: NetworkPolicy, batch: RolloutBatch, generator: torch.Generator) -> Episode:
    """Draw summaries and measure everything the configured rewards need."""
    draw = models.estimator.draw(policy, generator)
    seen = masked_out(batch.documents, models.mask_rebuilt, models.reconstructor.config.mask_token_id)
    return measure(models, draw, batch, seen.repeat_interleave(draw.group, dim=0))


def measure(models: Models, draw: Draw, batch: RolloutBatch, seen: Tensor) -> Episode:
    """The episode of a draw, R's decoder being shown ``seen [N, S]``: the same for all summaries that are compared.

    The other models are frozen: gradient passes through them to the words.
    """
    needs, k = models.mixture.needs, draw.group
    documents, mask, weights = (
        t.repeat_interleave(k, dim=0) for t in (batch.documents, batch.document_mask, batch.document_weights)
    )
    episode = Episode(
        draw=draw,
        source_ids=documents,
        source_mask=mask,
        source_weights=weights,
        target_length=batch.target_length.repeat_interleave(k),
        seen=seen,
    )
    with frozen(models.reconstructor, models.language_model, models.critic):
        found: dict[str, Any] = {}  # tensors, by field of the episode
        if "rebuilt" in needs:
            found["rebuilt"] = rebuild(models.reconstructor, draw, documents, seen)
            if "rebuilt_from_nothing" in needs:  # the same for all samples of a source: once is enough
                with torch.no_grad():
                    blank = rebuild(models.reconstructor, empty_summary(draw, every=k), documents[::k], seen[::k])
                    found["rebuilt_from_nothing"] = blank.repeat_interleave(k, dim=0)
        if "retrieval" in needs:
            found["retrieval"] = retrieve(models, draw, documents, mask, seen)
        if "fluency" in needs:
            found["fluency"] = models.language_model.log_likelihood(draw.ids, draw.words) * draw.mask
        if "realism" in needs and models.critic is not None:
            words = draw.distributions if draw.distributions is not None else draw.words
            scores = models.critic(draw.ids if words is None else words, draw.mask)
            found["realism"] = models.critic.rewards(scores, draw.mask)
    if "stay_close" in needs and models.warm is not None:
        with torch.no_grad():
            before = models.warm.log_likelihood(batch.sources.repeat(k), draw.ids)
            found["stay_close"] = (draw.log_probs.detach() - before) * draw.mask
    return replace(episode, **found)


def rebuild(network: AnyReconstructor, draw: Draw, documents: Tensor, seen: Tensor) -> Tensor:
    """log p_R(x_s | seen x_<s, summary): [N, S]. Relaxed words take the place of the ids when there are any."""
    summary = network.summary_as_source(draw.ids, draw.mask)
    return network.log_likelihood(summary, documents, seen_NT=seen, source_words_NSV=draw.words)


def empty_summary(draw: Draw, every: int = 1) -> Draw:
    """The empty summary, the end piece alone, for every row or every ``every``-th."""
    mask = torch.ones_like(draw.mask[::every, :1])
    return Draw(ids=torch.full_like(draw.ids[::every, :1], END_ID), mask=mask, log_probs=torch.zeros_like(mask))


def retrieve(models: Models, draw: Draw, documents: Tensor, mask: Tensor, seen: Tensor) -> Tensor:
    """Mean log p_R of the own source and of the batch's next ones: [N, C], own first."""
    columns = []
    for shift in range(min(models.retrieval_sources, len(documents) // draw.group)):
        other, other_mask, shown = (t.roll(shift * draw.group, dims=0) for t in (documents, mask, seen))
        log_probs = rebuild(models.reconstructor, draw, other, shown)
        columns.append((log_probs * other_mask).sum(1) / other_mask.sum(1))
    return torch.stack(columns, dim=1)
