"""The commands of ``summae``: one small file each, one line of ``COMMANDS`` for each.

Their imports stand inside their functions: no command pays for another, and ``--help`` answers at once.
"""

from __future__ import annotations

import argparse

from summae.commands import adapt, batch, completion, evaluate, export_onnx, serve, summarize, train
from summae.commands.parsers import Command


def _complete(args: argparse.Namespace) -> int:
    return completion.run(args, COMMANDS)  # the only one that knows of the others: it is told of them


COMMANDS = {
    "summarize": Command(summarize.PURPOSE, summarize.add_arguments, summarize.run, summarize.EXAMPLES),
    "batch": Command(batch.PURPOSE, batch.add_arguments, batch.run, batch.EXAMPLES),
    "train": Command(train.PURPOSE, train.add_arguments, train.run, train.EXAMPLES),
    "adapt": Command(adapt.PURPOSE, adapt.add_arguments, adapt.run, adapt.EXAMPLES),
    "evaluate": Command(evaluate.PURPOSE, evaluate.add_arguments, evaluate.run, evaluate.EXAMPLES),
    "export": Command(export_onnx.PURPOSE, export_onnx.add_arguments, export_onnx.run, export_onnx.EXAMPLES),
    "serve": Command(serve.PURPOSE, serve.add_arguments, serve.run, serve.EXAMPLES),
    "completion": Command(completion.PURPOSE, completion.add_arguments, _complete, completion.EXAMPLES),
}
