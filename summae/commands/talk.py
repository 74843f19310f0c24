"""What every command needs to take an argument and to say a line."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from functools import partial
from time import perf_counter

from summae.errors import InputError
from summae.summarizing.length import KINDS, NAMED, Length
from summae.summarizing.style import HEADLINE, STYLES


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
class Voice:
    """What a run says on standard error, by ``--quiet`` and ``--verbose``."""

    prog: str
    quiet: bool = False
    verbose: bool = False

    @classmethod
    def of(cls, args: argparse.Namespace) -> Voice:
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


def add_voice_arguments(parser: argparse.ArgumentParser) -> None:
    """``--quiet`` and ``--verbose``, of which at most one may be given."""
    add = parser.add_mutually_exclusive_group().add_argument
    add("--quiet", action="store_true", help="no notes on standard error")
    add("--verbose", action="store_true", help="say what computes, what was read, and how long it took")


BEAMS = "how many drafts the search keeps at a time: more is slower and a little better (default: 4)"


def whole_number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, got '{text}'")
    return int(text)


def add_style_argument(parser: argparse.ArgumentParser) -> None:
    told = "; ".join(f"{name}: {style.help}" for name, style in STYLES.items())
    parser.add_argument("--style", choices=list(STYLES), default=HEADLINE, help=f"{told} (default: {HEADLINE})")


def add_length_arguments(parser: argparse.ArgumentParser) -> None:
    """``--words``, ``--sentences``, ``--ratio``, ``--chars`` and ``--length``, of which at most one may be given."""
    names = f"{{{','.join(NAMED)}}}"
    named = ", ".join(f"{name} {count}" for name, count in NAMED.items())
    helps = {
        "words": "at most N words; characters in scripts without spaces (default: the model's own length)",
        "sentences": "at most N lines, each from another part of the text",
        "ratio": "at most this share of the text's words: 20%% or 0.2",
        "chars": "at most N characters, spaces and marks included",
    }
    group = parser.add_argument_group("length", "never exceeded; a text no longer than that comes back as it is")
    add = group.add_mutually_exclusive_group().add_argument
    for kind, text in helps.items():
        metavar = "SHARE" if kind == "ratio" else "N"
        add(f"--{kind}", dest="length_asked", type=partial(_length, kind), metavar=metavar, help=text)
    add("--length", dest="length_asked", type=_named, metavar=names, help=f"a number of sentences by name: {named}")


def length_of(args: argparse.Namespace) -> Length | None:
    """The length asked for by one of these arguments; ``None``: the model's own."""
    return args.length_asked


def _length(kind: str, text: str) -> Length:
    try:
        return Length.parse(kind, text)
    except InputError:
        raise argparse.ArgumentTypeError(f"must be {KINDS[kind]}, got '{text}'") from None


def _named(name: str) -> Length:
    if name not in NAMED:
        raise argparse.ArgumentTypeError(f"must be one of {', '.join(NAMED)}, got '{name}'")
    return Length.named(name)
