"""``summae evaluate``: summaries against references."""

from __future__ import annotations

import argparse
from pathlib import Path

from summae.commands.arguments import (
    add_beams_argument,
    add_model_argument,
    add_style_argument,
    is_file,
    whole_number,
)
from summae.commands.console import say

PURPOSE = "Score summaries against references."
EXAMPLES = (
    "summae evaluate data.jsonl --words 8 10 --baselines lead lexrank",
    "summae evaluate --hypotheses mine.txt --references theirs.txt",
)
BUDGETS = (8, 10)  # evaluation.BUDGETS, which would import numpy
BASELINES = ("lead", "ratio_filter", "lexrank", "textrank")  # those of metrics.baselines, likewise


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Their names are the fields of :class:`summae.evaluation.comparison.EvaluationRequest`."""
    budgets, add = " ".join(map(str, BUDGETS)), parser.add_argument
    lines = '{"text", "summaries": [...]} on every line'
    is_file(add("data", nargs="?", type=Path, metavar="DATA.jsonl", help=lines))
    add_model_argument(parser, type=Path)
    add("--no-model", dest="with_model", action="store_false", help="judge the baselines only")
    add("--baselines", nargs="+", default=(), choices=BASELINES, help="baselines beside the model")
    is_file(add("--hypotheses", type=Path, metavar="H.txt", help="finished summaries, one per line"))
    is_file(add("--references", nargs="+", default=(), type=Path, metavar="R.txt", help="references, one per line"))
    is_file(add("--sources", type=Path, metavar="S.txt", help="sources of the hypotheses, for the copy figures"))
    add("--words", nargs="+", type=whole_number(), default=(), metavar="N", help=f"default: {budgets}")
    add("--limit", type=int, metavar="N", help="judge the first N examples only")
    add_beams_argument(parser, default=None)
    add_style_argument(parser)
    add("--processes", type=int, default=1, metavar="N", help="score in N processes (for long texts)")
    is_file(add("--json", dest="json_path", type=Path, metavar="OUT", help="write the report as JSON too"))


def run(args: argparse.Namespace) -> int:
    from dataclasses import fields

    from summae.evaluation.comparison import EvaluationRequest
    from summae.evaluation.comparison import run as evaluate

    request = EvaluationRequest(**{each.name: getattr(args, each.name) for each in fields(EvaluationRequest)})
    report = evaluate(request, json_path=args.json_path, note=say)
    print(report.to_markdown(), end="")
    return 0
