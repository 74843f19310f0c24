"""What a user hands in: files of any format the package reads, standard input, folders of files, addresses of the web.

Plain text is read by :mod:`summae.inputs.decode`, everything else by :mod:`summae.inputs.formats`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from summae.inputs.decode import decode, name_of, read_bytes
from summae.inputs.formats import SUFFIXES, charset, extract, extract_as, kind_of, titles

#: What is looked for in folders; a file named by itself is read whatever its suffix.
READABLE = (".txt", ".text", *SUFFIXES)
#: Kinds whose characters a server may name; documents of the others say themselves which they use.
_WRITTEN = (None, "HTML", "Markdown")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """Where there is something to read, in the order given, and what there is besides."""

    sources: list[str] = field(default_factory=list)
    #: of each folder: the files, links and folders in it that are not read
    left_out: dict[str, list[str]] = field(default_factory=dict)
    #: one line for each folder without anything to read
    problems: list[str] = field(default_factory=list)


def read_input(source: str | Path, errors: str = "strict") -> str:
    """The text of a file in any format, of standard input when ``source`` is ``"-"``, or of what an address of the
    web (``https://...``) leads to; never empty.

    With ``errors="replace"`` broken characters become U+FFFD instead of an error.
    Raises :class:`InputError` and :class:`MissingExtraError`, one line that names the source and the reason.
    """
    if _is_address(source):
        return _read_address(str(source), errors)
    return _read_file(source, errors)[0]


def read_titled(source: str | Path, errors: str = "strict") -> tuple[str, list[str]]:
    """The same, and what a document calls itself and its parts: title, headings, subject line; not of an address."""
    if _is_address(source):
        return _read_address(str(source), errors), []
    text, data, name = _read_file(source, errors)
    return text, titles(data, name)


def _is_address(source: str | Path) -> bool:
    return isinstance(source, str) and _ADDRESS.match(source) is not None


def _read_file(source: str | Path, errors: str) -> tuple[str, bytes, str]:
    """(text, data, name for messages)."""
    data, name = read_bytes(source), name_of(source)
    text = extract(data, name, errors)
    return (decode(data, name, errors) if text is None else text), data, name


def _read_address(address: str, errors: str) -> str:
    from summae.inputs.url import fetch

    found = fetch(address)
    data, kind = found.data, kind_of(found.data, found.path, found.media)
    if found.charset and kind in _WRITTEN:  # UTF-8 with its mark, which no page contradicts
        data = charset.decode(data, address, errors, found.charset).encode("utf-8-sig")
    return decode(data, address, errors) if kind is None else extract_as(kind, data, address, errors)


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
