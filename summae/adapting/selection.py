"""Which generator is best, by documents that no network has learnt from, and without any reference.

The same reconstructor and language model, both adapted, judge all of them: the score of
:mod:`summae.training.validation`. Neither pays G while it learns, so there is nothing that G could have learnt to
exploit. Two figures beside the score still guard the choice: who says the same of different documents, or is longer
than was asked for, is not chosen, whatever the score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from summae.adapting.config import AdaptConfig
from summae.adapting.domain import Domain
from summae.networks import AnyGenerator, AnyReconstructor, ShortTextLM
from summae.text.encoding import SourceEncoder
from summae.training.adversarial.batches import RolloutBatch, rollout_batch, to_device
from summae.training.batches import collate_sources, pieces_per_word
from summae.training.validation import Validation, validate

VALIDATION_BATCH = 48  # passages judged together: memory, no more


@dataclass(frozen=True, kw_only=True)
class AdaptedGenerator:
    """A generator: so much of the adapted one, with the start's salience tables or with the domain's."""

    share: float  # [0, 1]
    own_table: bool  # whether it reads the domain's salience
    found: Validation


def best(
    start: AdaptedGenerator, others: Sequence[AdaptedGenerator], wanted_pieces: float, config: AdaptConfig
) -> AdaptedGenerator:
    """The admissible candidate with the highest score; ``start`` unless another one has a higher score."""
    longest = config.longest * max(wanted_pieces, start.found.pieces)

    def admissible(each: AdaptedGenerator) -> bool:
        return each.found.distinct >= config.least_distinct * start.found.distinct and each.found.pieces <= longest

    return max([start, *filter(admissible, others)], key=lambda each: each.found.score)


class HeldOutJudge:
    """Scores generators by the held-out part of a domain."""

    def __init__(
        self,
        *,
        reconstructor: AnyReconstructor,
        language_model: ShortTextLM,
        domain: Domain,
        encoders: dict[bool, SourceEncoder],  # with the domain's own table, and without
        longest: int,  # pieces of a short text, end piece included
    ):
        self.reconstructor, self.language_model = reconstructor, language_model
        self.pieces_per_word = pieces_per_word(domain.real, encoders[True].tokenizer)
        self.words = domain.default_words
        limits = longest, reconstructor.config.max_target_length
        rows = sorted(domain.held_out, key=len)
        items = [(text, domain.real[place % len(domain.real)], self.words) for place, text in enumerate(rows)]
        cuts = [items[first : first + VALIDATION_BATCH] for first in range(0, len(items), VALIDATION_BATCH)]
        own = [rollout_batch(cut, encoders[True], *limits, self.pieces_per_word) for cut in cuts]
        # what must be rebuilt weighs the same for all; only what G reads differs
        read = [encoders[False].encode_batch([text for text, _, _ in cut], [self.words] * len(cut)) for cut in cuts]
        old = [replace(batch, sources=collate_sources(rows)) for batch, rows in zip(own, read, strict=True)]
        device = reconstructor.device
        self.batches: dict[bool, list[RolloutBatch]] = {
            True: [to_device(batch, device) for batch in own],
            False: [to_device(batch, device) for batch in old],
        }

    @property
    def wanted_pieces(self) -> float:
        """Length of a summary as asked for, end piece included."""
        return self.words * self.pieces_per_word + 1

    def judge(self, generator: AnyGenerator, own_table: bool = True) -> Validation:
        return validate(generator, self.reconstructor, self.language_model, self.batches[own_table])
