"""A run that starts from what an earlier one left, instead of from nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

from summae.errors import SummaeError
from summae.files import new_directory, write_atomically
from summae.training.workspace import Workspace

NETWORKS = ("language_model", "reconstructor")
PAIRS = ("imagined", "mined")  # labels are those of another teacher


def warmed_generator(space: Workspace) -> str:
    """The stage that left the newest warmed-up generator."""
    return "refine" if space.finished("refine") else "generator"


def take_over(space: Workspace, earlier: Path) -> None:
    """Copy an earlier run's preparation, warmed-up networks and made pairs into this run, where it has none yet.

    Its newest warmed-up generator becomes what this run's ``generator`` stage leaves, where ``refine`` goes on.
    Raises :class:`SummaeError` when the earlier run has no warmed-up generator.
    """
    before = Workspace(space.config, earlier)
    if not before.finished(warmed_generator(before)):
        raise SummaeError(f"start must name the folder of a run whose generator is warmed up, got '{earlier}'")
    parts = {"prepared": "prepared", f"{warmed_generator(before)}/network": "generator/network"}
    parts |= {f"{name}/network": f"{name}/network" for name in NETWORKS}
    for old, new in parts.items():
        if (earlier / old).exists() and not (space.root / new).exists():
            with new_directory(space.root / new) as folder:
                shutil.copytree(earlier / old, folder, dirs_exist_ok=True)
    for name in (f"{made}.jsonl" for made in PAIRS):
        if (earlier / name).exists() and not (space.root / name).exists():
            write_atomically(space.root / name, (earlier / name).read_bytes())
