"""``summae export``: the form of a model that needs no torch."""

from __future__ import annotations

import argparse
from pathlib import Path

from summae.commands.arguments import is_folder

PURPOSE = "Write the ONNX files that summarise without torch."
EXAMPLES = (
    "summae export runs/tiny/model",
    "summarize --model runs/tiny/model report.txt",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    is_folder(parser.add_argument("directory", type=Path, metavar="MODEL_DIR", help="a saved model"))


def run(args: argparse.Namespace) -> int:
    from summae.model.onnx.export import export

    export(args.directory)
    return 0
