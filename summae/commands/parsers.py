"""Parsers of the entry points: made from commands that are handed in, so that a command may make them too."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn


@dataclass(frozen=True)
class Command:
    """What it is for, its arguments, what it does: → exit code, and lines that a user could type."""

    purpose: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    examples: tuple[str, ...] = ()  # run by tests/test_readme.py


class Parser(argparse.ArgumentParser):
    """Usage errors are one line, like all others, and abbreviated options are none."""

    def __init__(self, **options: Any):
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message}; see '{self.prog} --help'\n")

    def _print_message(self, message: str, file: Any = None) -> None:
        """Unlike the original, hears of a pipe that is closed and of a full disk."""
        stream = file or sys.stderr
        if message and stream is not None:
            stream.write(message)


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import PackageNotFoundError, version

        try:
            number = version("summae")
        except PackageNotFoundError:
            number = "(not installed)"
        print(f"{parser.prog} {number}")
        parser.exit()


def one_command(command: Command, prog: str) -> Parser:
    """The parser of an entry point that has one command only."""
    parser = Parser(prog=prog, **_description(command))
    _add_version(parser)
    return _filled(parser, command)


def all_commands(commands: Mapping[str, Command], filled: Collection[str]) -> Parser:
    """The parser of ``summae``; only the ``filled`` commands have their arguments, others' may be slow to import."""
    purpose = "Summarises texts; learns to from texts without summaries."
    examples = [command.examples[0] for command in commands.values() if command.examples]
    parser = Parser(prog="summae", description=purpose, **_with_examples(examples))
    _add_version(parser)
    group = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=Parser)
    for name, command in commands.items():
        its = group.add_parser(name, help=command.purpose, **_description(command))
        if name in filled:
            _filled(its, command)
    return parser


def _description(command: Command) -> dict[str, Any]:
    return {"description": command.purpose, **_with_examples(command.examples)}


def _with_examples(lines: Iterable[str]) -> dict[str, Any]:
    """What a parser shows below its options, line by line."""
    epilog = "\n  ".join(["examples:", *lines])
    return {"epilog": epilog, "formatter_class": argparse.RawDescriptionHelpFormatter}


def _filled(parser: Parser, command: Command) -> Parser:
    parser.set_defaults(run=command.run, parser=parser)
    command.add_arguments(parser)
    return parser


def _add_version(parser: Parser) -> None:
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and stop")
