"""What ``summarize`` shows besides the summary: alternatives with their scores, and what was kept and lost."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from summae.errors import InputError, SummaeError
from summae.summarizing.style import HEADLINE

if TYPE_CHECKING:
    from summae.explanation.page import Exhibit
    from summae.explanation.records import Explanation
    from summae.explanation.terminal import Colors
    from summae.summarizing.features import Weights
    from summae.summarizing.length import Length
    from summae.summarizing.summarizer import Summarizer, Summary

MOST = 50  # summarizer.MOST_CANDIDATES, which would import numpy
PAGES = (".html", ".htm")
SCORES = ("merit", "coverage", "realism", "fluency", "generator", "length")
_EXPLAIN = (
    "show what the summary kept and lost of the text: a heat map below the summary and an empty line, or a page "
    "to open in a browser, OUT.html"
)
_CANDIDATES = (
    "show N different summaries, best first, with their scores: coverage (share of the text's information that can "
    "be rebuilt), realism (how real a critic of short texts finds it, 0 to 1; blank if the model has no critic), "
    "fluency and generator (nats per piece, nearer to 0 is better), length (share of the budget used), merit (all "
    "together)"
)
_WEIGHTS = (
    "what the scores weigh in the merit, such as "
    "coverage=4,realism=0,fluency=0.6,generator=0.5,length=0.5,early=2,centrality=7.5"
)


def add_looking_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--explain", nargs="?", const="", metavar="OUT.html", help=_EXPLAIN)
    add("--candidates", type=_count, metavar="N", help=_CANDIDATES)
    add("--weights", type=_weights, metavar="NAME=VALUE,...", help=_WEIGHTS)
    add("--color", choices=("auto", "always", "never"), default="auto", help="colours of the heat map (default: auto)")


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {MOST}, got '{text}'")
    return int(text)


def _weights(text: str) -> Weights:
    from summae.summarizing.features import weights_of

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
class Look:
    """How the summaries of one run are looked at."""

    page: Path | None  # to write when all texts are done
    map: bool  # on standard output
    count: int | None  # of alternatives, if any were asked for
    weights: Weights | None
    colors: Colors
    search: dict[str, Any]  # options of it; none: the default ones
    exhibits: list[Exhibit] = field(default_factory=list)

    @classmethod
    def of(cls, args: argparse.Namespace) -> Look:
        """As the arguments say; raises :class:`InputError` when the page must not be written where it is to be."""
        from summae.explanation.terminal import colors

        page = _writable(Path(args.explain)) if _is_page(args) else None
        asked = {"beams": args.beams, "style": None if args.style == HEADLINE else args.style}
        search = {name: value for name, value in asked.items() if value is not None}
        map_wanted = args.explain is not None and page is None
        return cls(page, map_wanted, args.candidates, args.weights, colors(args.color, sys.stdout, os.environ), search)

    def loading(self) -> dict[str, Any]:
        """Options of :meth:`Summarizer.load`."""
        return {} if self.weights is None else {"weights": self.weights}

    def summaries(self, summarizer: Summarizer, texts: Sequence[str], words: Length | None) -> list[list[Summary]]:
        """Of each text its summary, or as many as were asked for, best first."""
        if self.count is None:
            return [[summary] for summary in summarizer.summarize(texts, words=words, **self.search)]
        return summarizer.candidates(texts, words, count=self.count, **self.search)

    def explain(self, summarizer: Summarizer, name: str, text: str, summaries: list[Summary]) -> Explanation | None:
        """What the first of them kept, if that is to be shown."""
        if not self.map and self.page is None:
            return None
        from summae.explanation.attribution import explain

        explanation = explain(summarizer, text, summaries[0].text)
        if self.page is not None:
            from summae.explanation.page import Exhibit

            self.exhibits.append(Exhibit(name, explanation, [(each.text, each.scores) for each in summaries]))
        return explanation

    def table(self, summaries: list[Summary], text: str) -> str:
        """A line for each alternative, under the names of the scores."""
        from summae.explanation.terminal import marked
        from summae.metrics.faithful import unsupported_places

        rows = [" ".join(f"{name:>9}" for name in SCORES)]
        for each in summaries:
            scores = " ".join(f"{each.scores[name]:9.3f}" if name in each.scores else " " * 9 for name in SCORES)
            summary = marked(each.text, unsupported_places(each.text, text, each.abbreviations), self.colors)
            rows.append(f"{scores}  {' '.join(summary.split())}")
        return "\n".join(rows)

    def heat_map(self, explanation: Explanation, name: str) -> str:
        from summae.explanation.terminal import heat_map

        return heat_map(explanation, self.colors, name)

    def __enter__(self) -> Look:
        return self

    def __exit__(self, *error: object) -> None:
        """Write the page, if one was asked for and there is something to show; also of a run that was interrupted."""
        if self.page is not None and self.exhibits:
            from summae.explanation.page import page
            from summae.files import write_atomically

            write_atomically(self.page, page(self.exhibits))


def _writable(path: Path) -> Path:
    """``path``, unless something lies there that is no page of ours: a text, perhaps, that was to be summarised."""
    from summae.explanation.page import MARK

    if path.is_dir():
        raise InputError(f"{path}: is a folder; name a page to write, such as {path / 'page.html'}")
    if path.exists() and MARK.encode() not in path.read_bytes()[:1000]:
        raise InputError(f"{path}: exists and was not written by summae; name another page to write, or remove it")
    return path
