"""The game, on one screen: play, summary step, critic step, rebuilding step. No logging, no device code.

    source x ─▶ G ─▶ summary y ─▶ R ─▶ x̂           rewards: rebuilds the source? reads like a real one? …
                      └─▶ D ◀── real, unpaired short texts

G climbs the weighted rewards through an estimator; D learns to tell real texts from G's; R learns to rebuild from what
G really says: discrete words only (given soft ones, G hides the source in the probabilities, Wang & Lee 2018).

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
from summae.records import Draw, Episode, Scored
from summae.rewards.mixture import Mixture, breakdown
from summae.rewards.spread import Spread
from summae.text.tokenizer import END_ID
from summae.training.game import GameBatch, masked_out
from summae.training.sampling import NetworkPolicy


@dataclass(frozen=True, kw_only=True)
class Players:
    """The networks at the table and the rules they play by."""

    generator: AnyGenerator
    reconstructor: AnyReconstructor
    language_model: ShortTextLM
    critic: Critic | None
    warm: AnyGenerator | None  # the warmed-up generator that ``stay_close`` compares with
    estimator: Estimator
    mixture: Mixture
    mask_rebuilt: float
    candidates: int = 3  # sources among which ``retrieval`` must find its own


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


def play(players: Players, policy: NetworkPolicy, batch: GameBatch, generator: torch.Generator) -> Episode:
    """Draw summaries and measure everything the configured rewards need."""
    draw = players.estimator.draw(policy, generator)
    seen = masked_out(batch.documents, players.mask_rebuilt, players.reconstructor.config.mask_token_id)
    return measure(players, draw, batch, seen.repeat_interleave(draw.group, dim=0))


def measure(players: Players, draw: Draw, batch: GameBatch, seen: Tensor) -> Episode:
    """The episode of a draw, R's decoder being shown ``seen [N, S]``: the same for all summaries that are compared.

    The other players are frozen: gradient passes through them to the words.
    """
    needs, k = players.mixture.needs, draw.group
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
    with frozen(players.reconstructor, players.language_model, players.critic):
        found: dict[str, Any] = {}  # tensors, by field of the episode
        if "rebuilt" in needs:
            found["rebuilt"] = rebuild(players.reconstructor, draw, documents, seen)
            if "rebuilt_from_nothing" in needs:  # the same for all samples of a source: once is enough
                with torch.no_grad():
                    blank = rebuild(players.reconstructor, nothing(draw, every=k), documents[::k], seen[::k])
                    found["rebuilt_from_nothing"] = blank.repeat_interleave(k, dim=0)
        if "retrieval" in needs:
            found["retrieval"] = retrieve(players, draw, documents, mask, seen)
        if "fluency" in needs:
            found["fluency"] = players.language_model.log_likelihood(draw.ids, draw.words) * draw.mask
        if "realism" in needs and players.critic is not None:
            words = draw.distributions if draw.distributions is not None else draw.words
            scores = players.critic(draw.ids if words is None else words, draw.mask)
            found["realism"] = players.critic.rewards(scores, draw.mask)
    if "stay_close" in needs and players.warm is not None:
        with torch.no_grad():
            before = players.warm.log_likelihood(batch.sources.repeat(k), draw.ids)
            found["stay_close"] = (draw.log_probs.detach() - before) * draw.mask
    return replace(episode, **found)


def rebuild(network: AnyReconstructor, draw: Draw, documents: Tensor, seen: Tensor) -> Tensor:
    """log p_R(x_s | seen x_<s, summary): [N, S]. Relaxed words take the place of the ids when there are any."""
    summary = network.summary_as_source(draw.ids, draw.mask)
    return network.log_likelihood(summary, documents, seen_NT=seen, source_words_NSV=draw.words)


def nothing(draw: Draw, every: int = 1) -> Draw:
    """The empty summary, the end piece alone, for every row or every ``every``-th."""
    mask = torch.ones_like(draw.mask[::every, :1])
    return Draw(ids=torch.full_like(draw.ids[::every, :1], END_ID), mask=mask, log_probs=torch.zeros_like(mask))


def retrieve(players: Players, draw: Draw, documents: Tensor, mask: Tensor, seen: Tensor) -> Tensor:
    """Mean log p_R of the own source and of the batch's next ones: [N, C], own first."""
    columns = []
    for shift in range(min(players.candidates, len(documents) // draw.group)):
        other, other_mask, shown = (t.roll(shift * draw.group, dims=0) for t in (documents, mask, seen))
        log_probs = rebuild(players.reconstructor, draw, other, shown)
        columns.append((log_probs * other_mask).sum(1) / other_mask.sum(1))
    return torch.stack(columns, dim=1)


def summary_step(players: Players, episode: Episode, batch: GameBatch, spread: Spread) -> tuple[Scored, Spread]:
    """G's loss. Rewards are higher-is-better; the estimator holds the one minus sign."""
    measured = players.mixture.measure(episode)
    spread = spread.observed(measured, episode.draw.group)
    greedy, draw = None, episode.draw
    if draw.baseline_ids is not None:
        assert draw.baseline_mask is not None and episode.seen is not None
        reference = Draw(ids=draw.baseline_ids, mask=draw.baseline_mask, log_probs=draw.baseline_mask, group=draw.group)
        with torch.no_grad():
            beside = measure(players, reference, batch, episode.seen)
            greedy = players.mixture.weigh(players.mixture.measure(beside), spread)
    scored = players.estimator.loss(episode.draw, players.mixture.weigh(measured, spread), greedy)
    figures = {f"reward/{name}": value for name, value in breakdown(measured, episode).items()}
    return Scored(value=scored.value, metrics={**scored.metrics, **figures}), spread


def critic_step(call, episode: Episode, batch: GameBatch, generator: torch.Generator) -> Scored:
    """D's loss on real texts and on what G drew; ``call`` is the (wrapped) critic."""
    draw = episode.draw
    soft = draw.distributions if draw.distributions is not None else draw.words
    fake = draw.ids if soft is None else soft.detach()
    return call("objective", batch.real, batch.real_mask, fake, draw.mask, generator=generator)


def rebuilding_step(call, players: Players, episode: Episode, batch: GameBatch) -> Scored:
    """R's loss on one drawn summary per source (discrete words only)."""
    draw, k = episode.draw, episode.draw.group
    summary = players.reconstructor.summary_as_source(draw.ids[::k], draw.mask[::k])
    seen = masked_out(batch.documents, players.mask_rebuilt, players.reconstructor.config.mask_token_id)
    log_probs = call("log_likelihood", summary, batch.documents, seen_NT=seen)
    loss = -(log_probs * batch.document_mask).sum() / batch.document_mask.sum()
    return Scored(value=loss, metrics={"rebuild_loss": float(loss.detach())})
