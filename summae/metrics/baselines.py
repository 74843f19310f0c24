"""What a trained model has to beat: summaries that need no training, at the same number of words.

- ``lead``: the first n words. Copies perfectly; strong on R-2, weak on R-1 for headlines.
- ``ratio_filter``: the first n words that real short texts use (RESEARCH §3.1), wherever they stand.
- ``lexrank``: the most central sentence, cut (Erkan and Radev 2004, by way of ``sumy``). Equal to ``lead``
  on one-sentence sources.
- ``textrank``: the same by the words that sentences share (Mihalcea and Tarau 2004, by way of ``sumy``).

A new baseline is one function ``(texts, budget, salience) -> summaries`` and one line in ``BASELINES``. Words, budgets
and sentences are those of :mod:`summae.text`; ``salience`` is that of a model, ``None`` without one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Protocol

import numpy as np

from summae.errors import InputError, MissingExtraError
from summae.metrics.rouge import tokens
from summae.text.finishing import cut
from summae.text.salience import DomainTables, SalienceTable
from summae.text.sentences import RuleSplitter, sentences
from summae.text.words import UNSPACED, budget_units, words

THRESHOLD = -3.0  # bits; the ratio filter keeps words above it (docs/experiments.md, "Teachers")
_BLANK_LINE = re.compile(r"\n\s*\n")
_INNER_SPACE = re.compile(rf"(?<=[{UNSPACED}]) (?=[{UNSPACED}])")
Salience = DomainTables | SalienceTable | None


def lead(texts: Sequence[str], budget: int, salience: Salience = None) -> list[str]:
    """The first ``budget`` words of every text."""
    return [cut(text, budget) for text in texts]


def ratio_filter(
    texts: Sequence[str], budget: int, salience: Salience = None, threshold: float = THRESHOLD
) -> list[str]:
    """The first ``budget`` words w with ``r(w) > threshold``, detached punctuation dropped.

        r(w) = log2(df_short(w) / N_short) − log2(df_source(w) / N_source)      [bits]

    with document frequencies counted on unpaired texts. A text none of whose words pass gives its lead.
    """
    if salience is None:
        raise InputError("baseline 'ratio_filter' must have a salience table, and only a model brings one")
    summaries = []
    for text in texts:
        table = salience.of(text)
        kept = [word for word in words(text) if table.ratio(word) > threshold]
        summaries.append(_INNER_SPACE.sub("", " ".join(kept[:budget])) or cut(text, budget))
    return summaries


class _SumyWords:
    """The tokeniser ``sumy`` gets from us, as its own needs an NLTK download."""

    def to_words(self, sentence: str) -> list[str]:
        return tokens(sentence)


class _Ranked(Protocol):
    """What ``sumy`` hands over per sentence, best first."""

    sentence: object
    order: int


def _fill(ranked: Iterable[_Ranked], budget: int) -> str:
    """The best-ranked sentences, each cut to what is left of the budget, in document order."""
    parts, left = [], budget
    for info in ranked:
        part = cut(str(info.sentence), left)
        parts.append((info.order, part))
        left -= len(budget_units(part))
        if left <= 0:
            break
    return " ".join(part for _, part in sorted(parts))


def _sentences(text: str) -> list[str]:
    """By our own rule, as pysbd would be most of the work; a data set's lines may be wrapped, blank ones part."""
    paragraphs = (" ".join(each.split()) for each in _BLANK_LINE.split(text))
    return [each[start:end] for each in paragraphs for start, end in sentences(each, splitter=RuleSplitter())]


def _ranked_sentences(module: str, name: str, text: str) -> Sequence[_Ranked]:
    """The sentences of ``text``, those that a summariser of ``sumy`` ranks best first."""
    try:
        from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence

        summarizer = getattr(import_module(f"sumy.summarizers.{module}"), name)()
    except ImportError as error:
        raise MissingExtraError("LexRank and TextRank need the extra 'eval': pip install 'summae[eval]'") from error
    pieces = [Sentence(each, _SumyWords()) for each in _sentences(text)]
    document = ObjectDocumentModel([Paragraph(pieces)])
    found: list[_Ranked] = []

    def choose(ranked: Sequence[_Ranked]) -> Sequence[_Ranked]:
        found.extend(ranked)
        return ranked

    with np.errstate(invalid="ignore"):  # sumy divides 0 by 0 when no two sentences share a word
        summarizer(document, choose)
    return found


def _sentences_by(module: str, name: str, text: str, budget: int) -> str:
    """The sentences that a summariser of ``sumy`` ranks best, filled up to the budget."""
    ranked = _ranked_sentences(module, name, text)
    return _fill(ranked, budget) if ranked else ""


def central_sentences(text: str, count: int) -> list[str]:
    """The ``count`` sentences that LexRank finds most central, whole, in the order of the text."""
    best = _ranked_sentences("lex_rank", "LexRankSummarizer", text)[:count]
    return [str(info.sentence) for info in sorted(best, key=lambda info: info.order)]


def lexrank(texts: Sequence[str], budget: int, salience: Salience = None) -> list[str]:
    """The most central sentence cut to ``budget`` words; when it is shorter, the next ones fill up."""
    return [_sentences_by("lex_rank", "LexRankSummarizer", text, budget) for text in texts]


def textrank(texts: Sequence[str], budget: int, salience: Salience = None) -> list[str]:
    """The same, central by the words that sentences share."""
    return [_sentences_by("text_rank", "TextRankSummarizer", text, budget) for text in texts]


class Baseline(Protocol):
    """Summaries of at most ``budget`` units, one per text."""

    def __call__(self, texts: Sequence[str], budget: int, salience: Salience = None) -> list[str]: ...


BASELINES: dict[str, Baseline] = {
    "lead": lead,
    "ratio_filter": ratio_filter,
    "lexrank": lexrank,
    "textrank": textrank,
}
