"""A domain to learn: passages such as G will read, short texts, and a part of both that is never trained on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from summae.adapting.config import AdaptConfig
from summae.adapting.texts import SHORT_WORDS, Note, usable
from summae.data.corpora import Corpus
from summae.errors import InputError
from summae.model.checkpoint import Checkpoint
from summae.summarizing.document import Document, read_document
from summae.text.windows import runs
from summae.text.words import budget_units

LEAST_DOCUMENTS = 10  # held out, if that is no more than a quarter of them …
MOST_DOCUMENTS, MOST_PASSAGES, MOST_REAL = 64, 96, 192  # … and how many judges look at, at most
FEWEST_DOCUMENTS = 20  # with fewer, passages are held out instead of documents
FEWEST_PASSAGES, FEWEST_SHORT = 20, 10  # needed to learn at all
GOOD_DOCUMENTS, GOOD_SHORT = 50, 200  # with fewer the user is told what would be right


@dataclass(frozen=True, kw_only=True)
class Domain:
    """``corpus`` is learnt from; of ``held_out``, ``documents`` and ``real`` nothing is."""

    corpus: Corpus
    held_out: list[str]  # passages to judge by
    documents: list[str]  # whole texts to show
    real: list[str]  # short texts, to know what is usual
    words: tuple[int, int]  # lengths that nine in ten short texts have
    default_words: int  # three in four have at most so many


def make_domain(
    documents: Sequence[str], short_texts: Sequence[str], start: Checkpoint, config: AdaptConfig, note: Note
) -> Domain:
    """Shuffle, cut and part the texts; as much of the documents is read as training has the time to see.

    Raises :class:`InputError` when there is too little to learn from.
    """
    random = np.random.default_rng(config.seed)
    short = _shuffled(usable(short_texts), random)
    if len(short) < FEWEST_SHORT:
        right = f"at least {FEWEST_SHORT} different ones of {SHORT_WORDS[0]} to {SHORT_WORDS[1]} words"
        raise InputError(f"short texts: must be {right}, got {len(short)}; give some with --short-texts, one a line")
    characters = int(config.characters_per_minute * max(config.minutes, 1))
    read = [_cut(text, start) for text in _sample(_distinct(documents), characters, random, note)]
    known = [document for document in read if document.windows and document.readable]
    if len(known) < len(read) / 2:
        raise InputError("documents: most are in a script that the model has not learnt, or hold no sentences")
    cut = [(each.text, list(_passages(each, start, config.passage_words, random))) for each in known]
    train, held_out, shown = _parted(cut, config.held_out, random)
    if len(train) < FEWEST_PASSAGES:
        right = f"at least {FEWEST_PASSAGES} passages of {config.passage_words[0]} words or more"
        raise InputError(f"documents: must hold {right}, got {len(train)}; give more with --documents")
    _say_what_would_be_right(len(known), len(short), note)
    kept = max(1, min(int(config.held_out * len(short)), MOST_REAL))
    secret = "\n".join(held_out)
    learnt = [text for text in short[kept:] if text not in secret]  # a first sentence, say, would tell of them
    lengths = np.quantile([len(budget_units(text)) for text in short], (0.05, 0.75, 0.95)).round().astype(int)
    return Domain(
        corpus=Corpus(name="adapted", sources=train, short_texts=learnt or short[kept:], weight=1.0),
        held_out=held_out,
        documents=shown,
        real=short[:kept],
        words=(int(lengths[0]), int(lengths[2])),
        default_words=min(max(int(lengths[1]), 3), start.manifest.longest_words),
    )


def _say_what_would_be_right(documents: int, short: int, note: Note) -> None:
    if documents < GOOD_DOCUMENTS:
        note(f"few documents ({documents}): {GOOD_DOCUMENTS} or more would be right, hundreds are better")
    if short < GOOD_SHORT:
        note(f"few short texts ({short}): {GOOD_SHORT} or more would be right; the old model's style weighs more")


def _shuffled(items: list, random: np.random.Generator) -> list:
    return [items[place] for place in random.permutation(len(items))]


def _distinct(documents: Sequence[str]) -> list[str]:
    """Each text once, whatever its white space."""
    return list({" ".join(text.split()): text for text in documents if text.strip()}.values())


def _sample(documents: list[str], characters: int, random: np.random.Generator, note: Note) -> list[str]:
    """The documents in random order, as many as ``characters`` allows; one too long is cut."""
    left = characters
    taken: list[str] = []
    for text in _shuffled(documents, random):
        if left <= 0:
            note(f"reading {len(taken)} of {len(documents)} documents, chosen by chance: more minutes would read more")
            break
        taken.append(text[:left])
        left -= len(text)
    return taken


def _cut(text: str, start: Checkpoint) -> Document:
    return read_document(text, start.encoder, start.manifest.max_rebuilt_length - 1)


def _passages(
    document: Document, start: Checkpoint, lengths: tuple[int, int], random: np.random.Generator
) -> Iterator[str]:
    """Neighbouring windows, what G reads when it summarises, joined up to a random length that it can read; in the
    start's wording, as it reads them.
    """
    low, high = lengths
    windows, room = document.windows, start.manifest.max_source_length - 1

    def fit(first: int, last: int) -> bool:
        return sum(len(window.ids) for window in windows[first:last]) <= room

    sizes = [len(window.words) for window in windows]
    for first, last in runs(sizes, lambda: int(random.integers(low, high + 1)), fit):
        if sum(sizes[first:last]) >= low:
            yield _worded([window.text for window in windows[first:last]], start)


def _worded(texts: list[str], start: Checkpoint) -> str:
    text = " ".join(" ".join(texts).split())
    return start.wording_of(text).shortened(text)


def _parted(
    documents: list[tuple[str, list[str]]], share: float, random: np.random.Generator
) -> tuple[list[str], list[str], list[str]]:
    """(passages to learn from, passages held out, texts held out); no passage is on both sides."""
    if len(documents) < FEWEST_DOCUMENTS:  # a book, say: its passages are parted like documents
        documents = [(passage, [passage]) for _, passages in documents for passage in passages]
        documents = _shuffled(documents, random)
    least = max(1, min(LEAST_DOCUMENTS, len(documents) // 4))
    kept = max(least, min(int(share * len(documents)), MOST_DOCUMENTS))
    held_out = [passage for _, passages in documents[:kept] for passage in passages]
    train = [passage for _, passages in documents[kept:] for passage in passages]
    secret = set(held_out)
    return (
        [passage for passage in train if passage not in secret],
        _shuffled(list(dict.fromkeys(held_out)), random)[:MOST_PASSAGES],
        [text for text, _ in documents[:kept]],
    )
