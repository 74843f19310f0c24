"""What ``summae evaluate`` compares: a model and baselines on a data set, or finished summaries with references.

A data set is JSONL (``{"id", "text", "summaries": [...]}``), which the systems summarise first; finished summaries
stand one on a line, beside references.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from summae.errors import InputError, SummaeError
from summae.evaluation.references import read_dataset, read_outputs
from summae.evaluation.scores import EvaluationReport, Note, System, evaluate, require_positive
from summae.files import write_atomically
from summae.metrics.baselines import BASELINES
from summae.summarizing.style import AUTO, HEADLINE, style_of
from summae.tables import look_up

BUDGETS = (8, 10)  # words, for data sets: about as many as their references have


@dataclass(frozen=True, kw_only=True)
class EvaluationRequest:
    """What to judge: either ``data`` or ``hypotheses`` with ``references``."""

    data: str | Path | None = None  # JSONL, summarised by ``model`` and ``baselines``
    model: str | Path | None = None  # a model directory; None: the embedded one
    with_model: bool = True  # False: the baselines only
    baselines: Sequence[str] = ()  # names in metrics.baselines.BASELINES
    hypotheses: str | Path | None = None  # finished summaries, one per line
    references: Sequence[str | Path] = ()  # files aligned with it; of several, the best reference counts
    sources: str | Path | None = None  # file aligned with it, for the copy figures
    words: Sequence[int] = ()  # budgets; none: ``BUDGETS`` for data, uncut for hypotheses
    limit: int | None = None  # judge only the first examples
    style: str = AUTO  # of the model's summaries: a key of summae.summarizing.style.STYLES
    beams: int | None = None  # how wide the model searches; None: its default
    processes: int = 1  # that score

    def __post_init__(self) -> None:
        style_of(self.style)  # raises what is wrong with it
        for name in ("limit", "beams", "processes"):
            require_positive(name, getattr(self, name))
        for budget in self.words:
            require_positive("the word budget", budget)
        if (self.data is None) == (self.hypotheses is None):
            raise InputError("give either DATA.jsonl or --hypotheses with --references")
        if self.data is not None and (self.references or self.sources):
            raise InputError("--references and --sources go with --hypotheses, not with DATA.jsonl")
        if self.hypotheses is not None and not self.references:
            raise InputError("--hypotheses must come with --references")
        if self.hypotheses is not None and (self.model or self.baselines or not self.with_model):
            raise InputError("--model, --no-model and --baselines go with DATA.jsonl, not with --hypotheses")
        if _named(self.style) and (self.hypotheses is not None or not self.with_model):
            raise InputError("--style goes with a model, not with --hypotheses or --no-model")


def _systems(request: EvaluationRequest) -> dict[str, System]:
    """The model, if any, and the named baselines fed with its salience table."""
    model = request.model
    beams: dict[str, Any] = {} if request.beams is None else {"beams": request.beams}
    chosen = {name: look_up(BASELINES, name, "baseline") for name in request.baselines}
    systems: dict[str, System] = {}
    salience = None
    if request.with_model:
        from summae.summarizing.summarizer import Summarizer  # heavy: only when a model is asked for

        summarizer = Summarizer.load(model)
        salience = summarizer.salience
        systems[f"summae:{Path(model).resolve().name}" if model else "summae"] = lambda texts, budget: [
            summary.text for summary in summarizer.summarize(texts, words=budget, style=request.style, **beams)
        ]
    for name, baseline in chosen.items():
        systems[name] = partial(baseline, salience=salience)
    return systems


def _named(style: str) -> str | None:
    """``style`` where it is not the usual one."""
    return None if style in (AUTO, HEADLINE) else style


def run(
    request: EvaluationRequest, *, json_path: str | Path | None = None, note: Note = lambda message: None
) -> EvaluationReport:
    """What ``summae evaluate`` and ``scripts/evaluate_rouge.py`` do; ``json_path`` gets the report too."""
    if request.data is not None:
        examples = read_dataset(request.data, request.limit)
        systems = _systems(request)
        budgets: Sequence[int | None] = request.words or BUDGETS
    else:
        assert request.hypotheses is not None  # the request has seen to it
        examples, outputs = read_outputs(request.hypotheses, request.references, request.sources)
        examples, outputs = examples[: request.limit], outputs[: request.limit]
        systems = {Path(request.hypotheses).name: lambda texts, budget: outputs}
        budgets = request.words or (None,)
    report = evaluate(examples, systems, budgets, processes=request.processes, style=_named(request.style), note=note)
    if json_path is not None:
        try:
            write_atomically(json_path, report.to_json())
        except OSError as error:
            raise SummaeError(f"{json_path}: cannot be written ({error.strerror})") from error
    return report
