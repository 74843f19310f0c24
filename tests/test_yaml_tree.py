"""YAML → dataclasses: what is accepted, what is reported, and that the way back leads to the same tree."""

from __future__ import annotations

from dataclasses import field, replace
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import ValidationInfo, field_validator

from summae.errors import ConfigError, InputError
from summae.options import Flag, Natural, Number, Options, changing, name_in, options
from summae.training.yaml_tree import read_tree, to_dict, to_yaml


@options
class Warmup(Options):
    steps: Natural = 100
    rate: Number = 0.5
    betas: tuple[Number, Number] = (0.9, 0.99)


@options
class Critic(Options):
    layers: list[Natural] = field(default_factory=lambda: [1, 2])
    optimizer: Literal["adam", "sgd"] = "adam"
    limit: Natural | None = None


@options
class Run(Options):
    name: str
    data: str
    seed: Natural = 1
    fast: Flag = False
    warmup: Annotated[Warmup, changing(Warmup(steps=7))] = Warmup(steps=7)
    critic: Critic | None = None
    rewards: dict[str, Number] = field(default_factory=dict)
    parts: dict[Annotated[str, name_in(("one", "two"))], Warmup] = field(default_factory=dict)
    names: tuple[str, ...] = ()

    @field_validator("critic")
    @classmethod
    def _not_with_fast(cls, critic: Critic | None, info: ValidationInfo) -> Critic | None:
        if critic and info.data.get("fast"):
            raise ValueError("cannot go with fast")
        return critic


def minimal(**more: object) -> dict:
    return {"name": "a", "data": "texts", **more}


def problems_of(source: object, *overrides: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_tree(Run, source, list(overrides))
    return caught.value.problems


def test_every_type_is_read(tmp_path: Path) -> None:
    text = """
name: no          # a word, not a boolean: YAML 1.1 would read false
data: some/where
seed: 1_000
fast: true
warmup: {rate: 1e-3, betas: [1, 2E+1]}
rewards: {fluency: 3, length: -.5}
parts: {one: {steps: 3}, two: }
names: [on, 2020-01-01, "5"]
"""
    path = tmp_path / "run.yaml"
    path.write_text(text)
    run = read_tree(Run, path)
    assert run == Run(
        name="no",
        data="some/where",
        seed=1000,
        fast=True,
        warmup=Warmup(steps=7, rate=0.001, betas=(1.0, 20.0)),
        rewards={"fluency": 3.0, "length": -0.5},
        parts={"one": Warmup(steps=3), "two": Warmup()},
        names=("on", "2020-01-01", "5"),
    )
    assert [type(value) for value in run.rewards.values()] == [float, float]


def test_a_part_of_a_default_can_be_changed() -> None:
    assert read_tree(Run, minimal(warmup={"rate": 2})).warmup == Warmup(steps=7, rate=2.0)


def test_all_problems_at_once() -> None:
    source = {
        "data": 3,
        "sed": 5,
        "fast": 1,
        "warmup": {"steps": "many", "stpes": 1, "betas": [1]},
        "critic": {"layers": [1, "x"], "optimizer": "adamw", "limit": 0.5},
        "rewards": {"fluency": None},
        "parts": {"one": {"steps": -1}, "tow": {}},
        "names": "a",
    }
    assert problems_of(source) == [
        "missing key 'name'",
        "data must be a text, got 3",
        "fast must be true or false, got 1",
        "warmup.steps must be an integer, got 'many'",
        "missing key 'warmup.betas[1]'",
        "unknown key 'warmup.stpes', did you mean 'steps'?",
        "critic.layers[1] must be an integer, got 'x'",
        "critic.optimizer must be one of adam, sgd, got 'adamw', did you mean 'adam'?",
        "critic.limit must be an integer, got 0.5",
        "rewards.fluency must be a number, got null",
        "parts.one.steps must be >= 0, got -1",
        "unknown key 'parts.tow', did you mean 'two'?",
        "names must be a list, got 'a'",
        "unknown key 'sed', did you mean 'seed'?",
    ]


@pytest.mark.parametrize("seed", [True, 1.0, "1e3", None, [1]])
def test_an_int_is_an_int(seed: object) -> None:
    assert len(problems_of(minimal(seed=seed))) == 1


@pytest.mark.parametrize("rate", [True, "fast", float("nan"), float("inf"), 10**400, "1"])
def test_a_float_is_a_number(rate: object) -> None:
    (problem,) = problems_of(minimal(warmup={"rate": rate}))
    assert problem.startswith(("warmup.rate must be a number, got ", "warmup.rate must be a finite number, got "))


def test_contradictions_are_reported_with_other_problems() -> None:
    found = problems_of(minimal(fast=True, critic={}, warmup={"steps": -2}, sed=1))
    assert found == [
        "warmup.steps must be >= 0, got -2",
        "critic cannot go with fast",
        "unknown key 'sed', did you mean 'seed'?",
    ]


def test_overrides() -> None:
    run = read_tree(
        Run,
        minimal(names=["a", "b"]),
        [
            "seed=2",
            "name=5",
            "critic.limit=null",
            "critic.layers=[4]",
            "rewards.x=1e-2",
            "names.1=c=d",
        ],
    )
    assert (run.seed, run.name, run.rewards, run.names) == (2, "5", {"x": 0.01}, ("a", "c=d"))
    assert run.critic == Critic(layers=[4], limit=None)


def test_overrides_leave_the_given_mapping_alone() -> None:
    source = minimal(warmup={"steps": 1})
    assert read_tree(Run, source, ["warmup.steps=2"]).warmup.steps == 2
    assert source == minimal(warmup={"steps": 1})


def test_wrong_overrides() -> None:
    assert problems_of(minimal(seed=3), "seed", "seed.x=1", "fast=maybe", "warmup.stesp=1", "name.=1", "names=[") == [
        "override must be KEY=VALUE, as in warmup.steps=100, got 'seed'",
        "override 'seed.x': nothing can be set at 'x'",
        "override must be KEY=VALUE, as in warmup.steps=100, got 'name.=1'",
        "override 'names=[': line 1: expected the node content, but found '<stream end>'",
        "fast must be true or false, got 'maybe'",
        "unknown key 'warmup.stesp', did you mean 'steps'?",
    ]


def test_the_way_back(tmp_path: Path) -> None:
    run = Run(
        name="1e-3",  # words that look like something else
        data="ä/b c",
        critic=Critic(limit=3),
        warmup=Warmup(rate=1e-7, betas=(-1.0, 1e20)),
        rewards={"null": 1.5},
        names=("on", "010", "2020-01-01", "~", "1:30", "", "line\nline", "#x"),
    )
    path = tmp_path / "run.yaml"
    path.write_text(to_yaml(run))
    assert read_tree(Run, path) == run
    assert read_tree(Run, to_dict(run)) == run
    assert to_dict(run)["data"] == "ä/b c"
    assert to_dict(run)["warmup"]["betas"] == [-1.0, 1e20]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name: a\nname: b\ndata: d\n", "key 'name' stands twice, on lines 1 and 2"),
        (
            "name: a\ndata: d\nwarmup:\n  steps: 1\n  steps: 2\n",
            "key 'warmup.steps' stands twice, on lines 4 and 5",
        ),
        ("name: a\ndata: [\n", "line 3: expected the node content, but found '<stream end>'"),
        ("name: a: b\n", "line 1: mapping values are not allowed here"),
        ("name: a\n\tdata: d\n", "line 2: found character '\\t' that cannot start any token"),
        ("name: a\ndata: \x07\n", "line 2: special characters are not allowed"),
        ("- name\n", "the top level must be a mapping, got ['name']"),
        ("name: a\ndata: d\n---\nname: b\n", "line 3: but found another document"),
    ],
)
def test_broken_yaml(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_tree(Run, path)
    assert caught.value.problems == [expected]
    assert str(caught.value) == f"{path}: {expected}"


def test_no_python_object_is_ever_made(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text("name: !!python/object/apply:os.getcwd []\ndata: d\n")
    with pytest.raises(ConfigError, match="line 1: could not determine a constructor"):
        read_tree(Run, path)


def test_deep_and_circular_yaml_end_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text("name: a\ndata: d\nnames: " + "[" * 5000 + "]" * 5000)
    with pytest.raises(ConfigError, match="nested too deeply"):
        read_tree(Run, path)
    path.write_text("name: a\ndata: d\nnames: &a [*a]\n")
    with pytest.raises(ConfigError, match=r"names\[0\] must be a text"):
        read_tree(Run, path)
    path.write_text("name: a\ndata: d\nwarmup: &w\n  steps: *w\n")
    with pytest.raises(ConfigError, match=r"warmup\.steps must be an integer"):
        read_tree(Run, path)


def test_missing_and_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_tree(Run, tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"name: a\ndata: caf\xe9\n")
    with pytest.raises(InputError, match=r"line 2, byte 17: not UTF-8 \(byte 0xe9\); convert it to UTF-8$"):
        read_tree(Run, tmp_path / "latin.yaml")


def test_options_built_in_python_are_checked_too() -> None:
    with pytest.raises(ConfigError) as caught:
        Warmup(steps=-1, rate="1")
    assert caught.value.problems == ["steps must be >= 0, got -1", "rate must be a number, got '1'"]
    assert str(caught.value).startswith("Warmup: steps must")
    with pytest.raises(ConfigError, match=r"steps must be >= 0"):
        replace(Warmup(), steps=-1)
