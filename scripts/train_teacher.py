"""Fine-tune the parser's teacher on a treebank: ``python scripts/train_teacher.py TREEBANK DIRECTORY``."""

from __future__ import annotations

import sys
from pathlib import Path

from summae.syntax.distilling import TeacherOptions, train_teacher

if __name__ == "__main__":
    train_teacher(TeacherOptions(treebank=Path(sys.argv[1])), Path(sys.argv[2]), lambda line: print(line, flush=True))
