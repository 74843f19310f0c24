"""Trees, and the CoNLL-U files that hold them; the sentences are ours."""

from __future__ import annotations

import io
import lzma
from pathlib import Path

import pytest

from summae.errors import InputError
from summae.syntax.conllu import read_conllu, write_conllu
from summae.syntax.labels import LabelSet, bundle, read_labels, unbundle, write_labels
from summae.syntax.scoring import attachment, raw_attachment
from summae.syntax.tree import Token, Tree, tree_problem

ROWS = """\
# sent_id = 1
# text = Cats don't purr (loudly).
1 Cats cat NOUN NNS Number=Plur|Style=Slng 4 nsubj _ _
2-3 don't _ _ _ _ _ _ _ _
2 do do AUX VBP Mood=Ind|VerbForm=Fin 4 aux _ _
3 n't not PART RB Polarity=Neg 4 advmod _ _
4 purr purr VERB VB VerbForm=Inf 0 root _ _
5 ( ( PUNCT -LRB- _ 6 punct _ SpaceAfter=No
6 loudly loudly ADV RB _ 4 advmod _ SpaceAfter=No
6.1 purring purr VERB VBG _ _ _ 4:dep _
7 ) ) PUNCT -RRB- _ 6 punct _ SpaceAfter=No
8 . . PUNCT . _ 4 punct _ _

1 Stay stay VERB VB Mood=Imp 0 root _ _
"""


def conllu(rows: str = ROWS) -> str:
    return "\n".join(row if row.startswith("#") else row.replace(" ", "\t") for row in rows.split("\n"))


@pytest.fixture(params=["trees.conllu", "trees.conllu.xz"])
def treebank(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / request.param
    data = conllu().encode()
    path.write_bytes(lzma.compress(data) if path.suffix == ".xz" else data)
    return path


def test_text_offsets_and_features_are_read(treebank: Path) -> None:
    first, second = read_conllu(treebank)
    assert first.text == "Cats don't purr (loudly)."
    assert [first.text[token.start : token.end] for token in first.tokens] == "Cats do n't purr ( loudly ) .".split()
    assert [token.head for token in first.tokens] == [3, 3, 3, -1, 5, 3, 5, 3]
    assert first.tokens[0].features == {"Number": "Plur"}  # Style is not one of ours
    assert first.tokens[2].features == {"Polarity": "Neg"}
    assert second.text == "Stay"


def test_a_clitic_written_otherwise_still_has_its_own_stretch(tmp_path: Path) -> None:
    rows = "1-2 wanna _ _ _ _ _ _ _ _\n1 want want VERB VB _ 0 root _ _\n2 to to PART TO _ 1 mark _ _\n"
    path = tmp_path / "t.conllu"
    path.write_text(conllu(rows))
    [tree] = read_conllu(path)
    assert [(token.start, token.end) for token in tree.tokens] == [(0, 4), (4, 5)]


def test_what_is_written_is_read_again(treebank: Path, tmp_path: Path) -> None:
    trees = list(read_conllu(treebank))
    stream = io.StringIO()
    write_conllu(trees, stream)
    again = tmp_path / "again.conllu"
    again.write_text(stream.getvalue(), encoding="utf-8")
    assert [tree.tokens for tree in read_conllu(again)] == [tree.tokens for tree in trees]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("1 Stay stay VERB VB _ 0 root _\n", "line 1: a line must have 10 columns, got 9"),
        ("1 a a X X _ 2 dep _ _\n2 b b X X _ 1 dep _ _\n", "0 roots"),
        ("1 a a X X _ 0 root _ _\n2 b b X X _ 0 root _ _\n", "2 roots"),
        ("1 a a X X _ 0 root _ _\n2 b b X X _ 9 dep _ _\n", "head 8 in a sentence of 2"),
    ],
)
def test_a_damaged_file_is_told_of(rows: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.conllu"
    path.write_text(conllu(rows))
    with pytest.raises(InputError, match=told):
        list(read_conllu(path))


def test_a_tree_is_walked(treebank: Path) -> None:
    tree = next(read_conllu(treebank))
    assert tree.root == 3
    assert tree.children(5) == (4, 6)
    assert tree.subtree(5) == [4, 5, 6]
    assert tree.subtree(3) == list(range(8))
    assert (tree.depth(3), tree.depth(4), tree.ancestors(4)) == (0, 2, [5, 3])
    assert tree.span_text(4, 6) == "(loudly)"


def test_a_cycle_is_no_tree() -> None:
    assert tree_problem([-1, 2, 1]) == "a cycle at token 1"
    with pytest.raises(ValueError, match="must form a tree, got a cycle"):
        Tree("a b c", tuple(Token(name, 2 * i, 2 * i + 1, head, "dep", "X") for i, (name, head) in
                            enumerate(zip("abc", [-1, 2, 1], strict=True))))  # fmt: skip


def test_labels_know_the_frequent_bundles_and_the_nearest_of_a_rare_one(treebank: Path, tmp_path: Path) -> None:
    trees = list(read_conllu(treebank))
    labels = LabelSet.of(trees * 3)
    assert labels.relations[0] == "root"
    assert unbundle(bundle("NOUN", {"Number": "Plur"})) == ("NOUN", {"Number": "Plur"})
    known = Token("Cats", 0, 4, 0, "nsubj:outer", "NOUN", {"Number": "Plur"})
    assert labels.bundles[labels.bundle_id(known)] == "NOUN|Number=Plur"
    assert labels.relations[labels.relation_id(known)] == "nsubj"  # the subtype is unknown here
    rare = Token("purred", 0, 6, 0, "root", "VERB", {"VerbForm": "Inf", "Tense": "Past"})
    assert labels.bundles[labels.bundle_id(rare)] == "VERB|VerbForm=Inf"
    write_labels(labels, tmp_path / "labels.json")
    assert read_labels(tmp_path / "labels.json") == labels


def test_attachment_counts_by_hand(treebank: Path) -> None:
    gold = next(read_conllu(treebank))
    tokens = list(gold.tokens)
    tokens[0] = Token("Cats", 0, 4, 1, "nsubj", "NOUN", {"Number": "Plur"})  # head wrong
    tokens[1] = Token("do", 5, 7, 3, "cop", "AUX", gold.tokens[1].features)  # relation wrong
    tokens[5] = Token("loudly", 17, 23, 3, "advmod", "ADJ", {"Degree": "Pos"})  # tag and features wrong
    scores = attachment([Tree(gold.text, tuple(tokens))], [gold])
    assert (scores.tokens, scores.uas, scores.las, scores.upos, scores.features) == (8, 87.5, 75.0, 87.5, 87.5)


def test_attachment_of_raw_text_is_f1_over_spans(treebank: Path) -> None:
    gold = list(read_conllu(treebank))
    assert str(raw_attachment(gold, gold)).startswith("tokens 100.00  UAS 100.00  LAS 100.00")
    joined = Tree("Stay", (Token("Sta", 0, 3, -1, "root", "VERB"), Token("y", 3, 4, 0, "dep", "X")))
    scores = raw_attachment([gold[0], joined], gold)  # 8 of 10 found and of 9 wanted are right
    assert scores.tokens == scores.uas == scores.las == pytest.approx(100 * 2 * 8 / (10 + 9))
