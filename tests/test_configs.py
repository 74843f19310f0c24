"""Every shipped configuration loads, says the same when written out again, and names only parts that there are."""

from pathlib import Path

import pytest
import yaml

from summae.critics import CRITICS
from summae.data.examples import MAKERS
from summae.errors import ConfigError
from summae.estimators import ESTIMATORS
from summae.training.adversarial import make_critic, make_mixture, make_part
from summae.training.config import RunConfig
from summae.training.yaml_tree import read_tree, to_dict, to_yaml

CONFIGS = sorted((Path(__file__).resolve().parents[1] / "configs").glob("*.yaml"))


@pytest.fixture(params=CONFIGS, ids=lambda path: path.stem)
def path(request):
    return request.param


def test_the_shipped_ones():
    wanted = {"tiny", "small", "base", "toy", "wang_lee_wgan", "wang_lee_reinforce", "seq3"}
    assert wanted <= {path.stem for path in CONFIGS}


def test_it_loads_and_comes_back_the_same(path, tmp_path):
    config = read_tree(RunConfig, path)
    (tmp_path / "again.yaml").write_text(to_yaml(config), encoding="utf-8")
    assert read_tree(RunConfig, tmp_path / "again.yaml") == config
    assert read_tree(RunConfig, to_dict(config)) == config


def test_what_the_file_says_is_what_the_tree_holds(path):
    """Read by PyYAML alone: every key of the file is found in the tree, with its value."""

    def compare(said, held, where):
        if isinstance(said, dict):
            for key, value in said.items():
                compare(value, held[key], f"{where}.{key}")
        elif isinstance(said, list):
            assert len(said) == len(held), where
            for index, value in enumerate(said):
                compare(value, held[index], f"{where}[{index}]")
        else:
            assert held == (float(said) if isinstance(held, float) else said), where

    compare(yaml.safe_load(path.read_text(encoding="utf-8")), to_dict(read_tree(RunConfig, path)), path.stem)


def test_it_is_called_as_its_file_and_the_first_lines_say_how_to_run_it(path):
    assert read_tree(RunConfig, path).name == path.stem
    comment = "".join(line for line in path.read_text(encoding="utf-8").splitlines(True) if line.startswith("#"))
    assert f"summae train configs/{path.name}" in comment or "scripts/" in comment


def test_its_parts_can_be_built(path):
    config = read_tree(RunConfig, path)
    warmup, game = config.warmup, config.adversarial
    assert {*warmup.mixture, *warmup.refine_mixture, *warmup.rebuild_mixture} <= set(MAKERS)
    if game is not None:
        make_part(ESTIMATORS, game.estimator, "estimator", game.estimator_options)
        mixture = make_mixture(game)
        assert set(mixture.rewards) == set(game.rewards) and set(game.reward_options) <= set(game.rewards)
        assert type(make_critic(game, 300, 1, config.seed)) is CRITICS.get(game.critic, type(None))
        assert ("realism" in mixture.needs) == (game.critic is not None)


def test_the_networks_fit_together(path):
    """R reads what G writes; what is asked of G fits into it, a piece and a half per word."""
    config = read_tree(RunConfig, path)
    assert config.reconstructor.max_source_length >= config.generator.max_target_length
    if config.adversarial is not None:
        assert config.adversarial.max_words < config.generator.max_target_length
        assert config.adversarial.min_words <= config.adversarial.max_words


@pytest.mark.parametrize("blend", [0, -0.1, 1.5])
def test_a_blend_outside_its_range_is_refused(blend):
    with pytest.raises(ConfigError, match=r"adversarial\.blend must be above 0 and at most 1"):
        read_tree(RunConfig, CONFIGS[0].parent / "tiny.yaml", [f"adversarial.blend={blend}"])
