"""``summae batch``: a file of texts in, the same with summaries out."""

from __future__ import annotations

import argparse
from pathlib import Path

from summae.commands.talk import add_length_arguments, add_style_argument, length_of, say, whole_number

PURPOSE = "Summarise every row of a file (JSONL, CSV, Parquet) or data set."
EXAMPLES = (
    "summae batch mails.jsonl summaries.jsonl --words 8",
    "summae batch mails.jsonl brief.parquet --sentences 2 --resume",
)
IN = "JSONL, CSV or Parquet (text forms also .gz, .xz), a saved data set, or one of the hub: name:config/split"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from summae.batch.engines import ENGINES

    add = parser.add_argument
    add("source", metavar="IN", help=IN)
    add("out", type=Path, metavar="OUT", help="where the rows with their summaries go; the suffix is the format")
    add("--column", default="text", metavar="NAME", help="what is summarised (default: text)")
    add("--summary-column", default="summary", metavar="NAME", help="what is added (default: summary)")
    add("--replace-column", action="store_true", help="replace the summary column if IN has it already")
    add_style_argument(parser)
    add_length_arguments(parser)
    add("--model", metavar="DIR", help="a model directory (default: the one that comes with summae)")
    add("--backend", choices=("auto", "onnx", "torch"), default="auto", help="what computes (default: auto)")
    add("--engine", choices=list(ENGINES), default="local", help="this process, or a Ray cluster (default: local)")
    add("--workers", type=whole_number, metavar="N", help="actors of --engine ray (default: one for each processor)")
    either = parser.add_mutually_exclusive_group().add_argument
    either("--resume", action="store_true", help="go on with an interrupted batch, or begin if there is none")
    either("--overwrite", action="store_true", help="replace OUT and throw away unfinished work")
    add("--strict", action="store_true", help="stop at the first row that cannot be summarised")
    add("--quiet", action="store_true", help="no progress and no notes on standard error")


def run(args: argparse.Namespace) -> int:
    """Exit code 2 if any row could not be summarised."""
    from dataclasses import fields

    from summae.batch import Request
    from summae.batch import run as run_batch

    given = {each.name: getattr(args, each.name) for each in fields(Request) if each.name != "words"}
    request = Request(**given, words=length_of(args))
    report = run_batch(request, quiet=args.quiet)
    if report.failed:
        count = f"{report.failed} of {report.rows} rows could not be summarised"
        say(f"{args.parser.prog}: error: {count}; {report.errors} names them")
    elif not args.quiet:
        say(f"{args.parser.prog}: {report.rows} rows in {args.out}")
    return 2 if report.failed else 0
