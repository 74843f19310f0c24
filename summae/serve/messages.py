"""What goes in and comes out, as the OpenAPI description shows it.

Places ("start", "end") count Unicode characters, not bytes and not UTF-16 units.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from summae.explanation.score_table import description
from summae.summarizing.style import STYLES

if TYPE_CHECKING:
    from summae.summarizing.length import Length

LENGTHS = ("words", "sentences", "ratio", "chars", "length")
SCORES = f"words; of a summary that was chosen also {description()}; merit is the score by its old name"
EXAMPLE = "The old bridge is closed to lorries from Monday. The council says that repairs will take until May."

_STYLES = "; ".join(f"{name}: {style.help}" for name, style in STYLES.items()) + "; auto: by the kind of length"


class _RequestBody(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class SummaryOptions(_RequestBody):
    """How long, and what besides the summary; at most one of the five lengths."""

    words: int | None = Field(None, ge=1, le=10_000, description="at most so many words")
    sentences: int | None = Field(None, ge=1, le=10_000, description="at most so many sentences")
    ratio: float | None = Field(None, gt=0, le=1, description="at most this share of the text's words")
    chars: int | None = Field(None, ge=1, le=1_000_000, description="at most so many characters")
    length: Literal["short", "medium", "long"] | None = Field(None, description="a length by name")
    style: Literal["auto", "headline", "sentence"] = Field("auto", description=_STYLES)
    explain: bool = Field(False, description="also what the (best) summary kept and lost")
    candidates: int = Field(1, ge=1, description="so many different summaries, best first")

    @model_validator(mode="after")
    def _one_length(self) -> SummaryOptions:
        given = [name for name in LENGTHS if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"one length at most, got {' and '.join(given)}")
        return self

    def wanted_length(self) -> int | Length | None:
        """A number of words, a ``Length``, or ``None``: the model's own."""
        kind = next((name for name in LENGTHS if getattr(self, name) is not None), None)
        if kind is None or kind == "words":
            return self.words
        from summae.summarizing.length import Length

        amount = getattr(self, kind)
        return Length.named(amount) if kind == "length" else Length(kind, amount)


class SummarizeRequest(SummaryOptions):
    """One text."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": EXAMPLE, "words": 8}]})
    text: str


class BatchRequest(SummaryOptions):
    """Several texts, all with the same wishes."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"texts": [EXAMPLE], "words": 8}]})
    texts: list[str] = Field(min_length=1)


class ExplainRequest(_RequestBody):
    """A text and any summary of it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": EXAMPLE, "summary": "Old bridge closed to lorries"}]}
    )
    text: str
    summary: str


class Token(BaseModel):
    """A word of the text and how much the summary helps to rebuild it."""

    start: int
    end: int
    bits: float


class Sentence(BaseModel):
    """A sentence of the text and the share of its information that the summary keeps."""

    start: int
    end: int
    coverage: float
    lost: bool


class Rescued(BaseModel):
    """A word of the summary and the words of the text (places in ``tokens``) that are attributed to it."""

    word: str
    start: int
    end: int
    tokens: list[int]
    gains: list[float] = Field(description="bits that each of these words would lose without it")
    bits: float


class Unsupported(BaseModel):
    """A number or name of the summary that the text does not have."""

    start: int
    end: int
    text: str


class ExplanationResponse(BaseModel):
    """What a summary kept and lost, measured by the reconstructor."""

    coverage: float = Field(description="share of the text's information that can be rebuilt")
    coverage_bits: float
    read: float = Field(description="share of the text that was looked at: 1, except for very long texts")
    note: str | None = Field(description="why the figures say little, if they do")
    tokens: list[Token]
    sentences: list[Sentence]
    rescued: list[Rescued]
    unsupported: list[Unsupported]


class Alternative(BaseModel):
    """A summary, its scores, and a note when it is not what was asked for."""

    summary: str
    scores: dict[str, float] = Field(description=SCORES)
    note: str | None


class SummarizeResponse(Alternative):
    """The best summary; ``explanation`` and ``alternatives`` (the next best) when they were asked for."""

    explanation: ExplanationResponse | None = None
    alternatives: list[Alternative] = []


class BatchResponse(BaseModel):
    """In the order of the texts."""

    summaries: list[SummarizeResponse]


class FeatureResponse(BaseModel):
    """A feature that candidates are ranked by."""

    name: str
    unit: str
    weight: float | None = Field(description="in the score; null: told, not ranked by")
    help: str


class ExtractResponse(BaseModel):
    """The text of a document."""

    text: str


class Health(BaseModel):
    """Whether summaries are made, by what, and what the limits are."""

    status: Literal["ok", "failed"]
    version: str
    model: str
    backend: str
    waiting: int = Field(description="texts in the queues")
    limits: dict[str, int]


class ErrorDetail(BaseModel):
    """Why not."""

    code: str = Field(description="for programs: busy, text_too_long, …")
    reason: str = Field(description="for people")
    where: str | None = Field(description="the field at fault")


class ErrorResponse(BaseModel):
    """Every error."""

    error: ErrorDetail
