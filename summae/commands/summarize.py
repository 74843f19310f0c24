"""``summae summarize``: texts in, summaries on standard output."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from summae.commands.arguments import (
    add_backend_argument,
    add_beams_argument,
    add_errors_argument,
    add_length_arguments,
    add_model_argument,
    add_style_argument,
    is_file,
    length_of,
)
from summae.commands.console import Console, StopWatch, add_console_arguments, counted
from summae.commands.display import DisplayOptions, add_display_arguments, files_of
from summae.commands.printing import FORMATS, ResultPrinter, TextResult, printer
from summae.errors import SummaeError
from summae.summarizing.length import Length

if TYPE_CHECKING:
    from summae.inputs.read import Found
    from summae.summarizing.summarizer import Summarizer, Summary

PURPOSE = "Print a summary of each text."
EXAMPLES = (
    "summarize report.txt",
    "summarize --words 20 --json report.pdf mails/",
    "summarize --sentences 3 --explain kept.html < mail.txt",
)
AT_ONCE = 16  # texts read and summarised before their summaries are printed
NAMED = 5  # files left out of a folder that a note names
FILES = "text, Markdown, HTML, PDF, Word or mail, a folder of them, or https://...; '-' or nothing is standard input"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    is_file(add("files", nargs="*", metavar="FILE", help=FILES))
    add_model_argument(parser)
    how = parser.add_mutually_exclusive_group().add_argument
    how("--format", choices=list(FORMATS), default="text", help="json: one array; jsonl: an object a line; with scores")
    how("--json", dest="format", action="store_const", const="jsonl", help="the same as --format jsonl")
    add_display_arguments(parser)
    add_beams_argument(parser)
    add_errors_argument(parser)
    add_backend_argument(parser)
    add_console_arguments(parser)
    add_style_argument(parser)
    add_length_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """What cannot be read is named and the rest goes on; the model is loaded when there is something to read."""
    from summae.inputs.decode import STDIN
    from summae.inputs.read import find_inputs

    files, display, console = files_of(args), DisplayOptions.of(args), Console.of(args)
    if not files and sys.stdin is not None and sys.stdin.isatty():
        args.parser.error("a FILE, or text on standard input, must be given")
    found = find_inputs(files or [STDIN])
    _say_what_is_left_out(found, console)
    with display, printer(args.format, several=len(found.sources) > 1) as show:
        done = _summarize_all(found.sources, show, display, console, args)
    return 0 if done == len(found.sources) and not found.problems else 2


def _summarize_all(
    sources: list[str], show: ResultPrinter, display: DisplayOptions, console: Console, args: argparse.Namespace
) -> int:
    """Show a summary of all that can be read; → how many."""
    summarizer, done, watch = None, 0, StopWatch()
    for start in range(0, len(sources), AT_ONCE):
        texts = _read_all(sources[start : start + AT_ONCE], args.errors, console)
        if not texts:
            continue
        if summarizer is None:
            summarizer = _load(args, console)
        begun = StopWatch()
        every = _summarize(summarizer, [text for _, text in texts], args)
        console.detail(f"{counted(len(texts), 'text')} summarised in {begun}")
        for (source, text), summaries in zip(texts, every, strict=True):
            result = TextResult(source, text, summaries, display.explain(summarizer, source, text, summaries), display)
            show(result)
            _say_notes(result, len(sources) > 1, console)
            _say_size(result, summarizer, console)
        done += len(texts)
    console.detail(f"{done} of {counted(len(sources), 'text')} in {watch}")
    return done


def _summarize(summarizer: Summarizer, texts: list[str], args: argparse.Namespace) -> list[list[Summary]]:
    """Of each text its summary, or as many as were asked for, best first."""
    words, search = length_of(args) or Length.automatic(), {"beams": args.beams, "style": args.style}
    if args.candidates is None:
        return [[summary] for summary in summarizer.summarize(texts, words, **search)]
    return summarizer.candidates(texts, words, count=args.candidates, **search)


def _load(args: argparse.Namespace, console: Console) -> Summarizer:
    from summae.summarizing.summarizer import Summarizer

    begun = StopWatch()
    summarizer = Summarizer.load(args.model, backend=args.backend, weights=args.weights)
    if console.verbose:
        checkpoint = summarizer.checkpoint
        what = f"model {checkpoint.manifest.name} ({checkpoint.path}), backend {summarizer.backend.name}"
        console.detail(f"{what}, loaded in {begun}")
    return summarizer


def _say_what_is_left_out(found: Found, console: Console) -> None:
    for problem in found.problems:
        console.error(problem)
    for folder, names in found.left_out.items():
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        console.note(f"{folder}: left out: {', '.join(names[:NAMED])}{more}")


def _read_all(sources: list[str], errors: str, console: Console) -> list[tuple[str, str]]:
    """(source, text) of all that can be read, after saying of the others why they cannot."""
    from summae.inputs.read import read_input

    texts = []
    for source in sources:
        try:
            texts.append((source, read_input(source, errors)))
        except SummaeError as error:
            console.error(error)
    return texts


def _say_notes(result: TextResult, several: bool, console: Console) -> None:
    from summae.metrics.faithful import unsupported

    unknown = ", ".join(unsupported(result.summary.text, result.text, result.summary.abbreviations))
    for note in filter(None, (result.summary.note, unknown and f"not in the text: {unknown}")):
        console.note(f"{result.source + ': ' if several else ''}{note}")


def _say_size(result: TextResult, summarizer: Summarizer, console: Console) -> None:
    if console.verbose:
        from summae.text.words import budget_units

        sizes = [(len(budget_units(result.text)), "word"), (len(summarizer.read(result.text).windows), "window")]
        read = " in ".join(counted(*size) for size in sizes)
        console.detail(f"{result.source}: {read} to {counted(len(budget_units(result.summary.text)), 'word')}")
