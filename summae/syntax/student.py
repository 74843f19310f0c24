"""The stage that trains the shipped parser: on a treebank, and on our own sentences as a teacher parsed them.

The teacher's trees are taken as they are (one head, one relation, one bundle a token): distillation by labels, as
Kim & Rush do with whole sequences (Sequence-Level Knowledge Distillation, EMNLP 2016). The encoder's pieces begin as
the teacher's own word vectors, turned to their main directions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from summae.errors import InputError
from summae.syntax.batching import Example
from summae.syntax.conllu import read_conllu
from summae.syntax.labels import LabelSet, read_labels
from summae.syntax.network import EncoderOptions, HeadOptions, ParserNetwork
from summae.syntax.pieces import TokenPieces
from summae.syntax.scoring import Attachment
from summae.syntax.training import FitOptions, fit, score_trees
from summae.text.tokenizer import SubwordTokenizer

#: Narrower than the teacher's, and less is dropped: there is more to read.
STUDENT_HEADS = HeadOptions(arc_width=192, relation_width=64, dropout=0.15)


@dataclass(frozen=True, kw_only=True)
class ParserOptions:
    """What the stage needs to know."""

    treebank: Path  # a directory with train.conllu.xz and dev.conllu.xz
    teacher: Path  # what scripts/train_teacher.py wrote: its labels, its word vectors
    parsed: Path  # a directory of the teacher's trees, *.conllu
    tokenizer: Path  # the checkpoint's tokenizer.json
    treebank_weight: int = 2  # times that a treebank's sentence is read while one of the teacher's is read once
    fit: FitOptions = field(default_factory=lambda: FitOptions(steps=12_000, batch_tokens=800, warmup=0.04))
    encoder: EncoderOptions = field(default_factory=EncoderOptions)
    heads: HeadOptions = STUDENT_HEADS


class Student(ParserNetwork):
    """The network with the pieces of its tokeniser, as :func:`~summae.syntax.training.fit` wants it."""

    def __init__(self, options: ParserOptions, labels: LabelSet, tokenizer: SubwordTokenizer):
        super().__init__(options.encoder, options.heads, len(labels.relations), len(labels.bundles))
        self._token_pieces = TokenPieces(tokenizer)

    def inputs(self, sentences: list[tuple[str, ...]]) -> tuple[Tensor]:
        return (torch.from_numpy(self._token_pieces.of_batch(sentences)),)


def train_parser(
    options: ParserOptions, directory: Path, say: Callable[[str], None] = print
) -> tuple[Student, Attachment]:
    """Train, or go on training, in ``directory``; the network and its scores on the treebank's development part."""
    labels = read_labels(options.teacher / "labels.json")
    dev = list(read_conllu(options.treebank / "dev.conllu.xz"))
    student = new_student(options, labels)
    size = sum(weights.numel() for weights in student.parameters())
    say(f"{size / 1e6:.2f} M parameters")
    examples = list(_examples(options, labels))
    say(f"{len(examples)} sentences")
    fit(student, examples, options.fit, directory, lambda: str(score_trees(student, dev, labels)), say)
    return student, score_trees(student, dev, labels)


def new_student(options: ParserOptions, labels: LabelSet) -> Student:
    """An untrained network, its pieces those of the teacher."""
    torch.manual_seed(options.fit.seed)
    tokenizer = SubwordTokenizer.load(options.tokenizer)
    if tokenizer.vocab_size != options.encoder.vocabulary:
        raise InputError(
            f"{options.tokenizer}: the parser must have a vocabulary of {tokenizer.vocab_size} pieces, "
            f"got {options.encoder.vocabulary}"
        )
    student = Student(options, labels, tokenizer)
    with torch.no_grad():
        student.pieces.weight.copy_(teacher_vectors(options.teacher, tokenizer, options.encoder.piece_width))
    return student


def _examples(options: ParserOptions, labels: LabelSet) -> Iterator[Example]:
    shards = sorted(options.parsed.glob("*.conllu"))
    if not shards:
        raise InputError(f"{options.parsed}: must hold the teacher's trees, *.conllu; see scripts/parse_sentences.py")
    treebank = [Example.of(tree, labels) for tree in read_conllu(options.treebank / "train.conllu.xz")]
    for _ in range(options.treebank_weight):
        yield from treebank
    for shard in shards:
        yield from (Example.of(tree, labels) for tree in read_conllu(shard))


@torch.no_grad()
def teacher_vectors(teacher: Path, tokenizer: SubwordTokenizer, width: int) -> Tensor:
    """For every piece the mean of the teacher's word vectors for its text, in their ``width`` main directions.

    Scaled to a standard deviation of 0.5, with a little noise: the teacher reads no case, so pieces that differ in
    case alone would stay one.
    """
    from safetensors.torch import load_file

    from summae.syntax.teacher import TeacherPieces, encoder_directory

    vectors = load_file(teacher / "model.safetensors")["encoder.embeddings.word_embeddings.weight"]
    pieces = TeacherPieces(encoder_directory())
    texts = [(piece or b"").decode("utf-8", "ignore").strip() for piece in tokenizer.piece_bytes]
    means = torch.stack([vectors[pieces.of_token(text)].mean(0) for text in texts])
    means = means - means.mean(0)
    directions = torch.linalg.svd(means.T @ means).U[:, :width]
    turned = means @ directions
    return 0.5 * turned / turned.std() + 0.05 * torch.randn(turned.shape)
