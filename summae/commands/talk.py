"""What every command needs to take an argument and to say a line."""

from __future__ import annotations

import argparse
import sys
from functools import partial

from summae.errors import InputError
from summae.lengths import KINDS, NAMED, Length


def say(line: str) -> None:
    """One line on standard error, whatever the message holds."""
    print(" ".join(line.split()), file=sys.stderr)


BEAMS = "how many drafts the search keeps at a time: more is slower and a little better (default: 4)"


def whole_number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, got '{text}'")
    return int(text)


def add_length_arguments(parser: argparse.ArgumentParser) -> None:
    """``--words``, ``--sentences``, ``--ratio``, ``--chars`` and ``--length``, of which at most one may be given."""
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
    add("--length", dest="length_asked", type=_named, metavar="NAME", help=f"a number of sentences by name: {named}")


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
