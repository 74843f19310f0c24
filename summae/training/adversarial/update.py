"""The algorithm, on one screen: what G, D and R learn from one batch. No logging of figures, no device code.

G climbs the weighted rewards through an estimator; D learns to tell real texts from G's; R learns to rebuild from what
G really says: discrete words only (given soft ones, G hides the source in the probabilities, Wang & Lee 2018).

Legend: N rows (sources × group), S document pieces, T summary pieces.
Sign: rewards are higher-is-better; the estimator holds the one minus sign.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from summae.records import Draw, Episode, Scored
from summae.rewards.mixture import breakdown
from summae.rewards.spread import Spread
from summae.training.adversarial.batches import RolloutBatch
from summae.training.adversarial.rollout import Models, measure, rollout
from summae.training.batches import PairBatch, masked_out
from summae.training.loop import Call
from summae.training.policy import NetworkPolicy


def summary_step(models: Models, episode: Episode, batch: RolloutBatch, spread: Spread) -> tuple[Scored, Spread]:
    """G's loss, and how far the rewards spread now."""
    measured = models.mixture.measure(episode)
    spread = spread.observed(measured, episode.draw.group)
    greedy, draw = None, episode.draw
    if draw.baseline_ids is not None:
        assert draw.baseline_mask is not None and episode.seen is not None
        reference = Draw(ids=draw.baseline_ids, mask=draw.baseline_mask, log_probs=draw.baseline_mask, group=draw.group)
        with torch.no_grad():
            beside = measure(models, reference, batch, episode.seen)
            greedy = models.mixture.weigh(models.mixture.measure(beside), spread)
    scored = models.estimator.loss(episode.draw, models.mixture.weigh(measured, spread), greedy)
    figures = {f"reward/{name}": value for name, value in breakdown(measured, episode).items()}
    return Scored(value=scored.value, metrics={**scored.metrics, **figures}), spread


def critic_step(call: Call, episode: Episode, batch: RolloutBatch, generator: torch.Generator) -> Scored:
    """D's loss on real texts and on what G drew; ``call`` is the (wrapped) critic."""
    draw = episode.draw
    soft = draw.distributions if draw.distributions is not None else draw.words
    fake = draw.ids if soft is None else soft.detach()
    return call("objective", batch.real, batch.real_mask, fake, draw.mask, generator=generator)


def rebuilding_step(call: Call, models: Models, episode: Episode, batch: RolloutBatch) -> Scored:
    """R's loss on one drawn summary per source (discrete words only); ``call`` is the (wrapped) reconstructor."""
    draw, k = episode.draw, episode.draw.group
    summary = models.reconstructor.summary_as_source(draw.ids[::k], draw.mask[::k])
    seen = masked_out(batch.documents, models.mask_rebuilt, models.reconstructor.config.mask_token_id)
    log_probs = call("log_likelihood", summary, batch.documents, seen_NT=seen)
    loss = -(log_probs * batch.document_mask).sum() / batch.document_mask.sum()
    return Scored(value=loss, metrics={"rebuild_loss": float(loss.detach())})


def paired_step(call: Call, pairs: PairBatch) -> Scored:
    """G's cross-entropy on real pairs, per piece; ``call`` is the (wrapped) generator."""
    assert pairs.sources is not None
    log_probs = call("log_likelihood", pairs.sources, pairs.targets) * pairs.mask
    loss = -log_probs.sum() / pairs.mask.sum()
    return Scored(value=loss, metrics={"paired_loss": float(loss.detach())})


@dataclass
class BatchUpdate:
    """The steps on one batch: all learn from what G draws at the first. Each loss is summed over the sources."""

    models: Models
    batch: RolloutBatch
    random: torch.Generator
    draw_limit: float
    episode: Episode | None = None

    def draw(self, call: Call | None) -> Episode:
        """With dropout off everywhere: the policy that draws is the policy that learns."""
        models = self.models
        for network in (models.generator, models.reconstructor, models.critic):
            if network is not None:
                network.eval()
        most = int(self.draw_limit * float(self.batch.target_length.max())) + 2
        longest = min(models.generator.config.max_target_length, most)
        policy = NetworkPolicy(models.generator, self.batch.sources, longest, call)
        self.episode = rollout(models, policy, self.batch, self.random)
        return self.episode

    def summary(self, call: Call, spread: Spread) -> tuple[Scored, Spread]:
        scored, spread = summary_step(self.models, self.draw(call), self.batch, spread)
        return self._summed(scored), spread

    def critic(self, call: Call) -> Scored:
        assert self.models.critic is not None and self.episode is not None
        self.models.critic.train()
        return self._summed(critic_step(call, self.episode, self.batch, self.random))

    def rebuilding(self, call: Call) -> Scored:
        assert self.episode is not None
        self.models.reconstructor.train()
        return self._summed(rebuilding_step(call, self.models, self.episode, self.batch))

    def paired(self, call: Call, pairs: PairBatch) -> Scored:
        return self._summed(paired_step(call, pairs))

    def _summed(self, scored: Scored) -> Scored:
        return Scored(value=scored.value * float(len(self.batch.documents)), metrics=scored.metrics)
