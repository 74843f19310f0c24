"""The tally of a reading: shares of every system with their intervals, agreement, faults (scripts/reading.py).

Shares are of items. Where several readers judged an item, it counts for the mean of their verdicts: two verdicts on one
summary are no two observations, so n, and with it Wilson's interval, remains that of the items.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reading_items import Item, Reading
from reading_page import FAULT, FIELDS, NOTHING, QUESTIONS

from summae.errors import InputError
from summae.evaluation.references import read_lines
from summae.metrics.bootstrap import Interval
from summae.metrics.proportion import share

MOST_FAULTS = 3  # of a system that are shown


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one reader said of one item."""

    answers: Mapping[str, int]  # question → 0 or 1
    fault: str = ""  # "kind: where", or ""

    @property
    def fault_kind(self) -> str:
        return " ".join(self.fault.partition(":")[0].lower().split())


Verdicts = Mapping[int, Verdict]  # item → what a reader said of it


# -- answers -------------------------------------------------------------------------------------------------


def ranges(numbers: Iterable[int]) -> str:
    """``1, 3–5`` for 1, 3, 4 and 5."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(low) if low == high else f"{low}–{high}" for low, high in runs)


def verdict_of(cells: Sequence[str], count: int) -> tuple[int, Verdict] | str:
    """(item, verdict) of a line, or what is wrong with it. A fault may have commas of its own."""
    if len(cells) < len(FIELDS):
        return f"must be {','.join(FIELDS)}[,{FAULT}], got '{','.join(cells)}'"
    if not cells[0].isdecimal() or not 1 <= int(cells[0]) <= count:
        return f"the item must be from 1 to {count}, got '{cells[0]}'"
    given = dict(zip(QUESTIONS, cells[1:], strict=False))
    if wrong := [f"'{name}' must be 0 or 1, got '{value}'" for name, value in given.items() if value not in ("0", "1")]:
        return "; ".join(wrong)
    fault = ", ".join(cell for cell in cells[len(FIELDS) :] if cell)
    return int(cells[0]), Verdict(answers={name: int(value) for name, value in given.items()}, fault=fault)


def read_answers(path: Path, count: int) -> tuple[dict[int, Verdict], set[int], list[str]]:
    """(verdicts, items that a line was given for, problems) of one reader."""
    found: dict[int, Verdict] = {}
    lines_of: dict[int, list[int]] = {}
    problems = []
    for number, line in enumerate(read_lines(path), 1):
        cells = [cell.strip() for cell in next(csv.reader([line]), [])]  # line by line: a lost quote spoils one only
        if not any(cells) or cells[0] == FIELDS[0]:
            continue
        if cells[0].isdecimal():
            lines_of.setdefault(int(cells[0]), []).append(number)
        verdict = verdict_of(cells, count)
        if isinstance(verdict, str):
            problems.append(f"{path}:{number}: {verdict}")
        else:
            found[verdict[0]] = verdict[1]
    twice = {item: lines for item, lines in lines_of.items() if len(lines) > 1}
    problems += [
        f"{path}: item {item} must be answered once, got lines {ranges(lines)}" for item, lines in twice.items()
    ]
    return found, set(lines_of), problems


def read_all(paths: Sequence[Path], count: int, divided: bool) -> dict[str, dict[int, Verdict]]:
    """Reader → verdicts. Raises one :class:`InputError` with all that is wrong in all files.

    Every reader must have answered every item; if they ``divided`` the items, one of them must.
    """
    readers: dict[str, dict[int, Verdict]] = {}
    problems: list[str] = []
    missing_in: dict[str, set[int]] = {}
    for path in paths:
        if path.stem in readers:
            problems.append(f"{path}: readers' files must have different names, got '{path.stem}' twice")
        try:
            readers[path.stem], answered, wrong = read_answers(path, count)
        except InputError as error:
            problems.append(str(error))
            continue
        missing_in[str(path)] = set(range(1, count + 1)) - answered
        problems += wrong
    if divided and missing_in:
        missing_in = {"all files together": set.intersection(*missing_in.values())}
    problems += [f"{where}: no answer to {ranges(some)}" for where, some in missing_in.items() if some]
    if problems:
        raise InputError("\n".join(problems))
    return readers


def contradictions(verdicts: Verdicts) -> list[int]:
    """Items to be sent though not fluent, complete and true: allowed, but worth a second look."""
    needed = ("fluent", "complete", "true")
    return [
        item
        for item, verdict in verdicts.items()
        if verdict.answers["send"] and not all(verdict.answers[name] for name in needed)
    ]


# -- figures -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Fault:
    kind: str
    count: int  # items of which a reader named it
    item: int  # the first of them
    summary: str
    words: str  # the reader's


@dataclass(frozen=True, kw_only=True)
class Row:
    """One system in one set."""

    set: str
    system: str
    count: int  # items
    shares: dict[str, Interval]  # question → mean of the readers' verdicts
    by_reader: dict[str, dict[str, float]]  # reader → question → share of the items that they judged
    alike: Interval | None  # share of the items judged by several whom all judge alike on *send*
    alike_count: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True, kw_only=True)
class Agreement:
    set: str
    alike: Interval
    count: int  # items judged by more than one reader


def judged_alike(numbers: Iterable[int], readers: Mapping[str, Verdicts]) -> tuple[int, int]:
    """(items on which all agree whether to send them, items that several judged)."""
    sends = [[some[number].answers["send"] for some in readers.values() if number in some] for number in numbers]
    several = [verdicts for verdicts in sends if len(verdicts) > 1]
    return sum(len(set(verdicts)) == 1 for verdicts in several), len(several)


def mean_verdict(number: int, question: str, readers: Mapping[str, Verdicts]) -> float:
    said = [some[number].answers[question] for some in readers.values() if number in some]
    return sum(said) / len(said)


def faults_of(numbers: Sequence[int], items: Sequence[Item], readers: Mapping[str, Verdicts]) -> tuple[Fault, ...]:
    """The most frequent kinds, each once per item; the first named of equals first."""
    first: dict[str, tuple[int, str]] = {}
    counts: Counter[str] = Counter()
    for number in numbers:
        named = {some[number].fault_kind: some[number].fault for some in readers.values() if number in some}
        for kind in filter(None, named):
            counts[kind] += 1
            first.setdefault(kind, (number, named[kind]))
    return tuple(
        Fault(
            kind=kind, count=count, item=first[kind][0], summary=items[first[kind][0] - 1].summary, words=first[kind][1]
        )
        for kind, count in counts.most_common(MOST_FAULTS)
    )


def row_of(set_name: str, system: str, reading: Reading, readers: Mapping[str, Verdicts]) -> Row:
    items = reading.items
    numbers = [n for n, item in enumerate(items, 1) if (item.set, item.system) == (set_name, system)]
    own = {reader: [some[n] for n in numbers if n in some] for reader, some in readers.items()}
    agreed, several = judged_alike(numbers, readers)
    return Row(
        set=set_name,
        system=system,
        count=len(numbers),
        shares={
            question: share(sum(mean_verdict(n, question, readers) for n in numbers), len(numbers))
            for question in QUESTIONS
        },
        by_reader={
            reader: {question: sum(each.answers[question] for each in some) / len(some) for question in QUESTIONS}
            for reader, some in own.items()
            if some
        },
        alike=share(agreed, several) if several else None,
        alike_count=several,
        faults=faults_of(numbers, items, readers),
    )


def tallied(reading: Reading, readers: Mapping[str, Verdicts]) -> tuple[list[Row], list[Agreement]]:
    """Rows in the order in which sets and systems were given; agreement of every set with two readers."""
    rows = [row_of(record.name, system, reading, readers) for record in reading.sets for system in record.systems]
    agreements = []
    for record in reading.sets:
        numbers = [number for number, item in enumerate(reading.items, 1) if item.set == record.name]
        agreed, several = judged_alike(numbers, readers)
        if several:
            agreements.append(Agreement(set=record.name, alike=share(agreed, several), count=several))
    return rows, agreements


# -- in Markdown ---------------------------------------------------------------------------------------------


def percent(found: Interval) -> str:
    return f"{100 * found.mean:.0f} [{100 * found.low:.0f}, {100 * found.high:.0f}]"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def shares_table(rows: Sequence[Row]) -> str:
    cells = ([row.set, row.system, str(row.count), *map(percent, row.shares.values())] for row in rows)
    return table(["set", "system", "n", *QUESTIONS], cells)


def readers_table(rows: Sequence[Row], readers: Sequence[str]) -> str:
    """*send* by every reader."""

    def cells(row: Row) -> list[str]:
        sends = [row.by_reader.get(reader) for reader in readers]
        alike = f"{percent(row.alike)} of {row.alike_count}" if row.alike else "–"
        return [row.set, row.system, *("–" if s is None else f"{100 * s['send']:.0f}" for s in sends), alike]

    return table(["set", "system", *(f"send, {reader}" for reader in readers), "judged alike"], map(cells, rows))


def faults_table(rows: Sequence[Row]) -> str:
    cells = (
        [row.set, row.system, fault.kind, str(fault.count), one_line(f"{fault.item}: {fault.summary or NOTHING}")]
        + [one_line(fault.words)]
        for row in rows
        for fault in row.faults
    )
    return table(["set", "system", "fault", "items", "example", "in the reader's words"], cells)


def signature(reading: Reading, readers: Sequence[str], version: str) -> str:
    """How the figures were come by, on one line per set."""
    who = f"{len(readers)} reader{'s' * (len(readers) > 1)}"
    return "\n".join(
        f"`reading|set:{record.name}|sources:{record.chosen}|n:{record.count}|shortened:{record.shortened}|{who}"
        f"|interval:Wilson 95 %|seed:{reading.seed}|summae:{version}`"
        for record in reading.sets
    )


def markdown(reading: Reading, rows: Sequence[Row], agreements: Sequence[Agreement], readers: Sequence[str]) -> str:
    """Shares in % with 95 % intervals; with several readers, what each would send; faults if any were named."""
    from summae import __version__

    parts = [shares_table(rows)]
    if agreements:
        parts.append(readers_table(rows, readers))
        parts.append(
            "\n".join(
                f"{each.set}: {percent(each.alike)} % of {each.count} judged alike on send" for each in agreements
            )
        )
    if any(row.faults for row in rows):
        parts.append(faults_table(rows))
    parts.append(signature(reading, readers, __version__))
    return "\n\n".join(parts)
