"""Warm-up examples made from unpaired texts alone: what G can be taught before any game is played.

Each maker takes a :class:`Material` and a random generator and returns ``(source, target)`` texts or ``None``.

- ``pseudo``: a real source and its ratio-filter telegram, at a random threshold and length.
- ``denoise``: a real short text buried in pieces of real sources (additive noise, Févry & Phang 2018), in its own order:
  noise that rotates or shuffles teaches scrambled output (RESEARCH §3.4).
- ``copy_span``: a real source and a random run of its words; teaches copying and nothing else (the toy proof).
- ``imagined``: a source that R imagined for a real short text (back-translation, Sennrich et al. 2016): the other half of
  the cycle short text → source → short text, with a human-written target.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from numpy.random import Generator as Random

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


def _pick(items: Sequence, random: Random):
    return items[int(random.integers(len(items)))]


def telegram(source: str, material: Material, threshold: float, most: int) -> list[str]:
    """The first ``most`` chunks of ``source`` whose word passes the threshold; no function word at either end."""
    kept = []
    for chunk in source.split():
        word = material.bare(chunk)
        if word and material.ratio(word) > threshold:
            kept.append(chunk.strip("\"“”()[]").rstrip(",.;:"))
            if len(kept) == most:
                break
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
    before, after = _pick(material.sources, random).split(), _pick(material.sources, random).split()
    if random.random() < 0.3:
        noisy = before[: int(random.integers(2, 9))] + noisy
    if random.random() < 0.85:
        start = int(random.integers(max(len(after) - 4, 1)))
        noisy += after[start : start + int(random.integers(5, 26))]
    return " ".join(noisy), target


def copy_span(material: Material, random: Random) -> Pair | None:
    chunks = (source := _pick(material.sources, random)).split()
    length = min(int(random.integers(material.pseudo_words[0], material.pseudo_words[1] + 1)), len(chunks))
    start = int(random.integers(len(chunks) - length + 1))
    return source, " ".join(chunks[start : start + length])


def imagined(material: Material, random: Random) -> Pair | None:
    return _pick(material.imagined, random) if material.imagined else None


MAKERS: dict[str, Callable[[Material, Random], Pair | None]] = {
    "pseudo": pseudo,
    "denoise": denoise,
    "copy_span": copy_span,
    "imagined": imagined,
}
