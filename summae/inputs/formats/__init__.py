"""Documents as plain text: one small file per format, one line of ``READERS`` for each.

What comes out are blocks (a paragraph, a heading, a list item, a table row), each on one line, with a blank line
between them: for :mod:`summae.text.sentences` a line never shares a sentence with the next one.
The libraries that know the formats are extras, imported when a document needs them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from summae.errors import InputError
from summae.inputs.formats import docx, email, html, markdown, pdf
from summae.inputs.formats.paragraphs import one_line

#: (data, the document's name for messages, "strict" or "replace" for broken characters) → its blocks.
#: Raises :class:`InputError` where the data are damaged, :class:`MissingExtraError` where a library is missing.
Read = Callable[[bytes, str, str], list[str]]


@dataclass(frozen=True)
class Reader:
    """How a format is recognised, and what reads it."""

    read: Read
    titles: Read  #: its title, headings or subject, raw, of a document that has been read; may raise anything
    suffixes: tuple[str, ...]
    media: tuple[str, ...]  #: what servers call it
    begins: re.Pattern[bytes] | None = None  #: how its files begin, where that tells


READERS = {
    "PDF": Reader(pdf.read, pdf.titles, (".pdf",), ("application/pdf",), pdf.BEGINS),
    "Word": Reader(docx.read, docx.titles, (".docx",), (docx.MEDIA,), docx.BEGINS),
    "HTML": Reader(html.read, html.titles, (".html", ".htm", ".xhtml"), html.MEDIA, html.BEGINS),
    "mail": Reader(email.read, email.titles, (".eml",), ("message/rfc822",), email.BEGINS),
    "Markdown": Reader(markdown.read, markdown.titles, (".md", ".markdown"), ("text/markdown", "text/x-markdown")),
}
SUFFIXES = tuple(suffix for reader in READERS.values() for suffix in reader.suffixes)


def kind_of(data: bytes, name: str, media: str = "") -> str | None:
    """A key of ``READERS``, or ``None``: how the data begin decides, then the media type, then the name's suffix."""
    suffix = PurePath(name).suffix.lower()
    begins = (kind for kind, reader in READERS.items() if reader.begins and reader.begins.match(data))
    called = (kind for kind, reader in READERS.items() if media in reader.media)
    named = (kind for kind, reader in READERS.items() if suffix in reader.suffixes)
    return next(begins, None) or next(called, None) or next(named, None)


def extract(data: bytes, name: str, errors: str = "strict") -> str | None:
    """The text of a document, never empty; ``None`` when it is none of ``READERS``: plain text, perhaps.

    Raises :class:`InputError` for an empty or damaged document and :class:`MissingExtraError`, one line each.
    """
    kind = kind_of(data, name)
    return None if kind is None else extract_as(kind, data, name, errors)


def extract_as(kind: str, data: bytes, name: str, errors: str = "strict") -> str:
    """The same of a document whose kind, a key of ``READERS``, is known; ``name`` is for messages."""
    if not data.strip():
        raise InputError(f"{name}: empty, nothing to read")
    text = "\n\n".join(READERS[kind].read(data, name, errors))
    if not text:
        raise InputError(f"{name}: {kind} without any text")
    return text


def titles(data: bytes, name: str) -> list[str]:
    """What a document that can be read calls itself and its parts: title, headings, subject line; one line each.

    Nothing of plain text, which has no mark for them, and nothing where they are damaged.
    """
    kind = kind_of(data, name)
    try:
        found = [] if kind is None else READERS[kind].titles(data, name, "replace")
    except Exception:  # noqa: BLE001 - a title is welcome, not needed
        return []
    return [title for title in map(one_line, found) if title]
