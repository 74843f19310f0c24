"""``summae completion``: what a shell needs to complete ``summae`` and ``summarize``; shtab writes it."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from summae.commands.parsers import Command, all_commands, one_command

PURPOSE = "Print a script that lets a shell complete options, commands and file names."
EXAMPLES = (
    "source <(summae completion bash)  # this line goes into ~/.bashrc",
    "source <(summae completion zsh)  # into ~/.zshrc, below compinit",
    "summae completion fish | source  # into ~/.config/fish/config.fish",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from shtab import SUPPORTED_SHELLS

    parser.add_argument("shell", choices=tuple(SUPPORTED_SHELLS), help="the shell that reads it")


def run(args: argparse.Namespace, commands: Mapping[str, Command]) -> int:
    from shlex import quote

    import shtab

    parsers = all_commands(commands, filled=commands), one_command(commands["summarize"], "summarize")
    script = "\n".join(shtab.complete(parser, args.shell) for parser in parsers)
    # In zsh a script of shtab defines its function only when it is evaluated; sourced, it would call it.
    print(f"eval {quote(script)}" if args.shell == "zsh" else script)
    return 0
