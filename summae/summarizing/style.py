"""The styles that a summary can have. Light: parsers of arguments use it."""

from __future__ import annotations

from dataclasses import dataclass

from summae.errors import InputError


@dataclass(frozen=True)
class Style:
    help: str  # what it is
    proposers: tuple[str, ...]  # whose proposals compete, of ``summae.summarizing.proposers.PROPOSERS``
    otherwise: tuple[str, ...]  # those that are asked where these find nothing: in a language without a parser
    whole: bool  # a length in sentences means whole ones


AUTO, HEADLINE, SENTENCE = "auto", "headline", "sentence"
STYLES = {
    HEADLINE: Style(
        "as headlines are worded, words left out anywhere",
        proposers=("headline_pruning",),
        otherwise=("generator",),
        whole=False,
    ),
    SENTENCE: Style(
        "the text's own wording: asides go first, then the end",
        proposers=("pruning",),
        otherwise=("shortening",),
        whole=True,
    ),
}


def style_of(name: str, kind: str = "words") -> Style:
    """``AUTO``: sentences are told whole, a length of another kind as a headline. Raises :class:`InputError`, one line,
    unless ``name`` is that or one of ``STYLES``.
    """
    if name == AUTO:
        return STYLES[SENTENCE if kind == "sentences" else HEADLINE]
    if not isinstance(name, str) or name not in STYLES:
        raise InputError(f"style must be one of {', '.join((AUTO, *STYLES))}, got {name!r}")
    return STYLES[name]
