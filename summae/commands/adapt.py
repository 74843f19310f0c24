"""``summae adapt``: a model for a domain of one's own, from texts without summaries."""

from __future__ import annotations

import argparse
from pathlib import Path

from summae.commands.arguments import add_errors_argument, add_model_argument, is_file, is_folder
from summae.commands.console import say

PURPOSE = "Teach a model your own domain, from texts without summaries, in minutes."
EXAMPLES = (
    "summae adapt --documents mails/ --short-texts titles.txt --out my-model",
    "summae adapt --documents report.html mails/ --out my-model --minutes 20",
)
FOUND = "default: titles, headings, subject lines or first sentences found in the documents"
FILES = "text, Markdown, HTML, PDF, Word or mail, or folders of them"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    is_file(add("--documents", nargs="+", action="extend", required=True, metavar="FILE", help=FILES))
    in_style = f"in the wanted style, one a line ({FOUND})"
    is_file(add("--short-texts", nargs="+", action="extend", metavar="FILE", help=in_style))
    is_folder(add("--out", type=Path, required=True, metavar="DIR", help="where the new model is written"))
    add_model_argument(parser, "the model to begin with")
    add("--minutes", type=_minutes, default=10.0, metavar="M", help="how long it may take (default: 10)")
    add("--lines", action="store_true", help="every line of the documents is a document of its own")
    add("--seed", type=int, default=1, metavar="N", help="for another run of chance (default: 1)")
    add_errors_argument(parser)
    add("--quiet", action="store_true", help="no notes and no progress bar on standard error")


def run(args: argparse.Namespace) -> int:
    from summae.adapting import adapt
    from summae.adapting.texts import find_short_texts, read_documents, read_lines

    def note(line: str) -> None:
        if not args.quiet:
            say(f"{args.parser.prog}: {line}")

    try:
        documents, titles = read_documents(args.documents, lines=args.lines, errors=args.errors, note=note)
        if args.short_texts:
            short_texts = read_lines(args.short_texts, args.errors)
        else:
            short_texts = find_short_texts(documents, titles, note)
        options = {"model": args.model, "minutes": args.minutes, "seed": args.seed, "note": note}
        adapted = adapt(documents, short_texts, args.out, **options, progress=not args.quiet)
    except KeyboardInterrupt:
        note(f"interrupted: nothing has been written to {args.out}")
        raise
    note(f"summarise with it: summarize --model {args.out} FILE")
    print(adapted.to_markdown(), end="")
    return 0


def _minutes(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a number of minutes above 0, got '{text}'")
    return found
