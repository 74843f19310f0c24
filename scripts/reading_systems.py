"""The systems of a reading, from what the command line says of them (scripts/reading.py).

A system is a function from sources to as many summaries: finished outputs, people's references, the simple baselines,
a model. A new baseline is one function and one line in ``BASELINES``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reading_sources import Choice, Source, open_text

from summae.errors import InputError, SummaeError
from summae.evaluation.references import read_lines
from summae.metrics.baselines import central_sentences
from summae.tables import look_up
from summae.text.finishing import cut
from summae.text.sentences import sentences

REFERENCES = "references"  # the name of the people's summaries among the systems
_CLOSERS = "\"'”’)]»」』"
_END_MARKS = ".!?…。！？"
Summarise = Callable[[Sequence[Source]], list[str]]  # sources → as many summaries


def named(text: str, option: str) -> tuple[str, str]:
    """``NAME=REST`` as (name, rest)."""
    name, sign, rest = text.partition("=")
    if not (name and sign):
        raise InputError(f"{option} must be NAME=…, got '{text}'")
    return name, rest


def finished(name: str, path: str, choice: Choice) -> tuple[str, Summarise]:
    """Outputs, one per line: of the chosen sources, or of all texts of the file."""

    def summaries(sources: Sequence[Source]) -> list[str]:
        lines = [line.strip() for line in read_lines(path)]
        if len(lines) == len(sources):
            return lines
        total = sum(1 for _ in open_text(choice.path))
        if len(lines) != total:
            wanted = f"{len(sources)} lines (the sources chosen) or {total} (all texts of {choice.path.name})"
            raise InputError(f"{path}: must have {wanted}, got {len(lines)}")
        return [lines[source.line] for source in sources]

    return name, summaries


def references(name: str) -> Summarise:
    """What people wrote: the first text of the field ``name``."""

    def first(source: Source) -> str:
        found = source.record.get(name)
        text = found[0] if isinstance(found, list) and found else found
        if not isinstance(text, str) or not text.strip():
            raise InputError(f"source {source.id}: '{name}' must be a text, or begin with one, to be a reference")
        return " ".join(text.split())

    return lambda sources: [first(source) for source in sources]


def whole_sentences(text: str) -> list[str]:
    """The sentences that end as sentences do, so no headings; all pieces of a text that has none of those."""
    pieces = [" ".join(text[span.start : span.end].split()) for span in sentences(text)]
    return [piece for piece in pieces if piece.rstrip(_CLOSERS).endswith(tuple(_END_MARKS))] or pieces


def first_words(text: str, count: int) -> str:
    return cut(text, count)


def first_sentences(text: str, count: int) -> str:
    return " ".join(whole_sentences(text)[:count])


def lexrank(text: str, count: int) -> str:
    return " ".join(central_sentences("\n\n".join(whole_sentences(text)), count))


#: name → (text, how many words or sentences) → summary
BASELINES: dict[str, Callable[[str, int], str]] = {
    "first_words": first_words,
    "first_sentences": first_sentences,
    "lexrank": lexrank,
}


def baseline(text: str) -> Summarise:
    """From ``first_words:10``."""
    name, _, amount = text.partition(":")
    make = look_up(BASELINES, name, "--baseline")
    if not amount.isdecimal() or not int(amount):
        raise InputError(f"--baseline must be {name}:N with N from 1, got '{text}'")
    return lambda sources: [make(source.text, int(amount)) for source in sources]


def model_options(settings: str) -> dict[str, Any]:
    """From ``words=10,style=headline``: arguments of ``Summarizer.summarize``."""
    from summae.summarizing.length import KINDS, Length
    from summae.summarizing.style import style_of

    options: dict[str, Any] = {}
    for setting in filter(None, settings.split(",")):
        name, value = named(setting, "a setting of --model")
        if name in KINDS:
            options["words"] = Length.parse(name, value)
        elif name == "style":
            style_of(value)  # raises what is wrong with it
            options[name] = value
        elif name == "beams" and value.isdecimal():
            options[name] = int(value)
        else:
            known = f"{', '.join(f'{kind}=…' for kind in KINDS)}, style=… or beams=N"
            raise InputError(f"a setting of --model must be {known}, got '{setting}'")
    return options


def model(name: str, text: str) -> tuple[str, Summarise]:
    """From ``DIR:words=10,style=headline``; an empty ``DIR`` is the embedded model. Loaded when it is run."""
    folder, _, settings = text.rpartition(":") if ":" in text else (text, "", "")
    options = model_options(settings)

    def summaries(sources: Sequence[Source]) -> list[str]:
        from summae.summarizing.summarizer import Summarizer

        found = Summarizer.load(folder or None).summarize([source.text for source in sources], **options)
        return [summary.text for summary in found]

    return name, summaries


#: option → (what it says, the sources' file) → (name, how it summarises)
OPTIONS: dict[str, Callable[[str, Choice], tuple[str, Summarise]]] = {
    "references": lambda text, choice: (REFERENCES, references(text)),
    "baseline": lambda text, choice: (text, baseline(text)),
    "system": lambda text, choice: finished(*named(text, "--system"), choice),
    "model": lambda text, choice: model(*named(text, "--model")),
}


@dataclass(frozen=True, kw_only=True)
class System:
    made: str  # as the command line says it
    summarise: Summarise


def systems_of(choice: Choice, given: Mapping[str, Sequence[str]]) -> dict[str, System]:
    """Name → system. ``given``: of each option all that it was given; one :class:`InputError` tells all problems."""
    systems: dict[str, System] = {}
    problems: list[str] = []
    for option, texts in given.items():
        for text in texts:
            try:
                name, summarise = OPTIONS[option](text, choice)
                if name in systems:
                    raise InputError(f"systems must have different names, got '{name}' twice")
                systems[name] = System(made=f"--{option} {text}", summarise=summarise)
            except SummaeError as error:
                problems.append(str(error))
    if not (systems or problems):
        problems.append("there must be a system: --system, --model, --baseline or --references")
    if problems:
        raise InputError("\n".join(problems))
    return systems
