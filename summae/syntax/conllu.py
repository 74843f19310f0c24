"""Treebanks in the CoNLL-U format of Universal Dependencies, plain or ``.xz``, read into trees.

Format: https://universaldependencies.org/format.html. Kept: forms, UPOS, the features of :data:`FEATURES`, heads and
relations. Left out: lemmas, XPOS, enhanced dependencies, empty nodes ("8.1"). A multiword token ("2-3  don't") is
its syntactic words, each with its own stretch of the text.
"""

from __future__ import annotations

import lzma
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import IO

from summae.errors import InputError
from summae.syntax.tree import Token, Tree

#: The features kept, in the order in which a bundle names them: those that agreement and negation need.
FEATURES = (
    "Number Person Tense VerbForm Mood Voice Case Poss Polarity PronType Definite Degree".split()  # fmt: skip
)
_COLUMNS = 10


def read_conllu(path: str | Path) -> Iterator[Tree]:
    """The trees of a file, in its order; :class:`InputError` names the line that cannot be read."""
    with _opened(Path(path)) as stream:
        rows: list[list[str]] = []
        for number, line in enumerate(chain(stream, [""]), start=1):
            line = line.rstrip("\r\n")
            if line.startswith("#"):
                continue
            if line:
                rows.append(_columns(line, path, number))
            elif rows:
                yield _tree(rows, path, number - 1)
                rows = []


def write_conllu(trees: Iterable[Tree], stream: IO[str]) -> None:
    """Write ``trees`` with the columns that :func:`read_conllu` reads, "_" in the others."""
    for tree in trees:
        stream.write(f"# text = {tree.text}\n")
        for index, token in enumerate(tree.tokens):
            follows = tree.tokens[index + 1].start if index + 1 < len(tree) else token.end + 1
            features = "|".join(f"{name}={value}" for name, value in sorted(token.features.items())) or "_"
            misc = "SpaceAfter=No" if follows == token.end else "_"
            columns = [index + 1, token.text, "_", token.tag, "_", features, token.head + 1, token.relation, "_", misc]
            stream.write("\t".join(map(str, columns)) + "\n")
        stream.write("\n")


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def _columns(line: str, path: str | Path, number: int) -> list[str]:
    columns = line.split("\t")
    if len(columns) != _COLUMNS:
        raise InputError(f"{path}, line {number}: a line must have {_COLUMNS} columns, got {len(columns)}")
    return columns


def _tree(rows: list[list[str]], path: str | Path, number: int) -> Tree:
    """The tree of one sentence's rows; ``number`` is its last line."""
    text, spans = _text(rows)
    words = [row for row in rows if row[0].isdigit()]
    try:
        tokens = tuple(_token(row, span) for row, span in zip(words, spans, strict=True))
        return Tree(text, tokens)
    except ValueError as error:
        raise InputError(f"{path}, sentence before line {number}: {error}") from error


def _token(row: list[str], span: tuple[int, int]) -> Token:
    return Token(row[1], *span, int(row[6]) - 1, row[7], row[3], _features(row[5]))


def _features(column: str) -> Mapping[str, str]:
    given = dict(pair.split("=", 1) for pair in column.split("|")) if column != "_" else {}
    return {name: given[name] for name in FEATURES if name in given}


def _text(rows: list[list[str]]) -> tuple[str, list[tuple[int, int]]]:
    """The sentence as it was written, by ``SpaceAfter``, and the span of every syntactic word."""
    text, spans, inside = "", [], 0
    for place, row in enumerate(rows):
        name, form, spaced = row[0], row[1], "SpaceAfter=No" not in row[9].split("|")
        if "." in name or (name.isdigit() and int(name) <= inside):
            continue  # an empty node, or a part of the multiword token before it
        if "-" in name:
            first, inside = map(int, name.split("-"))
            parts = [later[1] for later in rows[place + 1 :] if later[0].isdigit()][: inside - first + 1]
            spans += [(len(text) + start, len(text) + end) for start, end in _part_spans(form, parts)]
        else:
            spans.append((len(text), len(text) + len(form)))
        text += form + " " * spaced
    return text.rstrip(" "), spans


def _part_spans(form: str, parts: list[str]) -> list[tuple[int, int]]:
    """Where ``parts`` stand in ``form``: one after another, the last to the end; none is empty if that can be."""
    spans, start = [], 0
    for place, part in enumerate(parts):
        room = len(form) - (len(parts) - 1 - place)  # a character for each of those that follow
        end = len(form) if place == len(parts) - 1 else max(min(start + len(part), room), min(start + 1, len(form)))
        spans.append((start, end))
        start = end
    return spans
