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
from summae.formats import docx, email, html, markdown, pdf

#: (data, the document's name for messages, "strict" or "replace" for broken characters) → its blocks.
#: Raises :class:`InputError` where the data are damaged, :class:`MissingExtraError` where a library is missing.
Read = Callable[[bytes, str, str], list[str]]


@dataclass(frozen=True)
class Reader:
    """How a format is recognised, and what reads it."""

    read: Read
    suffixes: tuple[str, ...]
    media: tuple[str, ...]  #: what servers call it
    begins: re.Pattern[bytes] | None = None  #: how its files begin, where that tells


READERS = {
    "PDF": Reader(pdf.read, (".pdf",), ("application/pdf",), pdf.BEGINS),
    "Word": Reader(docx.read, (".docx",), (docx.MEDIA,), docx.BEGINS),
    "HTML": Reader(html.read, (".html", ".htm", ".xhtml"), ("text/html", "application/xhtml+xml"), html.BEGINS),
    "mail": Reader(email.read, (".eml",), ("message/rfc822",), email.BEGINS),
    "Markdown": Reader(markdown.read, (".md", ".markdown"), ("text/markdown", "text/x-markdown")),
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
