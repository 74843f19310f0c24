"""Text from a file or from standard input, or one line saying why it cannot be read as text.

Understood are UTF-8, with or without a byte order mark, and UTF-16 with one. Line ends become
``\\n``, so that offsets into the text are the same on every system.
"""

from __future__ import annotations

import codecs
import sys
from pathlib import Path

from summae.errors import InputError

STDIN = "-"
ERRORS = ("strict", "replace")

#: How files begin that are no text, and what to call them.
_MAGIC = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a Word, EPUB or zip file",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Word or Excel file",
    b"{\\rtf": "an RTF document",
    b"\x89PNG\r\n": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"\x1f\x8b\x08": "a gzip archive",
    b"\xfd7zXZ\x00": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"SQLite format 3\x00": "an SQLite database",
    b"\x7fELF": "a program",
}
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"


def read_text(source: str | Path, errors: str = "strict", hint: str = "--errors replace") -> str:
    """The text of a file, or of standard input when ``source`` is ``"-"``; never empty.

    With ``errors="replace"`` broken UTF-8 and NUL bytes become U+FFFD instead of an error.
    ``hint`` names that way out in the messages; "" where there is none.
    Raises :class:`InputError`, one line, for everything that keeps the text from being read.
    """
    return decode(read_bytes(source), name_of(source), errors, hint)


def name_of(source: str | Path) -> str:
    """What messages call ``source``."""
    return "standard input" if source == STDIN else str(source)


def read_bytes(source: str | Path) -> bytes:
    """All of a file or of standard input. Raises :class:`InputError`, one line, when it cannot be read."""
    name = name_of(source)
    try:
        if source != STDIN:
            return Path(source).read_bytes()
        if sys.stdin is None:
            raise InputError("standard input: closed")
        return sys.stdin.buffer.read()
    except FileNotFoundError:
        raise InputError(f"{name}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{name}: is a directory, not a text file") from None
    except PermissionError:
        raise InputError(f"{name}: no permission to read it") from None
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {error.strerror or error}") from None
    except ValueError:  # a NUL in the name
        raise InputError(f"{name!r}: not a file name") from None


def decode(data: bytes, name: str, errors: str = "strict", hint: str = "--errors replace") -> str:
    """``data`` as text with ``\\n`` line ends; ``name`` says in messages where it came from."""
    if errors not in ERRORS:
        raise InputError(f"errors must be one of {', '.join(ERRORS)}, got '{errors}'")
    for magic, kind in _MAGIC.items():
        if data.startswith(magic):
            raise InputError(f"{name}: looks like {kind}; convert it to plain text first")
    strict = errors == "strict"
    utf16 = next((codec for mark, codec in _UTF16.items() if data.startswith(mark)), None)
    text = _from_utf16(data, utf16, name, strict) if utf16 else _from_utf8(data, name, strict, hint)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    if not text.strip().strip(_INVISIBLE).strip():
        what = "only white space" if text.strip(_INVISIBLE) else "empty"
        raise InputError(f"{name}: {what}, nothing to read")
    return text


def _or(hint: str) -> str:
    return f", or use {hint}" if hint else ""


def _from_utf8(data: bytes, name: str, strict: bool, hint: str) -> str:
    start = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    if strict and (nul := data.find(b"\0")) >= 0:
        raise InputError(f"{name}: not plain text: NUL byte at byte {nul}; convert it to UTF-8{_or(hint)}")
    try:
        return data[start:].decode("utf-8", "strict" if strict else "replace")
    except UnicodeDecodeError as error:
        place = start + error.start
        line = data.count(b"\n", 0, place) + 1
        what = f"line {line}, byte {place}: not UTF-8 (byte 0x{data[place]:02x})"
        raise InputError(f"{name}: {what}; convert it to UTF-8{_or(hint)}") from None


def _from_utf16(data: bytes, codec: str, name: str, strict: bool) -> str:
    try:
        return data[2:].decode(codec, "strict" if strict else "replace")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: byte {error.start + 2}: broken UTF-16") from None
