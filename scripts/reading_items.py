"""The items of a reading, the order in which they are read, and the files that keep them (scripts/reading.py)."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from reading_sources import Choice, read_sources
from reading_systems import System

from summae.errors import InputError
from summae.files import write_atomically

CUT = " […]"  # behind a source that is longer than what is shown


@dataclass(frozen=True, kw_only=True)
class Item:
    set: str
    system: str
    source_id: str
    source: str
    summary: str
    asked: str = ""  # what the summaries of the set are to be, as the reader is told


@dataclass(frozen=True, kw_only=True)
class SetRecord:
    """How a set came about; the reader is not shown it."""

    name: str
    chosen: str  # how the sources were
    count: int
    shortened: int  # sources of which the reader sees the beginning only
    systems: dict[str, str]  # name → how it was made
    asked: str = ""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Items in the order in which they are read, numbered from 1."""

    items: list[Item] = field(default_factory=list)
    sets: list[SetRecord] = field(default_factory=list)
    seed: int = 1


def make_set(name: str, choice: Choice, systems: Mapping[str, System], asked: str = "") -> tuple[SetRecord, list[Item]]:
    """Every system's summary of every source."""
    sources = read_sources(choice)
    items = []
    for name_of, system in systems.items():
        for one, summary in zip(sources, system.summarise(sources), strict=True):
            shown = one.text + CUT * one.shortened
            items.append(Item(set=name, system=name_of, source_id=one.id, source=shown, summary=summary, asked=asked))
    record = SetRecord(
        name=name,
        chosen=str(choice),
        count=len(sources),
        shortened=sum(source.shortened for source in sources),
        systems={name_of: system.made for name_of, system in systems.items()},
        asked=asked,
    )
    return record, items


def dealt(items: Sequence[Item], seed: int) -> list[Item]:
    """Shuffled by ``seed``, in rounds: each has one summary of every source, of systems drawn by lot. So a reader
    meets a source again only when the others have come between, and a summary's place says nothing of its system."""
    lot = random.Random(seed)
    by_source: dict[tuple[str, str], list[Item]] = {}
    for item in sorted(items, key=lambda each: (each.set, each.source_id, each.source, each.system)):
        by_source.setdefault((item.set, item.source_id), []).append(item)
    for some in by_source.values():
        lot.shuffle(some)
    found: list[Item] = []
    for round_ in itertools.zip_longest(*by_source.values()):
        turn = [item for item in round_ if item is not None]
        lot.shuffle(turn)
        found += turn
    return found


def mixed(reading: Reading, record: SetRecord, items: Sequence[Item], seed: int) -> Reading:
    """``reading`` with one more set in it; all items are dealt anew."""
    return Reading(items=dealt([*reading.items, *items], seed), sets=[*reading.sets, record], seed=seed)


# -- the files -----------------------------------------------------------------------------------------------

ITEMS, PAGE, KEY, TALLY = "items.jsonl", "items.md", "key.json", "tally.json"


def write_reading(folder: Path, reading: Reading, page: str) -> None:
    """``items.jsonl`` and ``items.md`` for the reader, ``key.json`` for the tally."""
    lines, key = [], {}
    for number, item in enumerate(reading.items, 1):
        shown = {"item": number, "source": item.source, "summary": item.summary}
        lines.append(json.dumps(shown | ({"asked": item.asked} if item.asked else {}), ensure_ascii=False))
        key[str(number)] = {"set": item.set, "system": item.system, "source": item.source_id}
    content = {"seed": reading.seed, "sets": [asdict(record) for record in reading.sets], "items": key}
    write_atomically(folder / KEY, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    write_atomically(folder / ITEMS, "\n".join(lines) + "\n")
    write_atomically(folder / PAGE, page)


def read_reading(folder: Path) -> Reading:
    """What :func:`write_reading` wrote."""
    try:
        key = json.loads((folder / KEY).read_text(encoding="utf-8"))
        shown = [json.loads(line) for line in (folder / ITEMS).read_text(encoding="utf-8").split("\n") if line]
    except (OSError, ValueError) as error:
        raise InputError(f"{folder}: no reading made by 'reading.py items' ({error})") from error
    if [str(each["item"]) for each in shown] != list(key["items"]):
        raise InputError(f"{folder}: {ITEMS} and {KEY} must tell of the same items")
    items = []
    for each in shown:
        of = key["items"][str(each["item"])]
        text = {name: each[name] for name in ("source", "summary")}
        items.append(
            Item(set=of["set"], system=of["system"], source_id=of["source"], asked=each.get("asked", ""), **text)
        )
    return Reading(items=items, sets=[SetRecord(**record) for record in key["sets"]], seed=key["seed"])
