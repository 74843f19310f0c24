"""Warm-up examples made from unpaired texts alone: what G can be taught before any game is played.

Each maker takes a :class:`Material` and a random generator and returns ``(source, target)`` texts or ``None``.

- ``pseudo``: a real source and its ratio-filter telegram, at a random threshold and length.
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

from summae.data.links import Links, fluent_choice

Pair = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Material:
    """What the makers draw from; ``ratio`` and ``is_function_word`` come from the text package."""

    sources: Sequence[str]
    short_texts: Sequence[str]
    ratio: Callable[[str], float]
    is_function_word: Callable[[str], bool]
    bare: Callable[[str], str]  # a chunk without the marks around it ('"Hefei",' → 'Hefei')
    threshold: tuple[float, float]
    pseudo_words: tuple[int, int]
    imagined: Sequence[Pair] = ()
    mined: Sequence[Pair] = ()
    labelled: Sequence[Pair] = ()
    links: Links | None = None  # for ``fluent``
    stem_ratio: Callable[[str], float] | None = None  # for ``fluent``: salience by stem, whatever the ending

    def best_ratio(self, word: str) -> float:
        """Salience of the word or of its stem, whichever is higher: a verb counts in any tense."""
        ratio = self.ratio(word)
        return ratio if self.stem_ratio is None else max(ratio, self.stem_ratio(word))


def _pick(items: Sequence, random: Random):
    return items[int(random.integers(len(items)))]


def telegram(source: str, material: Material, threshold: float, most: int) -> list[str]:
    """The first ``most`` chunks of ``source`` whose word passes the threshold; no function word at either end."""
    chunks = source.split()
    words = [material.bare(chunk) for chunk in chunks]
    kept = [chunk for chunk, word in zip(chunks, words, strict=True) if word and material.ratio(word) > threshold]
    return _trimmed(kept, material, most)


def _trimmed(chunks: list[str], material: Material, most: int) -> list[str]:
    """The first ``most`` chunks without the marks around them, no function word at either end."""
    kept = [chunk.strip('"“”()[]').rstrip(",.;:") for chunk in chunks[:most]]
    while kept and material.is_function_word(kept[-1]):
        kept.pop()
    while kept and material.is_function_word(kept[0]):
        kept.pop(0)
    return kept


def pseudo(material: Material, random: Random) -> Pair | None:
    source = _pick(material.sources, random)
    most = int(random.integers(material.pseudo_words[0], material.pseudo_words[1] + 1))
    kept = telegram(source, material, float(random.uniform(*material.threshold)), most)
    return (source, " ".join(kept)) if len(kept) >= 3 else None


def fluent(material: Material, random: Random) -> Pair | None:
    assert material.links is not None  # counted for every mixture that names ``fluent``
    source = _pick(material.sources, random)
    chunks = source.split()
    most = int(random.integers(material.pseudo_words[0], material.pseudo_words[1] + 1))
    words = [material.bare(chunk) for chunk in chunks]
    places = fluent_choice(words, material.best_ratio, material.links, float(random.uniform(*material.threshold)))
    kept = _trimmed([chunks[place] for place in places], material, most)
    return (source, " ".join(kept)) if len(kept) >= 3 else None


def _dull_runs(chunks: list[str], material: Material) -> list[list[str]]:
    """Runs of chunks that headlines would drop: 'said on Tuesday it will'."""
    runs: list[list[str]] = [[]]
    for chunk in chunks:
        word = material.bare(chunk)
        if word and material.ratio(word) < material.threshold[1]:
            runs[-1].append(chunk)
        elif runs[-1]:
            runs.append([])
    return [run[:6] for run in runs if run]


def denoise(material: Material, random: Random) -> Pair | None:
    """Dull runs of one source go between the words of the short text, stretches of others around it."""
    target = _pick(material.short_texts, random)
    runs = _dull_runs(_pick(material.sources, random).split(), material)
    noisy: list[str] = []
    for chunk in target.split():
        if runs and random.random() < 0.3:
            noisy.extend(_pick(runs, random))
        noisy.append(chunk)
    if random.random() < 0.3:
        noisy = _pick(material.sources, random).split()[: int(random.integers(2, 9))] + noisy
    if random.random() < 0.85:
        noisy += _stretch(material, random)
    return " ".join(noisy), target


def _stretch(material: Material, random: Random) -> list[str]:
    """5 … 25 neighbouring chunks of some real source."""
    chunks = _pick(material.sources, random).split()
    start = int(random.integers(max(len(chunks) - 4, 1)))
    return chunks[start : start + int(random.integers(5, 26))]


def copy_span(material: Material, random: Random) -> Pair | None:
    chunks = (source := _pick(material.sources, random)).split()
    length = min(int(random.integers(material.pseudo_words[0], material.pseudo_words[1] + 1)), len(chunks))
    start = int(random.integers(len(chunks) - length + 1))
    return source, " ".join(chunks[start : start + length])


def imagined(material: Material, random: Random) -> Pair | None:
    """R imagines short sources: a stretch of a real one follows in two of three."""
    if not material.imagined:
        return None
    source, target = _pick(material.imagined, random)
    if random.random() < 0.67:
        source = " ".join([source, *_stretch(material, random)])
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
