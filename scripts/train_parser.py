"""Train the shipped parser: ``python scripts/train_parser.py TREEBANK TEACHER PARSED TOKENIZER DIRECTORY STEPS``.

What it does is :func:`summae.syntax.student.train_parser`; the result is exported to ``DIRECTORY/parser``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from summae.syntax.exporting import export_parser
from summae.syntax.labels import read_labels
from summae.syntax.student import ParserOptions, train_parser
from summae.syntax.training import FitOptions


def main(treebank: Path, teacher: Path, parsed: Path, tokenizer: Path, directory: Path, steps: int) -> None:
    fitting = FitOptions(steps=steps, batch_tokens=800, warmup=0.04, score_every=1500)
    options = ParserOptions(treebank=treebank, teacher=teacher, parsed=parsed, tokenizer=tokenizer, fit=fitting)
    student, scores = train_parser(options, directory, lambda line: print(line, flush=True))
    print(export_parser(student, read_labels(teacher / "labels.json"), tokenizer, directory / "parser"))
    print(f"dev: {scores}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:6]), int(sys.argv[6]))
