"""ROUGE-1, ROUGE-2 and ROUGE-L (F1) for any script, computed by the ``rouge-score`` library.

    F1 = 2PR / (P + R),  P = matches / |summary|,  R = matches / |reference|

where matches are clipped n-gram counts (n = 1, 2) or the longest common subsequence (L; newlines are
ignored: this is rougeL, not rougeLsum). With several references the best one counts, per metric.

Source: C.-Y. Lin, "ROUGE: a package for automatic evaluation of summaries", 2004; ``rouge-score`` 0.1.2.
Where we depart: ``rouge-score`` deletes all but a–z and 0–9, so Chinese scores 0 and "Straße" is two words.
Our tokeniser keeps every letter, digit and combining mark, and takes each character of a script written
without spaces for a token. On plain ASCII the scores are those of ``RougeScorer(..., use_stemmer=True)``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, lru_cache
from multiprocessing import get_context
from typing import TYPE_CHECKING

import numpy as np

from summae.errors import MissingExtraError
from summae.text.words import UNSPACED

if TYPE_CHECKING:
    from rouge_score.rouge_scorer import RougeScorer

METRICS = ("rouge1", "rouge2", "rougeL")  # the columns of every score array
TOKENISER = "unicode"  # its name in signatures: change both together

_ASCII_TOKEN = re.compile(r"[a-z0-9]+")
# Applied where only letters, digits, marks and spaces are left: [^\w\s] is then a combining mark.
_TOKEN = re.compile(rf"[{UNSPACED}][^\w\s]*|(?![{UNSPACED}])\w[^\s{UNSPACED}]*")
_STEMMED_FROM = 4  # characters; rouge-score leaves shorter words alone


def _normal(text: str) -> str:
    """Lower case, compatibility-composed: full-width digits and decomposed accents become the usual ones."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower()


def tokens(text: str) -> list[str]:
    """The lower-cased words of ``text`` before stemming; marks and symbols are dropped."""
    text = _normal(text)
    if text.isascii():
        return _ASCII_TOKEN.findall(text)
    return _TOKEN.findall("".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in text))


@cache
def _porter() -> Callable[[str], str]:
    return _need_rouge_score().tokenizers.porter.PorterStemmer().stem


@lru_cache(maxsize=1 << 17)
def _stem(word: str) -> str:
    return _porter()(word) if len(word) >= _STEMMED_FROM else word  # only Latin suffixes ever go


def stemmed_tokens(text: str) -> list[str]:
    """``tokens(text)``, words of four characters or more reduced by the Porter stemmer."""
    return [_stem(word) for word in tokens(text)]


class UnicodeTokenizer:
    """:func:`stemmed_tokens` in the shape ``rouge-score`` asks for."""

    def tokenize(self, text: str) -> list[str]:
        return stemmed_tokens(text)


def vanished_share(texts: Sequence[str]) -> float:
    """Share (0 to 1) of the characters of ``texts``, white space aside, that stand in no token."""
    visible = sum(len("".join(_normal(text).split())) for text in texts)
    kept = sum(len(token) for text in texts for token in tokens(text))
    return 1.0 - kept / visible if visible else 0.0


def _need_rouge_score():
    try:
        from rouge_score import rouge_scorer
    except ImportError as error:
        raise MissingExtraError("ROUGE needs the extra 'eval': pip install 'summae[eval]'") from error
    return rouge_scorer


@cache
def _scorer() -> RougeScorer:
    return _need_rouge_score().RougeScorer(list(METRICS), tokenizer=UnicodeTokenizer())


def _score(hypothesis: str, references: Sequence[str]) -> list[float]:
    best = _scorer().score_multi(list(references), hypothesis)
    return [best[metric].fmeasure for metric in METRICS]


def score_examples(hypotheses: Sequence[str], references: Sequence[Sequence[str]], *, processes: int = 1) -> np.ndarray:
    """F1 of every hypothesis against its best reference: ``[N, 3]``, 0 to 1, columns as in ``METRICS``.

    ``references[i]`` holds one or more texts. ``processes`` > 1 pays off for texts of hundreds of words
    only (the longest common subsequence is quadratic); the values do not depend on it.
    """
    if len(hypotheses) != len(references) or not all(references):
        raise ValueError("every hypothesis must have at least one reference")
    if processes == 1:
        rows = [_score(*pair) for pair in zip(hypotheses, references, strict=True)]
    else:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            rows = list(pool.map(_score, hypotheses, references, chunksize=64))
    return np.array(rows, dtype=float).reshape(-1, len(METRICS))
