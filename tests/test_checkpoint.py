"""A checkpoint on disk: whole or refused, in one line that names the file."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from conftest import SHORT, SOURCES, build
from safetensors.torch import load_file
from transformers import AutoModel, AutoTokenizer

from summae.errors import CheckpointError
from summae.model import checkpoint
from summae.model.checkpoint import open_checkpoint
from summae.model.critic import SavedCritic
from summae.networks import Generator, Reconstructor, ShortTextLM


@pytest.fixture
def copy(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_checkpoint, tmp_path / "model"))


def refusal(folder: Path | str | None) -> str:
    with pytest.raises(CheckpointError) as caught:
        open_checkpoint(folder)
    message = str(caught.value)
    assert "\n" not in message
    return message


def change_manifest(folder: Path, **fields: object) -> None:
    path = folder / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def test_what_was_assembled_is_what_is_opened(tiny_checkpoint: Path) -> None:
    opened = open_checkpoint(tiny_checkpoint)
    manifest = opened.manifest
    assert (manifest.name, manifest.default_words, manifest.longest_words) == ("tiny", 6, 8)
    assert (manifest.max_source_length, manifest.max_target_length) == (64, 20)
    assert (manifest.max_summary_length, manifest.max_rebuilt_length) == (20, 40)
    assert opened.encoder.max_length == 64 and not opened.exported
    assert opened.tokenizer.decode(opened.tokenizer.encode(SOURCES[0])) == SOURCES[0]
    assert opened.salience.of(SOURCES[0]).ratio("closes") != 0
    on_disk = {path.relative_to(tiny_checkpoint).as_posix() for path in tiny_checkpoint.rglob("*.*")}
    assert on_disk == {*manifest.files, "model.json"}


def test_weights_are_stored_in_half_and_loaded_in_single_precision(tiny_checkpoint: Path) -> None:
    for part, kind in (
        ("generator", Generator),
        ("reconstructor", Reconstructor),
        ("language_model", ShortTextLM),
        ("critic", SavedCritic),
    ):
        stored = load_file(tiny_checkpoint / part / "model.safetensors")
        assert {tensor.dtype for tensor in stored.values()} <= {torch.float16, torch.int64}
        network = AutoModel.from_pretrained(tiny_checkpoint / part)  # the precision is read from config.json
        assert type(network) is kind
        for name, tensor in network.state_dict().items():
            assert tensor.dtype in (torch.float32, torch.int64)
            assert torch.equal(tensor, stored[name].to(tensor.dtype))


def test_assembling_leaves_the_networks_alone_and_files_readable(tmp_path: Path) -> None:
    folder = build(tmp_path / "new")
    assert all(path.stat().st_mode & stat.S_IROTH for path in folder.rglob("*"))


def test_a_failed_assembly_leaves_the_old_checkpoint(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (copy / "model.json").read_text()
    monkeypatch.setattr(checkpoint, "_write_manifest", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        build(copy)
    assert (copy / "model.json").read_text() == before and open_checkpoint(copy)
    assert [path.name for path in copy.parent.iterdir()] == ["model"], "nothing half done is left beside it"


@pytest.mark.parametrize("name", ["salience.json", "generator/model.safetensors", "language_model/config.json"])
def test_a_missing_or_cut_file_is_named(copy: Path, name: str) -> None:
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[:-1])
    message = refusal(copy)
    assert f"'{name}'" in message and f"{len(content)} bytes, got {len(content) - 1}" in message
    (copy / name).unlink()
    assert f"'{name}' is missing" in refusal(copy)


def test_a_file_that_no_manifest_lists_is_needed_all_the_same(copy: Path) -> None:
    change_manifest(copy, files={})
    (copy / "tokenizer.json").unlink()
    assert "'tokenizer.json' is missing" in refusal(copy)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"format": "summae-9"}, "format must be 'summae-1', got 'summae-9'"),
        ({"files": {"tokenizer.json": "big"}}, "map names to sizes"),
        ({"files": {"../outside": 1}}, "leads out of the checkpoint"),
        ({"files": ["a"]}, "no usable model description"),
    ],
)
def test_a_damaged_manifest_is_refused(copy: Path, fields: dict, said: str) -> None:
    change_manifest(copy, **fields)
    assert said in refusal(copy)


def test_broken_json_is_refused(copy: Path) -> None:
    (copy / "model.json").write_text("{")
    assert "model.json: no usable model description" in refusal(copy)


def test_damage_that_keeps_the_size_is_an_error_of_one_kind(copy: Path) -> None:
    for name in ("tokenizer.json", "salience.json"):
        (copy / name).write_bytes(b"x" * (copy / name).stat().st_size)
    opened = open_checkpoint(copy)
    for part in ("tokenizer", "salience"):
        with pytest.raises(CheckpointError, match=f"{part}.json"):
            getattr(opened, part)


def test_unknown_names_say_what_would_be_right(copy: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(checkpoint, "EMBEDDED", tmp_path)
    message = refusal("modle")
    assert "'summae train' has written" in message and "embedded name ('model')" in message
    assert "got 'modle' (no such directory)" in message
    assert open_checkpoint("model").path == copy
    assert "no embedded model" in refusal(None)
    (tmp_path / "empty").mkdir()
    assert "has no model.json" in refusal(tmp_path / "empty")
    assert "no such directory" in refusal("../model"), "names are no ways out"


def test_the_default_is_embedded(copy: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    copy.rename(tmp_path / "default")
    monkeypatch.setattr(checkpoint, "EMBEDDED", tmp_path)
    assert open_checkpoint().path == tmp_path / "default"
    assert checkpoint.embedded_names() == ["default"]


def test_the_model_card_may_be_edited(copy: Path) -> None:
    (copy / "README.md").write_text("# A model")
    manifest = checkpoint.list_files(copy, open_checkpoint(copy).manifest)
    assert "README.md" not in manifest.files and "generator/config.json" in manifest.files


def test_a_critic_may_be_put_in_later_or_replaced(copy: Path, exported_checkpoint: Path, tmp_path: Path) -> None:
    plain = build(tmp_path / "plain", critic=False)
    assert open_checkpoint(plain).parts == ("generator", "reconstructor", "language_model")
    critic = AutoModel.from_pretrained(copy / "critic")
    opened = checkpoint.put_critic(plain, critic)
    assert opened.parts[-1] == "critic" and "critic/model.safetensors" in opened.manifest.files
    weight = load_file(plain / "critic" / "model.safetensors")["critic.score.weight"]
    assert torch.equal(weight, critic.critic.score.weight.half())
    exported = Path(shutil.copytree(exported_checkpoint, tmp_path / "exported"))
    opened = checkpoint.put_critic(exported, critic)
    graphs = {name for name in opened.manifest.files if name.startswith("onnx/")}
    assert "onnx/fluency.onnx" in graphs and "onnx/realism.onnx" not in graphs, "the graph was another critic's"


def test_an_interrupted_critic_leaves_a_usable_checkpoint(
    exported_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(exported_checkpoint, tmp_path / "model"))
    critic = AutoModel.from_pretrained(folder / "critic")
    monkeypatch.setattr(checkpoint, "_save_halved", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        checkpoint.put_critic(folder, critic)
    assert "critic" not in open_checkpoint(folder).parts and open_checkpoint(folder).exported


def test_transformers_reads_the_tokeniser(tiny_checkpoint: Path) -> None:
    theirs, ours = AutoTokenizer.from_pretrained(tiny_checkpoint), open_checkpoint(tiny_checkpoint).tokenizer
    assert (theirs.bos_token_id, theirs.pad_token_id, theirs.eos_token_id, theirs.mask_token_id) == (
        0,
        1,
        2,
        3,
    )
    for text in (*SOURCES, *SHORT):
        assert theirs(text).input_ids == ours.encode(text)
        assert theirs.decode(ours.encode(text)).strip() == text


def test_opening_needs_no_torch(tiny_checkpoint: Path) -> None:
    code = (
        "import sys; from summae.model.checkpoint import open_checkpoint; "
        f"open_checkpoint({str(tiny_checkpoint)!r}).encoder.encode('A b c', 5); "
        "print({'torch', 'transformers', 'onnxruntime'} & set(sys.modules))"
    )
    root = Path(__file__).parents[1]
    ran = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"
