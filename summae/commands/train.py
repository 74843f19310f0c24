"""``summae train``: a run as a configuration says."""

from __future__ import annotations

import argparse
from pathlib import Path

from summae.commands.arguments import is_file, is_folder

PURPOSE = "Train a model as a configuration says."
EXAMPLES = (
    "summae train configs/tiny.yaml",
    "summae train configs/tiny.yaml --set seed=2 --out runs/again --stage language_model",
    "summae train configs/tiny.yaml --critic-of runs/tiny/model",
)
_CRITIC = "only a critic, for this finished model, by whose 'realism' its candidates may be ranked"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    is_file(add("config", type=Path, metavar="CONFIG", help="a run configuration, YAML"))
    add("--set", nargs="+", action="extend", default=[], metavar="A.B=C", help="change single values of it")
    is_folder(add("--out", type=Path, metavar="DIR", help="where the run is written (default: as configured)"))
    add("--fresh", action="store_true", help="begin anew, deleting an earlier run in that directory (default: go on)")
    only = parser.add_mutually_exclusive_group().add_argument
    only("--stage", metavar="NAME", help="only this stage (default: all that are not yet done)")
    is_folder(only("--critic-of", type=Path, metavar="MODEL_DIR", help=_CRITIC))


def run(args: argparse.Namespace) -> int:
    if args.critic_of is not None:
        from summae.training.critic.stage import add_critic

        add_critic(args.critic_of, args.config, args.set, args.out, not args.fresh)
        return 0
    from summae.training.run import train

    train(args.config, args.set, args.out, not args.fresh, args.stage)
    return 0
