"""Does the principle learn? A toy language with a known answer: full system, ablations, estimators.

    toy.py                                       everything, about 20 minutes on one core
    toy.py --only full,no_critic --minutes 3     a part of it, each run ended after three minutes
    toy.py --short --only full                   a shortened proof in a smaller language, one minute

No run ever sees a pair. All start from one warm-up that has only learnt to copy random spans. A run keeps its best
generator by the unsupervised validation score; the last two columns tell what its last step left. The Markdown table
goes to stdout, everything else to stderr; ``--out`` keeps every run's folder and ``toy.json``.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from summae.data.toy import ToyLanguage
from summae.training.config import RunConfig
from summae.training.yaml_tree import read_tree

CONFIG = Path(__file__).resolve().parent.parent / "configs" / "toy.yaml"
SHARED = ("prepared", "language_model", "generator", "reconstructor")  # what every run takes from the warm-up
LANGUAGE, TEXTS = ToyLanguage(), {"documents": 20_000, "short_texts": 20_000, "test": 300}

#: Where a reward has a gradient to the words, its scale counts, so it is not brought to unit spread; D and R lead.
PATHWISE = ["adversarial.normalise_rewards=false", "adversarial.lead_in=40"]

#: Run → what it changes in configs/toy.yaml.
RUNS: dict[str, list[str]] = {
    "full": [],
    "no_critic": ["adversarial.critic=null", "adversarial.rewards={reconstruction: 1.0}"],
    "no_reconstruction": ["adversarial.rewards={realism: 3.0}"],
    "straight_through": [
        *PATHWISE,
        "adversarial.estimator=straight_through",
        "adversarial.estimator_options={tau: 1.0, group: 2}",
        "adversarial.loop.optimizer.learning_rate=2.0e-4",
        "adversarial.rewards={reconstruction: 8.0, realism: 1.0}",
    ],
    "reinforce": [],  # the estimator of the full system
    "soft": [
        *PATHWISE,
        "adversarial.estimator=soft",
        "adversarial.estimator_options={group: 4, baseline: leave_one_out, discount: 0.5, length_scale: 8.0}",
        "adversarial.loop.optimizer.learning_rate=7.0e-4",
        "adversarial.loop.steps=1000",
        "adversarial.rewards={reconstruction: 1.5, realism: 1.0}",
    ],
}

#: What --short changes: one minute on one core. Fewer words, in shorter documents, are learnt in fewer steps.
SHORT_LANGUAGE = ToyLanguage(words_per_class=5, fillers=60, filler_words=(8, 12))
SHORT_TEXTS = {"documents": 6_000, "short_texts": 6_000, "test": 300}
SHORT = [
    "warmup.language_model.steps=60",
    "warmup.generator.steps=160",
    "warmup.reconstructor.steps=80",
    "adversarial.loop.steps=100",
]


@dataclass(frozen=True, kw_only=True)
class Result:
    """One row of the table."""

    run: str
    steps: int
    minutes: float
    key_f1: float  # [0, 1]
    accepted: float  # share of outputs, [0, 1]
    words: float  # in an output, mean
    last_key_f1: float  # of the last step, whatever the validation score said of it
    last_accepted: float

    def row(self) -> str:
        return (
            f"| {self.run} | {self.steps} | {self.minutes:.1f} | {100 * self.key_f1:.1f} | {100 * self.accepted:.1f} "
            f"| {self.words:.2f} | {100 * self.last_key_f1:.1f} | {100 * self.last_accepted:.1f} |"
        )


HEADER = (
    "| run | steps | minutes | key-word F1, % | accepted, % | words | last step: F1, % | accepted, % |\n"
    "|---|---|---|---|---|---|---|---|"
)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--only", default=",".join(RUNS), metavar="RUN,…", help=f"some of {', '.join(RUNS)}")
    made.add_argument("--minutes", type=float, metavar="M", help="end every run's adversarial stage after this long")
    made.add_argument("--out", type=Path, default=Path("runs/toy"), metavar="DIR", help="default: runs/toy")
    made.add_argument("--seed", type=int, default=1, help="of the texts and the runs")
    made.add_argument("--short", action="store_true", help="a smaller language, shorter warm-up and runs, for the test")
    made.add_argument("--set", nargs="+", default=[], metavar="A.B=C", help="further changes of configs/toy.yaml")
    return made


def evaluate(config: RunConfig, folder: Path, stage: str, language: ToyLanguage) -> dict[str, float]:
    """What the generator that ``stage`` left in ``folder`` makes of the held-out documents, and the one of its last
    step.
    """
    from safetensors.torch import load_file

    from summae.networks import Generator
    from summae.training.workspace import Workspace

    space = Workspace(config, folder)
    generator = space.load_network(stage, Generator).eval()
    kept = score(config, space, generator, language)
    generator.load_state_dict(load_file(folder / stage / "state" / "generator.safetensors"))
    last = score(config, space, generator, language)
    return kept | {f"last_{name}": last[name] for name in ("key_f1", "accepted")}


def score(config: RunConfig, space, generator, language: ToyLanguage) -> dict[str, float]:
    """Greedy summaries of the held-out documents against the known answer."""
    import torch

    from summae.training.batches import collate_sources
    from summae.training.policy import decode_ids, sample

    lines = (Path(config.data.root) / "test.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    asked = (config.adversarial.min_words + config.adversarial.max_words) // 2
    sources = collate_sources(space.encoder.encode_batch([row["text"] for row in rows], [asked] * len(rows)))
    with torch.no_grad():
        ids, _ = sample(generator, sources, temperature=0.0, longest=config.generator.max_target_length)
    said = decode_ids(ids, space.tokenizer)
    f1 = [language.key_f1(text, row["summaries"][0].split()) for text, row in zip(said, rows, strict=True)]
    return {
        "key_f1": sum(f1) / len(rows),
        "accepted": sum(language.accepts(text.split()) for text in said) / len(rows),
        "words": sum(len(text.split()) for text in said) / len(rows),
    }


def spent(folder: Path, stages: tuple[str, ...]) -> tuple[int, float]:
    """(steps, minutes) of the stages together, by their stored states."""
    states = [json.loads((folder / stage / "state" / "state.json").read_text()) for stage in stages]
    return sum(state["step"] for state in states), sum(state["seconds"] for state in states) / 60


def warm_up(folder: Path, changes: list[str], language: ToyLanguage) -> Result:
    """The stages before adversarial training, once for all runs."""
    from summae.training.run import train

    for stage in SHARED[1:]:
        train(CONFIG, changes, out=str(folder), stage=stage)
    steps, minutes = spent(folder, SHARED[1:])
    figures = evaluate(read_tree(RunConfig, CONFIG, changes), folder, "generator", language)
    return Result(run="warm-up", steps=steps, minutes=minutes, **figures)


def play(name: str, folder: Path, warm: Path, changes: list[str], language: ToyLanguage) -> Result:
    """One adversarial stage from the warm-up's networks."""
    from summae.training.run import train

    changes = [*changes, *RUNS[name]]
    shutil.rmtree(folder, ignore_errors=True)
    for part in SHARED:
        shutil.copytree(warm / part, folder / part)
    train(CONFIG, changes, out=str(folder), stage="adversarial")
    steps, minutes = spent(folder, ("adversarial",))
    figures = evaluate(read_tree(RunConfig, CONFIG, changes), folder, "adversarial", language)
    return Result(run=name, steps=steps, minutes=minutes, **figures)


def main(argv: list[str] | None = None) -> int:
    args = parser().parse_args(argv)
    names = args.only.split(",")
    if unknown := [name for name in names if name not in RUNS]:
        parser().error(f"--only must name some of {', '.join(RUNS)}, got {', '.join(unknown)}")
    data = args.out / "data"
    language, texts = (SHORT_LANGUAGE, SHORT_TEXTS) if args.short else (LANGUAGE, TEXTS)
    language.write(data, args.seed, **texts)
    changes = [f"data.root={data}", f"seed={args.seed}", *(SHORT if args.short else []), *args.set]
    if args.minutes:
        changes.append(f"adversarial.loop.minutes={args.minutes}")
    results = [warm_up(args.out / "warm-up", changes, language)]
    print(HEADER, results[0].row(), sep="\n", flush=True)
    done: dict[tuple[str, ...], Result] = {}  # runs that change the same are run once
    for name in names:
        key = tuple(RUNS[name])
        if key not in done:
            done[key] = play(name, args.out / name, args.out / "warm-up", changes, language)
        results.append(replace(done[key], run=name))
        print(results[-1].row(), flush=True)
    (args.out / "toy.json").write_text(json.dumps([asdict(result) for result in results], indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
