"""Warm-up examples made from unpaired texts alone: what G can be taught before any game is played.

Each maker takes a :class:`Material` and a random generator and returns ``(source, target)`` texts or ``None``.

- ``pseudo``: a real source and its words that the ratio filter keeps, at a random threshold and length.
- ``fluent``: the same by stems and with glue (:mod:`summae.data.links`): the joints are such as real short texts have.
- ``denoise``: a real short text buried in pieces of real sources (additive noise, Févry & Phang 2018), in its own
  order: noise that rotates or shuffles teaches scrambled output (RESEARCH §3.4).
- ``copy_span``: a real source and a random run of its words; teaches copying and nothing else (the toy proof).
- ``mined``: a real source and the real short text of *another* document that it happens to tell nearly all of
  (:mod:`summae.data.mining`): how people rewrite, from both sides.
- ``imagined``: a source that R imagined for a real short text (back-translation, Sennrich et al. 2016): the cycle
  short text → source → short text, with a human-written target.
- ``labelled``: a real source and the summary that a finished model found for it (self-training).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from numpy.random import Generator as Random

from summae.data.corpora import Corpus
from summae.data.links import Links, fluent_choice
from summae.text.salience import SalienceTable, StemSalience
from summae.text.words import is_function_word, words

LEAST_PSEUDO = 3  # words of a pseudo-summary; fewer are no example
LONGEST_RUN = 6  # words of the runs that noise is made of: about as long as "officials said on Tuesday that"
#: Of a noisy source: chance of a run before each word, of words of another source in front, and of a segment behind.
RUN_INSIDE, WORDS_IN_FRONT, SEGMENT_BEHIND = 0.3, 0.3, 0.85
IN_FRONT = (2, 8)  # words
SEGMENT = (5, 25)  # words
BEHIND_IMAGINED = 0.67  # chance of a segment behind an imagined source, which is short
Pair = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Material:
    """What the makers draw from."""

    sources: Sequence[str]
    short_texts: Sequence[str]
    salience: SalienceTable
    threshold: tuple[float, float]  # bits; that of a pseudo-summary is drawn between them
    pseudo_words: tuple[int, int]  # its least and most words, likewise
    imagined: Sequence[Pair] = ()
    mined: Sequence[Pair] = ()
    labelled: Sequence[Pair] = ()
    links: Links | None = None  # for ``fluent``
    stem_salience: StemSalience | None = None  # for ``fluent``

    @classmethod
    def of(
        cls,
        corpus: Corpus,
        salience: SalienceTable,
        *,
        threshold: tuple[float, float],
        pseudo_words: tuple[int, int],
        fluent: bool,
        imagined: Sequence[Pair] = (),
        mined: Sequence[Pair] = (),
        labelled: Sequence[Pair] = (),
    ) -> Material:
        """``fluent``: count what fluent pseudo-summaries need, too (slower)."""
        return cls(
            sources=corpus.sources,
            short_texts=corpus.short_texts,
            salience=salience,
            threshold=threshold,
            pseudo_words=pseudo_words,
            imagined=imagined,
            mined=mined,
            labelled=labelled,
            links=Links.count(corpus.short_texts) if fluent else None,
            stem_salience=StemSalience.count(corpus.sources, corpus.short_texts) if fluent else None,
        )

    def best_ratio(self, word: str) -> float:
        """Salience of the word or of its stem, whichever is higher: a verb counts in any tense."""
        ratio = self.salience.ratio(word)
        return ratio if self.stem_salience is None else max(ratio, self.stem_salience.ratio(word))


def _pick(items: Sequence, random: Random):
    return items[int(random.integers(len(items)))]


def _longest_word(chunk: str) -> str:
    """ "Hefei" of '"Hefei",'; "" of marks."""
    return max(words(chunk), key=len, default="")


def _trimmed(chunks: list[str], most: int) -> list[str]:
    """The first ``most`` chunks without the marks around them, no function word at either end."""
    kept = [chunk.strip('"“”()[]').rstrip(",.;:") for chunk in chunks[:most]]
    while kept and is_function_word(kept[-1]):
        kept.pop()
    while kept and is_function_word(kept[0]):
        kept.pop(0)
    return kept


def _drawn_length(material: Material, random: Random) -> int:
    least, most = material.pseudo_words
    return int(random.integers(least, most + 1))


def pseudo(material: Material, random: Random) -> Pair | None:
    """The first chunks whose word passes the threshold."""
    source = _pick(material.sources, random)
    most = _drawn_length(material, random)
    threshold = float(random.uniform(*material.threshold))
    chunks = [(chunk, _longest_word(chunk)) for chunk in source.split()]
    kept = _trimmed([chunk for chunk, word in chunks if word and material.salience.ratio(word) > threshold], most)
    return (source, " ".join(kept)) if len(kept) >= LEAST_PSEUDO else None


def fluent(material: Material, random: Random) -> Pair | None:
    assert material.links is not None  # counted for every mixture that names ``fluent``
    source = _pick(material.sources, random)
    most = _drawn_length(material, random)
    chunks = source.split()
    found = [_longest_word(chunk) for chunk in chunks]
    places = fluent_choice(found, material.best_ratio, material.links, float(random.uniform(*material.threshold)))
    kept = _trimmed([chunks[place] for place in places], most)
    return (source, " ".join(kept)) if len(kept) >= LEAST_PSEUDO else None


def _dull_runs(chunks: list[str], material: Material) -> list[list[str]]:
    """Runs of chunks that headlines would drop: 'said on Tuesday it will'."""
    runs: list[list[str]] = [[]]
    for chunk in chunks:
        word = _longest_word(chunk)
        if word and material.salience.ratio(word) < material.threshold[1]:
            runs[-1].append(chunk)
        elif runs[-1]:
            runs.append([])
    return [run[:LONGEST_RUN] for run in runs if run]


def denoise(material: Material, random: Random) -> Pair | None:
    """Dull runs of one source go between the words of the short text, segments of others around it."""
    target = _pick(material.short_texts, random)
    runs = _dull_runs(_pick(material.sources, random).split(), material)
    noisy: list[str] = []
    for chunk in target.split():
        if runs and random.random() < RUN_INSIDE:
            noisy.extend(_pick(runs, random))
        noisy.append(chunk)
    if random.random() < WORDS_IN_FRONT:
        noisy = _pick(material.sources, random).split()[: int(random.integers(IN_FRONT[0], IN_FRONT[1] + 1))] + noisy
    if random.random() < SEGMENT_BEHIND:
        noisy += _segment(material, random)
    return " ".join(noisy), target


def _segment(material: Material, random: Random) -> list[str]:
    """Neighbouring chunks of some real source, ``SEGMENT`` of them if it has so many."""
    least, most = SEGMENT
    chunks = _pick(material.sources, random).split()
    start = int(random.integers(max(len(chunks) - least + 1, 1)))
    return chunks[start : start + int(random.integers(least, most + 1))]


def copy_span(material: Material, random: Random) -> Pair | None:
    chunks = (source := _pick(material.sources, random)).split()
    length = min(_drawn_length(material, random), len(chunks))
    start = int(random.integers(len(chunks) - length + 1))
    return source, " ".join(chunks[start : start + length])


def imagined(material: Material, random: Random) -> Pair | None:
    """R imagines short sources: a segment of a real one follows in two of three."""
    if not material.imagined:
        return None
    source, target = _pick(material.imagined, random)
    if random.random() < BEHIND_IMAGINED:
        source = " ".join([source, *_segment(material, random)])
    return source, target


def mined(material: Material, random: Random) -> Pair | None:
    return _pick(material.mined, random) if material.mined else None


def labelled(material: Material, random: Random) -> Pair | None:
    return _pick(material.labelled, random) if material.labelled else None


MAKERS: dict[str, Callable[[Material, Random], Pair | None]] = {
    "pseudo": pseudo,
    "fluent": fluent,
    "denoise": denoise,
    "copy_span": copy_span,
    "imagined": imagined,
    "mined": mined,
    "labelled": labelled,
}
