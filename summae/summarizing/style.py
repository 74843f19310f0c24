"""The styles that a summary can have. Light: parsers of arguments use it."""

from __future__ import annotations

from dataclasses import dataclass

from summae.errors import InputError


@dataclass(frozen=True)
class Style:
    help: str  # what it is
    proposers: tuple[str, ...]  # whose proposals compete, of ``summae.summarizing.proposers.PROPOSERS``
    whole: bool  # a length in sentences means whole ones


HEADLINE, SENTENCE = "headline", "sentence"
STYLES = {
    HEADLINE: Style("as headlines are worded, words left out anywhere", proposers=("generator",), whole=False),
    SENTENCE: Style("the text's own wording: asides go first, then the end", proposers=("shortening",), whole=True),
}


def style_of(name: str) -> Style:
    """Raises :class:`InputError`, one line, unless it is one of ``STYLES``."""
    if not isinstance(name, str) or name not in STYLES:
        raise InputError(f"style must be one of {', '.join(STYLES)}, got {name!r}")
    return STYLES[name]


def default_style(kind: str) -> str:
    """Of a length of that kind: sentences are told whole, words as a headline."""
    return SENTENCE if kind == "sentences" else HEADLINE
