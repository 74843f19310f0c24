#!/usr/bin/env python3
"""What each part of a model's wording brings: ROUGE with none of it, and with one part after the other. No training.

    python scripts/wording_parts.py --data ../shared/data/news-en/valid.jsonl --limit 400 --words 8

A table of docs/experiments.md. Abbreviations, the infinitive for a future and the present for a past are told apart in
:mod:`summae.wording.table`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from summae.errors import SummaeError
from summae.evaluation.references import read_dataset
from summae.metrics.rouge import score_examples
from summae.summarizing.summarizer import Summarizer
from summae.wording.table import DomainWordings, Wording
from summae.wording.tenses import Tenses

PARTS: dict[str, Callable[[Wording], Wording]] = {
    "the source": lambda wording: Wording(),
    "+ abbreviations": lambda wording: replace(wording, infinitive=False, tenses=Tenses()),
    "+ infinitive": lambda wording: replace(wording, tenses=Tenses()),
    "+ tenses: all of it": lambda wording: wording,
}


def worded(model: Summarizer, part: Callable[[Wording], Wording]) -> Summarizer:
    """The same model, of whose wordings only a part is applied."""
    checkpoint = replace(model.checkpoint)
    parts = {name: part(wording) for name, wording in checkpoint.wordings.domains.items()}
    vars(checkpoint)["wordings"] = DomainWordings(parts)  # a cached property
    return replace(model, checkpoint=checkpoint)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="JSONL", help="texts and their summaries")
    parser.add_argument("--limit", type=int, metavar="N", help="the first texts only")
    parser.add_argument("--words", type=int, default=8, help="budget (8)")
    parser.add_argument("--model", metavar="DIR", help="default: the embedded model")
    args = parser.parse_args(argv)
    try:
        examples = read_dataset(args.data, args.limit)
        model = Summarizer.load(args.model)
        print("| G reads | R-1 | R-2 | R-L |\n|---|---|---|---|", flush=True)
        for name, part in PARTS.items():
            found = worded(model, part).summarize([example.text for example in examples], args.words)
            scores = score_examples([each.text for each in found], [example.references for example in examples])
            print(f"| {name} | {' | '.join(f'{100 * value:.1f}' for value in scores.mean(axis=0))} |", flush=True)
    except SummaeError as error:
        print(f"wording_parts.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
