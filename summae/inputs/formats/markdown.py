"""Markdown (CommonMark with tables): its prose. Code blocks, HTML, images and front matter are left out."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from summae.inputs.formats.charset import decode
from summae.inputs.formats.extras import needs
from summae.inputs.formats.paragraphs import one_line

if TYPE_CHECKING:
    from markdown_it.token import Token

#: YAML between two lines of dashes; that its first line has a colon tells it from a rule across the page.
_FRONT_MATTER = re.compile(r"---[^\S\n]*\n[\w-]+[^\S\n]*:.*\n(?:.*\n)*?(?:---|\.\.\.)[^\S\n]*(?:\n|\Z)")


def read(data: bytes, name: str, errors: str) -> list[str]:
    """Headings, paragraphs, list items and table rows in order."""
    blocks = [""]
    in_row = False
    for token in _tokens(data, name, errors):
        if token.type in ("tr_open", "tr_close"):
            in_row = token.type == "tr_open"
            blocks.append("")
        elif token.type == "inline":
            blocks[-1:] = [f"{blocks[-1]} {_prose(token)}"] if in_row else [blocks[-1], _prose(token)]
    return [block for block in map(one_line, blocks) if block]


def titles(data: bytes, name: str, errors: str) -> list[str]:
    """Its headings down to the third level."""
    tokens = _tokens(data, name, errors)
    return [_prose(text) for token, text in pairwise(tokens) if token.type == "heading_open" and token.tag < "h4"]


def _tokens(data: bytes, name: str, errors: str) -> list[Token]:
    """All but the front matter, parsed."""
    with needs("markdown", "Markdown", name):
        from markdown_it import MarkdownIt
    text = decode(data, name, errors)
    front = _FRONT_MATTER.match(text)
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text[front.end() if front else 0 :])


def _prose(token: Token) -> str:
    """The words of one block: link texts and code in the line stay; images, tags and what is struck out do not."""
    words, struck = [], False
    for piece in token.children or []:
        if piece.type in ("s_open", "s_close"):
            struck = piece.type == "s_open"
        elif piece.type in ("softbreak", "hardbreak"):
            words.append("\n")
        elif piece.type in ("text", "code_inline") and not struck:
            words.append(piece.content)
    return "".join(words)
