"""What all processes of benchmark.py share: the made-up language, the configuration, the stop-watch."""

from __future__ import annotations

import itertools
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from summae.data.corpora import Corpus
    from summae.model.checkpoint import Checkpoint
    from summae.text.encoding import SourceEncoder
    from summae.training.batches import PairSource
    from summae.training.config import RunConfig

GROUP, BEAMS, WORDS, BATCH = 4, 4, 10, 64
PARTS = {"generator": (128, 32), "reconstructor": (32, 80)}  # longest source and target, pieces
VOCABULARY = {"tiny": 600, "small": 10_000, "base": 16_000}
REWARDS = {"reconstruction": 1.0, "realism": 0.5, "fluency": 0.2, "length": 0.2}


@dataclass(frozen=True)
class Setup:
    folder: Path
    size: str
    seconds: float  # per measurement
    batch_size: int
    model: str | None = None  # a trained checkpoint to summarise with


# -- made-up news -------------------------------------------------------------------------------------------

SENTENCES = [
    "{name} said on {day} that it would cut {number} jobs in {name} by the end of the year.",
    "Shares of {name} rose {number} percent after it reported a profit of ${number} million.",
    "A storm closed schools in {name} on {day}, and {number} homes lost power.",
    "Police in {name} arrested a man after a fire at a factory near the river {name}.",
    "Talks between {name} and the union about pay ended without a deal, officials said.",
    "The government of {name} plans to raise its tax on sugar by {number} percent next month.",
    "Scientists in {name} found a new kind of fish that lives in the deep water off {name}.",
    "{name} won the match against {name} with a goal in the last minute on {day}.",
]
HEADLINES = [
    "{name} to cut {number} jobs in {name}",
    "{name} shares rise after profit of ${number} million",
    "Storm closes schools in {name}, {number} homes without power",
    "Man arrested after factory fire in {name}",
    "{name} pay talks end without deal",
    "{name} plans to raise sugar tax by {number} percent",
    "New fish found in deep water off {name}",
    "{name} beat {name} in last minute",
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]


KNOWN = (
    "Britain China London Germany Toyota Paris Spain Tokyo Texas Apple Moscow India Boeing Egypt Canada Sydney Florida "
    "Microsoft Italy Brazil Russia Berlin Chicago France Ford Turkey Samsung Greece Mexico Kenya Dublin Sony"
).split()


def made_up_names() -> list[str]:
    """8,000 of them: a vocabulary needs many words to learn its pieces from."""
    random = np.random.default_rng(0)
    syllables = [first + vowel for first in "bdfghjklmnprstvz" for vowel in "aeiou"]
    return ["".join(random.choice(syllables, size=random.integers(2, 5))).capitalize() for _ in range(8000)]


def texts(
    count: int, low: int, high: int, seed: int, names: Sequence[str] = KNOWN, patterns: Sequence[str] = SENTENCES
) -> list[str]:
    """Texts of ``low`` … ``high`` of the patterns about ``names``, with Zipf frequencies."""
    shares = (1 / np.arange(1, len(names) + 1)).cumsum()
    random = np.random.default_rng(seed)

    def name() -> str:
        return names[int(np.searchsorted(shares, random.random() * shares[-1]))]

    def filled(pattern: str) -> str:
        pattern = pattern.replace("{day}", DAYS[int(random.integers(5))])
        pattern = pattern.replace("{number}", str(random.integers(2, 90)))
        return re.sub("{name}", lambda _: name(), pattern)

    return [" ".join(map(filled, random.choice(patterns, size=random.integers(low, high + 1)))) for _ in range(count)]


def corpus() -> Corpus:
    from summae.data.corpora import Corpus

    names = made_up_names()
    short = texts(2000, 1, 1, seed=2, names=names, patterns=HEADLINES)
    return Corpus(name="made", sources=texts(2000, 2, 4, seed=1, names=names), short_texts=short, weight=1.0)


def configuration(setup: Setup) -> RunConfig:
    from summae.training.config import RunConfig
    from summae.training.yaml_tree import read_tree

    file = [{"path": "made up"}]
    lengths = {
        part: {"size": setup.size, "max_source_length": source, "max_target_length": target}
        for part, (source, target) in PARTS.items()
    }
    once = {"steps": 1}
    loop = {"steps": 10**9, "batch_size": setup.batch_size}
    tree = {
        "name": "benchmark",
        "data": {"corpora": {"made": {"sources": file, "short_texts": file}}},
        **lengths,
        "language_model": {"size": setup.size},
        "warmup": {"mixture": {"copy_span": 1.0}, "language_model": once, "generator": once, "reconstructor": once},
        "adversarial": {"loop": loop, "estimator_options": {"group": GROUP}, "rewards": REWARDS},
    }
    return read_tree(RunConfig, tree)


def pairs() -> PairSource:
    from summae.data.examples import Material
    from summae.text.salience import SalienceTable
    from summae.training.batches import PairSource

    made = corpus()
    nothing = SalienceTable({}, {})  # copy_span asks for none
    material = Material.of(made, nothing, threshold=(0.0, 0.0), pseudo_words=(6, 13), fluent=False)
    return PairSource({"made": (material, 1.0)}, {"copy_span": 1.0})


# -- measuring ----------------------------------------------------------------------------------------------


def timed(step: Callable[[], Any], seconds: float, *, warm: bool = False) -> tuple[int, float]:
    """(how often ``step`` was run, how long it took): at least once, after once unmeasured unless all is ``warm``."""
    if not warm:
        step()
    count, started = 0, time.perf_counter()
    while count == 0 or time.perf_counter() - started < seconds:
        step()
        count += 1
    return count, time.perf_counter() - started


def memory() -> float:
    """Peak of this process, MiB."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.max_memory_allocated():
        return torch.cuda.max_memory_allocated() / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10  # macOS counts bytes


def trained(step: Callable[[], Any], pieces: Callable[[], float], setup: Setup) -> dict[str, float]:
    """Speed by what ``pieces()`` has grown during the timed steps, and memory."""
    counts: list[float] = []

    def counted() -> None:
        step()
        counts.append(pieces())

    _, elapsed = timed(counted, setup.seconds)
    return {"speed": (counts[-1] - counts[0]) / elapsed, "memory": memory(), "elapsed": elapsed}


def summaries(summarise: Callable[[list[str]], Any], setup: Setup) -> dict[str, float]:
    """Texts per second one by one and ``BATCH`` at once."""
    some, turns = texts(BATCH, 3, 4, seed=3), itertools.count()
    single, seconds = timed(lambda: summarise([some[next(turns) % BATCH]]), setup.seconds)
    together, longer = timed(lambda: summarise(some), setup.seconds, warm=True)
    return {"speed_1": single / seconds, f"speed_{BATCH}": together * BATCH / longer, "memory": memory()}


def pieces_of(batch) -> float:
    """Source and target pieces of a batch, for teacher forcing and for the adversarial stage."""
    targets = batch.mask if hasattr(batch, "mask") else batch.document_mask
    return float(batch.sources.attention_mask.sum() + targets.sum())


def started_by(command: list[str], setup: Setup) -> dict[str, float]:
    """Seconds from the command to its answer, the middle one of several."""
    text, found = texts(1, 3, 4, seed=4)[0], []

    def step() -> None:
        started = time.perf_counter()
        ran = subprocess.run(command, input=text, capture_output=True, text=True)
        found.append(time.perf_counter() - started)
        if ran.returncode:
            raise SystemExit(f"{' '.join(command[:4])} …: {ran.stderr.strip()[-300:]}")

    timed(step, setup.seconds)
    return {"seconds": statistics.median(found[1:])}


# -- what both sides are given -----------------------------------------------------------------------------


def _checkpoint(setup: Setup) -> Checkpoint:
    from summae.model.checkpoint import open_checkpoint

    return open_checkpoint(setup.folder / "model")


def encoder_of(setup: Setup) -> SourceEncoder:
    return _checkpoint(setup).encoder


def lengths(setup: Setup) -> tuple[int, int]:
    """The longest summary and the longest rebuilt source, in pieces."""
    manifest = _checkpoint(setup).manifest
    return manifest.max_target_length, manifest.max_rebuilt_length


def accelerator():
    import torch
    from accelerate import Accelerator

    gpu = torch.cuda.is_available()
    return Accelerator(mixed_precision="bf16" if gpu and torch.cuda.is_bf16_supported() else "no", cpu=not gpu)


def weights(network) -> int:
    return sum(parameter.numel() for parameter in network.parameters())
