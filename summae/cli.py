"""The doors ``summarize`` and ``summae``: arguments in, one result on standard output, an exit code.

Standard output carries the result only; notes and errors go to standard error, one line each.
Exit codes: 0 done, 2 something the user can put right, 130 interrupted, 141 nobody reads the output.
Everything heavy is imported behind the parsed arguments, so that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from summae.errors import SummaeError

if TYPE_CHECKING:
    from summae.inputs import Found
    from summae.summarizer import Summary

Run = Callable[[argparse.Namespace], int]

_AT_ONCE = 16  # texts read and summarised before their summaries are printed
_NAMED = 5  # files left out of a folder that a note names
_FILES = "text, Markdown, HTML, PDF, Word or mail, or a folder of them; '-' or nothing is standard input"


class Parser(argparse.ArgumentParser):
    """Usage errors are one line, like all others, and abbreviated options are none."""

    def __init__(self, **options: Any):
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message}; see '{self.prog} --help'\n")


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


# -- doors --------------------------------------------------------------------------------------------------


def summarize_main(argv: Sequence[str] | None = None) -> int:
    """``summarize``: the same as ``summae summarize``."""
    return _guard("summarize", lambda: _one_command("summarize", "summarize"), argv)


def evaluate_main(argv: Sequence[str] | None = None) -> int:
    """``scripts/evaluate_rouge.py`` may call this: the same as ``summae evaluate``."""
    return _guard("evaluate_rouge.py", lambda: _one_command("evaluate", "evaluate_rouge.py"), argv)


def train_main(argv: Sequence[str] | None = None) -> int:
    """``scripts/train.py``: the same as ``summae train``."""
    return _guard("train.py", lambda: _one_command("train", "train.py"), argv)


def main(argv: Sequence[str] | None = None) -> int:
    """``summae``: one of ``COMMANDS``."""
    argv = list(sys.argv[1:] if argv is None else argv)
    return _guard("summae", lambda: _all_commands(argv[:1]), argv)


def _one_command(name: str, prog: str) -> Parser:
    purpose, add_arguments, run = COMMANDS[name]
    parser = Parser(prog=prog, description=purpose)
    parser.set_defaults(run=run, parser=parser)
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and stop")
    add_arguments(parser)
    return parser


def _all_commands(chosen: list[str]) -> Parser:
    """The parser of ``summae``; only the chosen command has its arguments, others' are slow to import."""
    parser = Parser(prog="summae", description="Summarises texts; learns to from texts without summaries.")
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and stop")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=Parser)
    for name, (purpose, add_arguments, run) in COMMANDS.items():
        command = commands.add_parser(name, help=purpose, description=purpose)
        command.set_defaults(run=run, parser=command)
        if name in chosen:
            add_arguments(command)
    return parser


def _guard(prog: str, build: Callable[[], Parser], argv: Sequence[str] | None) -> int:
    """Parse and run; everything a user can cause ends as one line and an exit code."""
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
    _say(f"{prog}: error: {message}")
    return 2


def _say(line: str) -> None:
    """One line on standard error, whatever the message holds."""
    print(" ".join(line.split()), file=sys.stderr)


def _drop_output() -> None:
    """Nothing is tried again with what standard output still holds when the interpreter ends."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):  # standard output is no file
        pass


# -- summarize ----------------------------------------------------------------------------------------------


def _word_count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of words from 1, got '{text}'")
    return int(text)


def _summarize_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("files", nargs="*", metavar="FILE", help=_FILES)
    add("--words", type=_word_count, metavar="N", help="at most N words (default: the model's own length)")
    add("--model", metavar="DIR", help="a model directory (default: the one that comes with summae)")
    add("--json", action="store_true", help="one JSON object per text, with its source and scores")
    add("--errors", choices=("strict", "replace"), default="strict", help="what to do with broken UTF-8")
    add("--backend", choices=("auto", "onnx", "torch"), default="auto", help="what computes (default: auto)")
    add("--quiet", action="store_true", help="no notes on standard error")


def _summarize(args: argparse.Namespace) -> int:
    """What cannot be read is named and the rest goes on; the model is loaded when there is something to read."""
    from summae.inputs import find_inputs
    from summae.text.reading import STDIN

    if not args.files and sys.stdin is not None and sys.stdin.isatty():
        args.parser.error("a FILE, or text on standard input, must be given")
    found = find_inputs(args.files or [STDIN])
    _say_what_is_left_out(found, args)
    summarizer, done = None, 0
    for start in range(0, len(found.sources), _AT_ONCE):
        texts = _read_all(found.sources[start : start + _AT_ONCE], args)
        if not texts:
            continue
        if summarizer is None:
            from summae.summarizer import Summarizer

            summarizer = Summarizer.load(args.model, backend=args.backend)
        summaries = summarizer.summarize([text for _, text in texts], words=args.words)
        for (source, _), summary in zip(texts, summaries, strict=True):
            _show(source, summary, len(found.sources) > 1, args)
        done += len(texts)
    return 0 if done == len(found.sources) and not found.problems else 2


def _say_what_is_left_out(found: Found, args: argparse.Namespace) -> None:
    for problem in found.problems:
        _say(f"{args.parser.prog}: error: {problem}")
    for folder, names in found.left_out.items():
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        if not args.quiet:
            _say(f"{args.parser.prog}: {folder}: left out: {', '.join(names[:_NAMED])}{more}")


def _read_all(sources: list[str], args: argparse.Namespace) -> list[tuple[str, str]]:
    """(source, text) of all that can be read, after saying of the others why they cannot."""
    from summae.inputs import read_input

    texts = []
    for source in sources:
        try:
            texts.append((source, read_input(source, args.errors)))
        except SummaeError as error:
            _say(f"{args.parser.prog}: error: {error}")
    return texts


def _show(source: str, summary: Summary, several: bool, args: argparse.Namespace) -> None:
    if args.json:
        print(json.dumps({"source": source, **summary.to_dict()}, ensure_ascii=False), flush=True)
    else:  # several summaries: one line each
        print(" ".join(summary.text.split()) if several else summary.text.rstrip("\n"), flush=True)
    if summary.note and not args.quiet:
        _say(f"{args.parser.prog}: {source + ': ' if several else ''}{summary.note}")


# -- train, evaluate, export --------------------------------------------------------------------------------


def _train_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("config", type=Path, metavar="CONFIG", help="a run configuration, YAML")
    add("--set", nargs="+", action="extend", default=[], metavar="A.B=C", help="change single values of it")
    add("--out", type=Path, metavar="DIR", help="where the run is written (default: as configured)")
    add("--fresh", action="store_true", help="begin anew, deleting an earlier run in that directory (default: go on)")
    add("--stage", metavar="NAME", help="only this stage (default: all that are not yet done)")


def _train(args: argparse.Namespace) -> int:
    from summae.training.run import train

    train(args.config, args.set, args.out, not args.fresh, args.stage)
    return 0


def _evaluate_arguments(parser: argparse.ArgumentParser) -> None:
    """Their names are the fields of :class:`summae.evaluation.Request`."""
    from summae.evaluation import BUDGETS
    from summae.metrics.baselines import BASELINES

    budgets, add = " ".join(map(str, BUDGETS)), parser.add_argument
    add("data", nargs="?", type=Path, metavar="DATA.jsonl", help='{"text", "summaries": [...]} on every line')
    add("--model", type=Path, metavar="DIR", help="a model directory (default: the embedded model)")
    add("--no-model", dest="with_model", action="store_false", help="judge the baselines only")
    add("--baselines", nargs="+", default=(), choices=list(BASELINES), help="baselines beside the model")
    add("--hypotheses", type=Path, metavar="H.txt", help="finished summaries, one per line")
    add("--references", nargs="+", default=(), type=Path, metavar="R.txt", help="references, one per line")
    add("--sources", type=Path, metavar="S.txt", help="sources of the hypotheses, for the copy figures")
    add("--words", nargs="+", type=_word_count, default=(), metavar="N", help=f"default: {budgets}")
    add("--limit", type=int, metavar="N", help="judge the first N examples only")
    add("--processes", type=int, default=1, metavar="N", help="score in N processes (for long texts)")
    add("--json", dest="json_path", type=Path, metavar="OUT", help="write the report as JSON too")


def _evaluate(args: argparse.Namespace) -> int:
    from dataclasses import fields

    from summae.evaluation import Request, run

    request = Request(**{each.name: getattr(args, each.name) for each in fields(Request)})
    report = run(request, json_path=args.json_path, note=_say)
    print(report.to_markdown(), end="")
    return 0


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", type=Path, metavar="MODEL_DIR", help="a saved model")


def _export(args: argparse.Namespace) -> int:
    from summae.exporting import export

    export(args.directory)
    return 0


#: name → what it is for, its arguments, what it does
COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None], Run]] = {
    "summarize": ("Print a summary of each text.", _summarize_arguments, _summarize),
    "train": ("Train a model as a configuration says.", _train_arguments, _train),
    "evaluate": ("Score summaries against references.", _evaluate_arguments, _evaluate),
    "export": ("Write the ONNX files that summarise without torch.", _export_arguments, _export),
}
