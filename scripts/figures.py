#!/usr/bin/env python3
"""The pictures of docs/: how the networks learnt, and what a longer summary keeps.

    figures.py curves RUN [RUN …]          docs/learning-curves.png, from the logs of runs of `summae train`
    figures.py lengths [--limit 300]       docs/rate-length.json and .png: the model at 4, 6, … 20 words

"lengths" scores one file at every budget: ROUGE F1, and the share of the source's information that R rebuilds from
the summary (idf-weighted, beside rebuilding it from nothing).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from summae.files import write_atomically

ROOT = Path(__file__).resolve().parent.parent
BUDGETS = range(4, 21, 2)
FEW = 20  # values that are drawn as they are; more of them get a running mean
#: What is drawn of each stage: figure in its log → label.
STAGES = {
    "language_model": {"loss": "language model: loss"},
    "reconstructor": {"loss": "R: loss"},
    "generator": {"loss": "G: loss"},
    "refine": {"loss": "G, refined: loss"},
    "adversarial": {
        "valid/score": "adversarial: unsupervised score",
        "critic_accuracy": "adversarial: critic's accuracy",
        "reward/reconstruction": "adversarial: reconstruction reward",
        "reward/fluency": "adversarial: fluency reward",
    },
}


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = made.add_subparsers(dest="what", required=True, metavar="curves | lengths")
    curves = commands.add_parser("curves", help="learning curves of runs")
    curves.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    lengths = commands.add_parser("lengths", help="ROUGE and recoverability by length")
    lengths.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/news-en/valid.jsonl", metavar="FILE")
    lengths.add_argument("--limit", type=int, default=300, metavar="N", help="the first texts of it (default: 300)")
    lengths.add_argument("--model", metavar="DIR", help="default: the embedded model")
    for command in (curves, lengths):
        command.add_argument("--out", type=Path, default=ROOT / "docs", metavar="DIR")
    return made


def read_log(path: Path, figure: str) -> tuple[list[float], list[float]]:
    """(minutes, values) of one figure of a stage's log."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if figure in row]
    return [row["seconds"] / 60 for row in rows], [row[figure] for row in rows]


def smooth(values: Sequence[float], memory: float = 0.9) -> list[float]:
    """The running mean with weights ``memory``^age, its beginning included (Adam's correction of the bias)."""
    means, total, weight = [], 0.0, 0.0
    for value in values:
        total, weight = memory * total + value, memory * weight + 1.0
        means.append(total / weight)
    return means


def curves(runs: Sequence[Path], out: Path) -> Path:
    """One panel for every figure that any of the runs has logged."""
    pyplot = _pyplot()
    panels = [
        (label, found)
        for stage, figures in STAGES.items()
        for figure, label in figures.items()
        if (found := _found(runs, stage, figure))
    ]
    if not panels:
        raise SystemExit(f"figures.py: error: no log of a stage in {', '.join(map(str, runs))}")
    height = -(-len(panels) // 2)
    drawing, axes = pyplot.subplots(height, 2, figsize=(9, 2.4 * height), squeeze=False, layout="constrained")
    for axis, (label, found) in zip(axes.flat, panels, strict=False):
        for name, (minutes, values) in found.items():
            if len(values) < FEW:
                axis.plot(minutes, values, marker="o", markersize=3, label=name)
                continue
            axis.plot(minutes, values, alpha=0.25, linewidth=0.8)
            axis.plot(minutes, smooth(values), color=axis.lines[-1].get_color(), label=name)
        axis.set_title(label, fontsize=10)
        axis.set_xlabel("minutes on one core", fontsize=8)
        axis.grid(alpha=0.3)
        if len(found) > 1:
            axis.legend(fontsize=8)
    for axis in axes.flat[len(panels) :]:
        axis.axis("off")
    return _saved(drawing, out / "learning-curves.png")


def _found(runs: Sequence[Path], stage: str, figure: str) -> dict[str, tuple[list[float], list[float]]]:
    logs = {run.name: run / stage / "log.jsonl" for run in runs}
    found = {name: read_log(path, figure) for name, path in logs.items() if path.exists()}
    return {name: log for name, log in found.items() if log[0]}


def measured(args: argparse.Namespace) -> list[dict[str, float]]:
    """One row of figures for every budget."""
    from summae.evaluation.references import read_dataset
    from summae.metrics.rouge import METRICS, score_examples
    from summae.summarizing.summarizer import Summarizer

    examples, model, rows = read_dataset(args.data, args.limit), Summarizer.load(args.model), []
    for budget in BUDGETS:
        found = model.summarize([example.text for example in examples], budget)
        scores = score_examples([each.text for each in found], [example.references for example in examples])
        rebuilt = [each.scores["coverage"] for each in found if "coverage" in each.scores]
        rows.append(
            {
                "budget": budget,
                "words": sum(each.scores["words"] for each in found) / len(found),
                **{name: float(value) for name, value in zip(METRICS, scores.mean(axis=0), strict=True)},
                "rebuilt": sum(rebuilt) / len(rebuilt),
            }
        )
        print(rows[-1], file=sys.stderr, flush=True)
    return rows


def lengths(rows: Sequence[dict[str, float]], out: Path) -> Path:
    """ROUGE on the left axis, the share that is rebuilt on the right one."""
    drawing, left = _pyplot().subplots(figsize=(6.4, 4), layout="constrained")
    right, budgets = left.twinx(), [row["budget"] for row in rows]
    for name, label in {"rouge1": "ROUGE-1", "rouge2": "ROUGE-2", "rougeL": "ROUGE-L"}.items():
        left.plot(budgets, [100 * row[name] for row in rows], marker="o", markersize=3, label=label)
    right.plot(budgets, [100 * row["rebuilt"] for row in rows], "k--", label="rebuilt by R")
    left.set(xlabel="word budget", ylabel="ROUGE F1 × 100", xticks=budgets)
    right.set_ylabel("source information rebuilt, %")
    left.grid(alpha=0.3)
    lines = [*left.lines, *right.lines]
    left.legend(lines, [str(line.get_label()) for line in lines], fontsize=8, loc="center right")
    return _saved(drawing, out / "rate-length.png")


def _pyplot():
    try:
        import matplotlib
    except ImportError:
        raise SystemExit("figures.py: error: pictures need matplotlib: pip install 'summae[figures]'") from None
    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot


def _saved(drawing, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    drawing.savefig(path, dpi=110)
    print(path)
    return path


def main(argv: list[str] | None = None) -> int:
    args = parser().parse_args(argv)
    if args.what == "curves":
        curves(args.runs, args.out)
    else:
        rows = measured(args)
        write_atomically(args.out / "rate-length.json", json.dumps(rows, indent=1) + "\n")
        lengths(rows, args.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
