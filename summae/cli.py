"""The doors ``summarize`` and ``summae``: arguments in, one result on standard output, an exit code.

Standard output carries the result only; notes and errors go to standard error, one line each.
Exit codes: 0 done, 2 something the user can put right, 130 interrupted, 141 nobody reads the output.
Everything heavy is imported behind the parsed arguments, so that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, NoReturn

from summae.commands import COMMANDS, Command
from summae.commands.talk import say
from summae.errors import InputError, SummaeError


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


class _Closed(io.TextIOBase):
    """Standard output that was closed before we began: what is written to it does not get lost silently."""

    def write(self, text: str) -> int:
        if text:
            raise InputError("standard output: closed")
        return 0


# -- doors --------------------------------------------------------------------------------------------------


def summarize_main(argv: Sequence[str] | None = None) -> int:
    """``summarize``: the same as ``summae summarize``."""
    return _guard("summarize", lambda: one_command("summarize", "summarize"), argv)


def evaluate_main(argv: Sequence[str] | None = None) -> int:
    """``scripts/evaluate_rouge.py`` may call this: the same as ``summae evaluate``."""
    return _guard("evaluate_rouge.py", lambda: one_command("evaluate", "evaluate_rouge.py"), argv)


def train_main(argv: Sequence[str] | None = None) -> int:
    """``scripts/train.py``: the same as ``summae train``."""
    return _guard("train.py", lambda: one_command("train", "train.py"), argv)


def main(argv: Sequence[str] | None = None) -> int:
    """``summae``: one of ``COMMANDS``."""
    argv = list(sys.argv[1:] if argv is None else argv)
    return _guard("summae", lambda: all_commands(argv[:1]), argv)


def one_command(name: str, prog: str) -> Parser:
    """The parser of a door that has one command only."""
    parser = Parser(prog=prog, **_told(COMMANDS[name]))
    _add_version(parser)
    return _filled(parser, name)


def all_commands(chosen: Collection[str] = COMMANDS) -> Parser:
    """The parser of ``summae``; only the ``chosen`` commands have their arguments, others' may be slow to import."""
    purpose = "Summarises texts; learns to from texts without summaries."
    examples = [command.examples[0] for command in COMMANDS.values() if command.examples]
    parser = Parser(prog="summae", description=purpose, **_with_examples(examples))
    _add_version(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=Parser)
    for name, command in COMMANDS.items():
        its = commands.add_parser(name, help=command.purpose, **_told(command))
        if name in chosen:
            _filled(its, name)
    return parser


def _told(command: Command) -> dict[str, Any]:
    return {"description": command.purpose, **_with_examples(command.examples)}


def _with_examples(lines: Iterable[str]) -> dict[str, Any]:
    """What a parser shows below its options, line by line."""
    epilog = "\n  ".join(["examples:", *lines])
    return {"epilog": epilog, "formatter_class": argparse.RawDescriptionHelpFormatter}


def _filled(parser: Parser, name: str) -> Parser:
    parser.set_defaults(run=COMMANDS[name].run, parser=parser)
    COMMANDS[name].add_arguments(parser)
    return parser


def _add_version(parser: Parser) -> None:
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and stop")


def _guard(prog: str, build: Callable[[], Parser], argv: Sequence[str] | None) -> int:
    """Parse and run; everything a user can cause ends as one line and an exit code."""
    if sys.stdout is None:
        sys.stdout = _Closed()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # texts are UTF-8, whatever the locale
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        try:
            args = build().parse_args(argv)
            prog = args.parser.prog
            code = args.run(args)
        except SystemExit as stop:  # --help, --version and usage errors
            code = stop.code
        print(end="", flush=True)  # a full disk shows here, not when the interpreter ends
        return code
    except BrokenPipeError:
        _drop_output()
        return 141
    except KeyboardInterrupt:
        _drop_output()
        return 130
    except SummaeError as error:
        message = str(error)
    except OSError as error:
        _drop_output()
        where = f": {error.filename}" if error.filename else ""
        message = f"{error.strerror or error}{where}"
    say(f"{prog}: error: {message}")
    return 2


def _drop_output() -> None:
    """Nothing is tried again with what standard output still holds when the interpreter ends."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):  # standard output is no file
        pass
