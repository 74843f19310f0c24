"""The commands of ``summae``: one small file each, one line of ``COMMANDS`` for each.

Their imports stand inside their functions: no command pays for another, and ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from summae.commands import adapt, evaluate, export, summarize, train


@dataclass(frozen=True)
class Command:
    """What it is for, its arguments, and what it does: → exit code."""

    purpose: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


COMMANDS = {
    "summarize": Command(summarize.PURPOSE, summarize.add_arguments, summarize.run),
    "train": Command(train.PURPOSE, train.add_arguments, train.run),
    "adapt": Command(adapt.PURPOSE, adapt.add_arguments, adapt.run),
    "evaluate": Command(evaluate.PURPOSE, evaluate.add_arguments, evaluate.run),
    "export": Command(export.PURPOSE, export.add_arguments, export.run),
}
