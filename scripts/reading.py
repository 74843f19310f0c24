#!/usr/bin/env python3
"""The reading test: unselected summaries are judged by somebody who does not know whose they are (docs/reading.md).

    reading.py items --set NAME --sources FILE.jsonl --system NAME=OUTPUTS.txt --baseline first_words:10 --out DIR
    reading.py tally DIR --answers READER.csv [READER.csv]
    reading.py sources --sources FILE.jsonl > chosen.jsonl

`items` writes DIR/items.md, the page to read (items.jsonl: the same for a program), and DIR/key.json, which says whose
each summary is and which the reader does not open. With --append it mixes one more set into a reading that nobody has
begun. `tally` reads answers, one line per item: item,fluent,complete,true,main,send[,fault]. `sources` prints the
texts that `items` would choose, for a system that runs elsewhere.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from reading_items import ITEMS, KEY, PAGE, TALLY, Reading, make_set, mixed, read_reading, write_reading
from reading_page import page
from reading_sources import Choice, read_sources
from reading_systems import BASELINES, OPTIONS, systems_of
from reading_tally import contradictions, markdown, ranges, read_all, signature, tallied

from summae import __version__
from summae.errors import InputError, SummaeError
from summae.files import write_atomically

FEWEST = 40  # sources of a set that figures can be reported of


def note(message: str) -> None:
    print(f"reading.py: {message}", file=sys.stderr, flush=True)


# -- the three commands --------------------------------------------------------------------------------------


def choice_of(args: argparse.Namespace) -> Choice:
    names = ("field", "start", "every", "count", "least_words", "most_words")
    return Choice(path=args.sources, **{name: getattr(args, name) for name in names})


def begun(folder: Path, append: bool, name: str) -> Reading:
    """The reading that the set ``name`` is added to: a new one, or with ``append`` the one in ``folder``."""
    if append:
        if (folder / TALLY).exists():
            raise InputError(f"{folder}: --append must come before anybody reads, and there is a {TALLY}")
        reading = read_reading(folder)
        if name in [each.name for each in reading.sets]:
            raise InputError(f"--set must be a name that the reading has not yet, got '{name}'")
        return reading
    if there := [name for name in (ITEMS, PAGE, KEY, TALLY) if (folder / name).exists()]:
        raise InputError(f"{folder}: must not hold a reading already, got {', '.join(there)}; --append adds a set")
    return Reading()


def items(args: argparse.Namespace) -> None:
    reading, choice = begun(args.out, args.append, args.set), choice_of(args)
    systems = systems_of(choice, {option: getattr(args, option) or [] for option in OPTIONS})
    record, found = make_set(args.set, choice, systems, args.asked)
    reading = mixed(reading, record, found, args.seed)
    write_reading(args.out, reading, page(reading.items))
    if record.count < FEWEST:
        note(f"{record.count} sources: too few for a figure to be reported, which takes {FEWEST}")
    if record.shortened and args.system:
        shown = f"{record.shortened} sources are shown up to {choice.most_words} words"
        note(f"{shown}: finished outputs must have been made of that ('reading.py sources' prints it)")
    count, systems_count = len(reading.items), len(record.systems)
    print(
        f"{args.out / PAGE}: {count} items, {len(found)} of them new: {record.count} sources, {systems_count} systems"
    )


def sources(args: argparse.Namespace) -> None:
    for source in read_sources(choice_of(args)):
        print(json.dumps({"id": source.id, "text": source.text}, ensure_ascii=False))


def tally(args: argparse.Namespace) -> None:
    reading = read_reading(args.folder)
    readers = read_all(args.answers, len(reading.items), args.divided)
    for reader, verdicts in readers.items():
        if doubtful := contradictions(verdicts):
            note(f"{reader}: to be sent though not fluent, complete and true: items {ranges(doubtful)}")
    rows, agreements = tallied(reading, readers)
    content = {
        "signature": signature(reading, list(readers), __version__).replace("`", "").split("\n"),
        "readers": list(readers),
        "rows": [asdict(row) for row in rows],
        "agreement": [asdict(each) for each in agreements],
    }
    write_atomically(args.folder / TALLY, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    print(markdown(reading, rows, agreements, list(readers)))


# -- the command line ----------------------------------------------------------------------------------------


def whole(least: int):
    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"must be a whole number from {least}, got '{text}'")
        return int(text)

    return number


def choosing() -> argparse.ArgumentParser:
    """The options that say which sources."""
    made = argparse.ArgumentParser(add_help=False)
    add = made.add_argument
    add("--sources", type=Path, required=True, metavar="FILE", help="JSONL, also .jsonl.xz: a text on every line")
    add("--field", default="text", metavar="NAME", help="of the lines, that holds the text (default: text)")
    add("--start", type=whole(0), default=0, metavar="N", help="pass over the first N lines (default: 0)")
    add("--every", type=whole(1), default=1, metavar="K", help="take every K-th line from there on (default: 1)")
    add("--count", type=whole(1), default=FEWEST, metavar="N", help=f"so many sources (default: {FEWEST})")
    add("--least-words", type=whole(0), default=0, metavar="N", help="pass over shorter texts (default: 0)")
    add("--most-words", type=whole(1), default=600, metavar="N", help="of a text that are shown (default: 600)")
    return made


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = made.add_subparsers(dest="command", required=True)
    shared = choosing()

    add = commands.add_parser("items", parents=[shared], help="make a reading, or add a set to it").add_argument
    add("--set", required=True, metavar="NAME", help="of the set, for the tally")
    add("--asked", default="", metavar="TEXT", help='told to the reader: "a headline of at most 10 words"')
    add("--system", action="append", metavar="NAME=OUTPUTS", help="a line per source, or per line of --sources")
    add("--model", action="append", metavar="NAME=DIR:words=N,style=STYLE", help="run here; no DIR: the embedded one")
    add(
        "--baseline",
        action="append",
        metavar="NAME:N",
        help=f"run here: {', '.join(BASELINES)}; of N words or sentences",
    )
    add(
        "--references",
        nargs="?",
        const="summaries",
        action="append",
        metavar="FIELD",
        help="what people wrote is a system too: the first text of this field of the lines (default: summaries)",
    )
    add("--out", type=Path, required=True, metavar="DIR", help="where the reading is")
    add("--append", action="store_true", help="mix this set into the reading that is there")
    add("--seed", type=int, default=1, help="of the order; keep it from the reader (default: 1)")

    commands.add_parser("sources", parents=[shared], help="print the sources that items would choose")

    add = commands.add_parser("tally", help="shares of every system from readers' answers").add_argument
    add("folder", type=Path, metavar="DIR", help="where the reading is")
    add("--answers", type=Path, nargs="+", required=True, metavar="CSV", help="of one reader each")
    add("--divided", action="store_true", help="the readers shared the items out: one answer to each will do")
    return made


COMMANDS = {"items": items, "sources": sources, "tally": tally}


def main(argv: list[str] | None = None) -> int:
    args = parser().parse_args(argv)
    try:
        COMMANDS[args.command](args)
    except SummaeError as error:
        for problem in str(error).split("\n"):
            note(problem)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
