"""Bytes of a file that may be packed: its suffix says how."""

from __future__ import annotations

import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from summae.errors import InputError

PACKED: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".xz": lzma.open}


def open_bytes(path: Path, mode: str = "rb") -> IO[bytes]:
    return PACKED.get(path.suffix.lower(), open)(path, mode)


@contextmanager
def damage_named(name: str) -> Iterator[None]:
    """What a damaged or vanished file raises while it is read becomes one line with its name."""
    try:
        yield
    except (EOFError, zlib.error, lzma.LZMAError, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error) or "it ends too early"
        raise InputError(f"{name}: cannot be read: {reason}") from error
