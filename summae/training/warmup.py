"""Warm-up tasks: teacher forcing for G, R and the short-text language model.

All three minimise the summed cross-entropy −Σ_t log p(y_t | y_<t, x) over real pieces; the loop divides by the number.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from summae.networks import AnyGenerator, AnyReconstructor, ShortTextLM
from summae.records import Scored
from summae.text.encoding import SourceEncoder
from summae.text.tokenizer import SubwordTokenizer
from summae.training.batches import (
    PairBatch,
    PairSource,
    Pools,
    collate_sources,
    collate_targets,
    generator_batch,
    masked_out,
    reconstructor_batch,
)
from summae.training.loop import Call, Update
from summae.training.policy import decode_ids, sample
from summae.training.schedule import LoopConfig, OptimizerConfig
from summae.training.state import StageState

LONGEST_SHORT_TEXT = 64  # pieces that the language model learns of one, end piece included
SAMPLE_WORDS = 9  # asked for in the samples of the log


class _TeacherForcing(ABC):
    """What the three tasks share: one network, batches from pools, cross-entropy."""

    name: str

    def __init__(self, network: nn.Module, loop: LoopConfig, device: torch.device):
        self.networks: dict[str, nn.Module] = {self.name: network}
        self.optimizers: dict[str, OptimizerConfig] = {self.name: loop.optimizer}
        self.loop, self.device = loop, device

    def weight(self, batch: PairBatch) -> float:
        return float(batch.mask.sum())

    def updates(self, batch: PairBatch, state: StageState) -> Iterator[Update]:
        yield Update(self.name, lambda call: self._cross_entropy(call, batch))

    def _cross_entropy(self, call: Call, batch: PairBatch) -> Scored:
        self.networks[self.name].train()
        log_probs = self._log_probs(call, batch).float() * batch.mask.to(self.device)
        loss = -log_probs.sum()
        return Scored(value=loss, metrics={"loss": float(loss.detach()) / self.weight(batch)})

    @abstractmethod
    def _log_probs(self, call: Call, batch: PairBatch) -> Tensor:
        """log p of every target piece: [N, T]."""

    def samples(self) -> list[dict[str, str]]:
        return []

    def after_step(self, state: StageState) -> dict[str, float]:
        return {}


class GeneratorWarmup(_TeacherForcing):
    """G on (source, target) pairs of the mixture."""

    name = "generator"

    def __init__(
        self,
        network: AnyGenerator,
        pairs: PairSource,
        encoder: SourceEncoder,
        loop: LoopConfig,
        seed: int,
        device: torch.device,
        shown: Sequence[str] = (),
    ):
        super().__init__(network, loop, device)
        self.pools = Pools(pairs.draw, lambda pair: len(pair[0]), loop.batch_size, seed)
        self.network, self.encoder, self.shown = network, encoder, list(shown)

    def batch(self, number: int) -> PairBatch:
        longest = self.network.config.max_target_length
        return generator_batch(self.pools.batch(number), self.encoder, longest)

    def _log_probs(self, call: Call, batch: PairBatch) -> Tensor:
        assert batch.sources is not None
        return call("log_likelihood", batch.sources.to(self.device), batch.targets.to(self.device))

    @torch.no_grad()
    def samples(self) -> list[dict[str, str]]:
        return greedy_table(self.network, self.encoder, self.shown, self.device)


class ReconstructorWarmup(_TeacherForcing):
    """R on the same kind of pairs turned round; in ``masked_batches`` of the batches, ``mask_share`` of R's decoder
    inputs is masked out.
    """

    name = "reconstructor"

    def __init__(
        self,
        network: AnyReconstructor,
        pairs: PairSource,
        tokenizer: SubwordTokenizer,
        loop: LoopConfig,
        seed: int,
        device: torch.device,
        mask_share: float,
        masked_batches: float,
    ):
        super().__init__(network, loop, device)
        self.pools = Pools(pairs.draw, lambda pair: len(pair[0]), loop.batch_size, seed)
        self.network, self.tokenizer = network, tokenizer
        self.mask_share, self.masked_batches = mask_share, masked_batches

    def batch(self, number: int) -> PairBatch:
        network = self.network
        starts = network.piece_starts.cpu()
        limits = network.config.max_source_length, network.config.max_target_length
        return reconstructor_batch(self.pools.batch(number), self.tokenizer, starts, *limits)

    def _log_probs(self, call: Call, batch: PairBatch) -> Tensor:
        assert batch.sources is not None
        targets = batch.targets.to(self.device)
        share = self.mask_share if torch.rand(()) < self.masked_batches else 0.0
        seen = masked_out(targets, share, self.network.config.mask_token_id)
        return call("log_likelihood", batch.sources.to(self.device), targets, seen_NT=seen)


class LanguageModelWarmup(_TeacherForcing):
    """The language model on real short texts."""

    name = "language_model"

    def __init__(
        self,
        network: ShortTextLM,
        texts: Sequence[Sequence[str]],
        tokenizer: SubwordTokenizer,
        loop: LoopConfig,
        seed: int,
        device: torch.device,
        lower_case: float = 0.0,
    ):
        super().__init__(network, loop, device)

        def draw(count: int, random) -> list[str]:
            drawn = []
            for _ in range(count):
                corpus = texts[int(random.integers(len(texts)))]
                text = corpus[int(random.integers(len(corpus)))]
                drawn.append(text.lower() if random.random() < lower_case else text)
            return drawn

        self.pools = Pools(draw, len, loop.batch_size, seed)
        self.tokenizer = tokenizer

    def batch(self, number: int) -> PairBatch:
        ids, mask = collate_targets(self.tokenizer.encode_batch(self.pools.batch(number)), LONGEST_SHORT_TEXT)
        return PairBatch(sources=None, targets=ids, mask=mask)

    def _log_probs(self, call: Call, batch: PairBatch) -> Tensor:
        return call("log_likelihood", batch.targets.to(self.device))


def greedy_table(
    network: AnyGenerator, encoder: SourceEncoder, sources: list[str], device: torch.device, words: int = SAMPLE_WORDS
) -> list[dict[str, str]]:
    """Rows (source, summary) by greedy decoding, for the log."""
    if not sources:
        return []
    network.eval()
    batch = collate_sources(encoder.encode_batch(sources, [words] * len(sources))).to(device)
    ids, _ = sample(network, batch, temperature=0.0, longest=network.config.max_target_length)
    texts = decode_ids(ids, encoder.tokenizer)
    return [{"source": source, "summary": text} for source, text in zip(sources, texts, strict=True)]
