"""How long and how a stage runs: steps, batches, the learning rate, and how often it logs and saves."""

from __future__ import annotations

from dataclasses import field

from summae.options import Count, Natural, NotNegative, Options, Part, Positive, Share, options


@options
class OptimizerConfig(Options):
    learning_rate: Positive = 1e-3
    warmup_steps: Natural = 200  # linear increase, then cosine decay
    floor: Share = 0.1  # share of the learning rate left at the end
    weight_decay: NotNegative = 0.01
    betas: tuple[Part, Part] = (0.9, 0.98)
    clip: Positive = 1.0  # gradient norm


@options
class LoopConfig(Options):
    steps: Natural
    batch_size: Count = 64  # examples per process and step
    accumulate: Count = 1  # batches per update
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    log_every: Count = 20  # steps
    sample_every: Count = 500  # steps between tables of real samples
    save_every: Count = 200  # steps between resumable checkpoints
    minutes: Positive | None = None  # stop early after this long (the schedule follows the clock then)
