"""The same ids from torch and ONNX Runtime; cached = uncached; a batch = its rows alone; padded = plain."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import SHORT, SOURCES, build

from summae.decoding.search import Hypothesis, SearchOptions, beam_search
from summae.errors import CheckpointError, MissingExtraError, SummaeError
from summae.model.backends import load_backend
from summae.model.backends.base import Backend
from summae.model.backends.onnx_backend import OnnxGraphs
from summae.model.backends.torch_backend import TorchGraphs, UncachedBackend, load_networks
from summae.model.checkpoint import list_files, open_checkpoint
from summae.model.onnx import export as exporting
from summae.text.encoding import EncodedSource
from summae.text.tokenizer import END_ID, SPECIAL

CLOSE = {"atol": 2e-4, "rtol": 1e-4}  # nats


class Free:
    """Any pieces but special ones."""

    def begin(self):
        return ()

    def extend(self, draft, piece):
        return (*draft, piece) if piece >= len(SPECIAL) else None

    def barred(self, draft):
        return None

    def may_end(self, draft):
        return True


@pytest.fixture(scope="module")
def sources(tiny_checkpoint: Path) -> list[EncodedSource]:
    return open_checkpoint(tiny_checkpoint).encoder.encode_batch(SOURCES, [6] * len(SOURCES))


@pytest.fixture(scope="module")
def ids(tiny_checkpoint: Path) -> dict[str, list[list[int]]]:
    encode = open_checkpoint(tiny_checkpoint).tokenizer.encode_batch
    return {
        "sources": [row[:39] for row in encode(SOURCES)],
        "summaries": [row[:19] for row in encode(SHORT)],
    }


@pytest.fixture(scope="module")
def reference(tiny_checkpoint: Path) -> Backend:
    return load_backend(open_checkpoint(tiny_checkpoint), "torch")


@pytest.fixture(scope="module")
def onnx(exported_checkpoint: Path) -> Backend:
    return load_backend(open_checkpoint(exported_checkpoint), "onnx")


@pytest.fixture(scope="module")
def int8(exported_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exported checkpoint, its graphs stored in int8."""
    folder = Path(shutil.copytree(exported_checkpoint, tmp_path_factory.mktemp("int8") / "tiny"))
    for path in (folder / "onnx").iterdir():
        exporting._to_int8(path)
    list_files(folder, open_checkpoint(exported_checkpoint).manifest)
    return folder


def searched(backend: Backend, sources: list[EncodedSource], beams: int = 1) -> list[list[Hypothesis]]:
    return beam_search(backend, sources, [Free()] * len(sources), SearchOptions(beams=beams, longest=12))


def ids_of(found: list[list[Hypothesis]]) -> list[list[tuple[int, ...]]]:
    return [[candidate.ids for candidate in candidates] for candidates in found]


@pytest.mark.parametrize("beams", [1, 3])
def test_onnx_finds_the_ids_that_torch_finds(reference, onnx, sources, beams):
    expected = ids_of(searched(reference, sources, beams))
    assert ids_of(searched(onnx, sources, beams)) == expected
    assert len({ids for (ids, *_) in expected}) > 3, "not all the same, or this would prove nothing"


def test_cached_is_uncached(tiny_checkpoint, reference, sources):
    graphs = TorchGraphs(**load_networks(open_checkpoint(tiny_checkpoint)))
    plain = UncachedBackend("plain", graphs)
    assert ids_of(searched(plain, sources, 3)) == ids_of(searched(reference, sources, 3))
    rows, states = np.array([0, 0, 2, 1, 2]), [backend.start(sources[:3]) for backend in (reference, plain)]
    for step, order in enumerate([rows, np.array([1, 0, 2, 4, 3]), np.array([0, 3, 2])]):
        previous = np.arange(40 + step, 40 + step + len(order))
        ours, theirs = (
            backend.step(state, previous, order) for backend, state in zip((reference, plain), states, strict=True)
        )
        np.testing.assert_allclose(ours, theirs, **CLOSE)


def test_a_batch_is_its_rows_alone(onnx, sources):
    assert ids_of(searched(onnx, sources, 3)) == [ids_of(searched(onnx, [source], 3))[0] for source in sources]


def test_steps_are_the_networks_own_distribution(tiny_checkpoint, onnx, sources):
    """log p of a summary, step by step through ONNX, is what the network says in one teacher-forced go."""
    from summae.training.batches import collate_sources

    generator = load_networks(open_checkpoint(tiny_checkpoint))["generator"].eval()
    (candidates,) = searched(onnx, sources[:1], 3)
    for candidate in candidates:
        target = torch.tensor([[*candidate.ids, END_ID]])
        with torch.no_grad():
            expected = generator.log_likelihood(collate_sources(sources[:1]), target).sum()
        assert candidate.log_prob == pytest.approx(float(expected), abs=1e-3)


@pytest.mark.parametrize("name", ["reference", "onnx"])
def test_rebuild_and_fluency_are_the_networks_own(name, request, tiny_checkpoint, ids):
    backend, networks = request.getfixturevalue(name), load_networks(open_checkpoint(tiny_checkpoint))
    r, lm = networks["reconstructor"].eval(), networks["language_model"].eval()
    summaries = [*ids["summaries"][:6], []]  # the last: rebuilt from nothing
    rebuilt, fluency = backend.rebuild(summaries, ids["sources"]), backend.fluency(summaries)
    with torch.no_grad():
        for row, (summary, source) in enumerate(zip(summaries, ids["sources"], strict=True)):
            ended = torch.tensor([[*summary, END_ID]])
            alone = r.log_likelihood(r.summary_as_source(ended, torch.ones_like(ended)), torch.tensor([source]))
            np.testing.assert_allclose(rebuilt[row, : len(source)], alone[0], **CLOSE)
            assert not rebuilt[row, len(source) :].any()
            np.testing.assert_allclose(fluency[row, : len(summary) + 1], lm.log_likelihood(ended)[0], **CLOSE)
            assert not fluency[row, len(summary) + 1 :].any()


@pytest.mark.parametrize("name", ["reference", "onnx"])
def test_realism_is_the_critics_own_whatever_the_company(name, request, tiny_checkpoint, ids):
    """Two layers of LSTM, which ONNX has as nodes of its own, against torch's on each row alone."""
    backend = request.getfixturevalue(name)
    critic = load_networks(open_checkpoint(tiny_checkpoint))["critic"].eval()
    summaries = [*ids["summaries"], ids["summaries"][0][:1], []]
    assert backend.has_critic
    scores = backend.realism(summaries)
    for row, summary in enumerate(summaries):
        ended = torch.tensor([[*summary, END_ID]])
        with torch.no_grad():
            alone = critic.critic(ended, torch.ones_like(ended))[0]
        np.testing.assert_allclose(scores[row, : len(summary) + 1], alone, **CLOSE)
        assert not scores[row, len(summary) + 1 :].any()
    assert np.abs(scores).max() > 0.1


def test_a_model_without_a_critic_has_no_such_graph(tmp_path):
    folder = build(tmp_path / "plain", critic=False)
    exporting.export(folder, quantize=False)
    opened = open_checkpoint(folder)
    assert not [name for name in opened.manifest.files if "realism" in name or "critic" in name]
    assert [load_backend(opened, name).has_critic for name in ("torch", "onnx")] == [False, False]


def test_many_rows_go_in_several_runs(onnx, ids, monkeypatch):
    pairs = [(summary, source) for summary in ids["summaries"] for source in ids["sources"]]
    whole = onnx.rebuild(*zip(*pairs, strict=True))
    monkeypatch.setattr("summae.model.backends.base._CELLS", 60)
    np.testing.assert_allclose(onnx.rebuild(*zip(*pairs, strict=True)), whole, **CLOSE)


def test_int8_is_smaller_and_close(reference, onnx, int8, ids, sources, exported_checkpoint):
    small = load_backend(open_checkpoint(int8), "onnx")
    before, after = (
        sum(path.stat().st_size for path in (folder / "onnx").iterdir()) for folder in (exported_checkpoint, int8)
    )
    assert after < before
    exact, rounded = (backend.rebuild(ids["summaries"], ids["sources"]) for backend in (onnx, small))
    assert 0 < np.abs(rounded - exact).max() and np.abs(rounded - exact).mean() < 0.1  # nats
    assert ids_of(searched(small, sources, 3)) == [ids_of(searched(small, [each], 3))[0] for each in sources]


def test_rounding_is_within_half_a_step():
    weight = np.random.default_rng(0).normal(size=(7, 90)).astype(np.float32)
    small, scales = exporting._rounded(weight)
    assert small.dtype == np.int8 and np.abs(small * scales[:, None] - weight).max() <= scales.max() / 2 + 1e-6


def test_an_exported_checkpoint_lists_its_graphs(exported_checkpoint):
    opened = open_checkpoint(exported_checkpoint)
    graphs = [name for name in opened.manifest.files if name.startswith("onnx/")]
    assert graphs == [f"onnx/{name}.onnx" for name in ("encode", "fluency", "realism", "rebuild", "step")]
    assert opened.exported and load_backend(opened).name == "onnx"


def test_an_interrupted_export_leaves_a_usable_checkpoint(exported_checkpoint, tmp_path, monkeypatch):
    folder = Path(shutil.copytree(exported_checkpoint, tmp_path / "model"))

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(exporting, "_write", fail)
    with pytest.raises(KeyboardInterrupt):
        exporting.export(folder)
    opened = open_checkpoint(folder)
    assert not opened.exported and load_backend(opened).name == "torch"
    assert sorted(path.name for path in folder.iterdir() if path.name.startswith(".")) == []


def test_missing_extra(tiny_checkpoint, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'summae\[export\]'"):
        exporting.export(tiny_checkpoint)


def test_errors_of_backends(tiny_checkpoint, exported_checkpoint, tmp_path):
    opened = open_checkpoint(tiny_checkpoint)
    with pytest.raises(SummaeError, match="backend must be one of auto, onnx, torch, got 'onyx', did you mean 'onnx'"):
        load_backend(opened, "onyx")
    with pytest.raises(CheckpointError, match="summae export"):
        load_backend(opened, "onnx")
    shutil.copytree(exported_checkpoint / "onnx", tmp_path / "onnx")
    (tmp_path / "onnx" / "fluency.onnx").write_bytes(b"no graph")
    with pytest.raises(CheckpointError, match="fluency.onnx: no usable ONNX graph"):
        Backend("onnx", OnnxGraphs(tmp_path / "onnx")).fluency([[40]])
