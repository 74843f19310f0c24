"""What a command says on standard error."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from time import perf_counter


def say(line: str) -> None:
    """One line on standard error, whatever the message holds; nowhere when that is closed."""
    if sys.stderr is not None:
        from summae.explanation.heat import visible

        print(" ".join(visible(line).split()), file=sys.stderr)


def counted(count: int, what: str) -> str:
    """``1 text``, ``2,000 texts``."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


class StopWatch:
    """Prints as the seconds since it was made."""

    def __init__(self) -> None:
        self.begun = perf_counter()

    def __str__(self) -> str:
        return f"{perf_counter() - self.begun:.2f} s"


@dataclass(frozen=True)
class Console:
    """Standard error of a run, as talkative as ``--quiet`` and ``--verbose`` say."""

    prog: str
    quiet: bool = False
    verbose: bool = False

    @classmethod
    def of(cls, args: argparse.Namespace) -> Console:
        return cls(args.parser.prog, args.quiet, args.verbose)

    def error(self, line: object) -> None:
        """What went wrong, always."""
        say(f"{self.prog}: error: {line}")

    def note(self, line: str) -> None:
        """What the user should know of the result."""
        if not self.quiet:
            say(f"{self.prog}: {line}")

    def detail(self, line: str) -> None:
        """What was done, with what, and how long it took."""
        if self.verbose:
            say(f"{self.prog}: {line}")


def add_console_arguments(parser: argparse.ArgumentParser) -> None:
    """``--quiet`` and ``--verbose``, of which at most one may be given."""
    add = parser.add_mutually_exclusive_group().add_argument
    add("--quiet", action="store_true", help="no notes on standard error")
    add("--verbose", action="store_true", help="say what computes, what was read, and how long it took")
