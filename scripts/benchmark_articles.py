"""Whole articles per second, ours beside summarizers that choose sentences. Prints the table of docs/benchmarks.md.

    OMP_NUM_THREADS=1 python scripts/benchmark_articles.py --data ../shared/data/news-en/articles.jsonl.xz

All read the same articles in the same process, one system after the other, each after a first article unmeasured.
Counted is processor time, so that what else runs on the machine does not matter. sumy's LexRank and TextRank get our
sentences and words, as its own tokeniser wants a download; summa splits by itself. None of them is cut by a model's
window; all summaries have at most ``--words`` words.
"""

from __future__ import annotations

import argparse
import itertools
import json
import lzma
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from summae.metrics.baselines import BASELINES
from summae.summarizing.summarizer import Summarizer
from summae.text.finishing import cut
from summae.text.words import budget_units

System = Callable[[list[str], int], list[str]]  # (texts, budget in words) → summaries


@dataclass(frozen=True, kw_only=True)
class Row:
    system: str
    articles_per_second: float  # of processor time
    ratio: float  # ours ÷ this one's: above 1, ours is faster
    words: float  # of a summary, on average


def summae(model: str | None) -> System:
    """All articles in one call, as a batch is summarised."""
    summarizer = Summarizer.load(model)
    return lambda texts, words: [summary.text for summary in summarizer.summarize(texts, words)]


def sumy(name: str) -> System:
    return lambda texts, words: BASELINES[name](texts, words, None)


def summa() -> System:
    """Its TextRank; it chooses the sentences whose words come nearest to the budget, which may be more."""
    try:
        from summa.summarizer import summarize
    except ImportError:
        raise SystemExit("benchmark_articles: summa is missing: pip install 'summae[benchmark]'") from None
    return lambda texts, words: [cut(summarize(text, words=words), words) for text in texts]


def systems(model: str | None) -> dict[str, System]:
    return {
        "summae": summae(model),
        "sumy LexRank": sumy("lexrank"),
        "sumy TextRank": sumy("textrank"),
        "summa TextRank": summa(),
    }


def measured(system: System, texts: list[str], words: int) -> tuple[float, list[str]]:
    """(seconds of processor time, summaries)."""
    system(texts[:1], words)
    begun = time.process_time()
    summaries = system(texts, words)
    return time.process_time() - begun, summaries


def rows(found: dict[str, tuple[float, list[str]]]) -> list[Row]:
    """``found``: of each system, ours first, its seconds and summaries."""
    ours = next(iter(found.values()))[0]
    return [
        Row(
            system=name,
            articles_per_second=len(summaries) / seconds,
            ratio=seconds / ours,
            words=sum(len(budget_units(each)) for each in summaries) / len(summaries),
        )
        for name, (seconds, summaries) in found.items()
    ]


def markdown(table: list[Row]) -> str:
    lines = ["| system | articles per second | summae ÷ system | words |", "|---|---|---|---|"]
    for row in table:
        figures = f"{row.articles_per_second:.3g} | {row.ratio:.3g} | {row.words:.1f}"
        lines.append(f"| {row.system} | {figures} |")
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--data", type=Path, required=True, metavar="ARTICLES.jsonl.xz", help='{"text": ...} on every line')
    add("--articles", type=int, default=50, metavar="N", help="the first N of them (default: 50)")
    add("--words", type=int, default=60, metavar="N", help="of a summary, at most (default: 60)")
    add("--model", metavar="DIR", help="a model directory (default: the one that comes with summae)")
    add("--json", type=Path, metavar="OUT", help="the figures, unrounded")
    args = parser.parse_args(argv)
    if args.articles < 1 or args.words < 1:
        parser.error(f"--articles and --words must be >= 1, got {args.articles} and {args.words}")
    with lzma.open(args.data, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in itertools.islice(lines, args.articles)]
    found = {}
    for name, system in systems(args.model).items():
        print(f"benchmark_articles: {name}", file=sys.stderr, flush=True)
        found[name] = measured(system, texts, args.words)
    table = rows(found)
    print(markdown(table))
    size = sum(len(budget_units(text)) for text in texts) / len(texts)
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    about = f"{len(texts)} articles of {size:.0f} words on average, threads: {threads}"
    print(f"benchmark_articles: {about}, Python {platform.python_version()}", file=sys.stderr)
    if args.json:
        args.json.write_text(json.dumps([asdict(row) for row in table], indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
