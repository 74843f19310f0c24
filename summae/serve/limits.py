"""How much is too much. What is beyond a limit is refused with a reason, never cut silently."""

from __future__ import annotations

from dataclasses import dataclass, fields

from summae.errors import InputError

HUGE_SHARE = 16  # one in so many waiting texts may be huge: each takes as long as many others


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Every value is at least 1; :class:`InputError` names the one that is not."""

    body_bytes: int = 8 * 1024 * 1024  # of a request
    body_seconds: int = 30  # that a request may take to arrive
    text_chars: int = 200_000  # of one text, in characters
    list_texts: int = 128  # texts of one request
    alternatives: int = 8  # candidates of one text
    queue_texts: int = 256  # waiting texts; of huge ones one in ``HUGE_SHARE``
    batch_texts: int = 8  # texts summarised in one call
    batch_chars: int = 40_000  # characters summarised in one call; a text beyond is huge, and goes alone
    file_seconds: int = 20  # that reading a dropped file may take

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise InputError(f"{each.name} must be a whole number from 1, got {value!r}")
        if self.list_texts > self.queue_texts:
            raise InputError(f"list_texts must be at most queue_texts ({self.queue_texts}), got {self.list_texts}")

    @property
    def queue_huge_texts(self) -> int:
        return max(1, self.queue_texts // HUGE_SHARE)
