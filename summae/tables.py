"""Name → thing tables: one dict literal per kind of part, one way to look a name up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from summae.errors import SummaeError

Thing = TypeVar("Thing")
CLOSE = 0.5  # similarity, as difflib counts it, from which a name may have been meant


def nearest(name: str, names: Iterable[str]) -> str:
    """ ", did you mean 'x'?" for the closest of ``names``, or "" when nothing is close."""
    from difflib import get_close_matches  # only those pay for it who mistype

    close = get_close_matches(name, list(names), n=1, cutoff=CLOSE)
    return f", did you mean '{close[0]}'?" if close else ""


def look_up(table: Mapping[str, Thing], name: str, kind: str) -> Thing:
    """``table[name]``; a :class:`SummaeError` naming every choice when it is not there."""
    if name not in table:
        choices = ", ".join(table)
        raise SummaeError(f"{kind} must be one of {choices}, got '{name}'{nearest(name, table)}")
    return table[name]
