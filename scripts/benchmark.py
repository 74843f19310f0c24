#!/usr/bin/env python3
"""How fast and how large: training, summarising and starting, beside a plain BART of equal size in the same run.

    benchmark.py [--size tiny|small|base] [--seconds 10] [--batch-size 32] [--only WHAT,...] [--model DIR] [--json OUT]

Needs no data: the weights are random (with --model those of a trained model), the texts made of a few sentences and
8,000 names. Every measurement is a process of its own (benchmark_workers.py), so that its peak memory is its own.
One Markdown table goes to stdout, the rest to stderr.

- warm-up: teacher-forcing steps of G. adversarial: steps of G, R and critic, 4 summaries per
  source, with a language model; BART does the same draw, rebuilding and two updates, without critic and language model.
- pieces/s: source and target pieces of a batch, the padding left out. data wait: share of the time that a step waits
  for its batch. memory: the peak of the process, resident (CPU) or allocated by torch (GPU).
- summaries: texts of 3 or 4 sentences to at most 10 words, 4 beams, on the CPU. Ours searches under its rules and
  judges what it finds; BART decodes as many pieces as 10 words have, and is believed.
- Training runs on the GPU if there is one. ratio: summae / BART.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent
Figures = dict[str, float]


@dataclass(frozen=True)
class Row:
    """One line of the table: what is measured, and which figure of which process stands on either side."""

    what: str
    unit: str
    ours: tuple[str, str]
    bart: tuple[str, str] | None = None

    def values(self, found: dict[str, Figures]) -> dict[str, float | str | None]:
        ours = found[self.ours[0]][self.ours[1]]
        bart = found[self.bart[0]][self.bart[1]] if self.bart else None
        return {"what": self.what, "unit": self.unit, "summae": ours, "bart": bart, "ratio": bart and ours / bart}


def _summaries(backend: str, name: str) -> list[Row]:
    figures = {"one by one": "speed_1", "64 at once": "speed_64"}
    rows = [
        Row(f"summaries {how}, {name}", "texts/s", (backend, figure), ("bart_summaries", figure))
        for how, figure in figures.items()
    ]
    return [*rows, Row(f"summaries, memory, {name}", "MiB", (backend, "memory"), ("bart_summaries", "memory"))]


def _training(stage: str, name: str) -> list[Row]:
    bart = f"bart_{stage}"
    return [
        Row(f"{name}, speed", "pieces/s", (stage, "speed"), (bart, "speed")),
        Row(f"{name}, memory", "MiB", (stage, "memory"), (bart, "memory")),
        Row(f"{name}, data wait", "share", (stage, "waiting")),
    ]


#: What can be asked for by ``--only`` → its rows.
TABLE: dict[str, list[Row]] = {
    "warm-up": [
        Row("weights of G", "millions", ("warm_up", "weights"), ("bart_warm_up", "weights")),
        *_training("warm_up", "warm-up"),
    ],
    "adversarial": _training("adversarial", "adversarial"),
    "onnx": _summaries("onnx", "ONNX"),
    "torch": _summaries("torch", "torch"),
    "start": [Row("`summarize`, cold start", "s", ("start", "seconds"), ("bart_start", "seconds"))],
}


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--size", choices=["tiny", "small", "base"], default="small", help="of the networks")
    made.add_argument("--seconds", type=float, default=10.0, metavar="S", help="per measurement, at least")
    made.add_argument("--batch-size", type=int, default=32, metavar="N", help="examples of a training step")
    made.add_argument("--only", default=",".join(TABLE), metavar="WHAT,…", help=f"some of {', '.join(TABLE)}")
    made.add_argument("--model", metavar="DIR", help="measure this trained model, not random weights")
    made.add_argument("--json", type=Path, metavar="OUT", help="all figures, unrounded")
    return made


def work(name: str, args: argparse.Namespace, folder: Path) -> Figures:
    """One process of benchmark_workers.py; what it prints last."""
    print(f"benchmark: {name}", file=sys.stderr, flush=True)
    options = {name: getattr(args, name) for name in ("size", "seconds", "batch_size", "model")}
    paths = [str(SCRIPTS.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    ran = subprocess.run(
        [sys.executable, str(SCRIPTS / "benchmark_workers.py"), name, json.dumps({**options, "folder": str(folder)})],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "TOKENIZERS_PARALLELISM": "false"},
        capture_output=True,
        text=True,
    )
    if ran.returncode:
        raise SystemExit(f"benchmark: {name} failed: {(ran.stderr.strip() or 'no word of why').splitlines()[-1]}")
    return json.loads(ran.stdout.splitlines()[-1])


def shown(value: float | None) -> str:
    """Three digits that count."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def markdown(rows: list[dict]) -> str:
    lines = ["| measurement | unit | summae | BART | ratio |", "|---|---|---|---|---|"]
    for row in rows:
        figures = " | ".join(shown(row[name]) for name in ("summae", "bart", "ratio"))
        lines.append(f"| {row['what']} | {row['unit']} | {figures} |")
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    args = parser().parse_args(argv)
    names = args.only.split(",")
    if unknown := [name for name in names if name not in TABLE]:
        parser().error(f"--only must name some of {', '.join(TABLE)}, got {', '.join(unknown)}")
    if args.batch_size < 1 or args.seconds < 0:
        parser().error(f"--batch-size must be >= 1 and --seconds >= 0, got {args.batch_size} and {args.seconds}")
    rows = [row for name in names for row in TABLE[name]]
    workers = dict.fromkeys(side[0] for row in rows for side in (row.ours, row.bart) if side)
    with tempfile.TemporaryDirectory() as folder:
        environment = work("prepare", args, Path(folder))
        found = {name: work(name, args, Path(folder)) for name in workers}
    values = [row.values(found) for row in rows]
    print(markdown(values))
    about = {"model": args.model or f"random, {args.size}", "seconds": args.seconds, "batch_size": args.batch_size}
    about |= environment | {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count()}
    print("benchmark: " + ", ".join(f"{name} {value}" for name, value in about.items()), file=sys.stderr)
    if args.json:
        args.json.write_text(json.dumps({"about": about, "rows": values}, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
