"""Salience of a new domain, counted on what there is and leaning on the closest known domain where that is little.

    r(w)   = (n · r_new(w) + LEAN · r_old(w)) / (n + LEAN)        n: texts of the new domain, long or short, with w
    idf(w) = −log2( (df(w) + WEIGHT · 2^−idf_old(w)) / (N + WEIGHT) )

A word met often speaks for itself; a table of fifty titles alone would be noise. By the second line, words of the old
domain that the new one lacks become rarer there: so a text still finds the domain it belongs to.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from summae.data.corpora import Corpus
from summae.text.salience import DomainTables, SalienceTable, document_frequencies

LEAN = 5  # texts with the word that weigh as much as the old table
WEIGHT = 2000  # texts of the old domain that its word rates stand for; with 100, a third of new texts went elsewhere


def closest(tables: DomainTables, texts: Sequence[str]) -> str:
    """The known domain that most of ``texts`` belong to."""
    return Counter(map(tables.domain, texts)).most_common(1)[0][0]


def domain_table(corpus: Corpus, old: SalienceTable) -> SalienceTable:
    """The table of ``corpus``, leaning on ``old``."""
    new = SalienceTable.count(corpus.sources, corpus.short_texts, at_least=1)
    in_sources, total = document_frequencies(corpus.sources)
    met = in_sources + document_frequencies(corpus.short_texts)[0]
    ratios, idf = {}, {}
    for word in old.ratios.keys() | {word for word in met if met[word] >= 2}:
        lean = LEAN / (met[word] + LEAN)
        ratios[word] = round((1 - lean) * new.ratio(word) + lean * old.ratio(word), 3)
        idf[word] = _idf(in_sources[word], total, old.information(word))
    return SalienceTable(ratios, idf, _idf(0, total, old.unseen_idf))


def _idf(count: int, total: int, old_idf: float) -> float:
    return round(-math.log2((count + WEIGHT * 2**-old_idf) / (total + WEIGHT)), 3)
