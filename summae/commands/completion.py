"""``summae completion``: what a shell needs to complete ``summae`` and ``summarize``, made from their parsers."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten

from summae.commands.shells import SHELLS

PURPOSE = "Print a script that lets a shell complete options and commands."
EXAMPLES = (
    "source <(summae completion bash)  # this line goes into ~/.bashrc",
    "source <(summae completion zsh)  # into ~/.zshrc, below compinit",
    "summae completion fish | source  # into ~/.config/fish/config.fish",
)
MOST = 80  # characters of a help text that a shell shows


@dataclass(frozen=True)
class Argument:
    """An option, or what stands without one."""

    flags: tuple[str, ...]  # none: a positional argument
    help: str
    metavar: str
    values: tuple[str, ...]  # what it may be, where that can be listed
    count: str  # of its values: "0", "1", "?" or "+"
    files: str  # "file" or "folder", if it names one; else ""
    repeats: bool  # may be given again


@dataclass(frozen=True)
class Shape:
    """What can stand behind a command."""

    name: str
    purpose: str
    arguments: tuple[Argument, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=tuple(SHELLS), help="the shell that reads it")


def run(args: argparse.Namespace) -> int:
    from summae.cli import all_commands
    from summae.commands import COMMANDS

    parser = all_commands()
    parsers = next(action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    shapes = [Shape(name, COMMANDS[name].purpose, tuple(_arguments(its))) for name, its in parsers.items()]
    print(SHELLS[args.shell](shapes, tuple(_arguments(parser))), end="")
    return 0


def _arguments(parser: argparse.ArgumentParser) -> Iterator[Argument]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction) or action.help == argparse.SUPPRESS:
            continue
        metavar = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
        yield Argument(
            flags=tuple(action.option_strings),
            help=shorten((action.help or "").replace("%%", "%"), MOST, placeholder=" …"),
            metavar=metavar,
            values=_values(action, metavar),
            count={None: "1", 0: "0", "?": "?"}.get(action.nargs, "+"),
            files=_files(action, metavar),
            repeats=isinstance(action, (argparse._AppendAction, argparse._ExtendAction)),
        )


def _values(action: argparse.Action, metavar: str) -> tuple[str, ...]:
    """Its choices; where its type checks them, they stand in its metavar as ``{one,another}``."""
    if action.choices is not None:
        return tuple(map(str, action.choices))
    return tuple(metavar[1:-1].split(",")) if metavar.startswith("{") else ()


def _files(action: argparse.Action, metavar: str) -> str:
    if "DIR" in metavar:
        return "folder"
    return "file" if action.type is Path or metavar == "FILE" or metavar.endswith(".html") else ""
