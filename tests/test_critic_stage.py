"""A critic for a finished model: what it is shown, that it learns, and how it comes into a checkpoint."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from accelerate import Accelerator
from conftest import SHORT, SOURCES, build

from summae.cli import main
from summae.data.corpora import Corpus
from summae.decoding.search import Hypothesis
from summae.errors import ConfigError, InputError
from summae.model.critic import SavedCritic
from summae.summarizing.proposers.generator import Compressor
from summae.summarizing.summarizer import Summarizer
from summae.text.finishing import finish, normalize_for_critic
from summae.text.tokenizer import SubwordTokenizer
from summae.text.words import budget_units
from summae.training.config import RunConfig
from summae.training.critic.config import CriticConfig
from summae.training.critic.drafts import draw_drafts
from summae.training.critic.task import CriticTask, MatchedPairs, is_held_out, new_critic
from summae.training.loop import Loop
from summae.training.schedule import LoopConfig, OptimizerConfig
from summae.training.train_logger import TrainLogger
from summae.training.yaml_tree import read_tree

ROOT = Path(__file__).resolve().parents[1]
NOUNS = [f"{first}{last}" for first in ("bo", "da", "gi", "ko", "mu", "pe") for last in ("nak", "rul", "sim", "tok")]


def corpus(name: str = "all", sources=(), short_texts=(), weight: float = 1.0) -> Corpus:
    return Corpus(name=name, sources=list(sources), short_texts=list(short_texts), weight=weight)


# -- drafts -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model(tiny_checkpoint: Path) -> Summarizer:
    return Summarizer.load(tiny_checkpoint)


@pytest.fixture
def many(monkeypatch):
    """The search of a random model seldom finds more than one: here it finds the first words, and fewer, and fewer."""

    def candidates(self, jobs, beams):
        texts = [[" ".join(job.text.split()[: max(job.words - n, 1)]) for n in range(beams)] for job in jobs]
        encode = self.encoder.tokenizer.encode
        return [[Hypothesis(tuple(encode(text)), -1.0, None) for text in [*some, some[0]]] for some in texts]

    monkeypatch.setattr(Compressor, "candidates", candidates)


def drawn(model: Summarizer, **options) -> list[dict[str, str]]:
    texts = [f"{source} It was {number}." for number in range(12) for source in SOURCES[:5]]
    corpora = [corpus("a", texts, SHORT, 3.0), corpus("b", SOURCES[:5], ["Two words"], 1.0)]
    return draw_drafts(model, corpora, **{"count": 20, "each": 3, "beams": 4, "seed": 2, **options})


def test_drafts_are_finished_distinct_and_no_longer_than_a_real_text(model, many):
    rows = drawn(model)
    assert {row["corpus"] for row in rows} == {"a", "b"}
    longest = max(len(budget_units(text)) for text in SHORT)
    by_source: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        by_source.setdefault((row["corpus"], row["source"]), []).append(row["target"])
        most = 2 if row["corpus"] == "b" else min(longest, model.checkpoint.manifest.longest_words)
        assert 0 < len(budget_units(row["target"])) <= most
        assert row["target"] == finish(row["target"], row["source"])
    assert len([source for name, source in by_source if name == "a"]) <= 15  # three quarters of twenty, by weight
    assert all(len(set(drafts)) == len(drafts) <= 3 for drafts in by_source.values())
    assert max(map(len, by_source.values())) == 3  # of four, one of them found twice
    assert drawn(model) == rows != drawn(model, seed=3)


def test_processes_share_the_work(model, monkeypatch):
    monkeypatch.setattr("summae.training.critic.drafts.TOGETHER", 4)
    parts = [drawn(model, part=(rank, 3)) for rank in range(3)]
    assert all(parts) and sorted(map(str, drawn(model))) == sorted(str(row) for part in parts for row in part)


# -- what it learns from ------------------------------------------------------------------------------------


def headline(number: int, order: int) -> str:
    """ "Bonak to mudes giton 7": real ones have their verb in the middle, drafts (``order`` 1) at the end."""
    subject, item = NOUNS[number % 24], NOUNS[number * 7 % 24]
    middle = ["to", "take", item] if order == 0 else [item, "to", "take"]
    return " ".join([subject.capitalize(), *middle, *["now"] * (number % 3)])


REAL = [f"{headline(number, 0)} {number}" + "." * (number % 2) for number in range(400)]
DRAFTS = {"all": [(f"source {number}", f"{headline(number, 1)} {number}") for number in range(400)]}
NORMALIZED = [normalize_for_critic(text) for text in (*REAL, *(draft for _, draft in DRAFTS["all"]))]


def test_partners_are_of_one_corpus_and_length_and_look_alike():
    corpora = [corpus("all", short_texts=REAL), corpus("other", short_texts=["One two three FOUR."] * 40)]
    drafts = {**DRAFTS, "other": [(f"o{number}", text) for number in range(40) for text in ("A b c d", "A b c")]}
    learnt, held_out = (MatchedPairs(drafts, corpora, held_out=side, one_in=20) for side in (False, True))
    assert 0 < len(held_out) < len(learnt) < 400 + 40, "drafts of three words have no partner"
    secret = {normalize_for_critic(draft) for source, draft in DRAFTS["all"] if is_held_out(source, 20)}
    secret |= {normalize_for_critic(text) for text in REAL if is_held_out(text, 20)}
    pairs = learnt.draw(400, np.random.default_rng(1))
    for real, draft in pairs:
        assert len(real.split()) == len(draft.split())
        assert real == real.lower() and draft == draft.lower() and not real.endswith(".")
        assert (real == "one two three four") == (draft == "a b c d")
        assert real not in secret and draft not in secret
    judged = {text for pair in held_out.draw(400, np.random.default_rng(1)) for text in pair}
    assert judged & secret and judged <= secret | {"one two three four", "a b c d"}
    assert 150 < sum(draft == "a b c d" for _, draft in pairs) < 250  # by the corpora's weights


def config(steps: int, **changes) -> CriticConfig:
    loop = LoopConfig(steps=steps, batch_size=16, optimizer=OptimizerConfig(learning_rate=1e-2, warmup_steps=5))
    plain = {"loop": loop, "sources": 1, "embedding": 16, "hidden": 16, "dropout": 0.0, "masked": 0.1}
    return CriticConfig(**{**plain, "validate_every": 20, **changes})


def task(folder: Path, settings: CriticConfig, drafts=DRAFTS, short_texts=REAL) -> CriticTask:
    tokenizer = SubwordTokenizer.train(NORMALIZED, 340)
    network, where = new_critic(settings, tokenizer, 3), torch.device("cpu")
    corpora = [corpus(short_texts=short_texts)]
    best = folder / "best.safetensors"
    return CriticTask(network, drafts, corpora, tokenizer, settings, seed=3, device=where, best_file=best)


def looped(made: CriticTask, folder: Path, settings: CriticConfig) -> Loop:
    torch.manual_seed(5)
    return Loop(Accelerator(cpu=True), made, settings.loop, folder, TrainLogger(folder, "critic", active=False))


def test_it_learns_word_order_and_is_judged_by_texts_it_has_not_seen(tmp_path):
    settings = config(160)
    made = task(tmp_path, settings)
    before = made.validate()
    assert before["valid/loss"] == pytest.approx(2 * math.log(2), abs=0.1), "undecided: ln 2 on either side"
    loop = looped(made, tmp_path, settings)
    loop.run()
    found = made.finish(loop.state)
    assert found["valid/accuracy"] > 0.9 and found["valid/ranked"] > 0.9 and found["valid/loss"] < 0.9
    rows = made.samples()
    assert rows and set(rows[0]) == {"real", "drawn"}


def test_it_ends_with_its_best_weights(tmp_path):
    settings = config(40)
    made = task(tmp_path, settings)
    loop = looped(made, tmp_path, settings)
    loop.run()
    best = made.finish(loop.state)
    with torch.no_grad():
        made.network.critic.score.weight.mul_(-30.0)  # now it takes one for the other
    assert made.validate()["valid/loss"] > best["valid/loss"]
    assert made.finish(loop.state) == best


def test_stopped_and_resumed_is_uninterrupted(tmp_path):
    whole = task(tmp_path / "whole", config(24))
    looped(whole, tmp_path / "whole", config(24)).run()
    first = looped(task(tmp_path / "parts", config(24)), tmp_path / "parts", config(24))
    for _ in range(11):
        first.step()
        first.state.step += 1
    first.save()
    again = task(tmp_path / "parts", config(24))
    second = looped(again, tmp_path / "parts", config(24))
    assert second.resume()
    second.run()
    wanted = whole.network.state_dict()
    assert all(torch.equal(value, wanted[name]) for name, value in again.network.state_dict().items())


def test_without_a_partner_for_any_draft_there_is_nothing_to_learn(tmp_path):
    with pytest.raises(InputError, match="critic.sources must yield drafts as long as some real short texts, got none"):
        task(tmp_path, config(1), short_texts=["one two"])


def test_without_held_out_texts_it_is_not_judged(tmp_path):
    drafts = {"all": [pair for pair in DRAFTS["all"] if not is_held_out(pair[0], 20)]}
    made = task(tmp_path, config(2), drafts)
    loop = looped(made, tmp_path, config(2))
    loop.run()
    assert made.finish(loop.state) == {} and made.samples() == []


# -- into a checkpoint --------------------------------------------------------------------------------------


def settings_file(folder: Path, **critic) -> Path:
    """The smallest run, over the texts of conftest."""
    (folder / "sources.txt").write_text("\n".join(f"{text} It was {n}." for n in range(9) for text in SOURCES[:5]))
    (folder / "short.txt").write_text("\n".join(f"{text} {n}" for n in range(30) for text in SHORT[:5]))
    tree = yaml.safe_load((ROOT / "configs" / "tiny.yaml").read_text())
    files = {"sources": [{"path": "sources.txt"}], "short_texts": [{"path": "short.txt"}]}
    tree["data"] = {"root": str(folder), "window_words": [6, 60], "short_words": [3, 14], "corpora": {"all": files}}
    tree |= {"tracker": "none", "out": str(folder / "runs"), "critic": {**tree["critic"], "sources": 30, **critic}}
    (folder / "run.yaml").write_text(yaml.safe_dump(tree))
    return folder / "run.yaml"


def test_one_command_gives_a_finished_model_its_critic(tmp_path, capsys):
    folder = build(tmp_path / "model", critic=False)
    path = settings_file(tmp_path)
    before = [each.to_dict() for each in Summarizer.load(folder).summarize(SOURCES, 5)]
    assert main(["train", str(path), "--critic-of", str(folder)]) == 0
    run = tmp_path / "runs" / "tiny-critic"
    rows = [json.loads(line) for line in (run / "judged.jsonl").read_text().splitlines()]
    assert rows and set(rows[0]) == {"corpus", "source", "target"}
    assert "model has a critic now; 'summae export' writes" in capsys.readouterr().err
    after = [each.to_dict() for each in Summarizer.load(folder).summarize(SOURCES, 5)]
    for old, new in zip(before, after, strict=True):
        realism = new["scores"].pop("realism", None)
        assert new == old and (realism is None) == (new["note"] is not None)
        assert realism is None or 0 < realism < 1
    shutil.rmtree(folder)  # a finished run gives the same once more, without learning again
    build(folder, critic=False)
    written = (run / "critic" / "network" / "model.safetensors").stat().st_mtime_ns
    assert main(["train", str(path), "--critic-of", str(folder)]) == 0
    assert (run / "critic" / "network" / "model.safetensors").stat().st_mtime_ns == written
    assert Summarizer.load(folder).backend.has_critic
    weights = folder / "generator" / "model.safetensors"  # of another model, by a single bit
    content = weights.read_bytes()
    weights.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    capsys.readouterr()
    assert main(["train", str(path), "--critic-of", str(folder)]) == 2
    assert "tiny-critic: holds a critic of another model than" in capsys.readouterr().err


def test_a_configuration_without_a_critic_is_refused(tmp_path, tiny_checkpoint, capsys):
    path = settings_file(tmp_path)
    assert main(["train", str(path), "--set", "critic=null", "--critic-of", str(tiny_checkpoint)]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and "critic must be given to train one, got null" in err


def test_the_stage_puts_it_into_the_model_of_its_run(tmp_path):
    path = settings_file(tmp_path, drafts=2)
    assert main(["train", str(path)]) == 0
    run = tmp_path / "runs" / "tiny"
    network = SavedCritic.from_pretrained(run / "critic" / "network")
    loaded = Summarizer.load(run / "model")
    assert loaded.backend.has_critic
    ids = torch.tensor([[40, 41, 42]])
    assert torch.allclose(loaded.backend.graphs.parts["critic"](ids), network.eval()(ids), atol=2e-2)  # halved on disk


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("critic.sources=0", "critic.sources must be >= 1, got 0"),
        ("critic.masked=1", "critic.masked must be < 1, got 1"),
        ("critic.dropout=-0.1", "critic.dropout must be >= 0, got -0.1"),
    ],
)
def test_values_out_of_range_are_named(change, said):
    with pytest.raises(ConfigError, match=said):
        read_tree(RunConfig, ROOT / "configs" / "tiny.yaml", [change])
