"""Export what a parser's run has so far: ``python scripts/export_parser.py RUN TEACHER TOKENIZER OUTPUT``."""

from __future__ import annotations

import sys
from pathlib import Path

from summae.syntax.exporting import export_parser
from summae.syntax.labels import read_labels
from summae.syntax.network import ParserNetwork
from summae.syntax.student import STUDENT_HEADS, EncoderOptions
from summae.syntax.training import saved_weights


def main(directory: Path, teacher: Path, tokenizer: Path, output: Path) -> None:
    labels = read_labels(teacher / "labels.json")
    network = ParserNetwork(EncoderOptions(), STUDENT_HEADS, len(labels.relations), len(labels.bundles))
    network.load_state_dict(saved_weights(directory))
    print(export_parser(network, labels, tokenizer, output))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:5]))
