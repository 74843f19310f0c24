"""``summae train``: a run as a configuration says."""

from __future__ import annotations

import argparse
from pathlib import Path

PURPOSE = "Train a model as a configuration says."
EXAMPLES = (
    "summae train configs/tiny.yaml",
    "summae train configs/tiny.yaml --set seed=2 --out runs/again --stage language_model",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("config", type=Path, metavar="CONFIG", help="a run configuration, YAML")
    add("--set", nargs="+", action="extend", default=[], metavar="A.B=C", help="change single values of it")
    add("--out", type=Path, metavar="DIR", help="where the run is written (default: as configured)")
    add("--fresh", action="store_true", help="begin anew, deleting an earlier run in that directory (default: go on)")
    add("--stage", metavar="NAME", help="only this stage (default: all that are not yet done)")


def run(args: argparse.Namespace) -> int:
    from summae.training.run import train

    train(args.config, args.set, args.out, not args.fresh, args.stage)
    return 0
