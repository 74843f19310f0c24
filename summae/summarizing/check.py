"""Checking: a proposal that fails a check is never shown, however well it ranks. A check gives its reason, or nothing.

A new check is a function here or in a file of its own, and one line of ``CHECKS``.
"""

from __future__ import annotations

from collections.abc import Callable

from summae.summarizing.length import Limit

#: (text, source, limit) → what is wrong, or None
Check = Callable[[str, str, Limit], str | None]


def _something(text: str, source: str, limit: Limit) -> str | None:
    return None if text else "says nothing"


def _within_limit(text: str, source: str, limit: Limit) -> str | None:
    return None if limit.allows(text) else "is above the length asked for"


def _no_longer(text: str, source: str, limit: Limit) -> str | None:
    return None if len(text) <= len(source) else "is longer than its text"


CHECKS: dict[str, Check] = {"something": _something, "limit": _within_limit, "no_longer": _no_longer}


def reason_against(text: str, source: str, limit: Limit) -> str | None:
    """What the first check that fails says; ``None``: ``text`` may be shown as a summary of ``source``."""
    return next((why for check in CHECKS.values() if (why := check(text, source, limit))), None)
