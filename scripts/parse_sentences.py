"""Parse raw sentences with the teacher: ``python scripts/parse_sentences.py TEACHER SENTENCES DIRECTORY``.

Writes ``DIRECTORY/0000.conllu`` and on, :data:`SHARD` sentences each; shards that are there are left as they are.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from summae.syntax.conllu import write_conllu
from summae.syntax.teacher import load_teacher
from summae.syntax.training import read_trees, untagged

SHARD = 4000


def main(directory: Path, sentences: Path, output: Path) -> None:
    teacher, labels = load_teacher(directory)
    output.mkdir(parents=True, exist_ok=True)
    texts = [text for text in sentences.read_text(encoding="utf-8").split("\n") if text]
    for number in range(-(-len(texts) // SHARD)):
        path = output / f"{number:04}.conllu"
        if path.exists():
            continue
        started = time.monotonic()
        shard = [untagged(text) for text in texts[number * SHARD : (number + 1) * SHARD]]
        trees = read_trees(teacher, shard, labels)
        with path.with_suffix(".new").open("w", encoding="utf-8") as stream:
            write_conllu(trees, stream)
        path.with_suffix(".new").replace(path)
        print(f"{path}: {len(trees) / (time.monotonic() - started):.0f} sentences/s", flush=True)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
