"""Count what short texts keep and sources have: ``python scripts/count_optionality.py DATA PARSER OUTPUT``.

Parses unpaired sources and short texts of ``DATA`` and writes one table a domain (:mod:`summae.syntax.optionality`)
into ``OUTPUT``, which belongs beside the parser as ``optionality.json``; the counts lie beside it, and a run that was
ended goes on with them. No summary is seen with its source.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from select_sentences import lines, split, usable

from summae.errors import SummaeError
from summae.files import write_atomically
from summae.syntax.optionality import Counts, Optionality, save_all
from summae.syntax.parser import Parser

COUNT = 40_000  # texts of a kind, at most
BATCH = 2000
SHORT_TEXTS = {"news": ("news-en/headlines.txt.xz", 10), "science": ("science-en/titles.txt.xz", 3)}
SOURCES = {"news": ("news-en/leads.txt.xz", 1), "science": ("science-en/abstracts.txt.xz", 10)}


def counted(parser: Parser, texts: Iterator[str], saved: Path) -> Counts:
    """Counted now, or read from an earlier, finished run."""
    if saved.exists():
        return Counts.of_json(json.loads(saved.read_text(encoding="utf-8")))
    counts, waiting = Counts(), iter(usable(texts, COUNT))
    while batch := list(islice(waiting, BATCH)):
        for tree in parser.parse(batch):
            counts.add(tree)
        print(f"{saved.stem}: {counts.tokens:,} tokens", file=sys.stderr, flush=True)
    write_atomically(saved, json.dumps(counts.to_json(), ensure_ascii=False))
    return counts


def main(data: Path, parser_folder: Path, output: Path) -> None:
    parser = Parser.load(parser_folder, tokenizer=parser_folder.parent / "tokenizer.json")
    tables = {}
    for domain in SOURCES:
        shorts, sources = (lines(data / name, every) for name, every in (SHORT_TEXTS[domain], SOURCES[domain]))
        split_sources = split(sources) if domain == "science" else sources
        in_source = counted(parser, split_sources, Path(f"{output}.{domain}-sources"))
        in_short = counted(parser, shorts, Path(f"{output}.{domain}-short"))
        tables[domain] = Optionality.of(in_source, in_short, at_least=40)
    save_all(tables, output)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "parser", "output"):
        options.add_argument(name, type=Path)
    asked = options.parse_args()
    try:
        main(asked.data, asked.parser, asked.output)
    except (OSError, SummaeError) as error:
        options.error(str(error))
