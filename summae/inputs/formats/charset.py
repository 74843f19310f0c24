"""Bytes to characters where a document may itself say which characters it is written in."""

from __future__ import annotations

import codecs

from summae.errors import InputError

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
#: Names that are taken, as browsers do, for the larger set they are mistaken for.
_LARGER = {"iso8859-1": "cp1252", "ascii": "utf-8", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932"}


def decode(data: bytes, name: str, errors: str, declared: str = "") -> str:
    """``data`` as text with ``\\n`` line ends: by its byte order mark, else as ``declared``, else UTF-8.

    Raises :class:`InputError` when that fails and ``errors`` is "strict".
    """
    codec = next((codec for mark, codec in _MARKS.items() if data.startswith(mark)), None) or _known(declared)
    try:
        text = data.decode(codec, errors)
    except UnicodeDecodeError as error:
        what = f"byte {error.start}: not {codec.upper()} (byte 0x{data[error.start]:02x})"
        raise InputError(f"{name}: {what}; convert it to UTF-8, or use --errors replace") from None
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def _known(declared: str) -> str:
    """Python's name for a declared character set; UTF-8 for one that nobody knows."""
    try:
        found = codecs.lookup(declared)
    except (LookupError, ValueError):
        return "utf-8"
    if not found._is_text_encoding:  # "rot13", "zip": not bytes to characters
        return "utf-8"
    return _LARGER.get(found.name, found.name)
