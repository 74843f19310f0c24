"""A word's idf shared among its pieces, or given whole to each: what the unsupervised score says of either.

    python scripts/piece_weights.py --data ../shared/data > weights.md

The networks of a checkpoint summarise held-out sources; both weightings judge the same summaries. ``own`` is how often
a source is rebuilt better from its own summary than from that of another source, ``margin`` the mean of that difference
over its standard deviation: which weighting tells a summary of the text from one of something else.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from summae.model.backends.torch_backend import load_networks
from summae.model.checkpoint import Checkpoint, open_checkpoint
from summae.records import Draw
from summae.text.encoding import SourceEncoder
from summae.text.weights import BITS, word_spans
from summae.training.adversarial.batches import RolloutBatch, rollout_batch
from summae.training.adversarial.rollout import empty_summary, rebuild
from summae.training.batches import pieces_per_word
from summae.training.policy import sample
from summae.training.validation import validate

WORDS = 9  # asked for
BATCH = 50


def whole_weights(text: str, encoder: SourceEncoder, longest: int) -> list[float]:
    """The idf of its word for every piece, as training had it up to 0.1."""
    encoding = encoder.tokenizer.backend.encode(text, add_special_tokens=False)
    found = [text[begin:end] for begin, end in word_spans(text, encoding.word_ids, encoding.offsets)]
    table = encoder.salience.of(text)
    weights = [table.information(word) / BITS if any(map(str.isalnum, word)) else 0.0 for word in found]
    return [*weights[: longest - 1], 0.0]


def read(path: Path, count: int, checkpoint: Checkpoint) -> list[tuple[str, str, int]]:
    """(source as G reads it, short text of another source, words), evenly from the file and sorted by length."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    rows = [row for row in rows if row["text"] and row["summaries"]]
    rows = rows[:: max(len(rows) // count, 1)][:count]
    short = [row["summaries"][0] for row in rows]
    texts = [checkpoint.wording_of(row["text"]).shortened(row["text"]) for row in rows]
    return sorted(((text, short[place - 1], WORDS) for place, text in enumerate(texts)), key=lambda item: len(item[0]))


def recovered_of(batch: RolloutBatch, weights: Tensor, log_probs: Tensor, without: Tensor) -> Tensor:
    """1 − L(x | y) / L(x | ∅) for every source: [N]."""
    weights = weights * batch.document_mask
    return 1 - (log_probs * weights).sum(1) / (without * weights).sum(1)


@torch.no_grad()
def compare(items: Sequence[tuple[str, str, int]], checkpoint: Checkpoint, networks: dict) -> dict[str, dict]:
    encoder, reader = checkpoint.encoder, networks["reconstructor"]
    longest = networks["generator"].config.max_target_length, reader.config.max_target_length
    per_word = pieces_per_word([short for _, short, _ in items], encoder.tokenizer)
    found: dict[str, dict] = {"shared": {}, "whole": {}}
    batches: dict[str, list[RolloutBatch]] = {name: [] for name in found}
    gaps: dict[str, list[Tensor]] = {name: [] for name in found}
    for some in (items[start : start + BATCH] for start in range(0, len(items), BATCH)):
        batch = rollout_batch(some, encoder, *longest, per_word)
        whole = torch.zeros_like(batch.document_weights)
        for row, (text, _, _) in enumerate(some):
            weights = whole_weights(text, encoder, longest[1])
            whole[row, : len(weights)] = torch.tensor(weights)
        batches["shared"].append(batch)
        batches["whole"].append(replace(batch, document_weights=whole))
        ids, mask = sample(networks["generator"], batch.sources, temperature=0.0, longest=longest[0])
        draw = Draw(ids=ids, mask=mask, log_probs=mask)
        other = Draw(ids=ids.roll(1, 0), mask=mask.roll(1, 0), log_probs=mask)
        own, wrong, without = (
            rebuild(reader, each, batch.documents, batch.documents) for each in (draw, other, empty_summary(draw))
        )
        for name in found:
            weights = batches[name][-1].document_weights
            gap = recovered_of(batch, weights, own, without) - recovered_of(batch, weights, wrong, without)
            gaps[name].append(gap)
    for name, figures in found.items():
        figures.update(validate(*networks.values(), batches[name]).figures())
        gap = torch.cat(gaps[name])
        figures.update(own=float((gap > 0).float().mean()), margin=float(gap.mean() / gap.std()))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="holds news-en/ and science-en/")
    parser.add_argument("--model", metavar="DIR", help="default: the one that comes with summae")
    parser.add_argument("--count", type=int, default=200, metavar="N", help="sources of each kind")
    args = parser.parse_args()
    checkpoint = open_checkpoint(args.model)
    loaded = load_networks(checkpoint)
    networks = {name: loaded[name].float().eval() for name in ("generator", "reconstructor", "language_model")}
    print("| sources | weights | score | recovered | fluent | own | margin |\n|---|---|---|---|---|---|---|")
    for kind in ("news-en", "science-en"):
        items = read(args.data / kind / "valid.jsonl", args.count, checkpoint)
        for name, each in compare(items, checkpoint, networks).items():
            shares = [each[f"valid/{part}"] for part in ("score", "recovered", "fluent")]
            cells = " | ".join(f"{value:.4f}" for value in (*shares, each["own"], each["margin"]))
            print(f"| {kind}, {len(items)} | {name} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
