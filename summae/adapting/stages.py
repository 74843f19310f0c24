"""The stages of training once more, from where the start's networks stand, with small steps and under the clock.

The language model learns the short texts; R and G learn from pseudo-summaries of the domain's passages, G also to find
real short texts in noise. There is no adversarial stage: in ten minutes of a CPU it would take some 200 steps, and its
rewards are what G is judged by. Nor does G learn the start's own summaries: what it says of a strange domain is what is
to be changed, and averaging (:mod:`summae.adapting.selection`) keeps what it knew.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from accelerate import Accelerator
from torch import Tensor

from summae.adapting.clock import Clock
from summae.adapting.config import AdaptConfig
from summae.adapting.domain import Domain
from summae.data.examples import Material
from summae.networks import AnyGenerator, AnyReconstructor, ShortTextLM
from summae.text.encoding import SourceEncoder
from summae.training.batches import PairSource
from summae.training.best import BestWeights
from summae.training.loop import Loop, TrainingTask, progress
from summae.training.schedule import LoopConfig, OptimizerConfig
from summae.training.state import StageState
from summae.training.validation import Validation
from summae.training.warmup import GeneratorWarmup, LanguageModelWarmup, ReconstructorWarmup

WARMUP_STEPS = 10  # of each stage: the networks are warm, only the optimiser is not
NEVER = 10**9  # steps


class GeneratorAdapting(GeneratorWarmup):
    """G validated now and then while it learns; its best weights are kept, those that it began with among them."""

    def __init__(
        self,
        *args,
        start: Validation,
        judge: Callable[[AnyGenerator], Validation],
        best_file: Path,
        checks: int,
        patience: int,
        **options,
    ):
        super().__init__(*args, **options)
        self.judge, self.checks, self.patience = judge, checks, patience
        self.best = BestWeights(self.network, best_file, start.score)
        self.checked = self.in_vain = 0

    def after_step(self, state: StageState) -> dict[str, float]:
        due = int(self.checks * progress(self.loop, state))
        if due == self.checked:
            return {}
        self.checked = due
        found = self.judge(self.network)
        self.in_vain = 0 if self.best.offer(found.score, state) else self.in_vain + 1
        state.ended = self.in_vain == self.patience
        return found.figures()


@dataclass(frozen=True)
class AdaptingStages:
    """The stages, and what they share."""

    accelerator: Accelerator
    clock: Clock
    folder: Path  # for states; nobody needs them later
    domain: Domain
    material: Material
    encoder: SourceEncoder  # with the domain's table
    config: AdaptConfig

    def language_model(self, start: ShortTextLM) -> ShortTextLM:
        config, texts = self.config, self.domain.corpus.short_texts
        loop = self._loop("language model", len(texts), config.short_text_batch_size)
        network = copy.deepcopy(start)
        where, tokenizer = self.accelerator.device, self.encoder.tokenizer
        task = LanguageModelWarmup(network, [texts], tokenizer, loop, config.seed, where, config.lower_case)
        self._run("language model", task, loop)
        return network

    def reconstructor(self, start: AnyReconstructor) -> AnyReconstructor:
        config = self.config
        loop = self._loop("reconstructor", len(self.domain.corpus.sources), config.batch_size)
        network, pairs = copy.deepcopy(start), self._pairs(config.rebuild_mixture)
        where, tokenizer = self.accelerator.device, self.encoder.tokenizer
        shares = config.mask_rebuilt, config.masked_batches
        task = ReconstructorWarmup(network, pairs, tokenizer, loop, config.seed, where, *shares)
        self._run("reconstructor", task, loop)
        return network

    def generator(
        self, start: AnyGenerator, found: Validation, judge: Callable[[AnyGenerator], Validation], seconds: float
    ) -> dict[str, Tensor]:
        """The best weights met on the way, the start's among them; ``seconds`` is what judging takes each time."""
        corpus, config = self.domain.corpus, self.config
        count = len(corpus.sources) + len(corpus.short_texts)
        loop = self._loop("generator", count, config.batch_size, config.checks * seconds)
        task = GeneratorAdapting(
            copy.deepcopy(start),
            self._pairs(config.generator_mixture),
            self.encoder,
            loop,
            config.seed,
            self.accelerator.device,
            start=found,
            judge=judge,
            best_file=self.folder / "generator.safetensors",
            checks=config.checks,
            patience=config.patience,
        )
        self._run("generator", task, loop)
        return task.best.weights()

    def _pairs(self, mixture: dict[str, float]) -> PairSource:
        return PairSource({self.domain.corpus.name: (self.material, 1.0)}, mixture, self.config.lower_case)

    def _loop(self, stage: str, texts: int, batch_size: int, spent: float = 0.0) -> LoopConfig:
        """Until the texts have been seen ``epochs`` times or the stage's time is up, ``spent`` seconds of it apart."""
        config = self.config
        steps = math.ceil(config.epochs * texts / batch_size) if config.steps is None else config.steps
        return LoopConfig(
            steps=steps,
            batch_size=batch_size,
            optimizer=OptimizerConfig(learning_rate=config.learning_rate, warmup_steps=WARMUP_STEPS),
            minutes=max(self.clock.left(stage) - spent, 1.0) / 60 if config.steps is None else None,
            log_every=1,
            sample_every=NEVER,
            save_every=NEVER,
        )

    def _run(self, stage: str, task: TrainingTask, loop: LoopConfig) -> None:
        self.clock.show(stage)
        Loop(self.accelerator, task, loop, self.folder / stage, self.clock).run()
