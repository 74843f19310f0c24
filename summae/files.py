"""Files that are either whole or absent: write beside, fsync, rename."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE_MODE, DIRECTORY_MODE = 0o644, 0o755  # as if they had not been temporary: all may read


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_atomically(path: str | Path, content: str | bytes) -> None:
    """Replace ``path`` by ``content``; on any failure the old file stays as it was.

    Raises ``OSError`` (a full disk, say) after removing the temporary file.
    """
    path = Path(path)
    data = content.encode("utf-8") if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        os.chmod(name, FILE_MODE)
        put_in_place(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def put_in_place(finished: str | Path, path: str | Path) -> None:
    """Give ``finished``, a whole file on the same file system, the name ``path``; on disk before and after."""
    _sync(Path(finished))
    os.replace(finished, path)
    _sync(Path(path).parent)


@contextmanager
def new_directory(path: str | Path) -> Iterator[Path]:
    """A fresh directory to fill; it takes the place of ``path`` only when the block succeeds.

    The old ``path`` is moved aside just before the rename and removed after it, so a reader finds the old whole
    directory or the new whole directory, never a mixture. A crash between the two renames leaves the old one aside:
    :func:`put_back` finds it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    put_back(path)
    building = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.new."))
    try:
        yield building
        for each in building.rglob("*"):
            if each.is_file():
                _sync(each)
        building.chmod(DIRECTORY_MODE)
        shutil.rmtree(_aside(path), ignore_errors=True)
        if path.exists():
            path.rename(_aside(path))
        building.rename(path)
        shutil.rmtree(_aside(path), ignore_errors=True)
    except BaseException:
        put_back(path)
        shutil.rmtree(building, ignore_errors=True)
        raise
    _sync(path.parent)


def _aside(path: Path) -> Path:
    return path.with_name(f".{path.name}.old")


def put_back(path: str | Path) -> None:
    """Undo a :func:`new_directory` that crashed between its two renames."""
    path = Path(path)
    if not path.exists() and _aside(path).exists():
        _aside(path).rename(path)
