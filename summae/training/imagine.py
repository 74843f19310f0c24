"""R imagines sources for real short texts: (imagined source, real short text) pairs for G.

The auto-encoder's cycle walked the other way round (short text → source → short text), as back-translation does for
unsupervised translation (Sennrich et al. 2016; Lample et al. 2018). G's targets are then human-written.
"""

from __future__ import annotations

import numpy as np
import torch
from tqdm import tqdm

from summae.data.corpora import Corpus
from summae.networks import AnyReconstructor
from summae.text.tokenizer import SubwordTokenizer
from summae.text.words import words
from summae.training.batches import collate_targets
from summae.training.policy import decode_ids, sample

TOGETHER = 256  # short texts whose sources are drawn at once


def kept_share(text: str, source: str) -> float:
    """The share of the words of ``text`` that occur in ``source``."""
    said = [word.lower() for word in words(text)]
    there = {word.lower() for word in words(source)}
    return sum(word in there for word in said) / max(len(said), 1)


def imagine(
    network: AnyReconstructor,
    corpora: list[Corpus],
    tokenizer: SubwordTokenizer,
    *,
    count: int,
    temperature: float,
    kept: float,
    seed: int,
    device: torch.device,
    part: tuple[int, int] = (0, 1),
) -> list[dict[str, str]]:
    """Rows ``{"corpus", "source", "target"}`` for ``count`` short texts of the corpora, by weight, without those
    of whose words a source has less than the share ``kept``; ``part`` = (rank, processes).

    Every process makes its own share; a batch's randomness depends on the seed and the batch only.
    """
    network.eval().to(device)
    rows: list[dict[str, str]] = []
    total = sum(corpus.weight for corpus in corpora)
    jobs = []
    for index, corpus in enumerate(corpora):
        random = np.random.default_rng([seed, index])
        wanted = min(int(count * corpus.weight / total), len(corpus.short_texts))
        chosen = sorted(random.permutation(len(corpus.short_texts))[:wanted], key=lambda i: len(corpus.short_texts[i]))
        jobs += [(corpus, chosen[start : start + TOGETHER]) for start in range(0, wanted, TOGETHER)]
    mine = list(enumerate(jobs))[part[0] :: part[1]]
    for number, (corpus, chosen) in tqdm(mine, desc="imagine", unit="batch", mininterval=5.0):
        texts = [corpus.short_texts[i] for i in chosen]
        ids, mask = collate_targets(tokenizer.encode_batch(texts), network.config.max_source_length)
        sources = network.summary_as_source(ids, mask).to(device)
        generator = torch.Generator(device=device).manual_seed(seed * 1_000_003 + number)
        longest = network.config.max_target_length
        drawn, _ = sample(network, sources, temperature=temperature, longest=longest, generator=generator)
        for text, source in zip(texts, decode_ids(drawn, tokenizer), strict=True):
            if kept_share(text, source) < kept:
                continue  # it would teach G to say what the source does not
            rows.append({"corpus": corpus.name, "source": source, "target": text})
    return rows
