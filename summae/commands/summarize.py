"""``summae summarize``: texts in, summaries on standard output."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from summae.commands.looking import Look, add_looking_arguments, files_of
from summae.commands.talk import say, word_count
from summae.errors import SummaeError

if TYPE_CHECKING:
    from summae.explanation import Explanation
    from summae.inputs import Found
    from summae.summarizer import Summary

PURPOSE = "Print a summary of each text."
AT_ONCE = 16  # texts read and summarised before their summaries are printed
NAMED = 5  # files left out of a folder that a note names
FILES = "text, Markdown, HTML, PDF, Word or mail, or a folder of them; '-' or nothing is standard input"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("files", nargs="*", metavar="FILE", help=FILES)
    add("--words", type=word_count, metavar="N", help="at most N words (default: the model's own length)")
    add("--model", metavar="DIR", help="a model directory (default: the one that comes with summae)")
    add("--json", action="store_true", help="one JSON object per text, with its source and scores")
    add_looking_arguments(parser)
    add("--errors", choices=("strict", "replace"), default="strict", help="what to do with broken UTF-8")
    add("--backend", choices=("auto", "onnx", "torch"), default="auto", help="what computes (default: auto)")
    add("--quiet", action="store_true", help="no notes on standard error")


def run(args: argparse.Namespace) -> int:
    """What cannot be read is named and the rest goes on; the model is loaded when there is something to read."""
    from summae.inputs import find_inputs
    from summae.text.reading import STDIN

    files, look = files_of(args), Look.of(args)
    if not files and sys.stdin is not None and sys.stdin.isatty():
        args.parser.error("a FILE, or text on standard input, must be given")
    found = find_inputs(files or [STDIN])
    _say_what_is_left_out(found, args)
    summarizer, done = None, 0
    for start in range(0, len(found.sources), AT_ONCE):
        texts = _read_all(found.sources[start : start + AT_ONCE], args)
        if not texts:
            continue
        if summarizer is None:
            from summae.summarizer import Summarizer

            summarizer = Summarizer.load(args.model, backend=args.backend, **look.loading())
        every = look.summaries(summarizer, [text for _, text in texts], args.words)
        for (source, text), summaries in zip(texts, every, strict=True):
            explanation = look.explain(summarizer, source, text, summaries)
            _show(source, text, summaries, explanation, len(found.sources) > 1, args, look)
        done += len(texts)
    look.finish()
    return 0 if done == len(found.sources) and not found.problems else 2


def _say_what_is_left_out(found: Found, args: argparse.Namespace) -> None:
    for problem in found.problems:
        say(f"{args.parser.prog}: error: {problem}")
    for folder, names in found.left_out.items():
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        if not args.quiet:
            say(f"{args.parser.prog}: {folder}: left out: {', '.join(names[:NAMED])}{more}")


def _read_all(sources: list[str], args: argparse.Namespace) -> list[tuple[str, str]]:
    """(source, text) of all that can be read, after saying of the others why they cannot."""
    from summae.inputs import read_input

    texts = []
    for source in sources:
        try:
            texts.append((source, read_input(source, args.errors)))
        except SummaeError as error:
            say(f"{args.parser.prog}: error: {error}")
    return texts


def _show(
    source: str,
    text: str,
    summaries: list[Summary],
    explanation: Explanation | None,
    several: bool,
    args: argparse.Namespace,
    look: Look,
) -> None:
    from summae.metrics.faithful import unsupported

    summary = summaries[0]
    if args.json:
        print(json.dumps(_record(source, text, summaries, explanation, look), ensure_ascii=False), flush=True)
    else:
        if look.count is not None:
            print(look.table(summaries, text))
        else:  # several summaries: one line each
            print(" ".join(summary.text.split()) if several else summary.text.rstrip("\n"))
        if explanation is not None and look.map:
            print(f"\n{look.heat_map(explanation, source)}", end="\n" if several else "")
        sys.stdout.flush()
    unknown = ", ".join(unsupported(summary.text, text))
    for note in filter(None, (summary.note, unknown and f"not in the text: {unknown}")):
        if not args.quiet:
            say(f"{args.parser.prog}: {source + ': ' if several else ''}{note}")


def _record(
    source: str, text: str, summaries: list[Summary], explanation: Explanation | None, look: Look
) -> dict[str, Any]:
    """A text's line of JSON."""
    from summae.metrics.faithful import unsupported_places

    records = [
        {**summary.to_dict(), "unsupported": [each.to_dict() for each in unsupported_places(summary.text, text)]}
        for summary in summaries
    ]
    record = {"source": source, **records[0]}
    if look.count is not None:
        record["candidates"] = records
    if explanation is not None and look.map:
        record["explanation"] = explanation.to_dict()
    return record
