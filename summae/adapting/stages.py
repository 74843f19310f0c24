"""The stages of training once more, from where the start's networks stand, with small steps and under the clock.

The language model learns the short texts; R and G learn from telegrams of the domain's passages, G also to find real
short texts in noise. There is no game: in ten minutes of a CPU it would take some 200 steps, and pays in what it is
judged by. Nor does G learn the start's own summaries: what it says of a strange domain is what is to be changed, and
averaging (:mod:`summae.adapting.selection`) keeps what it knew.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from accelerate import Accelerator
from torch import Tensor

from summae.adapting.domain import Domain
from summae.adapting.progress import Clock
from summae.data.examples import Material
from summae.networks import AnyGenerator, AnyReconstructor, ShortTextLM
from summae.text.encoding import SourceEncoder
from summae.training.batches import PairSource
from summae.training.config import LoopConfig, OptimizerConfig
from summae.training.loop import Loop, Task, progress
from summae.training.state import StageState
from summae.training.validation import Validation
from summae.training.warmup import GeneratorWarmup, LanguageModelWarmup, ReconstructorWarmup

REBUILT = {"pseudo": 0.3, "fluent": 0.7}  # R's examples: as the start has learnt
LEARNT = {"fluent": 0.6, "denoise": 0.4}  # G's
LOWER_CASE = 0.1  # share of examples in lower case, so that lower-case input still works
MASKED = 0.6  # share of R's decoder inputs that are hidden, in every other batch
EPOCHS = 8  # no text is seen more often than this: few texts take less time, and are not learnt by heart
CHECKS, PATIENCE = 8, 3  # G is judged so often; so many times without a better score end its stage
RATES = {"language model": 5e-4, "reconstructor": 5e-4, "generator": 5e-4}
BATCH = {"language model": 64, "reconstructor": 32, "generator": 32}
NEVER = 10**9


class GeneratorAdapting(GeneratorWarmup):
    """G judged now and then while it learns; ``best_weights`` are those with the best score since ``start``."""

    def __init__(self, *args, start: Validation, judge: Callable[[AnyGenerator], Validation], **options):
        super().__init__(*args, **options)
        self.judge, self.best_score = judge, start.score
        self.best_weights = self._weights()
        self.checks = self.in_vain = 0

    def after_step(self, state: StageState) -> dict[str, float]:
        if int(CHECKS * progress(self.loop, state)) == self.checks:
            return {}
        self.checks = int(CHECKS * progress(self.loop, state))
        found = self.judge(self.network)
        self.in_vain += 1
        if found.score > self.best_score:
            self.best_score, self.best_weights, self.in_vain = found.score, self._weights(), 0
        state.ended = self.in_vain == PATIENCE
        return found.figures()

    def _weights(self) -> dict[str, Tensor]:
        return {name: value.detach().cpu().clone() for name, value in self.network.state_dict().items()}


@dataclass(frozen=True)
class Training:
    """What all stages share. ``steps`` instead of the clock, for tests."""

    accelerator: Accelerator
    clock: Clock
    folder: Path  # for states; nobody needs them later
    domain: Domain
    material: Material
    encoder: SourceEncoder  # with the domain's table
    seed: int
    steps: int | None = None

    def language_model(self, start: ShortTextLM) -> ShortTextLM:
        loop = self._loop("language model", len(self.domain.corpus.short_texts))
        network = copy.deepcopy(start)
        texts = [self.domain.corpus.short_texts]
        task = LanguageModelWarmup(
            network, texts, self.encoder.tokenizer, loop, self.seed, self.accelerator.device, LOWER_CASE
        )
        self._run("language model", task, loop)
        return network

    def reconstructor(self, start: AnyReconstructor) -> AnyReconstructor:
        loop = self._loop("reconstructor", len(self.domain.corpus.sources))
        network = copy.deepcopy(start)
        pairs = self._pairs(REBUILT)
        task = ReconstructorWarmup(
            network, pairs, self.encoder.tokenizer, loop, self.seed, self.accelerator.device, MASKED
        )
        self._run("reconstructor", task, loop)
        return network

    def generator(
        self, start: AnyGenerator, found: Validation, judge: Callable[[AnyGenerator], Validation], seconds: float
    ) -> dict[str, Tensor]:
        """The best weights met on the way, the start's among them; ``seconds`` is what judging takes each time."""
        corpus = self.domain.corpus
        loop = self._loop("generator", len(corpus.sources) + len(corpus.short_texts), CHECKS * seconds)
        network = copy.deepcopy(start)
        task = GeneratorAdapting(
            network,
            self._pairs(LEARNT),
            self.encoder,
            loop,
            self.seed,
            self.accelerator.device,
            start=found,
            judge=judge,
        )
        self._run("generator", task, loop)
        return task.best_weights

    def _pairs(self, mixture: dict[str, float]) -> PairSource:
        return PairSource({self.domain.corpus.name: (self.material, 1.0)}, mixture, LOWER_CASE)

    def _loop(self, stage: str, texts: int, spent: float = 0.0) -> LoopConfig:
        """Until the texts have been seen ``EPOCHS`` times or the stage's time is up, ``spent`` seconds of it apart."""
        steps = math.ceil(EPOCHS * texts / BATCH[stage]) if self.steps is None else self.steps
        return LoopConfig(
            steps=steps,
            batch_size=BATCH[stage],
            optimizer=OptimizerConfig(learning_rate=RATES[stage], warmup_steps=10),
            minutes=max(self.clock.left(stage) - spent, 1.0) / 60 if self.steps is None else None,
            log_every=1,
            sample_every=NEVER,
            save_every=NEVER,
        )

    def _run(self, stage: str, task: Task, loop: LoopConfig) -> None:
        self.clock.show(stage)
        Loop(self.accelerator, task, loop, self.folder / stage, self.clock).run()
