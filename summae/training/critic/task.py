"""A critic learns to tell a finished model's drafts from real short texts of the same corpora.

It is not to learn what says nothing of readability. So both are normalised (no capitals, no final marks) and finished
alike, and every drafted text meets a real one of its corpus with as many words. What is left besides is what the texts
tell of: sources and short texts are of different years or documents, so that a name may give one away. All candidates
of one text share that.

Some texts are held out: a source with all its drafts, or a real text, by a hash of it. The weights with the lowest loss
on them stay.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from summae.critics.penalty import accuracy
from summae.data.corpora import Corpus
from summae.data.examples import Pair
from summae.errors import InputError
from summae.model.critic import SavedCritic, SavedCriticConfig
from summae.records import Scored
from summae.text.finishing import finish, normalize_for_critic
from summae.text.tokenizer import MASK_ID, PAD_ID, SubwordTokenizer
from summae.text.words import budget_units
from summae.training.batches import Pools, collate_targets, masked_out
from summae.training.best import BestWeights
from summae.training.critic.config import CriticConfig
from summae.training.loop import Call, Update
from summae.training.schedule import OptimizerConfig
from summae.training.state import StageState

VALIDATION_BATCH = 256  # pairs judged together: memory, no more
SHOWN = 6  # samples in the log

TextsByLength = dict[tuple[str, int], list[str]]  # (corpus, words) → texts


@dataclass(frozen=True, kw_only=True)
class CriticBatch:
    """As many real texts as drafts; a real one and a draft in the same row have equally many words."""

    real: Tensor  # [N, T] int64
    real_mask: Tensor  # [N, T] float
    drawn: Tensor  # [N, U] int64
    drawn_mask: Tensor  # [N, U] float


def new_critic(config: CriticConfig, tokenizer: SubwordTokenizer, seed: int) -> SavedCritic:
    """A freshly initialised critic."""
    torch.manual_seed(seed + 4)
    shape = {name: getattr(config, name) for name in ("embedding", "hidden", "layers", "dropout")}
    return SavedCritic(SavedCriticConfig(vocab_size=tokenizer.vocab_size, pad_token_id=PAD_ID, **shape))


def is_held_out(text: str, one_in: int) -> bool:
    """Whether a source, or a real text, is never learnt from."""
    return zlib.crc32(text.encode()) % one_in == 0


class MatchedPairs:
    """Normalised pairs (real text, draft) of one corpus and equally many words; those of held-out texts, or others."""

    def __init__(self, drafts: Mapping[str, Sequence[Pair]], corpora: Sequence[Corpus], *, held_out: bool, one_in: int):
        """``drafts``: (source, draft) pairs by corpus. Drafts without a real text as long are left out."""
        self.real: TextsByLength = defaultdict(list)
        for corpus in corpora:
            for text in corpus.short_texts:
                if is_held_out(text, one_in) == held_out:
                    self.real[corpus.name, len(budget_units(text))].append(text)
        self.drafts: dict[str, list[str]] = {}
        for corpus in corpora:
            some = [draft for source, draft in drafts.get(corpus.name, ()) if is_held_out(source, one_in) == held_out]
            matched = [draft for draft in some if (corpus.name, len(budget_units(draft))) in self.real]
            if matched:
                self.drafts[corpus.name] = matched
        shares = np.array([corpus.weight for corpus in corpora if corpus.name in self.drafts])
        self.shares = shares / shares.sum()

    def draw(self, count: int, random: np.random.Generator) -> list[tuple[str, str]]:
        """The corpus by weight, a draft of it, a real text of its length."""
        names, pairs = list(self.drafts), []
        for index in random.choice(len(names), size=count, p=self.shares):
            some = self.drafts[names[index]]
            draft = some[int(random.integers(len(some)))]
            alike = self.real[names[index], len(budget_units(draft))]
            real = alike[int(random.integers(len(alike)))]
            pairs.append((normalize_for_critic(finish(real, real)), normalize_for_critic(draft)))
        return pairs

    def __len__(self) -> int:
        return sum(map(len, self.drafts.values()))


class CriticTask:
    """A :class:`summae.training.loop.TrainingTask`."""

    def __init__(
        self,
        network: SavedCritic,
        drafts: Mapping[str, Sequence[Pair]],
        corpora: Sequence[Corpus],
        tokenizer: SubwordTokenizer,
        config: CriticConfig,
        *,
        seed: int,
        device: torch.device,
        best_file: Path,  # where the best weights so far are kept
    ):
        self.network, self.tokenizer, self.config, self.device = network, tokenizer, config, device
        self.networks: dict[str, nn.Module] = {"critic": network}
        self.optimizers: dict[str, OptimizerConfig] = {"critic": config.loop.optimizer}
        learnt, held_out = (
            MatchedPairs(drafts, corpora, held_out=side, one_in=config.held_out_one_in) for side in (False, True)
        )
        if not len(learnt):
            raise InputError("critic.sources must yield drafts as long as some real short texts, got none")
        self.pools = Pools(learnt.draw, lambda pair: len(pair[1]), config.loop.batch_size, seed)
        count, random = min(config.held_out, len(held_out)), np.random.default_rng(seed)
        pairs = sorted(held_out.draw(count, random), key=lambda pair: len(pair[1])) if count else []
        cuts = [pairs[start : start + VALIDATION_BATCH] for start in range(0, len(pairs), VALIDATION_BATCH)]
        self.validation_batches = [self._collated(cut) for cut in cuts]
        self.best = BestWeights(network, best_file)

    def batch(self, number: int) -> CriticBatch:
        return self._collated(self.pools.batch(number))

    def _collated(self, pairs: Sequence[tuple[str, str]]) -> CriticBatch:
        real, drawn = zip(*pairs, strict=True)
        real_ids, real_mask = collate_targets(self.tokenizer.encode_batch(list(real)), self.config.longest)
        drawn_ids, drawn_mask = collate_targets(self.tokenizer.encode_batch(list(drawn)), self.config.longest)
        parts = {"real": real_ids, "real_mask": real_mask, "drawn": drawn_ids, "drawn_mask": drawn_mask}
        return CriticBatch(**{name: part.to(self.device) for name, part in parts.items()})

    def weight(self, batch: CriticBatch) -> float:
        return float(len(batch.real))

    def updates(self, batch: CriticBatch, state: StageState) -> Iterator[Update]:
        yield Update("critic", lambda call: self._loss(call, batch))

    def _loss(self, call: Call, batch: CriticBatch) -> Scored:
        """The loss per piece, times the batch's weight."""
        self.network.train()
        real, drawn = (masked_out(ids, self.config.masked, MASK_ID) for ids in (batch.real, batch.drawn))
        scored = call("objective", real, batch.real_mask, drawn, batch.drawn_mask)
        figures = {**scored.metrics, "loss": float(scored.value.detach())}
        return Scored(value=scored.value * self.weight(batch), metrics=figures)

    def samples(self) -> list[dict[str, str]]:
        """Held-out texts, and how real they are found."""
        if not self.validation_batches:
            return []
        batch = self.validation_batches[len(self.validation_batches) // 2]
        rows = []
        for real, found_real, drawn, found_drawn in zip(*self._judged(batch), strict=True):
            rows.append({"real": f"{found_real:.2f} {real}", "drawn": f"{found_drawn:.2f} {drawn}"})
        return rows[:SHOWN]

    def _judged(self, batch: CriticBatch) -> tuple[list[str], list[float], list[str], list[float]]:
        self.network.eval()
        sides = ((batch.real, batch.real_mask), (batch.drawn, batch.drawn_mask))
        texts = [[self.tokenizer.decode(row) for row in ids.tolist()] for ids, _ in sides]
        found = [self.network.realism(ids, mask).tolist() for ids, mask in sides]
        return texts[0], found[0], texts[1], found[1]

    def after_step(self, state: StageState) -> dict[str, float]:
        if not self.validation_batches or state.step % self.config.validate_every:
            return {}
        return self._validated(state)

    def _validated(self, state: StageState) -> dict[str, float]:
        figures = self.validate()
        self.best.offer(-figures["valid/loss"], state)
        return figures

    def finish(self, state: StageState) -> dict[str, float]:
        """Back to the best weights, the last ones being among them; how good these are. Nothing if no text was
        held out.
        """
        if not self.validation_batches:
            return {}
        self._validated(state)
        self.best.put_back()
        return self.validate()

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """On held-out texts: the loss per piece; ``accuracy``, how many of both kinds are on their side of 0.5;
        ``ranked``, how often a real one is above a drawn one (0.5 is chance).
        """
        self.network.eval()
        losses, real, drawn = [], [], []
        for batch in self.validation_batches:
            sides = batch.real, batch.real_mask, batch.drawn, batch.drawn_mask
            losses.append(float(self.network.objective(*sides).value) * len(batch.real))
            real.append(self.network.realism(batch.real, batch.real_mask).cpu())
            drawn.append(self.network.realism(batch.drawn, batch.drawn_mask).cpu())
        real_N, drawn_N = torch.cat(real), torch.cat(drawn)
        right = (real_N > 0.5).float().mean() + (drawn_N < 0.5).float().mean()
        return {
            "valid/loss": sum(losses) / len(real_N),
            "valid/accuracy": float(right) / 2,
            "valid/ranked": accuracy(real_N, drawn_N),
        }
