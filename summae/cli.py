"""The entry points ``summarize`` and ``summae``: arguments in, one result on standard output, an exit code.

Standard output carries the result only; notes and errors go to standard error, one line each.
Exit codes: 0 done, 2 something the user can put right, 130 interrupted, 141 nobody reads the output.
Everything heavy is imported behind the parsed arguments, so that ``--help`` answers at once.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Sequence

from summae.commands import COMMANDS
from summae.commands.console import say
from summae.commands.parsers import Parser, all_commands, one_command
from summae.errors import InputError, SummaeError

# 128 + the number of the signal that would have ended the process, as shells count: SIGINT, SIGPIPE
INTERRUPTED, NOBODY_READS = 130, 141


class _Closed(io.TextIOBase):
    """Standard output that was closed before we began: what is written to it does not get lost silently."""

    def write(self, text: str) -> int:
        if text:
            raise InputError("standard output: closed")
        return 0


def summarize_main(argv: Sequence[str] | None = None) -> int:
    """``summarize``: the same as ``summae summarize``."""
    return _single("summarize", "summarize", argv)


def evaluate_main(argv: Sequence[str] | None = None) -> int:
    """``scripts/evaluate_rouge.py`` may call this: the same as ``summae evaluate``."""
    return _single("evaluate", "evaluate_rouge.py", argv)


def train_main(argv: Sequence[str] | None = None) -> int:
    """``scripts/train.py``: the same as ``summae train``."""
    return _single("train", "train.py", argv)


def main(argv: Sequence[str] | None = None) -> int:
    """``summae``: one of ``COMMANDS``."""
    argv = list(sys.argv[1:] if argv is None else argv)
    return guarded("summae", lambda: all_commands(COMMANDS, argv[:1]), argv)


def _single(command: str, prog: str, argv: Sequence[str] | None) -> int:
    return guarded(prog, lambda: one_command(COMMANDS[command], prog), argv)


def guarded(prog: str, build: Callable[[], Parser], argv: Sequence[str] | None) -> int:
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
        return NOBODY_READS
    except KeyboardInterrupt:
        _drop_output()
        return INTERRUPTED
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
