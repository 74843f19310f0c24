"""``summae summarize``: texts in, summaries on standard output."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from summae.commands.looking import Look, add_looking_arguments, files_of
from summae.commands.output import FORMATS, Result, Show, opened
from summae.commands.talk import (
    BEAMS,
    StopWatch,
    Voice,
    add_length_arguments,
    add_style_argument,
    add_voice_arguments,
    counted,
    length_of,
    whole_number,
)
from summae.errors import SummaeError

if TYPE_CHECKING:
    from summae.inputs.read import Found
    from summae.summarizing.summarizer import Summarizer

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
    add("files", nargs="*", metavar="FILE", help=FILES)
    add("--model", metavar="DIR", help="a model directory (default: the one that comes with summae)")
    how = parser.add_mutually_exclusive_group().add_argument
    how("--format", choices=list(FORMATS), default="text", help="json: one array; jsonl: an object a line; with scores")
    how("--json", dest="format", action="store_const", const="jsonl", help="the same as --format jsonl")
    add_looking_arguments(parser)
    add("--beams", type=whole_number, metavar="N", help=BEAMS)
    add("--errors", choices=("strict", "replace"), default="strict", help="what to do with broken UTF-8")
    add("--backend", choices=("auto", "onnx", "torch"), default="auto", help="what computes (default: auto)")
    add_voice_arguments(parser)
    add_style_argument(parser)
    add_length_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """What cannot be read is named and the rest goes on; the model is loaded when there is something to read."""
    from summae.inputs.decode import STDIN
    from summae.inputs.read import find_inputs

    files, look, voice = files_of(args), Look.of(args), Voice.of(args)
    if not files and sys.stdin is not None and sys.stdin.isatty():
        args.parser.error("a FILE, or text on standard input, must be given")
    found = find_inputs(files or [STDIN])
    _say_what_is_left_out(found, voice)
    with look, opened(args.format, several=len(found.sources) > 1) as show:
        done = _summarize_all(found.sources, show, look, voice, args)
    return 0 if done == len(found.sources) and not found.problems else 2


def _summarize_all(sources: list[str], show: Show, look: Look, voice: Voice, args: argparse.Namespace) -> int:
    """Show a summary of all that can be read; → how many."""
    summarizer, done, watch = None, 0, StopWatch()
    for start in range(0, len(sources), AT_ONCE):
        texts = _read_all(sources[start : start + AT_ONCE], args.errors, voice)
        if not texts:
            continue
        if summarizer is None:
            summarizer = _load(look, voice, args)
        begun = StopWatch()
        every = look.summaries(summarizer, [text for _, text in texts], length_of(args))
        voice.detail(f"{counted(len(texts), 'text')} summarised in {begun}")
        for (source, text), summaries in zip(texts, every, strict=True):
            result = Result(source, text, summaries, look.explain(summarizer, source, text, summaries), look)
            show(result)
            _say_notes(result, len(sources) > 1, voice)
            _say_size(result, summarizer, voice)
        done += len(texts)
    voice.detail(f"{done} of {counted(len(sources), 'text')} in {watch}")
    return done


def _load(look: Look, voice: Voice, args: argparse.Namespace) -> Summarizer:
    from summae.summarizing.summarizer import Summarizer

    begun = StopWatch()
    summarizer = Summarizer.load(args.model, backend=args.backend, **look.loading())
    if voice.verbose:
        checkpoint = summarizer.checkpoint
        what = f"model {checkpoint.manifest.name} ({checkpoint.path}), backend {summarizer.backend.name}"
        voice.detail(f"{what}, loaded in {begun}")
    return summarizer


def _say_what_is_left_out(found: Found, voice: Voice) -> None:
    for problem in found.problems:
        voice.error(problem)
    for folder, names in found.left_out.items():
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        voice.note(f"{folder}: left out: {', '.join(names[:NAMED])}{more}")


def _read_all(sources: list[str], errors: str, voice: Voice) -> list[tuple[str, str]]:
    """(source, text) of all that can be read, after saying of the others why they cannot."""
    from summae.inputs.read import read_input

    texts = []
    for source in sources:
        try:
            texts.append((source, read_input(source, errors)))
        except SummaeError as error:
            voice.error(error)
    return texts


def _say_notes(result: Result, several: bool, voice: Voice) -> None:
    from summae.metrics.faithful import unsupported

    unknown = ", ".join(unsupported(result.summary.text, result.text, result.summary.abbreviations))
    for note in filter(None, (result.summary.note, unknown and f"not in the text: {unknown}")):
        voice.note(f"{result.source + ': ' if several else ''}{note}")


def _say_size(result: Result, summarizer: Summarizer, voice: Voice) -> None:
    if voice.verbose:
        from summae.text.words import budget_units

        sizes = [(len(budget_units(result.text)), "word"), (len(summarizer.read(result.text).windows), "window")]
        read = " in ".join(counted(*size) for size in sizes)
        voice.detail(f"{result.source}: {read} to {counted(len(budget_units(result.summary.text)), 'word')}")
