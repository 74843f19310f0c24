"""Measure the parser: ``python scripts/evaluate_parser.py PARSER TREEBANK PART [TEACHER HELD]``.

On ``TREEBANK/PART.conllu.xz`` with gold tokens and on its raw text; with a teacher, its scores too, and how far the
parser agrees with it on ``HELD`` (``kind<TAB>sentence``, of ``scripts/select_sentences.py``). Then time and size.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from summae.syntax.conllu import read_conllu
from summae.syntax.parser import GRAPH, Parser, Spans
from summae.syntax.scoring import attachment, raw_attachment
from summae.syntax.tokens import token_spans
from summae.syntax.tree import Tree

#: Twenty-five tokens.
TIMED = (
    "Shares of the carmaker fell by 5 percent on Tuesday after it said that sales were weak again in the last "
    "quarter of 2011."
)


def spans_of(trees: list[Tree]) -> list[Spans]:
    return [Spans(tree.text, [(token.start, token.end) for token in tree.tokens]) for tree in trees]


def milliseconds(parser: Parser, batch: int) -> float:
    """Median CPU time of a sentence in a batch of ``batch``, one thread."""
    assert len(token_spans(TIMED)) == 25
    found = []
    for _ in range(60):
        started = time.process_time()
        parser.parse([TIMED] * batch)
        found.append(1000 * (time.process_time() - started) / batch)
    return sorted(found)[len(found) // 2]


def main(directory: Path, treebank: Path, part: str, teacher: Path | None = None, held: Path | None = None) -> None:
    parser = Parser.load(directory)
    gold = list(read_conllu(treebank / f"{part}.conllu.xz"))
    print(f"parser, {part}: {attachment(parser.parse_tokens(spans_of(gold)), gold)}")
    print(f"parser, {part}: {raw_attachment(parser.parse([tree.text for tree in gold]), gold)}")
    if teacher and held:
        compare(parser, gold, part, teacher, held)
    print(f"{milliseconds(parser, 1):.2f} ms alone, {milliseconds(parser, 16):.2f} ms in a batch of 16, 25 tokens")
    print(f"{(directory / GRAPH).stat().st_size / 1e6:.2f} MB")


def compare(parser: Parser, gold: list[Tree], part: str, teacher: Path, held: Path) -> None:
    from summae.syntax.teacher import load_teacher
    from summae.syntax.training import read_trees, untagged

    network, labels = load_teacher(teacher)
    print(f"teacher, {part}: {attachment(read_trees(network, gold, labels), gold)}")
    kinds: dict[str, list[str]] = {}
    for line in held.read_text(encoding="utf-8").splitlines():
        kind, text = line.split("\t", 1)
        kinds.setdefault(kind, []).append(text)
    for kind, texts in kinds.items():
        theirs = read_trees(network, [untagged(text) for text in texts], labels)
        print(f"agreement, {kind}: {attachment(parser.parse(texts), theirs)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], *map(Path, sys.argv[4:6]))
