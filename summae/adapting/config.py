"""Options of adapting; the numbers were chosen on e-mails (docs/adapt.md)."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from pydantic import Field, Strict

from summae.options import Count, CountRange, Natural, NumberRange, Options, Part, Positive, Share, options
from summae.training.config import ExampleShares


@options
class AdaptConfig(Options):
    minutes: Positive = 10.0  # what the whole run may take, about
    steps: Count | None = None  # so many in each stage, instead of the clock
    seed: Natural = 1

    # the domain
    characters_per_minute: Count = 150_000  # of documents read, per minute: more would not be seen in training
    passage_words: CountRange = (10, 60)  # neighbouring windows are joined up to a length drawn from these
    held_out: Annotated[float, Strict(), Field(gt=0, lt=1)] = 0.1  # share of the documents and of the short texts

    # the stages
    epochs: Count = 8  # no text is seen more often: few texts take less time, and are not learnt by heart
    learning_rate: Positive = 5e-4
    batch_size: Count = 32  # of G and R
    short_text_batch_size: Count = 64  # of the language model
    generator_mixture: ExampleShares = field(default_factory=lambda: {"fluent": 0.6, "denoise": 0.4})
    rebuild_mixture: ExampleShares = field(
        default_factory=lambda: {"pseudo": 0.3, "fluent": 0.7}
    )  # as the start learnt
    threshold: NumberRange = (-2.7, -1.7)  # bits of salience, for pseudo-summaries
    lower_case: Share = 0.1  # share of examples in lower case, so that lower-case input still works
    mask_rebuilt: Share = 0.6  # share of R's decoder inputs masked out …
    masked_batches: Share = 0.5  # … in this share of the batches
    checks: Count = 8  # how often G is validated while it learns …
    patience: Count = 3  # … and after how many checks without a better score its stage ends

    # the choice
    shares: list[Share] = field(default_factory=lambda: [0.25, 0.5, 0.75, 1.0])  # of the adapted weights in a candidate
    least_distinct: Part = 0.9  # a candidate says so many different things, as a share of the start's figure …
    longest: Positive = 1.1  # … and is no longer than this, times what was asked for or the start's own length
