"""Word (.docx): paragraphs, headings, list items and table rows. Headers, footers, notes and deletions are left out."""

from __future__ import annotations

import re
from collections.abc import Hashable
from io import BytesIO
from itertools import groupby
from typing import TYPE_CHECKING
from zipfile import ZipFile

from summae.errors import InputError
from summae.inputs.formats.extras import needs
from summae.inputs.formats.paragraphs import one_line

if TYPE_CHECKING:
    from lxml.etree import _Element

BEGINS = re.compile(rb"PK\x03\x04.*?word/", re.DOTALL)
MEDIA = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

MOST = 256 << 20  # bytes when unpacked: a file of some thousand bytes may hold thousands of times as many
_OLD = b"\xd0\xcf\x11\xe0"  # .doc; and .docx with a password
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARAGRAPH, _ROW, _TEXT = f"{_W}p", f"{_W}tr", f"{_W}t"
_BLANKS = (f"{_W}tab", f"{_W}br", f"{_W}cr")
_HEADS = ("Title", "Heading 1", "Heading 2", "Heading 3")
_TWICE = ("{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback", f"{_W}moveFrom")


def read(data: bytes, name: str, errors: str) -> list[str]:
    """The blocks of the body in order; insertions that wait for acceptance are text, deletions are not."""
    with needs("docx", "Word", name):
        from docx import Document
    if data.startswith(_OLD):
        raise InputError(f"{name}: an old Word file, or one with a password; save it as .docx without one")
    try:
        size = _unpacked(data)
        body = Document(BytesIO(data)).element.body if size <= MOST else None
    except Exception as error:  # noqa: BLE001 - a bad zip, a bad part of it, bad XML: it raises what it meets
        raise InputError(f"{name}: not a Word file, or a damaged one ({type(error).__name__})") from error
    if body is None:
        raise InputError(f"{name}: {size:,} bytes when unpacked, at most {MOST:,} are read; save it as plain text")
    found = [paragraph for paragraph in body.iter(_PARAGRAPH) if not any(paragraph.iterancestors(*_TWICE))]
    blocks = (" ".join(map(_text, together)) for _, together in groupby(found, _row_or_itself))
    return [block for block in map(one_line, blocks) if block]


def titles(data: bytes, name: str, errors: str) -> list[str]:
    """Its title, and its headings down to the third level."""
    with needs("docx", "Word", name):
        from docx import Document
    document = Document(BytesIO(data))
    heads = (each.text for each in document.paragraphs if each.style is not None and each.style.name in _HEADS)
    return [document.core_properties.title, *heads]


def _unpacked(data: bytes) -> int:
    """Bytes of all parts, as the zip says: no more than that is ever unpacked."""
    with ZipFile(BytesIO(data)) as archive:
        return sum(part.file_size for part in archive.infolist())


def _row_or_itself(paragraph: _Element) -> Hashable:
    """The same for all paragraphs of a table row."""
    return next(paragraph.iterancestors(_ROW), paragraph)


def _text(paragraph: _Element) -> str:
    """Its own text, without that of text boxes anchored in it: they have paragraphs of their own."""
    own = (
        node
        for node in paragraph.iter(_TEXT, *_BLANKS)
        if next(node.iterancestors(_PARAGRAPH)) is paragraph and not any(node.iterancestors(*_TWICE))
    )
    return "".join(node.text or "" if node.tag == _TEXT else " " for node in own)
