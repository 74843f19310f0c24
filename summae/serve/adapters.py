"""For the chief to remove when the branch ``length`` is merged: import ``summae.lengths`` where this is imported."""

from __future__ import annotations

from typing import Any

from summae.errors import InputError

try:
    from summae.lengths import Length  # type: ignore[import-not-found,unused-ignore]
except ImportError:

    class Length:  # type: ignore[no-redef]
        """Named lengths as numbers of words."""

        def __new__(cls, kind: str, amount: float) -> Any:
            raise InputError(f"{kind} needs the branch 'length'")

        @staticmethod
        def named(name: str) -> Any:
            return {"short": 10, "medium": 20, "long": 40}[name]
