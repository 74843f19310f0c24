"""Where in a text the kept content comes from, and what long texts cost. Prints the tables of docs/long-documents.md.

    python scripts/kept_where.py --data ../shared/data/news-en/articles.jsonl.xz

Counted are the content words of a summary that stand in one tenth of the text only, so that it is known where they come
from. Long texts are articles behind one another; each is measured in a process of its own.
"""

from __future__ import annotations

import argparse
import itertools
import json
import lzma
import resource
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from summae.summarizing.summarizer import Summarizer
from summae.text.finishing import cut
from summae.text.words import budget_units, is_function_word, word_spans, words

WARM_UP = "A storm closed schools in the north of the country, and thousands of homes lost power, officials said."


def main() -> None:
    parser = argparse.ArgumentParser(description="Where kept content comes from; what long texts cost.")
    add = parser.add_argument
    add("--data", type=Path, required=True, metavar="ARTICLES.jsonl.xz", help='{"text": ...} on every line')
    add("--articles", type=int, default=60, metavar="N", help="whole articles to summarise (default: 60)")
    add("--words", type=int, default=60, metavar="N", help="budget of an article (default: 60)")
    add("--long", nargs="*", type=int, default=[2_000, 50_000, 100_000, 200_000], metavar="N", help="their words")
    add("--long-words", type=int, default=300, metavar="N", help="budget of a long text (default: 300)")
    add("--one", action="store_true", help=argparse.SUPPRESS)  # measure the only long text in this process
    args = parser.parse_args()
    if args.one:
        print(json.dumps(measured(args.data, args.long[0], args.long_words)))
        return
    if args.long:
        report_long(args)  # first: a child's peak memory begins with what its parent has
    report_articles(args)


def report_articles(args: argparse.Namespace) -> None:
    texts = list(itertools.islice(articles(args.data), args.articles))
    found = [summary.text for summary in Summarizer.load().summarize(texts, words=args.words)]
    lead = [cut(text, args.words) for text in texts]
    print(f"\n{len(texts)} articles of up to 400 words, at most {args.words} words of each\n")
    print_deciles({"summae": mean_deciles(found, texts), "lead": mean_deciles(lead, texts)})


def report_long(args: argparse.Namespace) -> None:
    rows = []
    for size in args.long:
        again = ["--data", args.data, "--long", size, "--long-words", args.long_words, "--one"]
        done = subprocess.run([sys.executable, __file__, *map(str, again)], check=True, capture_output=True, text=True)
        rows.append(json.loads(done.stdout))
    print(f"Articles behind one another as one text, at most {args.long_words} words\n")
    print("| words of the text | seconds | peak memory, MB | of it before |\n|---|---|---|---|")
    for row in rows:
        print(f"| {row['words']:,} | {row['seconds']:.1f} | {row['peak']:.0f} | {row['before']:.0f} |")
    print()
    print_deciles({f"{who}, {row['words']:,} words": np.array(row[who]) for who in ("summae", "lead") for row in rows})


def measured(path: Path, size: int, budget: int) -> dict[str, Any]:
    """Seconds (one core: processor time) and the largest resident memory of this process, in MB."""
    summarizer = Summarizer.load()
    summarizer.summarize([WARM_UP], words=8)
    text = behind_one_another(path, size)
    before, start = peak(), time.process_time()
    (summary,) = summarizer.summarize([text], words=budget)
    seconds, largest = time.process_time() - start, peak()
    lead = cut(text, budget)
    kept = {"summae": mean_deciles([summary.text], [text]).tolist(), "lead": mean_deciles([lead], [text]).tolist()}
    return {"words": len(budget_units(text)), "seconds": seconds, "peak": largest, "before": before, **kept}


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def articles(path: Path) -> Iterator[str]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"]


def behind_one_another(path: Path, size: int) -> str:
    """The first articles that have ``size`` words together."""
    found: list[str] = []
    for text in articles(path):
        found.append(text)
        size -= len(text.split())
        if size <= 0:
            break
    return "\n\n".join(found)


def mean_deciles(summaries: list[str], texts: list[str]) -> np.ndarray:
    """The mean over texts of the shares of their ten tenths, [10], sum 1."""
    rows = [deciles(summary, text) for summary, text in zip(summaries, texts, strict=True)]
    return np.mean([row for row in rows if row is not None], axis=0)


def deciles(summary: str, text: str) -> np.ndarray | None:
    """The shares [10] of the tenths of ``text`` in the telling words of ``summary``; ``None``: it has none."""
    tenths: dict[str, set[int]] = defaultdict(set)
    for begin, end in word_spans(text):
        tenths[text[begin:end].lower()].add(begin * 10 // len(text))
    kept = [tenths[word] for word in map(str.lower, words(summary)) if word in tenths and not is_function_word(word)]
    total = np.bincount([min(found) for found in kept if len(found) == 1], minlength=10)
    return total / total.sum() if total.any() else None


def print_deciles(rows: dict[str, np.ndarray]) -> None:
    print("| % by tenth of the text | " + " | ".join(map(str, range(1, 11))) + " |\n|" + "---|" * 11)
    for name, row in rows.items():
        print(f"| {name} | " + " | ".join(f"{100 * share:.0f}" for share in row) + " |")


if __name__ == "__main__":
    main()
