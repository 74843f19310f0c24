"""How often the note on an unknown language is given: share of the texts of files, and how telling their words are.

    python scripts/languages.py ../shared/data/*-en/*.jsonl

Prints the table of docs/languages.md. A figure is the mean information of a text's words, as a share of what a word
never seen tells; the note is given above ``document.OUT_OF_DISTRIBUTION``. Files: ``{"text": …}`` on
every line, or xz of it.
"""

from __future__ import annotations

import argparse
import json
import lzma
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from summae.model.checkpoint import open_checkpoint
from summae.summarizing.document import read_document


def main() -> None:
    parser = argparse.ArgumentParser(description="How often the note on an unknown language is given.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE.jsonl", help="texts in a language that is known")
    parser.add_argument("--limit", type=int, default=2000, metavar="N", help="texts of each file (default: 2000)")
    args = parser.parse_args()
    encoder = open_checkpoint().encoder
    print("| texts | number | median | 99 % | noted |\n|---|---|---|---|---|")
    for path in args.files:
        documents = [read_document(text, encoder, 80) for text in islice(texts(path), args.limit)]
        figures = np.array([document.mean_information for document in documents if document.windows])
        noted = np.mean([not document.familiar for document in documents])
        middle, high = np.quantile(figures, [0.5, 0.99])
        name = f"{path.parent.name}/{path.name}"
        print(f"| {name} | {len(documents):,} | {middle:.2f} | {high:.2f} | {100 * noted:.2f} % |", flush=True)


def texts(path: Path) -> Iterator[str]:
    with (lzma.open if path.suffix == ".xz" else open)(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"]


if __name__ == "__main__":
    main()
