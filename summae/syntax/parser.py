"""The parser that ships: sentences in, trees out; onnxruntime and numpy, no torch.

    parser = Parser.load("…/parser")
    [tree] = parser.parse(["Dogs bark."])

Relations: trained by :mod:`summae.syntax.student`, written by :mod:`summae.syntax.exporting`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from summae.errors import CheckpointError
from summae.syntax.bucketing import by_length
from summae.syntax.decoding import best_heads
from summae.syntax.labels import LabelSet
from summae.syntax.pieces import TokenPieces
from summae.syntax.tokens import token_spans
from summae.syntax.tree import ROOT_HEAD, Token, Tree
from summae.text.tokenizer import SubwordTokenizer

FORMAT = "summae-parser/1"
GRAPH, SIZES, TOKENIZER = "parser.onnx", "parser.json", "tokenizer.json"
#: Tokens that are read at once, padding counted.
_BATCH_TOKENS = 1200
#: A longer sentence is read in parts of so many tokens, the later ones hung on the first with ``_LOOSE``.
LONGEST = 200
_LOOSE = "parataxis"


class Spans(NamedTuple):
    """A sentence and where its tokens are."""

    text: str
    spans: Sequence[tuple[int, int]]


class Parser:
    """Dependency trees of sentences."""

    def __init__(self, session, pieces: TokenPieces, labels: LabelSet):
        self._session = session
        self._pieces = pieces
        self.labels = labels

    @classmethod
    def load(cls, directory: str | Path, *, tokenizer: str | Path | None = None, threads: int = 1) -> Parser:
        """Open an exported parser; its tokeniser is in ``directory`` unless named.

        :class:`CheckpointError` says what is missing or damaged.
        """
        import onnxruntime

        directory = Path(directory)
        labels = _read_labels(directory / SIZES)
        pieces = TokenPieces(SubwordTokenizer.load(tokenizer or directory / TOKENIZER))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.disable_quant_qdq", "1")  # restore the weights once, at opening
        try:
            session = onnxruntime.InferenceSession(str(directory / GRAPH), options, ["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises exceptions of many classes of its own
            raise CheckpointError(f"{directory / GRAPH}: must be a parser's graph ({error})") from error
        return cls(session, pieces, labels)

    def parse(self, sentences: Sequence[str]) -> list[Tree]:
        """The tree of every sentence, in their order; the tree of one does not depend on the others.

        A sentence without a token, white space alone, has a tree without tokens.
        """
        return self.parse_tokens([Spans(text, token_spans(text)) for text in sentences])

    def parse_tokens(self, sentences: Sequence[Spans]) -> list[Tree]:
        """The same for sentences whose tokens are given, as a treebank gives them."""
        parts, owners = [], []
        for owner, (text, spans) in enumerate(sentences):
            for start in range(0, len(spans), LONGEST):
                parts.append([text[first:last] for first, last in spans[start : start + LONGEST]])
                owners.append(owner)
        found: list[list[_Reading]] = [[] for _ in sentences]
        for owner, reading in zip(owners, self._read(parts), strict=True):
            found[owner] += _hung(reading, found[owner])
        return [_tree(sentence, readings) for sentence, readings in zip(sentences, found, strict=True)]

    def _read(self, sentences: Sequence[list[str]]) -> list[list[_Reading]]:
        """Heads, relations and bundles of tokenised sentences, in batches of like length."""
        found: dict[int, list[_Reading]] = {}
        for places in by_length([len(tokens) + 1 for tokens in sentences], _BATCH_TOKENS):
            pieces_BHP = self._pieces.of_batch([sentences[place] for place in places])
            arcs_BNH, relations_BNH, bundles_BN = self._session.run(None, {"pieces": pieces_BHP})
            for row, place in enumerate(places):
                count = len(sentences[place])
                heads = best_heads(arcs_BNH[row, :count, : count + 1])
                relations = relations_BNH[row, np.arange(count), np.asarray(heads) + 1]
                found[place] = [
                    _Reading(head, self.labels.relations[relation], *self.labels.unbundled[kind])
                    for head, relation, kind in zip(heads, relations, bundles_BN[row], strict=False)
                ]
        return [found[place] for place in range(len(sentences))]


class _Reading(NamedTuple):
    head: int
    relation: str
    tag: str
    features: dict[str, str]


def _hung(part: list[_Reading], before: list[_Reading]) -> list[_Reading]:
    """A later part of a long sentence: its heads moved, its root hung on the root of the first part."""
    if not before:
        return part
    root = next(index for index, reading in enumerate(before) if reading.head == ROOT_HEAD)
    return [
        reading._replace(head=root, relation=_LOOSE)
        if reading.head == ROOT_HEAD
        else reading._replace(head=reading.head + len(before))
        for reading in part
    ]


def _tree(sentence: Spans, readings: list[_Reading]) -> Tree:
    text, spans = sentence
    tokens = (Token(text[a:b], a, b, *reading) for (a, b), reading in zip(spans, readings, strict=True))
    return Tree(text, tuple(tokens))


def _read_labels(path: Path) -> LabelSet:
    try:
        sizes = json.loads(path.read_text(encoding="utf-8"))
        if sizes["format"] != FORMAT:
            raise CheckpointError(f"{path}: the format must be {FORMAT}, got {sizes['format']}")
        return LabelSet(tuple(sizes["relations"]), tuple(sizes["bundles"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path}: must describe an exported parser ({error})") from error
