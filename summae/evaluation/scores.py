"""Every system at every word budget on the same examples: ROUGE with intervals, copying, one signature per budget.

Every output is cut to the budget before it is scored, so that nobody wins by length.
"""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from summae.errors import InputError
from summae.evaluation.references import Example
from summae.metrics.bootstrap import RESAMPLES, SEED, Interval, mean_intervals
from summae.metrics.copying import mean_copying, mean_length
from summae.metrics.rouge import score_examples, vanished_share
from summae.metrics.signature import rouge_signature
from summae.text.finishing import cut

SHARES = ("copy_rate", "first_four", "novel_share")
MOST_VANISHED = 0.2  # share of the references' characters, above which the scores tell little
System = Callable[[list[str], int | None], list[str]]  # (texts, budget in words) -> summaries
Note = Callable[[str], None]  # hears of progress


@dataclass(frozen=True, kw_only=True)
class ScoreRow:
    """One system at one budget. ROUGE: F1 × 100 with its 95 % interval; NaN where sources are not known."""

    system: str
    words: int | None  # budget; None: uncut
    rouge1: Interval
    rouge2: Interval
    rougeL: Interval
    mean_words: float
    copy_rate: float  # 0 to 1, as the next two
    first_four: float
    novel_share: float

    def cells(self) -> list[str]:
        """The row of a Markdown table, under the head of :meth:`EvaluationReport.to_markdown`."""
        scores = (self.rouge1, self.rouge2, self.rougeL)
        shares = [getattr(self, name) for name in SHARES]
        return [
            self.system,
            str(self.words or "uncut"),
            *(f"{score.mean:.1f} [{score.low:.1f}, {score.high:.1f}]" for score in scores),
            f"{self.mean_words:.1f}",
            *("–" if math.isnan(share) else f"{share:.1%}" for share in shares),
        ]


@dataclass(frozen=True, kw_only=True)
class EvaluationReport:
    """Rows in the order judged; ``signatures``: one line per budget."""

    rows: tuple[ScoreRow, ...]
    signatures: tuple[str, ...]

    def to_markdown(self) -> str:
        """A table to paste, the signatures under it."""
        head = ["system", "budget", "R-1", "R-2", "R-L", "words", "copied pairs", "first four", "novel words"]
        lines = [head, ["---"] * len(head), *(row.cells() for row in self.rows)]
        table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
        return "\n\n".join([table, *(f"`{line}`" for line in self.signatures)]) + "\n"

    def to_json(self) -> str:
        """The same with all digits; a share that is not known is ``null``."""
        content = asdict(self)
        for row in content["rows"]:
            row |= {name: None for name in SHARES if math.isnan(row[name])}  # NaN is no JSON
        return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _row(name: str, outputs: list[str], budget: int | None, examples: Sequence[Example], processes: int) -> ScoreRow:
    if len(outputs) != len(examples):
        raise ValueError(f"system '{name}' must return {len(examples)} summaries, got {len(outputs)}")
    if budget is not None:
        outputs = [cut(output, budget) for output in outputs]
    scores_N3 = score_examples(outputs, [each.references for each in examples], processes=processes)
    rouge1, rouge2, rouge_l = mean_intervals(100 * scores_N3, resamples=RESAMPLES, seed=SEED)
    known = [(output, each.text) for output, each in zip(outputs, examples, strict=True) if each.text]
    copying = mean_copying([output for output, _ in known], [text for _, text in known])
    return ScoreRow(
        system=name,
        words=budget,
        rouge1=rouge1,
        rouge2=rouge2,
        rougeL=rouge_l,
        mean_words=mean_length(outputs),
        **asdict(copying),
    )


def require_positive(name: str, value: int | None) -> None:
    if value is not None and value < 1:
        raise InputError(f"{name} must be a positive integer, got {value}")


def _warn_if_unseen(examples: Sequence[Example]) -> None:
    vanished = vanished_share([text for each in examples for text in each.references])
    if vanished > MOST_VANISHED:
        warnings.warn(
            f"ROUGE does not see {vanished:.0%} of the references' characters (no letters, no digits)",
            stacklevel=3,
        )


def evaluate(
    examples: Sequence[Example],
    systems: Mapping[str, System],
    budgets: Sequence[int | None],
    *,
    processes: int = 1,
    style: str | None = None,
    note: Note = lambda message: None,
) -> EvaluationReport:
    """Every system at every budget on the same examples; ``None`` as budget leaves outputs uncut.
    ``style`` is what the signatures say of the model's summaries.

    Warns when more than ``MOST_VANISHED`` of the references' characters vanish in tokenisation, as the scores then tell
    little.
    """
    budgets = list(dict.fromkeys(budgets))
    for budget in budgets:
        require_positive("the word budget", budget)
    if not examples or not systems:
        raise InputError("there must be an example and a system (a model or a baseline) to evaluate")
    _warn_if_unseen(examples)
    texts = [each.text for each in examples]
    rows = []
    for budget in budgets:
        for name, system in systems.items():
            note(f"{name}, {budget or 'all'} words: {len(texts)} texts")
            rows.append(_row(name, system(texts, budget), budget, examples, processes))
    counts = [len(each.references) for each in examples]
    signatures = [rouge_signature(reference_counts=counts, words=budget, style=style) for budget in budgets]
    return EvaluationReport(rows=tuple(rows), signatures=tuple(signatures))
