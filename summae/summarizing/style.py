"""The styles that a summary can have. Light: parsers of arguments use it."""

from __future__ import annotations

from dataclasses import dataclass

from summae.errors import InputError


@dataclass(frozen=True)
class Style:
    told: str  # what it is, for help texts
    written: bool  # by G; otherwise cut from the text, the preferred shortening of a window first


HEADLINE, SENTENCE = "headline", "sentence"
STYLES = {
    HEADLINE: Style("a telegram, words left out anywhere", written=True),
    SENTENCE: Style("the text's own wording: asides go first, then the end", written=False),
}


def style_of(name: str) -> Style:
    """Raises :class:`InputError`, one line, unless it is one of ``STYLES``."""
    if not isinstance(name, str) or name not in STYLES:
        raise InputError(f"style must be one of {', '.join(STYLES)}, got {name!r}")
    return STYLES[name]
