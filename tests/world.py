"""A world small enough for tests: forty words, a tokeniser, three networks of a few thousand weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from summae.data.corpora import Corpus
from summae.data.examples import Material
from summae.networks import (
    Generator,
    GeneratorConfig,
    Reconstructor,
    ReconstructorConfig,
    ShortTextLM,
    ShortTextLMConfig,
)
from summae.text.encoding import SourceEncoder
from summae.text.salience import SalienceTable
from summae.text.tokenizer import PAD_ID, SubwordTokenizer
from summae.training.adversarial.task import AdversarialTask, make_critic
from summae.training.batches import PairSource
from summae.training.config import AdversarialConfig, LoopConfig, OptimizerConfig
from summae.training.warmup import GeneratorWarmup

_random = np.random.default_rng(0)
WORDS = [f"{first}{vowel}{last}" for first in "bdgkm" for vowel in "aeio" for last in ("nak", "rul")]


def text(low: int, high: int) -> str:
    return " ".join(WORDS[i] for i in _random.integers(len(WORDS), size=_random.integers(low, high + 1)))


SOURCES = [text(6, 14) for _ in range(60)]
SHORT = [text(2, 5) for _ in range(60)]
TOKENIZER = SubwordTokenizer.train([*SOURCES, *SHORT], 330)
SALIENCE = SalienceTable.count(SOURCES, SHORT)
ENCODER = SourceEncoder(TOKENIZER, SALIENCE, 48)


def network(kind, seed: int, **fields):
    """One of the three networks, freshly initialised."""
    config = {Generator: GeneratorConfig, Reconstructor: ReconstructorConfig, ShortTextLM: ShortTextLMConfig}[kind]
    layers = {"layers": 1} if kind is ShortTextLM else {"encoder_layers": 1, "decoder_layers": 1}
    longest = {Generator: (48, 12), Reconstructor: (12, 32)}
    if kind in longest:
        layers |= dict(zip(("max_source_length", "max_target_length"), longest[kind], strict=True))
    shape = {"vocab_size": TOKENIZER.vocab_size, "d_model": 16, "heads": 2, "d_ff": 24, "dropout": 0.0}
    torch.manual_seed(seed)
    made = kind(config(**{**shape, **layers, **fields}))
    if kind is not ShortTextLM:
        made.piece_starts.copy_(torch.tensor(TOKENIZER.piece_starts))
    return made


def pairs() -> PairSource:
    material = Material(
        sources=SOURCES,
        short_texts=SHORT,
        salience=SALIENCE,
        threshold=(-1.0, 0.0),
        pseudo_words=(2, 6),
    )
    return PairSource({"all": (material, 1.0)}, {"copy_span": 0.5, "denoise": 0.5})


def warm_up(loop: LoopConfig, dropout: float = 0.0) -> GeneratorWarmup:
    made = network(Generator, 1, dropout=dropout)
    return GeneratorWarmup(made, pairs(), ENCODER, loop, 3, torch.device("cpu"))


def adversarial(folder: Path, loop: LoopConfig, **changes) -> AdversarialTask:
    """The adversarial stage: REINFORCE and a per-token critic unless ``changes`` of the configuration say otherwise."""
    plain = {
        "loop": loop,
        "estimator_options": {"group": 2},
        "critic_options": {"embedding": 8, "hidden": 8},
        "critic_optimizer": OptimizerConfig(learning_rate=2e-3, warmup_steps=2),
        "rewards": {"reconstruction": 1.0, "realism": 1.0, "stay_close": 0.1},
        "min_words": 2,
        "max_words": 4,
        "validate_every": 2,
    }
    config = AdversarialConfig(**{**plain, **changes})
    return AdversarialTask(
        config=config,
        generator=network(Generator, 1),
        reconstructor=network(Reconstructor, 2),
        language_model=network(ShortTextLM, 3),
        critic=make_critic(config, TOKENIZER.vocab_size, PAD_ID, seed=4),
        corpora=[Corpus(name="all", sources=SOURCES, short_texts=SHORT, weight=1.0)],
        encoder=ENCODER,
        held_out=SOURCES[:6],
        seed=5,
        device=torch.device("cpu"),
        best_file=folder / "best.safetensors",
    )


def weights(task) -> dict[str, torch.Tensor]:
    """Every tensor of every network of a task, copied."""
    return {
        f"{name}.{key}": value.detach().clone()
        for name, each in task.networks.items()
        for key, value in each.state_dict().items()
    }
