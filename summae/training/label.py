"""A finished model summarises real sources: (real source, its summary) pairs for a student G.

Self-training (He et al. 2020; NAUS, Liu et al. 2022, for unsupervised summarization): what the teacher finds by search
and re-ranking with all three networks, the student learns to say at once; errors that do not repeat average out.
"""

from __future__ import annotations

from collections.abc import Sequence

from tqdm import tqdm

from summae.data.corpora import Corpus, drawn
from summae.summarizing.summarizer import Summarizer

TOGETHER = 32  # sources of one budget, summarised at once


def label(
    teacher: Summarizer,
    corpora: Sequence[Corpus],
    *,
    count: int,
    words: tuple[int, int],
    seed: int,
    part: tuple[int, int] = (0, 1),
) -> list[dict[str, str]]:
    """Rows ``{"corpus", "source", "target"}`` for ``count`` sources of the corpora, by weight; those that the teacher
    could not summarise are left out. ``words``: the least and the largest budget; ``part`` = (rank, processes).
    """
    jobs = []
    for corpus, chosen, random in drawn(corpora, count, seed):
        for start in range(0, len(chosen), TOGETHER):
            budget = int(random.integers(words[0], words[1] + 1))
            jobs.append((corpus.name, chosen[start : start + TOGETHER], budget))
    rows: list[dict[str, str]] = []
    for name, sources, budget in tqdm(jobs[part[0] :: part[1]], desc="label", unit="batch", mininterval=5.0):
        for source, summary in zip(sources, teacher.summarize(sources, words=budget), strict=True):
            if summary.note is None:
                rows.append({"corpus": name, "source": source, "target": summary.text})
    return rows
