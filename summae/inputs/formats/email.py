"""Mail (RFC 5322 and MIME): what its author wrote. Quoted mails, the signature and attachments are left out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from summae.errors import InputError
from summae.inputs.formats.charset import decode
from summae.inputs.formats.html import prose
from summae.inputs.formats.paragraphs import paragraphs

if TYPE_CHECKING:
    from email.message import EmailMessage

BEGINS = re.compile(rb"(Return-Path|Received|Delivered-To|MIME-Version):[ \t]", re.IGNORECASE)

_SIGNATURE = re.compile(r"^-- \n.*", re.MULTILINE | re.DOTALL)
#: Lines that begin with ">", and before them "Ann wrote on Monday:", of two lines at most.
_QUOTED = re.compile(r"(?:(?:\A|(?<=\n\n))(?:[^>\n].*\n)?[^>\n].*:\n\n?)?(?:^>.*\n?)+", re.MULTILINE)
_QUOTED_HTML = frozenset(["blockquote"])


def read(data: bytes, name: str, errors: str) -> list[str]:
    """The paragraphs of the plain text of a mail; of its HTML where it has no other."""
    from email import message_from_bytes, policy

    try:
        message = message_from_bytes(data, policy=policy.default)
        if not message.keys():
            raise InputError(f"{name}: not a mail: it has no header lines")
        plain, html = (_content(message, kind, name, errors) for kind in ("plain", "html"))
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - the standard library fails on some headers, in unlisted ways
        raise InputError(f"{name}: damaged mail ({type(error).__name__}: {error})") from error
    return paragraphs(_own_words(plain)) or (prose(html, name, drop=_QUOTED_HTML) if html else [])


def titles(data: bytes, name: str, errors: str) -> list[str]:
    """Its subject line."""
    from email import message_from_bytes, policy

    return [str(message_from_bytes(data, policy=policy.default)["subject"] or "")]


def _content(message: EmailMessage, kind: str, name: str, errors: str) -> str:
    """The body of one kind, "" when there is none."""
    part = message.get_body((kind,))
    data = part.get_payload(decode=True) if part is not None else None
    if part is None or not isinstance(data, bytes):
        return ""
    text = decode(data, name, errors, part.get_content_charset(""))
    if part.get_param("format") == "flowed":  # RFC 3676: a blank at its end says that a line goes on
        text = re.sub(r"(?<!\n--) \n(?!-- \n|[>\n])", " ", text)
    return text


def _own_words(text: str) -> str:
    return _QUOTED.sub("\n", _SIGNATURE.sub("", text))
