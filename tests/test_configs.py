"""Every shipped configuration loads, says the same when written out again, and names only parts that there are."""

import re
from pathlib import Path

import pytest
import yaml

from summae.cli import main
from summae.critics import CRITICS
from summae.errors import ConfigError
from summae.estimators import ESTIMATORS
from summae.rewards import REWARDS
from summae.training.adversarial.task import make_critic, make_mixture
from summae.training.config import RunConfig
from summae.training.schedule import OptimizerConfig
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


def test_its_parts_are_built_when_it_is_read(path):
    config = read_tree(RunConfig, path)
    given = config.adversarial
    if given is not None:
        assert type(given.estimator_options) is ESTIMATORS[given.estimator]
        mixture = make_mixture(given)
        assert list(mixture.rewards) == list(given.rewards)
        assert all(type(reward) is REWARDS[name] for name, reward in mixture.rewards.items())
        assert type(make_critic(given, 300, 1, config.seed)) is CRITICS.get(given.critic, type(None))
        assert ("realism" in mixture.needs) == (given.critic is not None)


def test_the_networks_fit_together(path):
    """R reads what G writes; what is asked of G fits into it, a piece and a half per word."""
    config = read_tree(RunConfig, path)
    assert config.reconstructor.max_source_length >= config.generator.max_target_length
    if config.adversarial is not None:
        assert config.adversarial.max_words < config.generator.max_target_length
        assert config.adversarial.min_words <= config.adversarial.max_words


@pytest.mark.parametrize(("blend", "said"), [(0, "> 0, got 0"), (-0.1, "> 0, got -0.1"), (1.5, "<= 1, got 1.5")])
def test_a_blend_outside_its_range_is_refused(blend, said):
    assert problems(f"adversarial.blend={blend}") == [f"adversarial.blend must be {said}"]


# -- nonsense -----------------------------------------------------------------------------------------------

ESTIMATOR = "must be one of straight_through, reinforce, soft, got 'reinforse', did you mean 'reinforce'?"

#: What once passed, to fail after hours or never; and what is said of it.
NONSENSE = {
    "data.lower_case=2": "data.lower_case must be <= 1, got 2",
    "generator.dropout=5.0": "generator.dropout must be < 1, got 5.0",
    "warmup.mixture.pseudoo=0.5": "unknown key 'warmup.mixture.pseudoo', did you mean 'pseudo'?",
    "adversarial.estimator=reinforse": f"adversarial.estimator {ESTIMATOR}",
    "adversarial.estimator_options.groop=4": "unknown key 'adversarial.estimator_options.groop', did you mean 'group'?",
    "adversarial.critic_options.hiddn=1": "unknown key 'adversarial.critic_options.hiddn', did you mean 'hidden'?",
    "adversarial.critic_steps=-1": "adversarial.critic_steps must be >= 1, got -1",
    "adversarial.rewards.realsm=1": "unknown key 'adversarial.rewards.realsm', did you mean 'realism'?",
    "adversarial.reward_options.length.scale=-1": "adversarial.reward_options.length.scale must be > 0, got -1",
    "adversarial.mask_rebuilt=7": "adversarial.mask_rebuilt must be <= 1, got 7",
}


def problems(*changes):
    with pytest.raises(ConfigError) as caught:
        read_tree(RunConfig, CONFIGS[0].parent / "tiny.yaml", list(changes))
    return caught.value.problems


@pytest.mark.parametrize("change", NONSENSE)
def test_nonsense_is_refused(change):
    assert problems(change) == [NONSENSE[change]]


def test_all_nonsense_of_a_file_is_refused_at_once_before_anything_runs(tmp_path, capsys):
    tree = yaml.safe_load((CONFIGS[0].parent / "tiny.yaml").read_text(encoding="utf-8"))
    for change in NONSENSE:
        place, value = change.split("=")
        *way, last = place.split(".")
        part = tree
        for name in way:
            part = part.setdefault(name, {})
        part[last] = yaml.safe_load(value)
    path = tmp_path / "nonsense.yaml"
    path.write_text(yaml.safe_dump(tree), encoding="utf-8")
    assert main(["train", str(path), "--out", str(tmp_path / "run")]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and not (tmp_path / "run").exists()
    with pytest.raises(ConfigError) as caught:
        read_tree(RunConfig, path)
    assert sorted(caught.value.problems) == sorted(NONSENSE.values())
    assert all(problem in said for problem in NONSENSE.values())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("warmup.mixture={imagined: 1}", "warmup.mixture must not name what is made later .*, got imagined"),
        ("warmup.rebuild_mixture={mined: 1}", "warmup.rebuild_mixture must not name what is made later .*, got mined"),
        ("warmup.mixture={pseudo: 0}", "warmup.mixture must have a share above 0, got none"),
        ("warmup.refine_mixture={}", r"warmup.refine_mixture must be given where warmup.refine is, got none"),
        ("warmup.imagined=0", "warmup.imagined must be > 0, as warmup.refine_mixture names 'imagined', got 0"),
        ("adversarial.critic=null", "adversarial.rewards must not name 'realism' without a critic"),
        ("adversarial.min_words=9", r"adversarial.min_words must be <= max_words \(8\), got 9"),
        (
            "adversarial.estimator_options.group=1",
            "estimator_options.group must be >= 2 with the baseline leave_one_out",
        ),
        ("adversarial.estimator_options.tau=1", "unknown key 'adversarial.estimator_options.tau'"),
        (
            "adversarial.reward_options.lenght={}",
            "unknown key 'adversarial.reward_options.lenght', did you mean 'length'?",
        ),
        ("data.window_words=[9, 3]", r"data.window_words must rise from the least to the largest, got \[9, 3\]"),
        ("data.corpora.village.sources=[]", "data.corpora.village.sources must name at least one file, got none"),
        ("paired={file: {path: x, every: 2, offset: 2}}", r"paired.file.offset must be < every \(2\), got 2"),
    ],
)
def test_contradictions_are_refused(change, said):
    (problem,) = problems(change)
    assert re.match(said, problem.removeprefix("adversarial.") if said.startswith("estimator") else problem), problem


def test_options_of_a_part_that_is_not_used_wait():
    """A critic may be left out of a shipped configuration by one word; options of a reward are checked all the same."""
    rewards = "adversarial.rewards={reconstruction: 1.0}"
    config = read_tree(RunConfig, CONFIGS[0].parent / "tiny.yaml", ["adversarial.critic=null", rewards])
    assert config.adversarial.critic_options is None and read_tree(RunConfig, to_dict(config)) == config
    assert problems("adversarial.reward_options={coverage: {x: 1}}", rewards) == [
        "unknown key 'adversarial.reward_options.coverage.x'"
    ]


def test_a_changed_default_keeps_the_rest_of_it():
    config = read_tree(RunConfig, CONFIGS[0].parent / "tiny.yaml", ["adversarial.critic_optimizer.clip=2"])
    assert config.adversarial.critic_optimizer == OptimizerConfig(learning_rate=2e-3, clip=2.0)
