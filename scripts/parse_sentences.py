"""Parse raw sentences, one a line, with the teacher: ``python scripts/parse_sentences.py TEACHER FILE DIRECTORY``."""

from __future__ import annotations

import sys
from pathlib import Path

from summae.syntax.distilling import parse_raw

if __name__ == "__main__":
    lines = Path(sys.argv[2]).read_text(encoding="utf-8").split("\n")
    sentences = [line for line in lines if line.strip()]
    parse_raw(Path(sys.argv[1]), sentences, Path(sys.argv[3]), say=lambda line: print(line, flush=True))
