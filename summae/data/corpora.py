"""Unpaired texts from files, read by the ``datasets`` library: sources on one side, short texts on the other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from summae.errors import InputError
from summae.text.words import budget_units

if TYPE_CHECKING:
    from datasets import Dataset


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """One domain: ``sources`` and ``short_texts`` are unpaired lists of texts."""

    name: str
    sources: Sequence[str]
    short_texts: Sequence[str]
    weight: float


def read_texts(
    path: str | Path, *, field: str = "text", limit: int | None = None, every: int = 1, offset: int = 0
) -> list[str]:
    """Texts of a line file or JSONL (optionally ``.xz``/``.gz``), white space folded, empty ones left out.

    Raises :class:`InputError` when the file is missing, lacks ``field`` or has no usable text.
    """
    rows, column = _load(Path(path)), field if _kind(path) == "json" else "text"
    texts = []
    for text in _column(rows, column, path)[offset::every]:
        folded = " ".join(text.split()) if isinstance(text, str) else ""
        if folded:
            texts.append(folded)
        if limit is not None and len(texts) == limit:
            break
    if not texts:
        raise InputError(f"{path}: has not a single usable text in '{column}'")
    return texts


def read_pairs(path: str | Path, *, field: str, summary_field: str, limit: int) -> list[tuple[str, str]]:
    """(source, summary) pairs of a JSONL file, for semi-supervised training; of several summaries the first."""
    rows = _load(Path(path))
    pairs = []
    for source, summary in zip(_column(rows, field, path), _column(rows, summary_field, path), strict=True):
        first = summary if isinstance(summary, str) else next(iter(summary or []), "")
        if source and first:
            pairs.append((" ".join(source.split()), " ".join(first.split())))
    if not pairs:
        raise InputError(f"{path}: has not a single usable pair in '{field}' and '{summary_field}'")
    return pairs[:limit]


def _kind(path: str | Path) -> str:
    return "json" if ".json" in Path(path).name else "text"


def _load(path: Path) -> Dataset:
    """The rows of a text or JSON file."""
    if not path.is_file():
        raise InputError(f"corpus file must exist, got '{path}'")
    from datasets import load_dataset
    from datasets.utils.logging import disable_progress_bar

    disable_progress_bar()
    try:
        return load_dataset(_kind(path), data_files=str(path), split="train")
    except Exception as error:  # whatever the reader met: say where
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise InputError(f"{path}: cannot be read as {_kind(path)} ({reason})") from error


def _column(rows: Dataset, name: str, path: str | Path) -> Sequence:
    if name not in rows.column_names:
        raise InputError(f"{path}: has no field '{name}', its fields are {', '.join(rows.column_names)}")
    return rows[name]


def drawn(corpora: Sequence[Corpus], count: int, seed: int) -> Iterator[tuple[Corpus, list[str], np.random.Generator]]:
    """Of each corpus its share, by weight, of ``count`` sources, in random order; and what goes on drawing for it."""
    total = sum(corpus.weight for corpus in corpora)
    for index, corpus in enumerate(corpora):
        random = np.random.default_rng([seed, index])
        wanted = min(int(count * corpus.weight / total), len(corpus.sources))
        yield corpus, [corpus.sources[i] for i in random.permutation(len(corpus.sources))[:wanted]], random


def clean_short_texts(texts: Iterable[str], words: tuple[int, int], strip_prefix: str | None) -> list[str]:
    """Distinct short texts within ``words`` words, ``strip_prefix`` removed from their front."""
    prefix = re.compile(f"^(?:{strip_prefix})") if strip_prefix else None
    kept: dict[str, None] = {}
    for text in texts:
        if prefix:
            text = prefix.sub("", text).strip()
        if words[0] <= len(budget_units(text)) <= words[1]:
            kept[text] = None
    return list(kept)
