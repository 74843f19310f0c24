"""What the makers of warm-up examples draw from, made of one corpus and its salience table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from summae.data.corpora import Corpus
from summae.data.examples import Material, Pair
from summae.data.links import Links
from summae.text.salience import SalienceTable
from summae.text.stems import Stems
from summae.text.words import is_function_word, words


def material_of(
    corpus: Corpus,
    table: SalienceTable,
    *,
    threshold: tuple[float, float],
    pseudo_words: tuple[int, int],
    fluent: bool,
    imagined: Sequence[Pair] = (),
    mined: Sequence[Pair] = (),
    labelled: Sequence[Pair] = (),
) -> Material:
    """``threshold`` in bits of salience; ``fluent``: count what fluent pseudo-summaries need, too (slower)."""
    return Material(
        sources=corpus.sources,
        short_texts=corpus.short_texts,
        ratio=table.ratio,
        is_function_word=is_function_word,
        bare=_bare,
        threshold=threshold,
        pseudo_words=pseudo_words,
        imagined=imagined,
        mined=mined,
        labelled=labelled,
        links=Links.count(corpus.short_texts, words) if fluent else None,
        stem_ratio=_stem_ratio(corpus) if fluent else None,
    )


def corpus_stems(corpus: Corpus) -> Callable[[str], str]:
    """Word → stem, learnt from all texts of a corpus."""
    texts = (text for side in (corpus.sources, corpus.short_texts) for text in side)
    return lru_cache(None)(Stems.of(word for text in texts for word in words(text)))


def _bare(chunk: str) -> str:
    found = words(chunk)
    return max(found, key=len) if found else ""


def _stem_ratio(corpus: Corpus) -> Callable[[str], float]:
    """Salience by stem: "posted" is as usual in short texts as "posts"."""
    stem = corpus_stems(corpus)
    table = SalienceTable.count(corpus.sources, corpus.short_texts, key=stem)
    return lambda word: table.ratio(stem(word))
