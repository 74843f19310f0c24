"""The commands of ``summae``: one small file each, one line of ``COMMANDS`` for each.

Their imports stand inside their functions: no command pays for another, and ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from summae.commands import adapt, batch, completion, evaluate, export, serve, summarize, train


@dataclass(frozen=True)
class Command:
    """What it is for, its arguments, what it does: → exit code, and lines that a user could type."""

    purpose: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    examples: tuple[str, ...] = ()  # run by tests/test_readme.py


COMMANDS = {
    "summarize": Command(summarize.PURPOSE, summarize.add_arguments, summarize.run, summarize.EXAMPLES),
    "batch": Command(batch.PURPOSE, batch.add_arguments, batch.run, batch.EXAMPLES),
    "train": Command(train.PURPOSE, train.add_arguments, train.run, train.EXAMPLES),
    "adapt": Command(adapt.PURPOSE, adapt.add_arguments, adapt.run, adapt.EXAMPLES),
    "evaluate": Command(evaluate.PURPOSE, evaluate.add_arguments, evaluate.run, evaluate.EXAMPLES),
    "export": Command(export.PURPOSE, export.add_arguments, export.run, export.EXAMPLES),
    "serve": Command(serve.PURPOSE, serve.add_arguments, serve.run, serve.EXAMPLES),
    "completion": Command(completion.PURPOSE, completion.add_arguments, completion.run, completion.EXAMPLES),
}
