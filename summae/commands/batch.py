"""``summae batch``: a file of texts in, the same with summaries out."""

from __future__ import annotations

import argparse
from pathlib import Path

from summae.commands.arguments import (
    add_backend_argument,
    add_length_arguments,
    add_model_argument,
    add_style_argument,
    is_file,
    length_of,
    whole_number,
)
from summae.commands.console import say

PURPOSE = "Summarise every row of a file (JSONL, CSV, Parquet) or data set."
EXAMPLES = (
    "summae batch mails.jsonl summaries.jsonl --words 8",
    "summae batch mails.jsonl brief.parquet --sentences 2 --resume",
)
IN = "JSONL, CSV or Parquet (text forms also .gz, .xz), a saved data set, or one of the hub: name:config/split"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from summae.batch.engines import ENGINES

    add = parser.add_argument
    is_file(add("source", metavar="IN", help=IN))
    written = "where the rows with their summaries go; the suffix is the format"
    is_file(add("out", type=Path, metavar="OUT", help=written))
    add("--column", default="text", metavar="NAME", help="what is summarised (default: text)")
    add("--summary-column", default="summary", metavar="NAME", help="what is added (default: summary)")
    add("--replace-column", action="store_true", help="replace the summary column if IN has it already")
    add_style_argument(parser)
    add_length_arguments(parser)
    add_model_argument(parser)
    add_backend_argument(parser)
    add("--engine", choices=list(ENGINES), default="local", help="this process, or a Ray cluster (default: local)")
    add("--workers", type=whole_number(), metavar="N", help="actors of --engine ray (default: one for each processor)")
    either = parser.add_mutually_exclusive_group().add_argument
    either("--resume", action="store_true", help="go on with an interrupted batch, or begin if there is none")
    either("--overwrite", action="store_true", help="replace OUT and throw away unfinished work")
    add("--strict", action="store_true", help="stop at the first row that cannot be summarised")
    add("--quiet", action="store_true", help="no progress and no notes on standard error")


def run(args: argparse.Namespace) -> int:
    """Exit code 2 if any row could not be summarised."""
    from dataclasses import fields

    from summae.batch import BatchOptions
    from summae.batch import run as run_batch

    given = {each.name: getattr(args, each.name) for each in fields(BatchOptions) if each.name != "words"}
    report = run_batch(BatchOptions(**given, words=length_of(args)), quiet=args.quiet)
    if report.failed:
        count = f"{report.failed} of {report.rows} rows could not be summarised"
        say(f"{args.parser.prog}: error: {count}; {report.errors} names them")
    elif not args.quiet:
        say(f"{args.parser.prog}: {report.rows} rows in {args.out}")
    return 2 if report.failed else 0
