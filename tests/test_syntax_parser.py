"""The parser's network, its training and its ONNX form, on a toy language whose trees are known."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from summae.errors import CheckpointError, NonFiniteError
from summae.syntax.batching import Example, gold_tensors, shuffled_batches
from summae.syntax.bucketing import by_length
from summae.syntax.exporting import export_parser, load_network
from summae.syntax.labels import LabelSet
from summae.syntax.network import PADDING, EncoderOptions, HeadOptions, ParserNetwork, parsing_loss
from summae.syntax.parser import LONGEST, Parser
from summae.syntax.pieces import PIECES, TokenPieces
from summae.syntax.training import FitOptions, fit, learning_rate_share, read_trees, score_trees, untagged
from summae.syntax.tree import Token, Tree, tree_problem
from summae.text.tokenizer import PAD_ID, START_ID, SubwordTokenizer

NOUNS, VERBS = "dogs cats birds men".split(), "see hear like fear".split()
ENCODER = EncoderOptions(
    vocabulary=320, piece_width=16, width=32, blocks=1, attention_heads=2, feed_forward=32, dropout=0.0, masked=0.0
)
HEADS = HeadOptions(arc_width=16, relation_width=8, dropout=0.0)


def toy(seed: int) -> Tree:
    """ "Big dogs see cats": an adjective, a subject, a verb, an object; the tree is in the order of the words."""
    draw = random.Random(seed)
    words, rows = [], []
    for relation, many in (("nsubj", NOUNS), ("obj", NOUNS)):
        if draw.random() < 0.5:
            rows.append(("amod", "ADJ", len(rows) + 1))
            words.append(draw.choice(["big", "small"]))
        rows.append((relation, "NOUN", "verb"))
        words.append(draw.choice(many))
        if relation == "nsubj":
            verb = len(rows)
            rows.append(("root", "VERB", -1))
            words.append(draw.choice(VERBS))
    tokens, start = [], 0
    for word, (relation, tag, head) in zip(words, rows, strict=True):
        features = {"Number": "Plur"} if tag == "NOUN" else {}
        at = verb if head == "verb" else head
        tokens.append(Token(word, start, start + len(word), at, relation, tag, features))
        start += len(word) + 1
    return Tree(" ".join(words), tuple(tokens))


TREES = [toy(seed) for seed in range(200)]
LABELS = LabelSet.of(TREES)


@pytest.fixture(scope="module")
def tokenizer_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    SubwordTokenizer.train([tree.text for tree in TREES], 320).save(path)
    return path


class ToyStudent(ParserNetwork):
    """The network with its pieces."""

    def __init__(self, path: Path, encoder: EncoderOptions = ENCODER, heads: HeadOptions = HEADS):
        torch.manual_seed(3)
        super().__init__(encoder, heads, len(LABELS.relations), len(LABELS.bundles))
        self.token_pieces = TokenPieces(SubwordTokenizer.load(path))

    def inputs(self, sentences: list[tuple[str, ...]]) -> tuple[Tensor]:
        return (torch.from_numpy(self.token_pieces.of_batch(sentences)),)

    def parameter_groups(self) -> list[dict]:
        return [{"params": list(self.parameters()), "lr": 5e-3}]


@pytest.fixture(scope="module")
def trained(tokenizer_path: Path, tmp_path_factory: pytest.TempPathFactory) -> ToyStudent:
    student = ToyStudent(tokenizer_path)
    examples = [Example.of(tree, LABELS) for tree in TREES[:150]]
    options = FitOptions(steps=60, batch_tokens=100)
    fit(student, examples, options, tmp_path_factory.mktemp("run"), lambda: "", lambda line: None)
    return student.eval()


@pytest.fixture(scope="module")
def exported(trained: ToyStudent, tokenizer_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_parser(trained, LABELS, tokenizer_path, tmp_path_factory.mktemp("exported") / "parser")


def test_a_toy_language_is_learnt(trained: ToyStudent) -> None:
    scores = score_trees(trained, TREES[150:], LABELS)
    assert scores.las > 97 and scores.upos > 97


def test_padding_changes_nothing(trained: ToyStudent) -> None:
    short, long = ("dogs", "see", "cats"), ("big", "dogs", "see", "small", "cats")
    alone, beside = trained(*trained.inputs([short])), trained(*trained.inputs([short, long]))
    torch.testing.assert_close(beside.arcs_BNH[:1, :3, :4], alone.arcs_BNH)
    torch.testing.assert_close(beside.bundles_BNM[:1, :3], alone.bundles_BNM)
    assert torch.equal(beside.all_relations()[:1, :3, :4], alone.all_relations())


def test_the_relation_root_goes_with_the_root_and_no_other_head(trained: ToyStudent) -> None:
    relations = trained(*trained.inputs([("big", "dogs", "see", "cats")])).all_relations()
    assert (relations[:, :, 0] == 0).all() and (relations[:, :, 1:] > 0).all()


def test_relations_are_the_biaffine_form(trained: ToyStudent) -> None:
    width, heads = HEADS.relation_width, trained.heads
    vectors = torch.randn(1, 4, ENCODER.width)
    with torch.no_grad():
        scores = heads(vectors, torch.ones(1, 4, dtype=torch.bool))
        x, y = heads.relation_dependent(vectors[0, 2]), heads.relation_head(vectors[0, 3])  # token 1 to its head 3
        forms, linear = heads.relation.weight.view(-1, width, width), heads.relation.bias.view(-1, width)
        by_hand = [
            (form @ x) @ y + line @ y + beside @ x + constant
            for form, line, beside, constant in zip(
                forms, linear, heads.relation_bias.weight, heads.relation_bias.bias, strict=True
            )
        ]
        given = scores.relations(torch.tensor([[0, 3, 1]]))[0, 1]
    torch.testing.assert_close(given, torch.stack(by_hand))
    assert scores.all_relations()[0, 1, 3] == 1 + given[1:].argmax()


def test_the_loss_is_the_mean_over_tokens_padding_left_out(trained: ToyStudent) -> None:
    rows = [Example.of(tree, LABELS) for tree in (TREES[0], TREES[1], TREES[2])]
    gold = gold_tensors(rows)
    assert (gold.heads_BN == PADDING).sum() == sum(max(len(r.tokens) for r in rows) - len(r.tokens) for r in rows)
    with torch.no_grad():
        together = parsing_loss(trained(*trained.inputs([row.tokens for row in rows])), gold)
        apart = [parsing_loss(trained(*trained.inputs([row.tokens])), gold_tensors([row])) for row in rows]
    counts = torch.tensor([float(len(row.tokens)) for row in rows])
    torch.testing.assert_close(together, (torch.stack(apart) * counts).sum() / counts.sum())


def test_a_run_that_goes_on_is_the_uninterrupted_one(tokenizer_path: Path, tmp_path: Path) -> None:
    examples = [Example.of(tree, LABELS) for tree in TREES[:40]]
    encoder, heads = replace(ENCODER, dropout=0.1, masked=0.1), replace(HEADS, dropout=0.1)
    options = FitOptions(steps=12, batch_tokens=60, save_minutes=0.0)

    def run(directory: Path, stop_after: int | None) -> ToyStudent:
        student, seen = ToyStudent(tokenizer_path, encoder, heads), []

        def stopping(self: Tensor, *inputs: Tensor) -> None:
            seen.append(0)
            if stop_after and len(seen) > stop_after:
                raise KeyboardInterrupt

        student.register_forward_pre_hook(stopping)
        fit(student, examples, options, directory, lambda: "", lambda line: None)
        return student

    whole = run(tmp_path / "whole", None)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "parts", 5)
    parts = run(tmp_path / "parts", None)
    for name, weight in whole.state_dict().items():
        torch.testing.assert_close(parts.state_dict()[name], weight, msg=name)


def test_training_stops_before_an_update_that_is_not_finite(tokenizer_path: Path, tmp_path: Path) -> None:
    student = ToyStudent(tokenizer_path)
    with torch.no_grad():
        student.heads.arc.bias.fill_(float("nan"))
    before = student.pieces.weight.clone()
    examples = [Example.of(tree, LABELS) for tree in TREES[:10]]
    with pytest.raises(NonFiniteError, match="step 1: loss nan"):
        fit(student, examples, FitOptions(steps=2), tmp_path, lambda: "", lambda line: None)
    assert torch.equal(student.pieces.weight, before)


def test_the_learning_rate_rises_then_falls_to_nothing() -> None:
    options = FitOptions(steps=100, warmup=0.1)
    shares = [learning_rate_share(step, options) for step in range(101)]
    assert shares[9] == 1.0 and max(shares) == 1.0 and shares[0] == 0.1
    assert shares[55] == pytest.approx(0.5) and shares[100] == pytest.approx(0.0)


def test_every_example_is_in_one_batch_within_the_budget() -> None:
    examples = [Example.of(tree, LABELS) for tree in TREES]
    batches = shuffled_batches(examples, 50, seed=1)
    assert sorted(id(row) for batch in batches for row in batch) == sorted(map(id, examples))
    assert all(max(len(row.tokens) for row in batch) * len(batch) <= 50 for batch in batches)
    assert by_length([100, 3], 50) == [[1], [0]]  # one that is longer than the budget goes alone


def test_pieces_of_a_token_are_its_first_three_and_its_last(tokenizer_path: Path) -> None:
    pieces = TokenPieces(SubwordTokenizer.load(tokenizer_path))
    long = SubwordTokenizer.load(tokenizer_path).encode("zyxwvu")
    assert len(long) > PIECES and pieces.of_token("zyxwvu") == (*long[:3], long[-1])
    [only] = SubwordTokenizer.load(tokenizer_path).encode("dogs")
    assert pieces.of_token("dogs") == (only, PAD_ID, PAD_ID, only)
    batch = pieces.of_batch([["dogs"], ["dogs", "see"]])
    assert batch.shape == (2, 3, PIECES)
    assert (batch[:, 0] == START_ID).all() and (batch[0, 2] == PAD_ID).all()


def test_the_onnx_form_reads_what_torch_reads(exported: Path, trained: ToyStudent) -> None:
    texts = [tree.text for tree in TREES[150:]] + ["dogs", "small small cats fear unknown birds"]
    ours = Parser.load(exported).parse(texts)
    again, labels = load_network(exported)
    again.inputs = trained.inputs
    for network in (trained, again):
        theirs = read_trees(network, [untagged(text) for text in texts], labels)
        same = sum(a.tokens == b.tokens for a, b in zip(ours, theirs, strict=True))
        assert same >= len(texts) - 1  # weights are rounded to 8 bits here, to 16 there


def test_a_tree_does_not_depend_on_the_others(exported: Path) -> None:
    parser = Parser.load(exported)
    texts = [tree.text for tree in TREES[:20]]
    assert parser.parse(texts) == [tree for text in texts for tree in parser.parse([text])]


def test_offsets_are_those_of_the_text(exported: Path) -> None:
    [tree] = Parser.load(exported).parse(["  Dogs don't  see cats! "])
    assert [tree.text[token.start : token.end] for token in tree.tokens] == "Dogs do n't see cats !".split()
    assert [token.text for token in tree.tokens] == "Dogs do n't see cats !".split()


@pytest.mark.parametrize("text", ["", "  \n "])
def test_no_token_no_tree(exported: Path, text: str) -> None:
    [tree] = Parser.load(exported).parse([text])
    assert tree.tokens == () and tree.text == text


def test_any_script_and_any_length_has_a_tree(exported: Path) -> None:
    texts = ["狗看见猫。", "\x00\ufffd \U0001f600", "a" * 5000, "dogs see cats " * (LONGEST + 3)]
    for tree, text in zip(Parser.load(exported).parse(texts), texts, strict=True):
        assert tree_problem([token.head for token in tree.tokens]) is None
        assert "".join(token.text for token in tree.tokens) == "".join(text.split())


def test_a_damaged_directory_is_told_of(exported: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="parser.json"):
        Parser.load(tmp_path)
    (tmp_path / "parser.json").write_text('{"format": "other/2"}')
    with pytest.raises(CheckpointError, match="the format must be summae-parser/1, got other/2"):
        Parser.load(tmp_path)
    for name in ("parser.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((exported / name).read_bytes())
    (tmp_path / "parser.onnx").write_bytes(b"no graph")
    with pytest.raises(CheckpointError, match="parser.onnx"):
        Parser.load(tmp_path)
    with pytest.raises(CheckpointError, match="must hold an exported parser"):
        load_network(tmp_path)


def test_the_parser_needs_no_torch(exported: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from summae.syntax.parser import Parser; "
        f"print(len(Parser.load({str(exported)!r}).parse(['Dogs see cats.'])[0]), 'torch' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["4", "False"]


def test_large_matrices_are_stored_in_int8(exported: Path, trained: ToyStudent) -> None:
    import onnx
    from onnx import numpy_helper

    stored = {w.name: numpy_helper.to_array(w) for w in onnx.load(exported / "parser.onnx").graph.initializer}
    rounded, scales = stored["network.pieces.weight.int8"], stored["network.pieces.weight.scale"]
    assert rounded.dtype == np.int8
    error = np.abs(rounded * scales[:, None] - trained.pieces.weight.detach().numpy())
    assert (error <= scales[:, None] / 2 * 1.001).all()
