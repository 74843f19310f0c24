"""The adversarial stage as a task for the loop: who plays, with what, and when to go back."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
import torch

from summae.critics import CRITICS, Critic
from summae.data.corpora import Corpus
from summae.errors import ConfigError
from summae.estimators import ESTIMATORS
from summae.networks import AnyGenerator, AnyReconstructor, ShortTextLM
from summae.records import Episode, Scored
from summae.rewards import REWARDS
from summae.rewards.mixture import Mixture
from summae.rewards.spread import Spread
from summae.tables import look_up
from summae.text.encoding import SourceEncoder
from summae.training import best
from summae.training.batches import PairBatch, Pools, collate_targets, game_batch, generator_batch, to_device
from summae.training.config import AdversarialConfig, OptimizerConfig
from summae.training.game import GameBatch
from summae.training.loop import Update
from summae.training.play import Players, critic_step, play, rebuilding_step, summary_step
from summae.training.sampling import NetworkPolicy, decode_ids, sample
from summae.training.state import StageState
from summae.training.together import mean_over_processes
from summae.training.validation import Validation, validate

VALIDATION_BATCH = 64


def make_part(table: dict, name: str, kind: str, options: dict):
    """``table[name](**options)``, with unknown options named in one line."""
    part = look_up(table, name, kind)
    try:
        return part(**options)
    except TypeError as error:
        raise ConfigError([f"{kind} '{name}': {error}"], "adversarial") from error


def make_mixture(config: AdversarialConfig) -> Mixture:
    rewards = {name: make_part(REWARDS, name, "reward", config.reward_options.get(name, {})) for name in config.rewards}
    names = frozenset(config.rewards) if config.normalise_rewards else frozenset()
    return Mixture(rewards=rewards, weights=config.rewards, normalise=names)


def make_critic(config: AdversarialConfig, vocab_size: int, pad_id: int, seed: int):
    if config.critic is None:
        return None
    torch.manual_seed(seed + 3)
    kind = look_up(CRITICS, config.critic, "critic")
    options = make_part({config.critic: kind.Config}, config.critic, "critic", config.critic_options)
    return kind(options, vocab_size=vocab_size, pad_id=pad_id)


@dataclass(frozen=True)
class Paired:
    """Real (source, summary) pairs for semi-supervised training, teacher-forced every ``interval`` steps."""

    pairs: list[tuple[str, str]]
    interval: int
    seed: int

    def batch(self, step: int, size: int, encoder: SourceEncoder, longest: int) -> PairBatch:
        random = np.random.default_rng([self.seed, step])
        chosen = [self.pairs[int(i)] for i in random.integers(len(self.pairs), size=size)]
        return generator_batch(chosen, encoder, longest)


class Adversarial:
    """G, D and R trained together; a :class:`summae.training.loop.Task`."""

    def __init__(
        self,
        *,
        config: AdversarialConfig,
        networks: dict[str, torch.nn.Module],  # generator, reconstructor, language_model, critic (or None)
        corpora: list[Corpus],
        encoder: SourceEncoder,
        held_out: list[str],
        seed: int,
        device: torch.device,
        best_file: Path,  # where the best generator so far is kept
        lower_case: float = 0.0,
        paired: Paired | None = None,
    ):
        self.config, self.encoder, self.seed, self.device = config, encoder, seed, device
        self.corpora, self.lower_case, self.paired = corpora, lower_case, paired
        self.estimator = make_part(ESTIMATORS, config.estimator, "estimator", config.estimator_options)
        generator = networks["generator"]
        mixture = make_mixture(config)
        warm = copy.deepcopy(generator).eval().requires_grad_(False) if "stay_close" in config.rewards else None
        self.players = Players(
            generator=cast(AnyGenerator, generator),
            reconstructor=cast(AnyReconstructor, networks["reconstructor"]),
            language_model=cast(ShortTextLM, networks["language_model"].eval().requires_grad_(False)),
            critic=cast(Critic | None, networks.get("critic")),
            warm=None if warm is None else cast(AnyGenerator, warm.to(device)),
            estimator=self.estimator,
            mixture=mixture,
            mask_rebuilt=config.mask_rebuilt,
        )
        networks["language_model"].to(device)
        trained = {"generator": config.loop.optimizer, "reconstructor": config.reconstructor_optimizer}
        if self.players.critic is not None:
            trained["critic"] = config.critic_optimizer
        self.optimizers: dict[str, OptimizerConfig] = trained
        self.networks = {name: networks[name] for name in trained}
        self.prepared: dict = {}
        self.pieces_per_word = self._pieces_per_word()
        self.pools = Pools(self._draw, lambda item: len(item[0]), config.loop.batch_size, seed)
        self.held_out = held_out
        self.spread = Spread()
        self.critic_accuracy = 0.5
        self.best_score: float | None = None
        self.best_file = best_file
        self.validation_batches = self._validation_batches()

    # -- data -----------------------------------------------------------------------------------------------

    def _pieces_per_word(self) -> float:
        texts = [text for corpus in self.corpora for text in corpus.short_texts[:500]]
        pieces = sum(map(len, self.encoder.tokenizer.encode_batch(texts)))
        return pieces / max(sum(len(text.split()) for text in texts), 1)

    def _draw(self, count: int, random: np.random.Generator) -> list[tuple[str, str, int]]:
        """(source, real short text of another document, requested words)."""
        shares = np.asarray([corpus.weight for corpus in self.corpora])
        items = []
        for index in random.choice(len(self.corpora), size=count, p=shares / shares.sum()):
            corpus = self.corpora[index]
            source = corpus.sources[int(random.integers(len(corpus.sources)))]
            real = corpus.short_texts[int(random.integers(len(corpus.short_texts)))]
            if random.random() < self.lower_case:
                source, real = source.lower(), real.lower()
            words = int(random.integers(self.config.min_words, self.config.max_words + 1))
            items.append((source, real, words))
        return items

    def batch(self, number: int) -> GameBatch:
        longest = self.players.generator.config.max_target_length, self.players.reconstructor.config.max_target_length
        batch = game_batch(self.pools.batch(number), self.encoder, *longest, self.pieces_per_word)
        if self.players.critic is None or self.estimator.group == 1:
            return batch
        real, real_mask = self._real_texts(number, len(batch.documents) * self.estimator.group, longest[0])
        return replace(batch, real=real, real_mask=real_mask)

    def _real_texts(self, number: int, count: int, longest: int) -> tuple[torch.Tensor, torch.Tensor]:
        """As many real texts as summaries are drawn: they cost little, and teach D grammar several times faster."""
        random = np.random.default_rng([self.seed, number, 1])
        texts = [real for _, real, _ in self._draw(count, random)]
        return collate_targets(self.encoder.tokenizer.encode_batch(texts), longest)

    def _validation_batches(self) -> list[GameBatch]:
        random = np.random.default_rng(self.seed)
        reals = [text for corpus in self.corpora for text in corpus.short_texts[-500:]]
        middle = (self.config.min_words + self.config.max_words) // 2
        items = [(source, reals[int(random.integers(len(reals)))], middle) for source in self.held_out]
        items.sort(key=lambda item: len(item[0]))
        longest = self.players.generator.config.max_target_length, self.players.reconstructor.config.max_target_length
        cuts = [items[i : i + VALIDATION_BATCH] for i in range(0, len(items), VALIDATION_BATCH)]
        return [to_device(game_batch(cut, self.encoder, *longest, self.pieces_per_word), self.device) for cut in cuts]

    # -- the task -------------------------------------------------------------------------------------------

    def weight(self, batch: GameBatch) -> float:
        return float(len(batch.documents))

    def updates(self, batch: GameBatch, state: StageState) -> Iterator[Update]:
        """Summary step, critic step(s), rebuilding step; each loss is summed over the batch's sources."""
        self._restore(state)
        self._anneal(state)
        batch = to_device(batch, self.device)
        rows = self.weight(batch)
        random = torch.Generator(device=self.device)
        random.manual_seed(int(torch.randint(2**31, ())))
        held = {}

        def summary() -> Scored:
            held["episode"] = self._play(batch, random, self.prepared["generator"])
            scored, spread = summary_step(self.players, held["episode"], batch, self.spread)
            self.spread = spread.mapped(lambda variance: mean_over_processes(variance, self.device))
            return Scored(value=scored.value * rows, metrics=scored.metrics)

        def critic() -> Scored:
            assert self.players.critic is not None
            self.players.critic.train()
            scored = critic_step(self.prepared["critic"], held["episode"], batch, random)
            accuracy = mean_over_processes(scored.metrics["critic_accuracy"], self.device)  # all pause it, or none
            self.critic_accuracy = 0.9 * self.critic_accuracy + 0.1 * accuracy
            return Scored(value=scored.value * rows, metrics=scored.metrics)

        def rebuilding() -> Scored:
            self.players.reconstructor.train()
            scored = rebuilding_step(self.prepared["reconstructor"], self.players, held["episode"], batch)
            return Scored(value=scored.value * rows, metrics=scored.metrics)

        if state.step >= self.config.lead_in:
            yield Update("generator", summary)
        else:
            with torch.no_grad():
                held["episode"] = self._play(batch, random, None)
        if self.players.critic is not None and not self._critic_paused(state):
            for _ in range(self.config.critic_steps):
                yield Update("critic", critic)
        yield Update("reconstructor", rebuilding)
        if self.paired is not None and state.step % self.paired.interval == 0:
            longest = self.players.generator.config.max_target_length
            pairs = self.paired.batch(state.step, int(rows), self.encoder, longest)
            yield Update("generator", lambda: self._teach(pairs, rows))
        self._keep(state)

    def _play(self, batch: GameBatch, random: torch.Generator, teacher) -> Episode:
        """One play with dropout off everywhere: the policy that draws is the policy that learns."""
        for network in self.networks.values():
            network.eval()
        most = int(1.5 * float(batch.target_length.max())) + 2
        longest = min(self.players.generator.config.max_target_length, most)
        policy = NetworkPolicy(self.players.generator, batch.sources, longest, teacher)
        return play(self.players, policy, batch, random)

    def _teach(self, batch: PairBatch, rows: float) -> Scored:
        """Cross-entropy of real pairs, per piece, scaled to the batch's weight."""
        assert batch.sources is not None
        mask = batch.mask.to(self.device)
        call = self.prepared["generator"]
        log_probs = call("log_likelihood", batch.sources.to(self.device), batch.targets.to(self.device)) * mask
        loss = -log_probs.sum() / mask.sum()
        return Scored(value=loss * rows, metrics={"paired_loss": float(loss.detach())})

    def _critic_paused(self, state: StageState) -> bool:
        """A critic that wins outright teaches nothing: it sits out three steps of four while it is too good."""
        return self.critic_accuracy > self.config.critic_pause_above and state.step % 4 != 0

    def _anneal(self, state: StageState) -> None:
        """The exploration bonus of the self-critical baseline decays to 0 over ``bonus_steps`` (Wang & Lee 2018)."""
        if self.config.bonus_steps:
            left = max(0.0, 1 - state.step / self.config.bonus_steps)
            self.players = replace(self.players, estimator=replace(self.estimator, bonus=self.estimator.bonus * left))

    def _keep(self, state: StageState) -> None:
        """What must survive a restart and is no tensor."""
        state.figures["spread"] = self.spread.state_dict()
        state.figures["critic_accuracy"] = self.critic_accuracy

    def _restore(self, state: StageState) -> None:
        if "spread" in state.figures and not self.spread.variances:
            self.spread = Spread().restored(state.figures["spread"])
            self.critic_accuracy = state.figures["critic_accuracy"]
            self.best_score = state.figures.get("best_score")

    def after_step(self, state: StageState) -> dict[str, float]:
        """Validate now and then; keep the best generator, go back to it when the score has fallen too far."""
        if not self.validation_batches or (state.step % self.config.validate_every and state.step != 1):
            return {}
        found = self._validate()
        figures = found.figures()
        state.figures["best_score"] = self.best_score
        if self.best_score is not None and found.score < self.best_score * (1 - self.config.revert_below):
            self.keep_best()
            figures["valid/reverted"] = 1.0
        return figures

    def _validate(self) -> Validation:
        players = self.players
        networks = players.generator, players.reconstructor, players.language_model
        found = validate(*networks, self.validation_batches)
        if self.best_score is None or found.score > self.best_score:
            self.best_score = found.score
            best.keep(self.networks["generator"], self.best_file)
        return found

    def finish(self, state: StageState) -> None:
        """The last generator may be the best one; then back to the best."""
        self._restore(state)
        if self.validation_batches:
            self._validate()
        self.keep_best()

    def keep_best(self) -> None:
        """Put the generator back to its best validation score (its file is there as soon as one was measured)."""
        best.put_back(self.networks["generator"], self.best_file)

    @torch.no_grad()
    def samples(self) -> list[dict[str, str]]:
        """Source, summary, and what R rebuilds from it."""
        sources = self.held_out[:4]
        if not sources:
            return []
        middle = (self.config.min_words + self.config.max_words) // 2
        longest = self.players.generator.config.max_target_length, self.players.reconstructor.config.max_target_length
        items = [(source, source, middle) for source in sources]
        batch = to_device(game_batch(items, self.encoder, *longest, self.pieces_per_word), self.device)
        self.players.generator.eval()
        self.players.reconstructor.eval()
        ids, mask = sample(self.players.generator, batch.sources, temperature=0.0, longest=longest[0])
        summary = self.players.reconstructor.summary_as_source(ids, mask)
        rebuilt, _ = sample(self.players.reconstructor, summary, temperature=0.0, longest=longest[1])
        columns = (sources, decode_ids(ids, self.encoder.tokenizer), decode_ids(rebuilt, self.encoder.tokenizer))
        return [dict(zip(("source", "summary", "rebuilt"), row, strict=True)) for row in zip(*columns, strict=True)]
