"""What a critic is to tell from real short texts: drafts of summaries by the finished model, written once in advance.

They are what the critic will be asked about: every finished draft of the search, before the judges choose among them,
finished as a summary is. A real short text is drawn first and its number of words is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tqdm import tqdm

from summae.data.corpora import Corpus, drawn
from summae.summarizing.check import reason_against
from summae.summarizing.length import Limit
from summae.summarizing.proposers.generator import Compressor, Job
from summae.summarizing.summarizer import Summarizer
from summae.text.finishing import finish
from summae.text.words import budget_units

TOGETHER = 32  # sources of one budget, summarised at once


def draw_drafts(
    model: Summarizer,
    corpora: Sequence[Corpus],
    *,
    count: int,
    each: int,
    beams: int,
    seed: int,
    part: tuple[int, int] = (0, 1),
) -> list[dict[str, str]]:
    """Rows ``{"corpus", "source", "target"}`` for ``count`` sources of the corpora, by weight, and at most ``each``
    different drafts of them; ``part`` = (rank, processes).
    """
    jobs = []
    for corpus, chosen, _ in drawn(corpora, count, seed):
        jobs += [(corpus, chosen[start : start + TOGETHER]) for start in range(0, len(chosen), TOGETHER)]
    rows: list[dict[str, str]] = []
    mine = list(enumerate(jobs))[part[0] :: part[1]]
    for number, (corpus, sources) in tqdm(mine, desc="drafts", unit="batch", mininterval=5.0):
        random = np.random.default_rng([seed, len(corpora), number])
        real = corpus.short_texts[int(random.integers(len(corpus.short_texts)))]
        words = min(len(budget_units(real)), model.checkpoint.manifest.longest_words)
        for source, drafts in zip(sources, _drafts(model, sources, words, beams, random), strict=True):
            some = sorted(random.permutation(len(drafts))[:each])
            rows += [{"corpus": corpus.name, "source": source, "target": drafts[i]} for i in some]
    return rows


def _drafts(
    model: Summarizer, sources: Sequence[str], words: int, beams: int, random: np.random.Generator
) -> list[list[str]]:
    """Of each source all drafts of one of its windows, chosen by chance; none of a source that needs no summary."""
    limit = Limit(ask=words, words=words)
    jobs, places = [], []
    for place, source in enumerate(sources):
        document = model.read(source)
        if document.windows and document.readable and not limit.allows(source):
            window = document.windows[int(random.integers(len(document.windows)))]
            jobs.append(Job(window.text, words))
            places.append(place)
    found: list[list[str]] = [[] for _ in sources]
    compressor = Compressor.of(model.checkpoint, model.backend)
    for place, drafts in zip(places, compressor.candidates(jobs, beams), strict=True):
        texts = [finish(model.encoder.tokenizer.decode(draft.ids), sources[place]) for draft in drafts]
        found[place] = list(dict.fromkeys(text for text in texts if not reason_against(text, sources[place], limit)))
    return found
