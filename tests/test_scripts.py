"""scripts/ablations.py and scripts/figures.py: an ablation lacks what it says; the curves are those of the logs."""

import argparse
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

import ablations  # noqa: E402
import figures  # noqa: E402

from summae.training.config import RunConfig  # noqa: E402
from summae.training.yaml_tree import read_tree  # noqa: E402

SMALL = ROOT / "configs" / "small.yaml"


def ablation(name: str) -> RunConfig:
    given = argparse.Namespace(config=SMALL, set=["adversarial.loop.batch_size=4"], steps=9)
    return read_tree(RunConfig, SMALL, ablations.changes(name, given))


@pytest.mark.parametrize("name", ablations.ABLATIONS)
def test_an_ablation_differs_from_the_full_one_in_its_part_only(name: str) -> None:
    full, without = ablation("full").adversarial, ablation(name).adversarial
    assert full is not None and without is not None
    assert (without.loop.steps, without.loop.minutes, without.loop.batch_size) == (9, None, 4)
    lacks = {"no_critic": "realism", "no_reconstruction": "reconstruction"}
    lacks |= {"no_language_model": "fluency", "no_similarity": "coverage"}
    assert full.rewards == read_tree(RunConfig, SMALL).adversarial.rewards
    assert without.rewards == {key: value for key, value in full.rewards.items() if key != lacks.get(name)}
    assert (without.critic is None) == (name == "no_critic")
    assert (without.critic == "wgan_gp") == (name == "wgan_gp")
    assert (without.estimator == "straight_through") == (name == "straight_through")
    kept = {name: reward for name, reward in full.reward_options.items() if name in without.rewards}
    assert without.reward_options == kept
    same = set(vars(full)) - {"rewards", "reward_options", "critic", "critic_options", "critic_pause_above"}
    same -= {"estimator", "estimator_options", "normalise_rewards"}
    assert all(getattr(full, field) == getattr(without, field) for field in same)


def test_the_curve_of_a_log_is_its_figure_over_minutes(tmp_path: Path) -> None:
    rows = [{"seconds": 60.0, "loss": 4.0}, {"seconds": 90.0, "other": 1.0}, {"seconds": 150.0, "loss": 2.0}]
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert figures.read_log(tmp_path / "log.jsonl", "loss") == ([1.0, 2.5], [4.0, 2.0])


def test_a_running_mean_of_a_constant_is_the_constant_and_recent_values_count_more() -> None:
    assert figures.smooth([3.0] * 5) == pytest.approx([3.0] * 5)
    assert figures.smooth([0.0, 1.0], memory=0.5) == pytest.approx([0.0, 2 / 3])  # 1 / (1 + 0.5)


def test_pictures_are_written_and_empty_runs_named(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "run" / "refine").mkdir(parents=True)
    (tmp_path / "run" / "refine" / "log.jsonl").write_text('{"seconds": 60, "loss": 4}\n{"seconds": 90, "loss": 3}\n')
    assert figures.main(["curves", str(tmp_path / "run"), "--out", str(tmp_path)]) == 0
    row = {"budget": 4, "words": 3.9, "rouge1": 0.3, "rouge2": 0.1, "rougeL": 0.2, "rebuilt": 0.25}
    figures.lengths([row, {**row, "budget": 6}], tmp_path)
    for name in ("learning-curves.png", "rate-length.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
    with pytest.raises(SystemExit, match="no log of a stage in .*nothing"):
        figures.main(["curves", str(tmp_path / "nothing"), "--out", str(tmp_path)])
