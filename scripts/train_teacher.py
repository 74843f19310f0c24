"""Fine-tune the parser's teacher on a treebank: ``python scripts/train_teacher.py TREEBANK DIRECTORY [STEPS]``."""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

from summae.syntax.batching import Example
from summae.syntax.conllu import read_conllu
from summae.syntax.labels import LabelSet, write_labels
from summae.syntax.teacher import Teacher
from summae.syntax.training import FitOptions, fit, score_trees


def main(treebank: Path, directory: Path, steps: int) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    train = list(read_conllu(treebank / "train.conllu.xz"))
    dev = list(read_conllu(treebank / "dev.conllu.xz"))
    labels = LabelSet.of(train)
    write_labels(labels, directory / "labels.json")
    torch.manual_seed(1)
    teacher = Teacher(len(labels.relations), len(labels.bundles))
    options = FitOptions(steps=steps, batch_tokens=600, score_every=steps // 2)
    examples = [Example.of(tree, labels) for tree in train]
    fit(teacher, examples, options, directory, lambda: str(score_trees(teacher, dev, labels)))
    save_file(teacher.state_dict(), directory / "model.safetensors")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 960)
