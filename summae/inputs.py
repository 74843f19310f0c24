"""What a user hands in: files of any format the package reads, standard input, and folders of files.

Plain text is read by :mod:`summae.text.reading`, everything else by :mod:`summae.formats`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from summae.formats import SUFFIXES, extract, titles
from summae.text.reading import decode, name_of, read_bytes

#: What is looked for in folders; a file named by itself is read whatever its suffix.
READABLE = (".txt", ".text", *SUFFIXES)


@dataclass(frozen=True)
class Found:
    """Where there is something to read, in the order given, and what there is besides."""

    sources: list[str] = field(default_factory=list)
    #: of each folder: the files, links and folders in it that are not read
    left_out: dict[str, list[str]] = field(default_factory=dict)
    #: one line for each folder without anything to read
    problems: list[str] = field(default_factory=list)


def read_input(source: str | Path, errors: str = "strict") -> str:
    """The text of a file in any format, or of standard input when ``source`` is ``"-"``; never empty.

    With ``errors="replace"`` broken characters become U+FFFD instead of an error.
    Raises :class:`InputError` and :class:`MissingExtraError`, one line that names the source and the reason.
    """
    return read_titled(source, errors)[0]


def read_titled(source: str | Path, errors: str = "strict") -> tuple[str, list[str]]:
    """The same, and what the document calls itself and its parts: title, headings, subject line."""
    data, name = read_bytes(source), name_of(source)
    text = extract(data, name, errors)
    return (decode(data, name, errors) if text is None else text), titles(data, name)


def find_inputs(paths: Iterable[str | Path]) -> Found:
    """``paths`` with every folder replaced by the readable files in and below it, sorted.

    Hidden files and folders are passed over; links to folders are not followed.
    """
    found = Found()
    for path in map(str, paths):
        if not os.path.isdir(path):
            found.sources.append(path)
            continue
        files, left_out = _inside(path)
        found.sources.extend(files)
        if left_out:
            found.left_out.setdefault(path, left_out)
        if not files:
            found.problems.append(f"{path}: no file in it that can be read ({', '.join(READABLE)})")
    return found


def _inside(folder: str) -> tuple[list[str], list[str]]:
    """The readable files below ``folder``; what else is there, as seen from it."""
    files: list[str] = []
    left_out: list[str] = []
    for path in _below(folder):
        good = os.path.isfile(path) and Path(path).suffix.lower() in READABLE
        (files if good else left_out).append(path)
    return sorted(files), sorted(os.path.relpath(path, folder) for path in left_out)


def _below(folder: str) -> Iterator[str]:
    """All that is not hidden below ``folder``: files, links, and the folders that cannot be looked into."""
    locked: list[str] = []
    for where, folders, files in os.walk(folder, onerror=lambda error: locked.append(error.filename)):
        folders[:] = [name for name in folders if not name.startswith(".")]
        links = [name for name in folders if os.path.islink(os.path.join(where, name))]
        yield from (os.path.join(where, name) for name in [*links, *files] if not name.startswith("."))
    yield from locked
