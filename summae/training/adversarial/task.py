"""The adversarial stage as a task for the loop: which network learns when, validation, and going back to the best."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from summae.critics import CRITICS, Critic
from summae.data.corpora import Corpus
from summae.networks import AnyGenerator, AnyReconstructor, ShortTextLM
from summae.records import Scored
from summae.rewards.mixture import RewardMixture
from summae.rewards.spread import Spread
from summae.text.encoding import SourceEncoder
from summae.training.adversarial.batches import PairedTexts, RolloutBatch, RolloutBatches, to_device
from summae.training.adversarial.config import AdversarialConfig
from summae.training.adversarial.rollout import Models
from summae.training.adversarial.update import BatchUpdate
from summae.training.batches import PairBatch
from summae.training.best import SCORE, BestWeights
from summae.training.distributed import mean_over_processes
from summae.training.loop import Call, Update
from summae.training.policy import decode_ids, sample
from summae.training.schedule import OptimizerConfig
from summae.training.state import StageState
from summae.training.validation import validate

SHOWN = 4  # samples in the log
UNDECIDED = 0.5  # the critic's accuracy before it was ever measured


def make_mixture(config: AdversarialConfig) -> RewardMixture:
    rewards = {name: config.reward_options[name] for name in config.rewards}
    names = frozenset(config.rewards) if config.normalise_rewards else frozenset()
    return RewardMixture(rewards=rewards, weights=config.rewards, normalise=names)


def make_critic(config: AdversarialConfig, vocab_size: int, pad_id: int, seed: int) -> Critic | None:
    if config.critic is None:
        return None
    torch.manual_seed(seed + 3)
    return CRITICS[config.critic](config.critic_options, vocab_size=vocab_size, pad_id=pad_id)  # type: ignore[arg-type]


class AdversarialTask:
    """G, D and R trained together; a :class:`summae.training.loop.TrainingTask`."""

    def __init__(
        self,
        *,
        config: AdversarialConfig,
        generator: AnyGenerator,
        reconstructor: AnyReconstructor,
        language_model: ShortTextLM,
        critic: Critic | None,
        corpora: Sequence[Corpus],
        encoder: SourceEncoder,
        held_out: Sequence[str],
        seed: int,
        device: torch.device,
        best_file: Path,  # where the best generator so far is kept
        lower_case: float = 0.0,
        paired: PairedTexts | None = None,
    ):
        self.config, self.encoder, self.device, self.paired = config, encoder, device, paired
        warm = (
            copy.deepcopy(generator).eval().requires_grad_(False).to(device) if "stay_close" in config.rewards else None
        )
        self.models = Models(
            generator=generator,
            reconstructor=reconstructor,
            language_model=language_model.eval().requires_grad_(False).to(device),
            critic=critic,
            warm=warm,
            estimator=config.estimator_options,
            mixture=make_mixture(config),
            mask_rebuilt=config.mask_rebuilt,
            retrieval_sources=config.retrieval_sources,
        )
        self.networks: dict[str, torch.nn.Module] = {"generator": generator, "reconstructor": reconstructor}
        self.optimizers: dict[str, OptimizerConfig] = {
            "generator": config.loop.optimizer,
            "reconstructor": config.reconstructor_optimizer,
        }
        if critic is not None:
            self.networks["critic"], self.optimizers["critic"] = critic, config.critic_optimizer
        self.batches = RolloutBatches(
            corpora,
            encoder,
            config,
            longest_summary=generator.config.max_target_length,
            longest_document=reconstructor.config.max_target_length,
            lower_case=lower_case,
            seed=seed,
        )
        self.validation_batches = [to_device(batch, device) for batch in self.batches.validation(held_out)]
        self.shown = list(held_out[:SHOWN])
        self.best = BestWeights(generator, best_file)

    # -- learning -------------------------------------------------------------------------------------------

    def batch(self, number: int) -> RolloutBatch:
        return self.batches.batch(number)

    def weight(self, batch: RolloutBatch) -> float:
        return float(len(batch.documents))

    def updates(self, batch: RolloutBatch, state: StageState) -> Iterator[Update]:
        """Summary step, critic step(s), rebuilding step; now and then one on real pairs."""
        random = torch.Generator(device=self.device)
        random.manual_seed(int(torch.randint(2**31, ())))
        update = BatchUpdate(self._annealed(state), to_device(batch, self.device), random, self.config.draw_limit)
        if state.step >= self.config.lead_in:
            yield Update("generator", lambda call: self._summary(update, call, state))
        else:
            with torch.no_grad():
                update.draw(None)
        if self.models.critic is not None and not self._critic_paused(state):
            for _ in range(self.config.critic_steps):
                yield Update("critic", lambda call: self._critic(update, call, state))
        yield Update("reconstructor", update.rebuilding)
        if self.paired is not None and state.step % self.paired.interval == 0:
            pairs = self._pairs(self.paired, state.step, len(batch.documents))
            yield Update("generator", lambda call: update.paired(call, pairs))

    def _summary(self, update: BatchUpdate, call: Call, state: StageState) -> Scored:
        scored, spread = update.summary(call, Spread().restored(state.figures.get("spread", {})))
        spread = spread.mapped(lambda variance: mean_over_processes(variance, self.device))
        state.figures["spread"] = spread.state_dict()
        return scored

    def _critic(self, update: BatchUpdate, call: Call, state: StageState) -> Scored:
        scored = update.critic(call)
        accuracy = mean_over_processes(scored.metrics["critic_accuracy"], self.device)  # all pause it, or none
        kept, before = self.config.critic_accuracy_decay, state.figures.get("critic_accuracy", UNDECIDED)
        state.figures["critic_accuracy"] = kept * before + (1 - kept) * accuracy
        return scored

    def _critic_paused(self, state: StageState) -> bool:
        """A critic that wins outright teaches nothing: it sits out most steps while it is too good."""
        accuracy = state.figures.get("critic_accuracy", UNDECIDED)
        return accuracy > self.config.critic_pause_above and state.step % self.config.critic_pause_period != 0

    def _annealed(self, state: StageState) -> Models:
        """The exploration bonus of the self-critical baseline decays to 0 over ``bonus_steps`` (Wang & Lee 2018)."""
        if not self.config.bonus_steps:
            return self.models
        estimator, left = self.models.estimator, max(0.0, 1 - state.step / self.config.bonus_steps)
        return replace(self.models, estimator=replace(estimator, bonus=estimator.bonus * left))

    def _pairs(self, paired: PairedTexts, step: int, size: int) -> PairBatch:
        pairs = paired.batch(step, size, self.encoder, self.models.generator.config.max_target_length)
        assert pairs.sources is not None
        tensors = pairs.targets.to(self.device), pairs.mask.to(self.device)
        return PairBatch(sources=pairs.sources.to(self.device), targets=tensors[0], mask=tensors[1])

    # -- validation -----------------------------------------------------------------------------------------

    def after_step(self, state: StageState) -> dict[str, float]:
        """Validate now and then; keep the best generator, go back to it when the score has fallen too far."""
        if not self.validation_batches or (state.step % self.config.validate_every and state.step != 1):
            return {}
        score, figures = self._validate(state)
        if score < state.figures[SCORE] * (1 - self.config.revert_below):
            self.best.put_back()
            figures["valid/reverted"] = 1.0
        return figures

    def _validate(self, state: StageState) -> tuple[float, dict[str, float]]:
        models = self.models
        found = validate(models.generator, models.reconstructor, models.language_model, self.validation_batches)
        self.best.offer(found.score, state)
        return found.score, found.figures()

    def finish(self, state: StageState) -> None:
        """Back to the best generator, which may be the last one."""
        if self.validation_batches:
            self._validate(state)
        self.best.put_back()

    @torch.no_grad()
    def samples(self) -> list[dict[str, str]]:
        """Source, summary, and what R rebuilds from it."""
        if not self.shown:
            return []
        models, tokenizer = self.models, self.encoder.tokenizer
        items = [(source, source, self.batches.usual_words) for source in self.shown]
        sources = to_device(self.batches.of(items), self.device).sources
        models.generator.eval()
        models.reconstructor.eval()
        longest = self.batches.longest_summary, self.batches.longest_document
        ids, mask = sample(models.generator, sources, temperature=0.0, longest=longest[0])
        summary = models.reconstructor.summary_as_source(ids, mask)
        rebuilt, _ = sample(models.reconstructor, summary, temperature=0.0, longest=longest[1])
        columns = (self.shown, decode_ids(ids, tokenizer), decode_ids(rebuilt, tokenizer))
        return [dict(zip(("source", "summary", "rebuilt"), row, strict=True)) for row in zip(*columns, strict=True)]
