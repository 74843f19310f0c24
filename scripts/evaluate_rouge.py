"""ROUGE for finished summaries, or for a model and the baselines on a data set.

    evaluate_rouge.py --hypotheses H.txt --references R.txt [--sources S.txt]
    evaluate_rouge.py DATA.jsonl --model DIR --words 8 10 --baselines lead ratio_filter lexrank

The table goes to stdout, everything else to stderr. All the work is in ``summae.evaluation``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from summae.errors import SummaeError
from summae.evaluation import BUDGETS, Request, run
from summae.metrics.baselines import BASELINES


def parser() -> argparse.ArgumentParser:
    """The options; their names are the fields of :class:`summae.evaluation.Request`."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    budgets = " ".join(map(str, BUDGETS))
    add = made.add_argument
    add("data", nargs="?", type=Path, metavar="DATA.jsonl", help='{"text", "summaries": [...]} on every line')
    add("--model", type=Path, metavar="DIR", help="model directory (default: the embedded model)")
    add("--no-model", dest="with_model", action="store_false", help="judge the baselines only")
    add("--baselines", nargs="+", default=(), choices=list(BASELINES), help="baselines beside the model")
    add("--hypotheses", type=Path, metavar="H.txt", help="finished summaries, one per line")
    add("--references", nargs="+", default=(), type=Path, metavar="R.txt", help="references, one per line")
    add("--sources", type=Path, metavar="S.txt", help="sources of the hypotheses, for the copy figures")
    add("--words", nargs="+", type=int, default=(), metavar="N", help=f"budgets (for DATA.jsonl: {budgets})")
    add("--limit", type=int, metavar="N", help="judge the first N examples only")
    add("--processes", type=int, default=1, metavar="N", help="score in N processes (for long texts)")
    add("--json", dest="json_path", type=Path, metavar="OUT", help="write the report as JSON too")
    return made


def main(argv: list[str] | None = None) -> int:
    options = vars(parser().parse_args(argv))
    json_path = options.pop("json_path")
    try:
        report = run(Request(**options), json_path=json_path, note=lambda line: print(line, file=sys.stderr))
    except SummaeError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(report.to_markdown(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
