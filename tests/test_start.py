"""A run begun where an earlier one ended: what is taken over, from which stage, and what is left alone."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from summae.errors import SummaeError
from summae.training.start import take_over
from summae.training.workspace import Workspace


def write(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


def content(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    files = {f"{stage}/network/config.json": stage for stage in ("language_model", "reconstructor", "generator")}
    files |= {"prepared/tokenizer.json": "t", "imagined.jsonl": "i", "labelled.jsonl": "l"}
    files |= {"generator/state/state.json": "s", "adversarial/network/config.json": "played", "model/m": "m"}
    return write(tmp_path / "earlier", files)


TAKEN = {
    "prepared/tokenizer.json": "t",
    "language_model/network/config.json": "language_model",
    "reconstructor/network/config.json": "reconstructor",
    "generator/network/config.json": "generator",
    "imagined.jsonl": "i",
}


def begun(earlier: Path, root: Path) -> dict[str, str]:
    take_over(Workspace(SimpleNamespace(), root), earlier)  # type: ignore[arg-type]
    return content(root)


def test_networks_preparation_and_pairs_are_taken_and_nothing_else(earlier: Path, tmp_path: Path) -> None:
    before = content(earlier)
    assert begun(earlier, tmp_path / "new") == TAKEN and content(earlier) == before


def test_a_refined_generator_is_newer(earlier: Path, tmp_path: Path) -> None:
    write(earlier, {"refine/network/config.json": "refined"})
    assert begun(earlier, tmp_path / "new") == {**TAKEN, "generator/network/config.json": "refined"}


def test_what_the_run_has_already_stays(earlier: Path, tmp_path: Path) -> None:
    own = {"generator/network/config.json": "own", "imagined.jsonl": "own"}
    assert begun(earlier, write(tmp_path / "new", own)) == {**TAKEN, **own}


def test_a_folder_that_is_no_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(SummaeError, match="start must name the folder of a run .* got '.*nothing'"):
        begun(tmp_path / "nothing", tmp_path / "new")
