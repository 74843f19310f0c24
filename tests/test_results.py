"""scripts/results.py: figures by set, pages rewritten between their marks and nowhere else."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest
from world import SHORT, SOURCES

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("results_script", ROOT / "scripts" / "results.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def place(tmp_path, script):
    """Pages with marks, and data files of three texts each."""
    for each in script.SETS.values():
        path = tmp_path / "data" / each.path
        path.parent.mkdir(parents=True, exist_ok=True)
        texts = [" ".join(SOURCES[i : i + 4]) for i in range(3)]
        rows = [{"id": f"n{i}", "text": text, "summaries": [f"{SHORT[i]} {i}"]} for i, text in enumerate(texts)]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for page in (script.PAGE, script.CARD):
        path = tmp_path / page
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("before\n<!-- results -->\nold\n<!-- /results -->\nafter\n")
    (tmp_path / "docs").mkdir(exist_ok=True)
    return tmp_path


def test_tables_of_all_asked_sets_stand_between_the_marks(place, script, tiny_checkpoint):
    common = ["--data", str(place / "data"), "--out", str(place), "--model", str(tiny_checkpoint)]
    assert script.main([*common, "--only", "news"]) == 0
    first = (place / script.PAGE).read_text()
    assert first.startswith("before\n<!-- results -->\nNews") and first.endswith("<!-- /results -->\nafter\n")
    assert "old" not in first and first.count("| lead |") == 2 and "3 texts" in first
    assert script.main([*common, "--only", "email", "--limit", "2"]) == 0
    both = (place / script.CARD).read_text()
    assert both.count("| lead |") == 3 and "n:3|" in both and "n:2|" in both, "news keeps its figures"
    assert [*json.loads((place / "docs" / "results.json").read_text())] == ["news", "email"]


def test_samples_show_no_text_that_may_not_be_shown(place, script, tiny_checkpoint):
    common = ["--data", str(place / "data"), "--out", str(place), "--model", str(tiny_checkpoint)]
    script.main([*common, "--only", "news"])
    page = (place / "docs" / "samples.md").read_text()
    assert page.count("`n0`") == len(script.SETS) and SOURCES[0] not in page
    assert page.count(f"{SHORT[0]} 0") == 1, "the title of the free set only"


def test_a_page_without_marks_is_left_alone(place, script):
    with pytest.raises(SystemExit, match="no <!-- results -->"):
        script.replaced("nothing here", "table")
