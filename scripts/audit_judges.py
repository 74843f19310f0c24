"""The judges of audit.py. All are trained afresh, with their own seed and tokeniser, on the CPU; networks by the clock.

- :class:`LanguageJudge`: how surprising is a text to an n-gram model of real short texts? Counted, not descended: in
  four minutes of one core a Transformer learns hardly more than how frequent the pieces are.
- :func:`critic_accuracy`: can a critic tell our texts from real ones? It reads every piece together with how much
  that piece surprised the language judge, so it knows of fluency from the start and has the rest to learn.
- :class:`ReconstructionJudge`: does a reconstructor that has read (summary, source) pairs of other sources find the
  right source? By log p_R(source | summary) − log p_R(source | nothing), for long sources are improbable by themselves.
- :func:`overlap`: the same question put to words alone: cosine of idf vectors.

Legend: N texts, M sources, T pieces.
"""

from __future__ import annotations

import math
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from summae.data.examples import Pair
from summae.metrics.bootstrap import LEVEL, RESAMPLES, Interval
from summae.metrics.kneser_ney import KneserNey
from summae.networks import Reconstructor, ReconstructorConfig
from summae.text.tokenizer import END_ID, START_ID, SubwordTokenizer
from summae.text.words import words
from summae.training.batches import PairSource, collate_targets, reconstructor_batch
from summae.training.loop import Loop, TrainingTask
from summae.training.schedule import LoopConfig, OptimizerConfig
from summae.training.train_logger import TrainLogger
from summae.training.warmup import ReconstructorWarmup

CPU = torch.device("cpu")
LONGEST_SHORT, LONGEST_SOURCE = 64, 72  # pieces a judge reads of a summary, of a source
EMPTY_SHARE = 0.15  # share of R's examples without a summary: that is how it learns p(source | nothing)
PATIENCE = 6  # epochs the critic goes on without a better validation

Likelihood = Callable[[Sequence[str], Sequence[str]], np.ndarray]  # (summaries, sources) → log p(source | summary) [N]
Note = Callable[[str], None]


def matched(ours: Sequence[str], real: Sequence[str], seed: int) -> list[tuple[str, str]]:
    """Random (ours, real) pairs of equally many words; no text twice, those without a partner are left out."""
    random = np.random.default_rng(seed)
    waiting: dict[int, list[str]] = {}
    for place in random.permutation(len(real)):
        waiting.setdefault(len(real[place].split()), []).append(real[place])
    shuffled = [ours[place] for place in random.permutation(len(ours))]
    return [(text, same.pop()) for text in shuffled if (same := waiting.get(len(text.split())))]


# -- training ------------------------------------------------------------------------------------------------


def by_the_clock(minutes: float, batch_size: int, learning_rate: float) -> LoopConfig:
    never = 10**9
    optimizer = OptimizerConfig(learning_rate=learning_rate, warmup_steps=50)
    return LoopConfig(
        steps=never,
        minutes=minutes,
        batch_size=batch_size,
        optimizer=optimizer,
        log_every=never,
        sample_every=never,
        save_every=never,
    )


def train(task: TrainingTask, loop: LoopConfig, name: str) -> None:
    """Run ``task`` until its time is up; what the loop writes is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        Loop(Accelerator(cpu=True), task, loop, Path(folder), TrainLogger(Path(folder), name, active=False)).run()
    for network in task.networks.values():
        network.eval()


# -- readability ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LanguageJudge:
    """An n-gram model of short texts and its own tokeniser; reads normalised texts."""

    tokenizer: SubwordTokenizer
    model: KneserNey

    @classmethod
    def trained(cls, texts: Sequence[str], *, pieces: int) -> LanguageJudge:
        tokenizer = SubwordTokenizer.train(texts, pieces)
        rows = [[*row, END_ID] for row in tokenizer.encode_batch(list(texts))]
        return cls(tokenizer, KneserNey.count(rows, vocab_size=tokenizer.vocab_size, start_id=START_ID))

    def read(self, texts: Sequence[str]) -> tuple[Tensor, Tensor, Tensor]:
        """``(ids, log p(piece | pieces before), mask)`` [N, T] each; the end piece is one of them."""
        rows = self.tokenizer.encode_batch(list(texts))
        ids, mask = collate_targets(rows, max(map(len, rows)) + 1)
        found = self.model.log_probs([[*row, END_ID] for row in rows])
        log_probs = torch.zeros(ids.shape)
        log_probs[mask > 0] = torch.as_tensor(np.concatenate(found), dtype=torch.float32)
        return ids, log_probs, mask

    def log_probs(self, texts: Sequence[str]) -> np.ndarray:
        """log p(text) in nats [N]: that the text says this and then ends."""
        return self.read(texts)[1].sum(1).double().numpy()


def perplexity(log_probs: np.ndarray, texts: Sequence[str]) -> float:
    """Per word, exp(−Σ log p(text) / Σ words(text)): comparable whatever the pieces are."""
    return math.exp(-float(np.sum(log_probs)) / sum(len(text.split()) for text in texts))


def perplexity_ratio(
    pairs: Sequence[tuple[str, str]], log_probs: Callable[[Sequence[str]], np.ndarray], seed: int = 0
) -> tuple[float, float, Interval]:
    """Perplexity of ours, of the real ones, and ours / real with its bootstrap interval over the pairs.

    The pairs are equally long, so the ratio is exp of the mean difference per word.
    """
    ours, real = zip(*pairs, strict=True)
    of_ours, of_real = log_probs(ours), log_probs(real)
    lengths = np.array([len(text.split()) for text in ours])
    drawn = np.random.default_rng(seed).integers(len(pairs), size=(RESAMPLES, len(pairs)))
    ratios = np.exp((of_real - of_ours)[drawn].sum(1) / lengths[drawn].sum(1))
    low, high = np.quantile(ratios, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    ours_value, real_value = perplexity(of_ours, ours), perplexity(of_real, real)
    return ours_value, real_value, Interval(mean=ours_value / real_value, low=float(low), high=float(high))


class Critic(nn.Module):
    """A bidirectional LSTM over [embedded piece; its log-likelihood], mean and maximum over the text: a logit."""

    def __init__(self, vocab_size: int, width: int = 96, hidden: int = 96, dropout: float = 0.4):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, width)
        self.lstm = nn.LSTM(width + 1, hidden, batch_first=True, bidirectional=True)
        self.drop, self.score = nn.Dropout(dropout), nn.Linear(4 * hidden, 1)

    def forward(self, ids_NT: Tensor, log_probs_NT: Tensor, mask_NT: Tensor) -> Tensor:
        """Logit that the text is real, [N]."""
        embedded = self.drop(self.embedding(ids_NT))
        features = torch.cat([embedded, log_probs_NT[..., None] / 4], dim=-1)
        lengths = mask_NT.sum(1).long()
        packed = pack_padded_sequence(features, lengths, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        mask = mask_NT[:, : states.shape[1], None]
        mean = (states * mask).sum(1) / lengths[:, None]
        highest = states.masked_fill(mask == 0, -1e9).amax(1)
        return self.score(self.drop(torch.cat([mean, highest], dim=-1))).squeeze(-1)


Examples = tuple[Tensor, Tensor, Tensor, Tensor]  # ids, log p, mask [N, T]; 1 for real, 0 for ours [N]


def critic_accuracy(
    pairs: Sequence[tuple[str, str]], judge: LanguageJudge, *, minutes: float, seed: int
) -> tuple[int, int]:
    """``(right, asked)`` on the fifth of the pairs that the critic has not seen; it learns on the others.

    An eighth of those others decides when it stops.
    """
    ours, real = zip(*pairs, strict=True)
    examples = (*judge.read([*ours, *real]), torch.cat([torch.zeros(len(ours)), torch.ones(len(real))]))
    places = np.random.default_rng(seed).permutation(len(pairs))
    test, valid, rest = np.split(places, [len(pairs) // 5, len(pairs) // 5 + len(pairs) // 10])

    def part(chosen: np.ndarray) -> Examples:
        rows = torch.as_tensor(np.concatenate([chosen, chosen + len(pairs)]))
        ids, log_probs, mask, labels = (tensor[rows] for tensor in examples)
        return ids, log_probs, mask, labels

    set_seed(seed)
    critic = Critic(judge.tokenizer.vocab_size)
    fit(critic, part(rest), part(valid), minutes)
    return right(critic, part(test)), 2 * len(test)


def fit(critic: nn.Module, seen: Examples, valid: Examples, minutes: float) -> None:
    """Early stopping: leaves the weights of the epoch whose validation loss was lowest."""
    optimizer = torch.optim.AdamW(critic.parameters(), lr=1e-3, weight_decay=0.01)
    lowest, kept, since, ends = math.inf, critic.state_dict(), 0, time.monotonic() + 60 * minutes
    while since < PATIENCE and time.monotonic() < ends:
        critic.train()
        for rows in torch.randperm(len(seen[0])).split(32):
            *inputs, labels = (tensor[rows] for tensor in seen)
            optimizer.zero_grad()
            functional.binary_cross_entropy_with_logits(critic(*inputs), labels).backward()
            optimizer.step()
        loss, since = validation_loss(critic, valid), since + 1
        if loss < lowest:
            lowest, since = loss, 0
            kept = {name: value.clone() for name, value in critic.state_dict().items()}
    critic.load_state_dict(kept)


@torch.no_grad()
def validation_loss(critic: nn.Module, examples: Examples) -> float:
    critic.eval()
    *inputs, labels = examples
    return float(functional.binary_cross_entropy_with_logits(critic(*inputs), labels))


@torch.no_grad()
def right(critic: nn.Module, examples: Examples) -> int:
    """How many texts are put on the right side."""
    critic.eval()
    *inputs, labels = examples
    return int(((critic(*inputs) > 0) == (labels > 0.5)).sum())


# -- faithfulness --------------------------------------------------------------------------------------------


class FrozenPairs(PairSource):
    """(source, summary) pairs as they are, a share of them without the summary."""

    def __init__(self, pairs: Sequence[Pair]):
        self.pairs = pairs

    def draw(self, count: int, random: np.random.Generator) -> list[Pair]:
        places = random.integers(len(self.pairs), size=count)
        empty = random.random(count) < EMPTY_SHARE
        return [(self.pairs[i][0], "" if blank else self.pairs[i][1]) for i, blank in zip(places, empty, strict=True)]


@dataclass(frozen=True)
class ReconstructionJudge:
    """A reconstructor that has read frozen pairs; reads normalised texts with the language judge's tokeniser."""

    tokenizer: SubwordTokenizer
    network: Reconstructor

    @classmethod
    def trained(
        cls, pairs: Sequence[Pair], tokenizer: SubwordTokenizer, *, minutes: float, seed: int
    ) -> ReconstructionJudge:
        """``pairs``: (source, summary)."""
        set_seed(seed)
        config = ReconstructorConfig(
            vocab_size=tokenizer.vocab_size,
            d_model=128,
            d_ff=384,
            heads=4,
            encoder_layers=2,
            decoder_layers=1,
            dropout=0.2,
            max_source_length=LONGEST_SHORT,
            max_target_length=LONGEST_SOURCE,
        )
        network = Reconstructor(config)
        network.piece_starts.copy_(torch.tensor(tokenizer.piece_starts))
        loop = by_the_clock(minutes, 32, 1e-3)
        task = ReconstructorWarmup(
            network, FrozenPairs(pairs), tokenizer, loop, seed, CPU, mask_share=0.6, masked_batches=0.5
        )
        train(task, loop, "reconstruction judge")
        return cls(tokenizer, network)

    @torch.no_grad()
    def likelihood(self, summaries: Sequence[str], sources: Sequence[str]) -> np.ndarray:
        """log p_R(source | summary) in nats [N]; "" is no summary."""
        found = np.zeros(len(sources))
        for places in np.array_split(np.argsort([len(source) for source in sources]), -(-len(sources) // 25)):
            pairs = [(sources[place], summaries[place]) for place in places]
            batch = reconstructor_batch(pairs, self.tokenizer, self.network.piece_starts, LONGEST_SHORT, LONGEST_SOURCE)
            assert batch.sources is not None
            log_probs = self.network.log_likelihood(batch.sources, batch.targets)
            found[places] = (log_probs * batch.mask).sum(1).numpy()
        return found


def overlap(summaries: Sequence[str], sources: Sequence[str]) -> np.ndarray:
    """Cosine of summary and source [N, M] as sets of words weighted by idf = ln(M / df) over the sources."""
    bags = [[set(words(text.lower())) for text in side] for side in (summaries, sources)]
    frequency = Counter(word for bag in bags[1] for word in bag)
    column = {word: place for place, word in enumerate(frequency)}
    vectors = []
    for side in bags:
        matrix = np.zeros((len(side), len(column)), dtype=np.float32)
        for row, bag in enumerate(side):
            for word in bag & column.keys():
                matrix[row, column[word]] = math.log(len(sources) / frequency[word])
        vectors.append(matrix / np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-9))
    return vectors[0] @ vectors[1].T


def first(scores: np.ndarray, own: int) -> bool:
    """Whether ``own`` has a higher score than every other; a tie is not enough."""
    return bool(np.delete(scores, own).max(initial=-np.inf) < scores[own])


def candidates(similarity: np.ndarray, nearest: int, others: int, seed: int) -> list[np.ndarray]:
    """Per row the sources to choose from: its own (first), the ``nearest`` others, and random ``others``."""
    random, found = np.random.default_rng(seed), []
    for own, row in enumerate(similarity):
        order = np.argsort(-row, kind="stable")
        order = order[order != own]
        found.append(np.concatenate([[own], order[:nearest], random.permutation(order[nearest:])[:others]]))
    return found


def retrieved(
    summaries: Sequence[str],
    sources: Sequence[str],
    choices: Sequence[np.ndarray],
    likelihood: Likelihood,
    *,
    minutes: float = math.inf,
) -> list[bool]:
    """Per summary: has its own source, first of its choices, the highest gain log p(x | y) − log p(x | nothing)?

    Shorter than ``summaries`` when the time is up.
    """
    ends = time.monotonic() + 60 * minutes
    nothing = likelihood([""] * len(sources), sources)
    found: list[bool] = []
    for summary, places in zip(summaries, choices, strict=True):
        gains = likelihood([summary] * len(places), [sources[place] for place in places]) - nothing[places]
        found.append(first(gains, 0))
        if time.monotonic() > ends:
            break
    return found
