"""What an adapting run has to say: tables of before and after, and the card of the new model. Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from summae.adapting.selection import AdaptedGenerator

SHOWN = 90  # characters of a document in a table


@dataclass(frozen=True)
class BeforeAfter:
    """A document that was not learnt from, and what both models say of it."""

    document: str
    before: str
    after: str


def score_table(before: AdaptedGenerator, after: AdaptedGenerator, pieces_per_word: float) -> str:
    """The unsupervised score of both generators, what it is made of, and the figures that guard it."""
    rows = [["", "score", "recovered", "fluent", "words", "distinct"], ["---"] * 6]
    for name, each in (("before", before.found), ("after", after.found)):
        words = (each.pieces - 1) / pieces_per_word
        shares = f"{each.recovered:.1%}", f"{each.fluent:.1%}", f"{words:.1f}", f"{each.distinct:.0%}"
        rows.append([name, f"{each.score:.4f}", *shares])
    return _table(rows)


def sample_table(samples: Sequence[BeforeAfter]) -> str:
    """A row for each document."""
    rows = [["document", "before", "after"], ["---"] * 3]
    rows += [[_start(each.document), " ".join(each.before.split()), " ".join(each.after.split())] for each in samples]
    return _table(rows)


def card(*, name: str, start: str, words: int, texts: dict[str, int], when: str, how: str, scores: str) -> str:
    """The model card; ``texts``: how many of each kind; ``how``: one sentence on what became of the generator."""
    counted = "\n".join(f"- {count:,} {kind}" for kind, count in texts.items())
    return f"""---
library_name: summae
pipeline_tag: summarization
tags: [unsupervised, domain-adaptation]
---

# summae `{name}`

Adapted by `summae adapt` from the model `{start}` on {when}, without a single (document, summary) pair. Its own length
is {words} words. What is said of the languages, the training texts and the limits of `{start}` holds for it, too.

## Adapted to

{counted}

## Scores

Unsupervised, on passages of documents that were held out: `recovered` is how much better the reconstructor rebuilds a
passage with the summary than without, `fluent` how probable the short-text model finds it beside real short texts, and
the score is their product. Both generators are judged by the same two networks.

{scores}
{how}
"""


def _table(rows: Sequence[Sequence[str]]) -> str:
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in rows)


def _start(document: str) -> str:
    text = " ".join(document[: 4 * SHOWN].split())
    return text if len(text) <= SHOWN else text[:SHOWN].rsplit(" ", 1)[0] + " …"
