"""``OUT.parts``: the directory of a batch in progress, with its plan and its journal.

    plan.json        what the batch was begun with; there as long as it is unfinished
    journal.jsonl    the outcomes so far
    OUT              being written, before it takes its place
    lock             held by the process that works on it

Whatever the moment a process is killed at, the next one finds a whole plan or none.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from summae.batch.batch_options import BatchOptions
from summae.errors import InputError
from summae.files import write_atomically

LOCK = "lock"  # its name in that directory


def parts_of(out: Path) -> Path:
    return out.with_name(f"{out.name}.parts")


def errors_of(out: Path) -> Path:
    return out.with_name(f"{out.name}.errors.jsonl")


def check_may_begin(options: BatchOptions) -> None:
    """Raises :class:`InputError` where ``options`` would destroy something without having been told to."""
    out, unfinished = Path(options.out), _plan(Path(options.out)).exists()
    if unfinished and not (options.resume or options.overwrite):
        raise InputError(f"{parts_of(out)}: holds unfinished work; --resume goes on with it, --overwrite begins anew")
    if out.exists() and not (options.overwrite or (options.resume and unfinished)):
        raise InputError(f"{out}: is there already; --overwrite replaces it, or write to another file")


@contextmanager
def workplace(options: BatchOptions, settings: dict[str, Any]) -> Iterator[Path]:
    """The directory to work in, nobody else's meanwhile: new, or with the journal of a batch of equal ``settings``."""
    out = Path(options.out)
    parts_of(out).mkdir(parents=True, exist_ok=True)
    with _locked(parts_of(out)):
        check_may_begin(options)  # once more: another process may have been here
        if options.resume and _plan(out).exists():
            _check_same(_plan(out), settings)
        else:
            _empty(parts_of(out), out)
            write_atomically(_plan(out), json.dumps(settings, indent=1))
        yield parts_of(out)


def clear(out: Path) -> None:
    """Remove the workplace of a finished batch; the plan first: without it nothing counts as unfinished."""
    _plan(out).unlink()
    shutil.rmtree(parts_of(out), ignore_errors=True)  # Windows keeps the file of the lock until that is released


def _plan(out: Path) -> Path:
    return parts_of(out) / "plan.json"


def _check_same(plan: Path, settings: dict[str, Any]) -> None:
    try:
        begun = dict(json.loads(plan.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        begun = {}
    for name, value in settings.items():
        if begun.get(name) != value:
            was = "another " + name if name in ("input", "model") else f"{name} {begun.get(name)}, not {value}"
            raise InputError(f"{plan.parent}: was begun with {was}; give the same again, or --overwrite begins anew")


def _empty(directory: Path, out: Path) -> None:
    """Throws away what an earlier batch left; raises :class:`InputError` where anybody else has left something."""
    ours = ("plan.json", "journal.jsonl", "errors.jsonl", out.name)
    found = sorted(path for path in directory.iterdir() if path.name != LOCK)
    for path in found:
        if path.is_dir() or not (path.name in ours or path.name.startswith(".plan.json.")):
            raise InputError(f"{path}: is not from a batch; move it away, or write to another file than {out.name}")
    (directory / "plan.json").unlink(missing_ok=True)  # first: without it nothing counts as unfinished
    for path in found:
        path.unlink(missing_ok=True)


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Ends with the process, however that ends."""
    from filelock import FileLock, Timeout

    try:
        held = FileLock(directory / LOCK).acquire(blocking=False)
    except Timeout:
        raise InputError(f"{directory}: another process is working on this batch") from None
    with held:
        yield
    with suppress(OSError):
        directory.rmdir()  # of a finished batch, on Windows: see :func:`clear`
