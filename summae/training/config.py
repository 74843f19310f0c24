"""The run configuration: one frozen, keyword-only dataclass per part, unit or range beside every field.

A YAML file is read into :class:`RunConfig` by :func:`summae.training.yaml_tree.read_tree`, which reports every problem
at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class TextFile:
    """One file of texts. ``*.jsonl*``: ``field`` of each object; otherwise one text per line; ``.xz``, ``.gz`` too."""

    path: str  # relative to data.root
    field: str = "text"
    limit: int | None = None  # at most this many texts
    every: int = 1  # keep texts whose number is `offset` modulo `every` …
    offset: int = 0  # … so that two halves of one file stay disjoint

    def check(self) -> list[str]:
        problems = []
        if self.every < 1 or not 0 <= self.offset < self.every:
            problems.append(f"every must be >= 1, offset in [0, every), got every={self.every}, offset={self.offset}")
        if self.limit is not None and self.limit < 1:
            problems.append(f"limit must be >= 1, got {self.limit}")
        return problems


@dataclass(frozen=True, kw_only=True)
class CorpusConfig:
    """Unpaired texts of one domain."""

    sources: list[TextFile]
    short_texts: list[TextFile]
    weight: float = 1.0  # share of the training examples, relative to the other corpora
    strip_prefix: str | None = None  # regular expression removed from the front of short texts ("UPDATE 1-")

    def check(self) -> list[str]:
        problems = [] if self.weight > 0 else [f"weight must be > 0, got {self.weight}"]
        for name in ("sources", "short_texts"):
            if not getattr(self, name):
                problems.append(f"{name} must name at least one file")
        return problems


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    root: str = "."  # folder that all paths start from
    corpora: dict[str, CorpusConfig]
    valid: list[TextFile] = field(default_factory=list)  # held-out sources for the unsupervised score
    lower_case: float = 0.0  # share of examples shown in lower case, [0, 1]
    window_words: tuple[int, int] = (12, 70)  # a source is a run of sentences of this many words
    short_words: tuple[int, int] = (3, 16)  # short texts outside this range are left out
    wording: bool = False  # learn how short texts word things, and let G read sources so (:mod:`summae.wording.table`)


@dataclass(frozen=True, kw_only=True)
class TokenizerConfig:
    vocab_size: int = 10_000  # pieces, 256 bytes and 36 special pieces included
    texts: int = 300_000  # texts to learn from

    def check(self) -> list[str]:
        return [] if self.vocab_size >= 300 else [f"vocab_size must be >= 300 (bytes, prompts), got {self.vocab_size}"]


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """Either our pointer-generator of a named size, or any Hugging Face seq2seq checkpoint by name or path."""

    size: Literal["toy", "tiny", "small", "base"] = "small"
    dropout: float = 0.1
    pretrained: str | None = None
    max_source_length: int = 128  # pieces
    max_target_length: int = 48  # pieces


@dataclass(frozen=True, kw_only=True)
class OptimizerConfig:
    learning_rate: float = 1e-3
    warmup_steps: int = 200  # linear increase, then cosine decay
    floor: float = 0.1  # share of the learning rate left at the end
    weight_decay: float = 0.01
    betas: tuple[float, float] = (0.9, 0.98)
    clip: float = 1.0  # gradient norm


@dataclass(frozen=True, kw_only=True)
class LoopConfig:
    """How long and how a stage runs."""

    steps: int
    batch_size: int = 64  # examples per process and step
    accumulate: int = 1  # batches per update
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    log_every: int = 20  # steps
    sample_every: int = 500  # steps between tables of real samples
    save_every: int = 200  # steps between resumable checkpoints
    minutes: float | None = None  # stop early after this long (the schedule follows the clock then)

    def check(self) -> list[str]:
        names = ("batch_size", "accumulate", "log_every", "sample_every", "save_every")
        problems = [f"{name} must be >= 1, got {getattr(self, name)}" for name in names if getattr(self, name) < 1]
        if self.steps < 0:
            problems.append(f"steps must be >= 0, got {self.steps}")
        return problems


@dataclass(frozen=True, kw_only=True)
class WarmupConfig:
    """Warm-up of all networks; the numbers in a mixture are shares of examples, see :mod:`summae.data.examples`."""

    language_model: LoopConfig
    reconstructor: LoopConfig
    generator: LoopConfig
    refine: LoopConfig | None = None  # G goes on with imagined sources
    mixture: dict[str, float]  # G's examples
    refine_mixture: dict[str, float] = field(default_factory=dict)  # G's examples while refining
    rebuild_mixture: dict[str, float] = field(default_factory=lambda: {"pseudo": 1.0})  # R's examples
    threshold: tuple[float, float] = (-3.2, -2.2)  # bits of salience, drawn per example, for pseudo-summaries
    pseudo_words: tuple[int, int] = (6, 13)  # length of pseudo-summaries, drawn per example
    imagined: int = 0  # how many real short texts R turns into imagined sources ("imagined" in mixture)
    imagined_temperature: float = 0.8
    mined_coverage: float = 0.6  # how much of a short text a source must tell to make a pair ("mined" in mixture)
    labelled: int = 0  # how many real sources a finished model summarises ("labelled" in mixture) …
    labelled_words: tuple[int, int] = (6, 13)  # … in how many words, drawn per batch …
    teacher: str | None = None  # … and which model: a directory; null: the one that comes with summae
    mask_rebuilt: float = 0.6  # share of R's decoder inputs masked out in every other batch


@dataclass(frozen=True, kw_only=True)
class AdversarialConfig:
    """The adversarial stage: estimator, critic and weighted rewards."""

    loop: LoopConfig
    lead_in: int = 0  # first steps in which only D and R learn, on what the warmed-up G says
    estimator: str = "reinforce"
    estimator_options: dict[str, int | float | str | bool] = field(default_factory=dict)
    critic: str | None = "per_token"
    critic_options: dict[str, int | float | str | bool] = field(default_factory=dict)
    critic_optimizer: OptimizerConfig = field(default_factory=lambda: OptimizerConfig(learning_rate=2e-3))
    critic_steps: int = 1  # critic updates per summary update
    critic_pause_above: float = 0.8  # pause the critic while its accuracy is above this
    reconstructor_optimizer: OptimizerConfig = field(default_factory=lambda: OptimizerConfig(learning_rate=3e-4))
    rewards: dict[str, float]  # name → weight
    reward_options: dict[str, dict[str, int | float | str | bool]] = field(default_factory=dict)
    normalise_rewards: bool = True  # each reward to unit variance before weighting
    mask_rebuilt: float = 0.6  # share of R's decoder inputs that are masked out
    bonus_steps: int = 0  # steps over which the estimator's `bonus` decays to 0; 0: it stays
    max_words: int = 14  # summary words requested at most
    min_words: int = 6
    validate_every: int = 100  # steps between validations
    blend: float = 1.0  # share of the played generator in the finished one, (0, 1]; the rest is the warmed-up one
    revert_below: float = 0.15  # go back to the best checkpoint when the validation score falls by this share


@dataclass(frozen=True, kw_only=True)
class CriticConfig:
    """The critic that the finished model keeps: taught afresh, on what that model writes and on real short texts."""

    loop: LoopConfig  # batch_size: drawn texts, and as many real ones
    sources: int  # how many real sources the finished model summarises for it, >= 1
    drafts: int = 6  # drafts of each that it is shown, of all that the search has finished, >= 1
    beams: int = 4  # of that search, >= 1
    embedding: int = 128  # width, >= 1
    hidden: int = 256  # width of the LSTM, >= 1
    layers: int = 1  # >= 1
    dropout: float = 0.3  # [0, 1)
    masked: float = 0.15  # share of pieces hidden while it learns, [0, 1): drafts are not to be learnt by heart
    held_out: int = 2000  # pairs of a drawn and a real text that it is judged by, at most, >= 1
    validate_every: int = 200  # steps between validations, >= 1

    def check(self) -> list[str]:
        names = ("sources", "drafts", "beams", "embedding", "hidden", "layers", "held_out", "validate_every")
        problems = [f"{name} must be >= 1, got {getattr(self, name)}" for name in names if getattr(self, name) < 1]
        for name in ("dropout", "masked"):
            if not 0 <= getattr(self, name) < 1:
                problems.append(f"{name} must be at least 0 and below 1, got {getattr(self, name)}")
        return problems


@dataclass(frozen=True, kw_only=True)
class PairedConfig:
    """Semi-supervised: teacher-force a few real (document, summary) pairs every so many steps."""

    file: TextFile
    summary_field: str = "summaries"
    interval: int = 5  # steps between teacher-forced updates
    limit: int = 10_000


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    name: str
    seed: int = 1
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

    def check(self) -> list[str]:
        problems = []
        if self.adversarial and self.adversarial.critic is None and "realism" in self.adversarial.rewards:
            problems.append("adversarial.rewards names 'realism', which needs adversarial.critic")
        if self.adversarial and not 0 < self.adversarial.blend <= 1:
            problems.append(f"adversarial.blend must be above 0 and at most 1, got {self.adversarial.blend}")
        warmup = self.warmup
        for name in ("imagined", "labelled"):
            if warmup.refine_mixture.get(name) and not getattr(warmup, name):
                problems.append(f"warmup.refine_mixture names '{name}', which needs warmup.{name} > 0")
        if warmup.refine and not warmup.refine_mixture:
            problems.append("warmup.refine needs warmup.refine_mixture")
        for name in ("imagined", "mined", "labelled"):
            if warmup.mixture.get(name):
                problems.append(f"warmup.mixture must not name '{name}', made later: use warmup.refine_mixture")
        return problems
