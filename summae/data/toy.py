"""A toy language with a known answer: the proof that the principle learns.

A *sequence* is a short text of 3 … 6 key words:

    [quality] subject verb [quality] object [place]

with agreement: every key word belongs to one of four classes; the first half (up to the verb) must be of
one class, and so must the second half. A *document* is a sequence, in order, its key words at random places
among filler words that are drawn independently of them. So a perfect summary of a document is its sequence,
although nobody ever shows a document together with its sequence: the real short texts are sequences of
other documents.

For the eyes only (to the networks a word is one piece): the first letter of a key word tells its slot
(k quality, s subject, v verb, b object, p place), the last one its class (n, r, s, l). Filler words are four
letters long.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path

import numpy as np
from numpy.random import Generator as Random

from summae.files import write_atomically

QUALITY, SUBJECT, VERB, OBJECT, PLACE = "ksvbp"
CLASSES = "nrsl"
VOWELS, CONSONANTS = "aeiou", "dfghjklmnprstvz"

#: The slots of a sequence: what is said of whom, and of what.
_ORDER = re.compile(f"({QUALITY}?{SUBJECT}{VERB})({QUALITY}?{OBJECT}{PLACE}?)")


@dataclass(frozen=True, kw_only=True)
class ToyLanguage:
    """The words, the grammar and the texts; two languages with equal fields are the same language."""

    words_per_class: int = 15  # key words of one slot and one class: 5 slots × 4 classes × 15 = 300
    fillers: int = 200  # filler words of the language
    filler_words: tuple[int, int] = (12, 20)  # filler words in a document

    @cached_property
    def cells(self) -> dict[str, list[str]]:
        """Slot and class (two letters) → its key words."""
        random = np.random.default_rng(0)
        middles = ["".join(letters) for letters in product(VOWELS, CONSONANTS, VOWELS)]
        cells = {}
        for slot, kind in product((QUALITY, SUBJECT, VERB, OBJECT, PLACE), CLASSES):
            chosen = random.permutation(len(middles))[: self.words_per_class]
            cells[slot + kind] = [slot + middles[i] + kind for i in chosen]
        return cells

    @cached_property
    def keys(self) -> frozenset[str]:
        return frozenset(word for words in self.cells.values() for word in words)

    @cached_property
    def filler_list(self) -> list[str]:
        random = np.random.default_rng(1)
        shapes = ["".join(letters) for letters in product("dfghjlmnrt", VOWELS, CONSONANTS, VOWELS)]
        return [shapes[i] for i in random.permutation(len(shapes))[: self.fillers]]

    def is_key(self, word: str) -> bool:
        return word in self.keys

    def sequence(self, random: Random) -> list[str]:
        """A well-formed sequence; each of the three optional words is there in half of the cases."""
        subject, thing = random.choice(list(CLASSES), size=2)
        slots = [(slot, subject) for slot in (QUALITY, SUBJECT, VERB)]
        slots += [(slot, thing) for slot in (QUALITY, OBJECT, PLACE)]
        optional = (0, 3, 5)
        kept = [slot + kind for i, (slot, kind) in enumerate(slots) if i not in optional or random.random() < 0.5]
        return [self.cells[cell][int(random.integers(self.words_per_class))] for cell in kept]

    def document(self, keys: Sequence[str], random: Random) -> str:
        """``keys`` in order at random places among filler words."""
        count = int(random.integers(self.filler_words[0], self.filler_words[1] + 1))
        fillers = iter(self.filler_list[i] for i in random.integers(self.fillers, size=count))
        places = set(random.permutation(count + len(keys))[: len(keys)].tolist())
        ordered = iter(keys)
        return " ".join(next(ordered) if place in places else next(fillers) for place in range(count + len(keys)))

    def accepts(self, words: Sequence[str]) -> bool:
        """Is this a sequence of the language?"""
        if not all(map(self.is_key, words)):
            return False
        found = _ORDER.fullmatch("".join(word[0] for word in words))
        if found is None:
            return False
        return all(len({word[-1] for word in half}) == 1 for half in (words[: found.end(1)], words[found.end(1) :]))

    def key_f1(self, hypothesis: str, reference: Sequence[str]) -> float:
        """F1 of key words as multisets, [0, 1]; every word of ``hypothesis`` counts in the precision."""
        said, wanted = hypothesis.split(), Counter(reference)
        hits = sum((Counter(filter(self.is_key, said)) & wanted).values())
        return 2 * hits / max(len(said) + wanted.total(), 1)

    def write(self, folder: str | Path, seed: int, documents: int, short_texts: int, test: int) -> None:
        """``sources.txt``, ``short.txt``, ``test.jsonl``; their sequences are disjoint: no pairs anywhere."""
        random, folder = np.random.default_rng(seed), Path(folder)
        drawn: dict[tuple[str, ...], None] = {}
        while len(drawn) < documents + short_texts + test:
            drawn[tuple(self.sequence(random))] = None
        sequences = list(drawn)
        sources = [self.document(keys, random) for keys in sequences[:documents]]
        held_out = sequences[documents + short_texts :]
        rows = [
            {"id": f"toy-{i}", "text": self.document(keys, random), "summaries": [" ".join(keys)]}
            for i, keys in enumerate(held_out)
        ]
        write_atomically(folder / "sources.txt", _lines(sources))
        write_atomically(folder / "short.txt", _lines(map(" ".join, sequences[documents : documents + short_texts])))
        write_atomically(folder / "test.jsonl", _lines(map(json.dumps, rows)))


def _lines(texts) -> str:
    return "".join(f"{text}\n" for text in texts)
