#!/usr/bin/env python3
"""Train a model: the entry point for launchers that want a file. Alone, it is the same as ``summae train``.

accelerate launch scripts/train.py CONFIG [--set a.b=c ...] [--out DIR] [--fresh] [--stage NAME]
torchrun --nproc_per_node 2 scripts/train.py CONFIG
"""

import sys

from summae.cli import train_main

if __name__ == "__main__":
    sys.exit(train_main())
