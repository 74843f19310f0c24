"""What ``summarize`` shows besides the summary: alternatives with their scores, and what was kept and lost."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from summae.commands.arguments import is_file, whole_number
from summae.errors import InputError, SummaeError
from summae.explanation.score_table import COLUMNS, description, figures, usual_weights
from summae.summarizing.features import MOST_CANDIDATES, Weights, weights_of

if TYPE_CHECKING:
    from summae.explanation.findings import Explanation
    from summae.explanation.html_page import Exhibit
    from summae.explanation.terminal import Colors
    from summae.summarizing.summarizer import Summarizer, Summary

PAGES = (".html", ".htm")
COLORS = ("auto", "always", "never")
_HEAD = 1000  # bytes at the beginning of a page, the mark of ours among them
_EXPLAIN = (
    "show what the summary kept and lost of the text: a heat map below the summary and an empty line, or a page "
    "to open in a browser, OUT.html"
)
_CANDIDATES = f"show N different summaries, best first, with their scores: {description()}".replace("%", "%%")
_WEIGHTS = f"what features weigh in the score, such as coverage=9,fluency=0.3; the others as usual: {usual_weights()}"


def add_display_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    is_file(add("--explain", nargs="?", const="", metavar="OUT.html", help=_EXPLAIN))
    add("--candidates", type=whole_number(most=MOST_CANDIDATES), metavar="N", help=_CANDIDATES)
    add("--weights", type=_weights, metavar="NAME=VALUE,...", help=_WEIGHTS)
    add("--color", choices=COLORS, default="auto", help="colours of the heat map (default: auto)")


def _weights(text: str) -> Weights:
    try:
        return weights_of(text)
    except SummaeError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _is_page(args: argparse.Namespace) -> bool:
    return bool(args.explain) and args.explain.lower().endswith(PAGES)


def files_of(args: argparse.Namespace) -> list[str]:
    """The FILEs; what follows ``--explain`` is one too unless it is a page."""
    return [args.explain, *args.files] if args.explain and not _is_page(args) else args.files


@dataclass
class DisplayOptions:
    """How the summaries of one run are shown."""

    page: Path | None  # to write when all texts are done
    heat_map: bool  # on standard output
    candidates: bool  # a table of several summaries instead of the best
    colors: Colors
    exhibits: list[Exhibit] = field(default_factory=list)

    @classmethod
    def of(cls, args: argparse.Namespace) -> DisplayOptions:
        """As the arguments say; raises :class:`InputError` when the page must not be written where it is to be."""
        from summae.explanation.terminal import colors

        page = _writable(Path(args.explain)) if _is_page(args) else None
        heat_map = args.explain is not None and page is None
        candidates = args.candidates is not None
        return cls(page, heat_map, candidates, colors(args.color, sys.stdout, os.environ))

    def explain(self, summarizer: Summarizer, name: str, text: str, summaries: list[Summary]) -> Explanation | None:
        """What the first of them kept, if that is to be shown."""
        if not self.heat_map and self.page is None:
            return None
        from summae.explanation.attribution import explain

        explanation = explain(summarizer, text, summaries[0].text)
        if self.page is not None:
            from summae.explanation.html_page import Exhibit

            self.exhibits.append(Exhibit(name, explanation, [(each.text, each.scores) for each in summaries]))
        return explanation

    def table(self, summaries: list[Summary], text: str) -> str:
        """A line for each alternative, under the names of the scores."""
        from summae.explanation.terminal import marked
        from summae.metrics.faithful import unsupported_places

        every = [figures(each.scores) for each in summaries]
        widths = [max(map(len, column)) for column in zip(COLUMNS, *every, strict=True)]
        rows = [" ".join(f"{name:>{width}}" for name, width in zip(COLUMNS, widths, strict=True))]
        for each, some in zip(summaries, every, strict=True):
            scores = " ".join(f"{figure:>{width}}" for figure, width in zip(some, widths, strict=True))
            summary = marked(each.text, unsupported_places(each.text, text, each.abbreviations), self.colors)
            rows.append(f"{scores}  {' '.join(summary.split())}")
        return "\n".join(rows)

    def __enter__(self) -> DisplayOptions:
        return self

    def __exit__(self, *error: object) -> None:
        """Write the page, if one was asked for and there is something to show; also of a run that was interrupted."""
        if self.page is not None and self.exhibits:
            from summae.explanation.html_page import page
            from summae.files import write_atomically

            write_atomically(self.page, page(self.exhibits))


def _writable(path: Path) -> Path:
    """``path``, unless something lies there that is no page of ours: a text, perhaps, that was to be summarised."""
    from summae.explanation.html_page import MARK

    if path.is_dir():
        raise InputError(f"{path}: is a folder; name a page to write, such as {path / 'page.html'}")
    if path.exists() and MARK.encode() not in path.read_bytes()[:_HEAD]:
        raise InputError(f"{path}: exists and was not written by summae; name another page to write, or remove it")
    return path
