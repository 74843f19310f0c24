"""The run configuration: one class of options per part, unit or range beside every field.

A YAML file is read into :class:`RunConfig` by :func:`summae.training.yaml_tree.read_tree`, which reports every problem
at once. Options of the loop are in :mod:`summae.training.schedule`, those of a stage with a folder in its
``config.py``, those of estimators, critics and rewards with the parts.
"""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Strict, ValidationInfo, field_validator

from summae.data.examples import MAKERS
from summae.options import (
    Count,
    CountRange,
    Flag,
    Natural,
    NotNegative,
    NumberRange,
    Options,
    Part,
    Positive,
    Share,
    name_in,
    options,
)
from summae.training.adversarial.config import AdversarialConfig
from summae.training.critic.config import CriticConfig
from summae.training.schedule import LoopConfig, OptimizerConfig

MADE = ("imagined", "mined", "labelled")  # examples that stages make, for mixtures of later ones


def _some(shares: dict[str, float]) -> dict[str, float]:
    if shares and not sum(shares.values()):
        raise ValueError("must have a share above 0, got none")
    return shares


ExampleShares = Annotated[dict[Annotated[str, name_in(MAKERS)], NotNegative], AfterValidator(_some)]


@options
class TextFile(Options):
    """One file of texts. ``*.jsonl*``: ``field`` of each object; otherwise one text per line; ``.xz``, ``.gz`` too."""

    path: str  # relative to data.root
    field: str = "text"
    limit: Count | None = None  # at most this many texts
    every: Count = 1  # keep texts whose number is `offset` modulo `every` …
    offset: Natural = 0  # … so that two halves of one file stay disjoint

    @field_validator("offset")
    @classmethod
    def _below_every(cls, offset: int, info: ValidationInfo) -> int:
        if offset >= info.data.get("every", offset + 1):
            raise ValueError(f"must be < every ({info.data['every']}), got {offset}")
        return offset


def _files(files: list[TextFile]) -> list[TextFile]:
    if not files:
        raise ValueError("must name at least one file, got none")
    return files


@options
class CorpusConfig(Options):
    """Unpaired texts of one domain."""

    sources: Annotated[list[TextFile], AfterValidator(_files)]
    short_texts: Annotated[list[TextFile], AfterValidator(_files)]
    weight: Positive = 1.0  # share of the training examples, relative to the other corpora
    strip_prefix: str | None = None  # regular expression removed from the front of short texts ("UPDATE 1-")


@options
class DataConfig(Options):
    root: str = "."  # folder that all paths start from
    corpora: dict[str, CorpusConfig]
    valid: list[TextFile] = field(default_factory=list)  # held-out sources for the unsupervised score
    lower_case: Share = 0.0  # share of examples shown in lower case
    window_words: CountRange = (12, 70)  # a source is a run of sentences of this many words
    short_words: CountRange = (3, 16)  # short texts outside this range are left out
    wording: Flag = False  # learn how short texts word things, and let G read sources so (:mod:`summae.wording.table`)


@options
class TokenizerConfig(Options):
    vocab_size: Annotated[int, Strict(), Field(ge=300)] = 10_000  # pieces, 256 bytes and 36 special pieces included
    texts: Count = 300_000  # texts to learn from


@options
class NetworkConfig(Options):
    """Either our pointer-generator of a named size, or any Hugging Face seq2seq checkpoint by name or path."""

    size: Literal["toy", "tiny", "small", "base"] = "small"
    dropout: Part = 0.1
    pretrained: str | None = None
    max_source_length: Count = 128  # pieces
    max_target_length: Count = 48  # pieces


@options
class WarmupConfig(Options):
    """Warm-up of all networks; the numbers in a mixture are shares of examples, see :mod:`summae.data.examples`."""

    language_model: LoopConfig
    reconstructor: LoopConfig
    generator: LoopConfig
    refine: LoopConfig | None = None  # G goes on with imagined sources
    mixture: ExampleShares  # G's examples
    refine_mixture: ExampleShares = field(default_factory=dict)  # G's examples while refining
    rebuild_mixture: ExampleShares = field(default_factory=lambda: {"pseudo": 1.0})  # R's examples
    threshold: NumberRange = (-3.2, -2.2)  # bits of salience, drawn per example, for pseudo-summaries
    pseudo_words: CountRange = (6, 13)  # length of pseudo-summaries, drawn per example
    imagined: Natural = 0  # how many real short texts R turns into imagined sources ("imagined" in mixture)
    imagined_temperature: Positive = 0.8
    imagined_kept: Share = 0.85  # share of a short text's words that its imagined source must have
    mined_coverage: Share = 0.6  # how much of a short text a source must cover to make a pair ("mined" in mixture)
    labelled: Natural = 0  # how many real sources a finished model summarises ("labelled" in mixture) …
    labelled_words: CountRange = (6, 13)  # … in how many words, drawn per batch …
    teacher: str | None = None  # … and which model: a directory; null: the one that comes with summae
    mask_rebuilt: Share = 0.6  # share of R's decoder inputs masked out …
    masked_batches: Share = 0.5  # … in this share of the batches

    @field_validator("mixture", "rebuild_mixture")
    @classmethod
    def _of_what_there_is(cls, shares: dict[str, float]) -> dict[str, float]:
        early = [name for name in MADE if shares.get(name)]
        if early:
            raise ValueError(f"must not name what is made later (use refine_mixture), got {', '.join(early)}")
        if not shares:
            raise ValueError("must name at least one kind of examples, got none")
        return shares

    @field_validator("refine_mixture")
    @classmethod
    def _some_to_refine(cls, shares: dict[str, float], info: ValidationInfo) -> dict[str, float]:
        if info.data.get("refine") and not shares:
            raise ValueError("must be given where warmup.refine is, got none")
        return shares

    @field_validator("imagined", "labelled")
    @classmethod
    def _made_if_used(cls, count: int, info: ValidationInfo) -> int:
        if not count and info.data.get("refine_mixture", {}).get(info.field_name):
            raise ValueError(f"must be > 0, as warmup.refine_mixture names '{info.field_name}', got {count}")
        return count


@options
class PairedConfig(Options):
    """Semi-supervised: teacher-force a few real (document, summary) pairs every so many steps."""

    file: TextFile
    summary_field: str = "summaries"
    interval: Count = 5  # steps between teacher-forced updates
    limit: Count = 10_000


@options
class RunConfig(Options):
    name: str
    seed: Natural = 1
    out: str = "runs"  # the run lives in out/name
    start: str | None = None  # folder of an earlier run whose preparation and warmed-up networks this one takes over
    data: DataConfig
    tokenizer: TokenizerConfig = field(default_factory=TokenizerConfig)
    generator: NetworkConfig = field(default_factory=NetworkConfig)
    reconstructor: NetworkConfig = field(default_factory=NetworkConfig)
    language_model: NetworkConfig = field(default_factory=NetworkConfig)
    warmup: WarmupConfig
    adversarial: AdversarialConfig | None = None
    critic: CriticConfig | None = None  # null: the finished model has none, and gives no score of realism
    paired: PairedConfig | None = None
    precision: Literal["fp32", "bf16", "auto"] = "auto"  # auto: bf16 where the device has it
    tracker: Literal["tensorboard", "none"] = "tensorboard"


__all__ = [
    "AdversarialConfig",
    "CorpusConfig",
    "CriticConfig",
    "DataConfig",
    "LoopConfig",
    "NetworkConfig",
    "OptimizerConfig",
    "PairedConfig",
    "RunConfig",
    "TextFile",
    "TokenizerConfig",
    "WarmupConfig",
]
