"""What to install when a document cannot be read for want of a library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from summae.errors import MissingExtraError


@contextmanager
def needs(extra: str, kind: str, name: str) -> Iterator[None]:
    """Around the import of a library: that it is absent becomes the one line that says how to get it."""
    try:
        yield
    except ImportError as error:
        message = f"{name}: reading {kind} needs the extra '{extra}': pip install 'summae[{extra}]'"
        raise MissingExtraError(message) from error
