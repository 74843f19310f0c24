"""Judge summaries against references: every system at every word budget, one table, one signature per budget.

Two ways in, both through :func:`run`: finished outputs (one per line, beside references), or a JSONL data
set (``{"id", "text", "summaries": [...]}``) that a model and the baselines summarise first. Every output is
cut to the budget before it is scored, so that nobody wins by length.
"""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from summae.errors import InputError, SummaeError
from summae.files import write_atomically
from summae.metrics import baselines as plain
from summae.metrics.bootstrap import RESAMPLES, SEED, Interval, mean_intervals
from summae.metrics.copying import mean_copying, mean_length
from summae.metrics.rouge import score_examples, vanished_share
from summae.metrics.signature import rouge_signature
from summae.summarizing.style import HEADLINE, style_of
from summae.tables import look_up
from summae.text.salience import DomainTables
from summae.text.words import budget_units, words

BUDGETS = (8, 10)  # words, for data sets
SHARES = ("copy_rate", "first_four", "novel_share")
MOST_VANISHED = 0.2  # share of the references' characters
System = Callable[[list[str], int | None], list[str]]  # (texts, budget in words) -> summaries
Note = Callable[[str], None]  # hears of progress


@dataclass(frozen=True, kw_only=True)
class Example:
    """One thing to summarise and how people did it."""

    text: str  # "" when the source is not known
    references: tuple[str, ...]  # one or more, none blank


@dataclass(frozen=True, kw_only=True)
class Row:
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
        """The row of a Markdown table, under the head of :meth:`Report.to_markdown`."""
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
class Report:
    """Rows in the order judged; ``signatures``: one line per budget."""

    rows: tuple[Row, ...]
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


def _row(name: str, outputs: list[str], budget: int | None, examples: Sequence[Example], processes: int) -> Row:
    if len(outputs) != len(examples):
        raise ValueError(f"system '{name}' must return {len(examples)} summaries, got {len(outputs)}")
    if budget is not None:
        outputs = [plain.cut_to_budget(output, budget, budget_units) for output in outputs]
    scores_N3 = score_examples(outputs, [each.references for each in examples], processes=processes)
    rouge1, rouge2, rouge_l = mean_intervals(100 * scores_N3, resamples=RESAMPLES, seed=SEED)
    known = [(output, each.text) for output, each in zip(outputs, examples, strict=True) if each.text]
    copying = mean_copying([output for output, _ in known], [text for _, text in known])
    return Row(
        system=name,
        words=budget,
        rouge1=rouge1,
        rouge2=rouge2,
        rougeL=rouge_l,
        mean_words=mean_length(outputs, budget_units),
        **asdict(copying),
    )


def _positive(name: str, value: int | None) -> None:
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
) -> Report:
    """Every system at every budget on the same examples; ``None`` as budget leaves outputs uncut.
    ``style`` is what the signatures say of the model's summaries.

    Warns when more than 20 % of the references' characters vanish in tokenisation, as the scores then tell
    little.
    """
    budgets = list(dict.fromkeys(budgets))
    for budget in budgets:
        _positive("the word budget", budget)
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
    return Report(rows=tuple(rows), signatures=tuple(signatures))


def read_lines(path: str | Path) -> list[str]:
    """The lines of a UTF-8 file, at least one; only line feeds end a line, not the rarer Unicode marks."""
    try:
        pieces = Path(path).read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    if not pieces[-1]:
        pieces.pop()
    if not pieces:
        raise InputError(f"{path}: the file is empty")
    lines = []
    for number, piece in enumerate(pieces, 1):
        try:
            lines.append(piece.decode("utf-8").removesuffix("\r"))
        except UnicodeDecodeError as error:
            raise InputError(f"{path}:{number}: not UTF-8 ({error.reason})") from error
    return lines


def _filled(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _example(line: str, where: str) -> Example:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise InputError(f"{where}: broken JSON ({error})") from error
    if not isinstance(record, dict):
        raise InputError(f"{where}: a line must be a JSON object, got {type(record).__name__}")
    for field in ("text", "summaries"):
        if field not in record:
            raise InputError(f"{where}: field '{field}' is missing")
    text, references = record["text"], record["summaries"]
    if not _filled(text):
        raise InputError(f"{where}: 'text' must be a string that is not blank")
    if not isinstance(references, list) or not references or not all(map(_filled, references)):
        raise InputError(f"{where}: 'summaries' must be a list of one or more strings, none of them blank")
    return Example(text=text, references=tuple(references))


def read_dataset(path: str | Path, limit: int | None = None) -> list[Example]:
    """The first ``limit`` examples of a JSONL file; blank lines are passed over."""
    numbered = [(number, line) for number, line in enumerate(read_lines(path), 1) if line.strip()]
    if not numbered:
        raise InputError(f"{path}: the file holds no example")
    return [_example(line, f"{path}:{number}") for number, line in numbered[:limit]]


def _aligned(path: str | Path, outputs: list[str], hypotheses: str | Path) -> list[str]:
    lines = read_lines(path)
    if len(lines) != len(outputs):
        where = f"{path}:{min(len(lines), len(outputs)) + 1}"
        raise InputError(f"{where}: must have {len(outputs)} lines as {hypotheses} has, got {len(lines)}")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            raise InputError(f"{path}:{number}: the line must not be blank")
    return lines


def read_outputs(
    hypotheses: str | Path, references: Sequence[str | Path], sources: str | Path | None = None
) -> tuple[list[Example], list[str]]:
    """Line-aligned files as examples and outputs; a blank hypothesis is a summary of no words."""
    outputs = read_lines(hypotheses)
    columns = [_aligned(path, outputs, hypotheses) for path in references]
    texts = _aligned(sources, outputs, hypotheses) if sources else [""] * len(outputs)
    by_line = zip(texts, zip(*columns, strict=True), strict=True)
    return [Example(text=text, references=lines) for text, lines in by_line], outputs


def _systems(request: Request) -> dict[str, System]:
    """The model, if any, and the named baselines fed with its salience table."""
    model, names = request.model, request.baselines
    asked = {"beams": request.beams, "style": _told(request.style)}
    search: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    chosen = {name: look_up(plain.BASELINES, name, "baseline") for name in names}
    systems: dict[str, System] = {}
    salience = None
    if request.with_model:
        from summae.summarizing.summarizer import Summarizer  # heavy: only when a model is asked for

        summarizer = Summarizer.load(model)
        salience = partial(_ratio_of, summarizer.salience)
        systems[f"summae:{Path(model).resolve().name}" if model else "summae"] = lambda texts, budget: [
            summary.text for summary in summarizer.summarize(texts, words=budget, **search)
        ]
    context = plain.BaselineContext(words=words, units=budget_units, salience=salience)
    for name, baseline in chosen.items():
        systems[name] = partial(baseline, context=context)
    return systems


def _told(style: str) -> str | None:
    """``style`` where it is not the usual one."""
    return None if style == HEADLINE else style


def _ratio_of(salience: DomainTables, text: str) -> Callable[[str], float]:
    """r(word) by the table of the domain that ``text`` belongs to."""
    return salience.of(text).ratio


@dataclass(frozen=True, kw_only=True)
class Request:
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
    style: str = HEADLINE  # of the model's summaries: a key of summae.summarizing.style.STYLES
    beams: int | None = None  # how wide the model searches; None: its default
    processes: int = 1  # that score

    def __post_init__(self) -> None:
        style_of(self.style)  # raises what is wrong with it
        for name in ("limit", "beams", "processes"):
            _positive(name, getattr(self, name))
        for budget in self.words:
            _positive("the word budget", budget)
        if (self.data is None) == (self.hypotheses is None):
            raise InputError("give either DATA.jsonl or --hypotheses with --references")
        if self.data is not None and (self.references or self.sources):
            raise InputError("--references and --sources go with --hypotheses, not with DATA.jsonl")
        if self.hypotheses is not None and not self.references:
            raise InputError("--hypotheses must come with --references")
        if self.hypotheses is not None and (self.model or self.baselines or not self.with_model):
            raise InputError("--model, --no-model and --baselines go with DATA.jsonl, not with --hypotheses")
        if _told(self.style) and (self.hypotheses is not None or not self.with_model):
            raise InputError("--style goes with a model, not with --hypotheses or --no-model")


def run(request: Request, *, json_path: str | Path | None = None, note: Note = lambda message: None) -> Report:
    """What ``summae evaluate`` and ``scripts/evaluate_rouge.py`` do; ``json_path`` gets the report too."""
    if request.data is not None:
        examples = read_dataset(request.data, request.limit)
        systems = _systems(request)
        budgets: Sequence[int | None] = request.words or BUDGETS
    else:
        assert request.hypotheses is not None  # Request has seen to it
        examples, outputs = read_outputs(request.hypotheses, request.references, request.sources)
        examples, outputs = examples[: request.limit], outputs[: request.limit]
        systems = {Path(request.hypotheses).name: lambda texts, budget: outputs}
        budgets = request.words or (None,)
    report = evaluate(examples, systems, budgets, processes=request.processes, style=_told(request.style), note=note)
    if json_path is not None:
        try:
            write_atomically(json_path, report.to_json())
        except OSError as error:
            raise SummaeError(f"{json_path}: cannot be written ({error.strerror})") from error
    return report
