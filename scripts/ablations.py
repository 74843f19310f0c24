#!/usr/bin/env python3
"""What each part of adversarial training is good for: short stages from one warmed-up run, one part taken out of each.

    ablations.py runs/small [--steps 60] [--only full,no_critic,…] [--limit 400]

Every ablation starts from the networks that ``RUN``'s stages left, with the same seed, and is judged by what the
generator of its last step says (not chosen, not averaged), greedily, on held-out texts: ROUGE F1 at one word budget,
and, from the warmed-up R and the language model that none of them has trained, how much of the source can be rebuilt
and how fluent the summary is. The Markdown table goes to stdout, the figures to ``--out``/ablations.json.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from summae.files import write_atomically
from summae.training.config import RunConfig
from summae.training.workspace import Workspace
from summae.training.yaml_tree import read_tree

ROOT = Path(__file__).resolve().parent.parent
#: What every ablation takes from the run.
SHARED = ("prepared", "language_model/network", "generator/network", "refine/network", "reconstructor/network")

#: A gradient through the words has the reward's own scale, so that rewards are not brought to unit spread.
PATHWISE = ["adversarial.normalise_rewards=false"]

#: Game → what it changes in the configuration.
ABLATIONS: dict[str, list[str]] = {
    "full": [],
    "no_critic": ["adversarial.critic=null"],
    "no_reconstruction": [],
    "no_language_model": [],
    "no_similarity": [],
    "wgan_gp": [
        "adversarial.critic=wgan_gp",
        "adversarial.critic_options={channels: 128, blocks: 4}",
        "adversarial.critic_pause_above=1.0",
    ],
    "straight_through": [
        *PATHWISE,
        "adversarial.estimator=straight_through",
        "adversarial.estimator_options={tau: 0.5}",
    ],
}

#: Game → the reward it goes without.
WITHOUT = {
    "no_critic": "realism",
    "no_reconstruction": "reconstruction",
    "no_language_model": "fluency",
    "no_similarity": "coverage",
}


@dataclass(frozen=True, kw_only=True)
class Result:
    """One row of the table."""

    ablation: str
    steps: int
    minutes: float
    rouge: tuple[float, float, float]  # F1 × 100
    coverage: float  # share of the source's information that R rebuilds
    fluency: float  # log p of the language model, nats per piece
    words: float

    def row(self) -> str:
        rouge = "/".join(f"{value:.1f}" for value in self.rouge)
        judged = f"{100 * self.coverage:.1f} % | {self.fluency:.2f} | {self.words:.1f}"
        return f"| {self.ablation} | {self.steps} | {self.minutes:.0f} | {rouge} | {judged} |"


HEADER = "| ablation | steps | minutes | R-1/2/L | rebuilt | nats per piece | words |\n|---|---|---|---|---|---|---|"


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = made.add_argument
    add("run", type=Path, metavar="RUN", help="a run whose stages before the adversarial one are done")
    add("--config", type=Path, default=ROOT / "configs" / "small.yaml", help="its configuration")
    add("--only", default=",".join(ABLATIONS), metavar="NAME,…", help=f"some of {', '.join(ABLATIONS)}")
    add("--steps", type=int, default=60, metavar="N", help="of each ablation, the lead-in included")
    add("--data", type=Path, default=ROOT.parent / "shared" / "data" / "news-en" / "valid.jsonl", metavar="FILE")
    add("--limit", type=int, default=400, metavar="N", help="the first texts of it")
    add("--words", type=int, default=8, metavar="N", help="the word budget")
    add("--out", type=Path, default=Path("runs/ablations"), metavar="DIR")
    add("--set", nargs="+", default=[], metavar="A.B=C", help="further changes of the configuration")
    return made


def measured(ablation: str, space: Workspace, generator, spent: tuple[int, float], args: argparse.Namespace) -> Result:
    """What ``generator`` makes of the held-out texts."""
    from summae.evaluation.references import read_dataset
    from summae.metrics.rouge import score_examples
    from summae.model.checkpoint import assemble
    from summae.networks import Reconstructor, ShortTextLM
    from summae.summarizing.summarizer import Summarizer

    assemble(
        space.root / "model",
        tokenizer=space.tokenizer,
        salience=space.salience,
        generator=generator,
        reconstructor=space.load_network("reconstructor", Reconstructor),
        language_model=space.load_network("language_model", ShortTextLM),
        wordings=space.wordings,
        name=ablation,
    )
    examples = read_dataset(args.data, args.limit)
    model = Summarizer.load(space.root / "model", backend="torch")
    found = model.summarize([example.text for example in examples], args.words, beams=1)
    scores = score_examples([each.text for each in found], [example.references for example in examples])
    written = [each.scores for each in found if "coverage" in each.scores]
    mean = {name: sum(each[name] for each in written) / len(written) for name in ("coverage", "fluency", "words")}
    rouge = tuple(100 * float(value) for value in scores.mean(axis=0))
    return Result(ablation=ablation, steps=spent[0], minutes=spent[1], rouge=rouge, **mean)


def changes(ablation: str, args: argparse.Namespace) -> list[str]:
    """What the ablation changes in the configuration; rewards cannot be taken out by a change, so all are named."""
    rewards = read_tree(RunConfig, args.config, args.set).adversarial.rewards
    kept = ", ".join(f"{name}: {weight}" for name, weight in rewards.items() if name != WITHOUT.get(ablation))
    loop = [f"adversarial.loop.steps={args.steps}", "adversarial.loop.minutes=null"]
    return [*args.set, *loop, "adversarial.revert_below=1.0", f"adversarial.rewards={{{kept}}}", *ABLATIONS[ablation]]


def train_stage(ablation: str, folder: Path, args: argparse.Namespace) -> tuple[int, float]:
    """One adversarial stage; its (steps, minutes)."""
    from summae.training.run import train

    train(args.config, changes(ablation, args), out=str(folder), stage="adversarial")
    state = json.loads((folder / "adversarial" / "state" / "state.json").read_text(encoding="utf-8"))
    return state["step"], state["seconds"] / 60


def workspace(ablation: str, args: argparse.Namespace) -> Workspace:
    """A folder for the ablation, with links to what the run left."""
    folder = args.out / ablation
    for part in SHARED:
        if (args.run / part).exists() and not (folder / part).exists():
            (folder / part).parent.mkdir(parents=True, exist_ok=True)
            (folder / part).symlink_to((args.run / part).resolve(), target_is_directory=True)
    return Workspace(read_tree(RunConfig, args.config, args.set), folder)


def last_generator(space: Workspace):
    """The generator of the last step: the best one by the validation score may be the one it began as."""
    from safetensors.torch import load_file

    from summae.networks import Generator

    generator = space.load_network("adversarial", Generator)
    generator.load_state_dict(load_file(space.stage("adversarial") / "state" / "generator.safetensors"))
    return generator


def main(argv: list[str] | None = None) -> int:
    from summae.networks import Generator
    from summae.training.start import warmed_generator

    args = parser().parse_args(argv)
    names = args.only.split(",")
    if unknown := [name for name in names if name not in ABLATIONS]:
        parser().error(f"--only must name some of {', '.join(ABLATIONS)}, got {', '.join(unknown)}")
    space = workspace("warm-up", args)
    warm = space.load_network(warmed_generator(space), Generator)
    results = [measured("warm-up", space, warm, (0, 0.0), args)]
    print(HEADER, results[0].row(), sep="\n", flush=True)
    for ablation in names:
        space = workspace(ablation, args)
        spent = train_stage(ablation, space.root, args)
        results.append(measured(ablation, space, last_generator(space), spent, args))
        print(results[-1].row(), flush=True)
        write_atomically(args.out / "ablations.json", json.dumps([asdict(each) for each in results], indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
