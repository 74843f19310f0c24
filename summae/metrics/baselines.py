"""What a trained model has to beat: summaries that need no training, at the same number of words.

- ``lead``: the first n words. Copies perfectly; strong on R-2, weak on R-1 for headlines.
- ``ratio_filter``: the first n words that real short texts use (RESEARCH §3.1); reads like a telegram.
- ``lexrank``: the most central sentence, cut (Erkan and Radev 2004, by way of ``sumy``). Equal to ``lead``
  on one-sentence sources.
- ``textrank``: the same by the words that sentences share (Mihalcea and Tarau 2004, by way of ``sumy``).

A new baseline is one function ``(texts, budget, context) -> summaries`` and one line in ``BASELINES``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

import numpy as np

from summae.errors import InputError, MissingExtraError
from summae.metrics.rouge import UNSPACED, tokens

_WORD = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+(?:[-'’.,][^\W{UNSPACED}]+)*")
_INNER_SPACE = re.compile(rf"(?<=[{UNSPACED}]) (?=[{UNSPACED}])")
#: After . ! ? and a closing quote, before a capital or digit, but not after an initial ("U.S. officials").
_SENTENCE_END = re.compile(
    r"(?:(?<=[.!?])|(?<=[.!?][\"'”’)]))(?<!\b[A-Z]\.)\s+(?=[\"'“‘(]?[^\Wa-z_])|(?<=[。！？])|\n\s*\n"
)


@dataclass(frozen=True, kw_only=True)
class BaselineContext:
    """What baselines may use beside the text. ``evaluation`` hands in summae's own words and salience."""

    words: Callable[[str], list[str]] = _WORD.findall  # text -> its words, marks left out
    units: Callable[[str], list[str]] = str.split  # text -> what a budget counts, in order
    sentences: Callable[[str], list[str]] = _SENTENCE_END.split  # text -> its sentences
    salience: Callable[[str], Callable[[str], float]] | None = None  # text -> (word -> r(word), bits)
    threshold: float = -3.0  # bits; the ratio filter keeps words above it


def cut_to_budget(text: str, budget: int, units: Callable[[str], list[str]] = str.split) -> str:
    """``text`` up to the end of its ``budget``-th unit; whole (but for outer space) when it has no more."""
    found = units(text)
    if len(found) <= budget:
        return text.strip()
    end = 0
    for unit in found[:budget]:
        end = text.index(unit, end) + len(unit)
    return text[:end].strip()


def lead(texts: Sequence[str], budget: int, context: BaselineContext) -> list[str]:
    """The first ``budget`` words of every text."""
    return [cut_to_budget(text, budget, context.units) for text in texts]


def ratio_filter(texts: Sequence[str], budget: int, context: BaselineContext) -> list[str]:
    """The first ``budget`` words w with ``r(w) > threshold``, detached punctuation dropped.

        r(w) = log2(df_short(w) / N_short) − log2(df_source(w) / N_source)      [bits]

    with document frequencies counted on unpaired texts. A text none of whose words pass gives its lead.
    """
    if context.salience is None:
        raise InputError("baseline 'ratio_filter' must have a salience table, and only a model brings one")
    summaries = []
    for text in texts:
        ratio = context.salience(text)
        kept = [word for word in context.words(text) if ratio(word) > context.threshold]
        summaries.append(_INNER_SPACE.sub("", " ".join(kept[:budget])))
    return [
        summary or cut_to_budget(text, budget, context.units) for summary, text in zip(summaries, texts, strict=True)
    ]


class _SumyWords:
    """The tokeniser ``sumy`` gets from us, as its own needs an NLTK download."""

    def to_words(self, sentence: str) -> list[str]:
        return tokens(sentence)


class _Ranked(Protocol):
    """What ``sumy`` hands over per sentence, best first."""

    sentence: object
    order: int


def _fill(ranked: Iterable[_Ranked], budget: int, units: Callable[[str], list[str]]) -> str:
    """The best-ranked sentences, each cut to what is left of the budget, in document order."""
    parts, left = [], budget
    for info in ranked:
        part = cut_to_budget(str(info.sentence), left, units)
        parts.append((info.order, part))
        left -= len(units(part))
        if left <= 0:
            break
    return " ".join(part for _, part in sorted(parts))


def _ranked_sentences(module: str, name: str, text: str, context: BaselineContext) -> Sequence[_Ranked]:
    """The sentences of ``text``, those that a summariser of ``sumy`` ranks best first."""
    try:
        from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence

        summarizer = getattr(import_module(f"sumy.summarizers.{module}"), name)()
    except ImportError as error:
        raise MissingExtraError("LexRank and TextRank need the extra 'eval': pip install 'summae[eval]'") from error
    pieces = [piece for piece in context.sentences(text) if piece.strip()]
    document = ObjectDocumentModel([Paragraph([Sentence(piece, _SumyWords()) for piece in pieces])])
    found: list[_Ranked] = []

    def choose(ranked: Sequence[_Ranked]) -> Sequence[_Ranked]:
        found.extend(ranked)
        return ranked

    with np.errstate(invalid="ignore"):  # sumy divides 0 by 0 when no two sentences share a word
        summarizer(document, choose)
    return found


def _sentences_by(module: str, name: str, text: str, budget: int, context: BaselineContext) -> str:
    """The sentences ranked best, filled up to the budget."""
    return _fill(_ranked_sentences(module, name, text, context), budget, context.units)


def central_sentences(text: str, count: int, context: BaselineContext) -> list[str]:
    """The ``count`` sentences that LexRank finds most central, whole, in the order of the text."""
    best = _ranked_sentences("lex_rank", "LexRankSummarizer", text, context)[:count]
    return [str(info.sentence) for info in sorted(best, key=lambda info: info.order)]


def lexrank(texts: Sequence[str], budget: int, context: BaselineContext) -> list[str]:
    """The most central sentence cut to ``budget`` words; when it is shorter, the next ones fill up."""
    return [_sentences_by("lex_rank", "LexRankSummarizer", text, budget, context) for text in texts]


def textrank(texts: Sequence[str], budget: int, context: BaselineContext) -> list[str]:
    """The same, central by the words that sentences share."""
    return [_sentences_by("text_rank", "TextRankSummarizer", text, budget, context) for text in texts]


class Baseline(Protocol):
    """Summaries of at most ``budget`` units, one per text."""

    def __call__(self, texts: Sequence[str], budget: int, context: BaselineContext) -> list[str]: ...


BASELINES: dict[str, Baseline] = {
    "lead": lead,
    "ratio_filter": ratio_filter,
    "lexrank": lexrank,
    "textrank": textrank,
}
