"""What comes before the parser's training: a teacher fine-tuned on the treebank, and its trees of our sentences.

    train_teacher  treebank                   → teacher/   labels.json, model.safetensors
    parse_raw      teacher/, raw sentences    → parsed/    0000.conllu, 0001.conllu …
    train_parser   treebank, teacher/, parsed/ → the parser (:mod:`summae.syntax.student`)

Each goes on where it was when it is called again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors.torch import save_file

from summae.errors import InputError
from summae.syntax.batching import Example
from summae.syntax.conllu import read_conllu, write_conllu
from summae.syntax.labels import LabelSet, write_labels
from summae.syntax.scoring import Attachment
from summae.syntax.teacher import LABELS, WEIGHTS, Teacher, load_teacher
from summae.syntax.training import FitOptions, fit, read_trees, score_trees, untagged


@dataclass(frozen=True, kw_only=True)
class TeacherOptions:
    """How the teacher is fine-tuned."""

    treebank: Path  # a directory with train.conllu.xz and dev.conllu.xz
    fit: FitOptions = field(default_factory=lambda: FitOptions(steps=960, batch_tokens=600, score_every=480))


def train_teacher(options: TeacherOptions, directory: Path, say: Callable[[str], None] = print) -> Attachment:
    """Fine-tune the teacher in ``directory``; its scores on the treebank's development part."""
    directory.mkdir(parents=True, exist_ok=True)
    train = list(read_conllu(options.treebank / "train.conllu.xz"))
    dev = list(read_conllu(options.treebank / "dev.conllu.xz"))
    labels = LabelSet.of(train)
    write_labels(labels, directory / LABELS)
    torch.manual_seed(options.fit.seed)
    teacher = Teacher(len(labels.relations), len(labels.bundles))
    examples = [Example.of(tree, labels) for tree in train]
    fit(teacher, examples, options.fit, directory, lambda: str(score_trees(teacher, dev, labels)), say)
    save_file(teacher.state_dict(), directory / WEIGHTS)
    return score_trees(teacher, dev, labels)


def parse_raw(
    teacher: Path, texts: Sequence[str], directory: Path, shard: int = 4000, say: Callable[[str], None] = print
) -> None:
    """The teacher's trees of ``texts``, ``shard`` of them in a file; files that are there are left as they are."""
    if not texts:
        raise InputError(f"{directory}: there must be sentences to parse, got none")
    network, labels = load_teacher(teacher)
    directory.mkdir(parents=True, exist_ok=True)
    for number, start in enumerate(range(0, len(texts), shard)):
        path = directory / f"{number:04}.conllu"
        if path.exists():
            continue
        started = time.monotonic()
        trees = read_trees(network, [untagged(text) for text in texts[start : start + shard]], labels)
        beside = path.with_suffix(".new")
        with beside.open("w", encoding="utf-8") as stream:
            write_conllu(trees, stream)
        beside.replace(path)
        say(f"{path}: {len(trees) / (time.monotonic() - started):.0f} sentences/s")
