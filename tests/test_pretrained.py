"""Hugging Face checkpoints in the place of G and R, against their own tokenisers, networks and ``generate()``.

No machine here reaches a hub: the checkpoints are small, random, and written to disk by the tests.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load, save
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers
from transformers import (
    AutoModel,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    BartConfig,
    BartTokenizer,
    MBartConfig,
    MBartTokenizer,
    PegasusConfig,
    T5Config,
    T5Tokenizer,
)
from transformers.models.mbart.tokenization_mbart import FAIRSEQ_LANGUAGE_CODES

from summae.data.toy import ToyLanguage
from summae.errors import CheckpointError, ConfigError
from summae.estimators.sampling import relaxed
from summae.model.backends import load_backend
from summae.model.checkpoint import open_checkpoint
from summae.networks import Generator, PretrainedSeq2Seq, Reconstructor
from summae.networks.seq2seq import shifted
from summae.text.borrowed import borrow
from summae.text.encoding import SourceEncoder
from summae.text.salience import SalienceTable
from summae.text.tokenizer import END_ID, MASK_ID, PAD_ID, SPECIAL, SubwordTokenizer
from summae.training.batches import collate_sources, collate_targets
from summae.training.build import borrowed_tokenizer, new_network
from summae.training.config import NetworkConfig, RunConfig
from summae.training.policy import NetworkPolicy, decode_ids, sample
from summae.training.run import train
from summae.training.workspace import Workspace
from summae.training.yaml_tree import read_tree

MOVED = 36
TOY = Path(__file__).parent.parent / "configs" / "toy.yaml"
TEXTS = [
    "The half-year results of U.S. markets, which fell 7% on Monday, don't help.",
    "Café owners say $5 is fine (they're right).",
    'Police shot a man "by mistake" in London... No one was hurt!',
]
SHAPE = {
    "d_model": 16,
    "encoder_layers": 1,
    "decoder_layers": 2,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 24,
    "decoder_ffn_dim": 24,
    "max_position_embeddings": 80,
    "scale_embedding": True,  # BART: in the embedding; Pegasus: in the encoder for ids only, in the decoder always
    "init_std": 0.3,
}
FAMILIES = ("bart", "t5", "mbart", "pegasus")


def byte_level_tokenizer(texts):
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    options = {"special_tokens": special, "initial_alphabet": alphabet, "show_progress": False}
    trained.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=420, **options))
    model = json.loads(trained.to_str())["model"]
    vocab = model["vocab"] | {"<mask>": len(model["vocab"])}
    return BartTokenizer(vocab=vocab, merges=[tuple(merge) for merge in model["merges"]])


def unigrams(texts, special):
    """(piece, log p); like sentencepiece's, no piece mixes letters and marks."""
    trained = Tokenizer(models.Unigram())
    cut = pre_tokenizers.Split(Regex(r"▁?[^\W_]+|[^\w\s▁]+"), "isolated")
    trained.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Metaspace(), cut])
    trainer = trainers.UnigramTrainer(vocab_size=160, special_tokens=special, unk_token="<unk>", show_progress=False)
    trained.train_from_iterator(texts, trainer)
    return [tuple(entry) for entry in json.loads(trained.to_str())["model"]["vocab"]]


def t5_tokenizer(texts):
    sentinels = [(f"<extra_id_{i}>", 0.0) for i in reversed(range(100))]
    return T5Tokenizer(vocab=[*unigrams(texts, ["<pad>", "</s>", "<unk>"]), *sentinels])


def mbart_tokenizer(texts):
    tail = [(code, 0.0) for code in [*FAIRSEQ_LANGUAGE_CODES, "<mask>"]]
    return MBartTokenizer(vocab=[*unigrams(texts, ["<s>", "<pad>", "</s>", "<unk>"]), *tail], src_lang="en_XX")


def configuration(family, size):
    t5 = {"d_model": 16, "d_kv": 8, "d_ff": 24, "num_layers": 1, "num_decoder_layers": 2, "num_heads": 2}
    return {
        "bart": lambda: BartConfig(vocab_size=size, **SHAPE),
        "t5": lambda: T5Config(vocab_size=size + 5, decoder_start_token_id=0, **t5),  # spare rows, as in T5's release
        "mbart": lambda: MBartConfig(vocab_size=size, **SHAPE),
        "pegasus": lambda: PegasusConfig(vocab_size=size, **SHAPE),
    }[family]()


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Family → a small random checkpoint on disk."""
    root, toy = tmp_path_factory.mktemp("checkpoints"), tmp_path_factory.mktemp("toy")
    ToyLanguage().write(toy, seed=1, documents=80, short_texts=80, test=4)
    texts = [*TEXTS * 20, *(toy / "sources.txt").read_text().splitlines()]
    makers = {"bart": byte_level_tokenizer, "t5": t5_tokenizer, "mbart": mbart_tokenizer, "pegasus": t5_tokenizer}
    for family in FAMILIES:
        tokenizer = makers[family](texts)
        tokenizer.save_pretrained(root / family)
        torch.manual_seed(1)
        network = AutoModelForSeq2SeqLM.from_config(configuration(family, len(tokenizer)))
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.add_(0.1 * torch.randn_like(parameter))
        network.save_pretrained(root / family)
    return {"toy": toy} | {family: root / family for family in FAMILIES}


def ours(folder, **fields):
    """(our network, our tokeniser, the checkpoint's own tokeniser)."""
    own = AutoTokenizer.from_pretrained(folder)
    tokenizer = borrow(own.backend_tokenizer.to_str())
    part = NetworkConfig(pretrained=str(folder), max_source_length=60, max_target_length=50, dropout=0.0, **fields)
    return new_network(part, tokenizer, seed=1).eval(), tokenizer, own


def distributions_along(network, sources, ids):
    """log p over the vocabulary along given ids, without a cache: [N, T, V]."""
    memory, previous = network.encode(sources), shifted(ids, network.config.decoder_start_token_id)
    return network.log_distribution(network.decode(previous, memory), memory, previous)


def read(network, tokenizer, texts=TEXTS):
    """The texts as R reads a summary, and as targets."""
    ids, mask = collate_targets(tokenizer.encode_batch(texts), 60)
    return network.summary_as_source(ids, mask), ids, mask


# -- tokeniser ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
def test_pieces_are_the_checkpoints_own_moved_up(folders, family):
    network, tokenizer, own = ours(folders[family])
    for text in [*TEXTS, "unknown 漢字 → pieces"]:
        ids = tokenizer.encode(text)
        prefix = " " if family == "bart" else ""  # as with add_prefix_space=True
        assert [index - MOVED for index in ids] == own(prefix + text, add_special_tokens=False)["input_ids"]
        plain = own.decode([index - MOVED for index in ids], skip_special_tokens=True)
        assert tokenizer.decode([5, *ids, END_ID, PAD_ID, PAD_ID]) == plain.strip()
    assert [tokenizer.backend.id_to_token(index) for index in range(MOVED)] == SPECIAL
    assert tokenizer.vocab_size == MOVED + len(own)
    plain = tokenizer.encode("a </s> <mask> <9> <extra_id_0> en_XX")  # special pieces in a text are plain text
    assert network.writable[plain].all() and min(plain) >= MOVED


@pytest.mark.parametrize("family", FAMILIES)
def test_words_are_those_that_salience_is_counted_on(folders, family, tmp_path):
    _, tokenizer, _ = ours(folders[family])
    tokenizer.save(tmp_path / "tokenizer.json")
    tokenizer = SubwordTokenizer.load(tmp_path / "tokenizer.json")
    encoding = tokenizer.backend.encode(TEXTS[0], add_special_tokens=False)
    spans = {}
    for word, (begin, end) in zip(encoding.word_ids, encoding.offsets, strict=True):
        spans.setdefault(word, [begin, end])[1] = end
    found = [TEXTS[0][begin:end].strip() for begin, end in spans.values()]
    cut = "The|half-year|results|of|U.S.|markets|,|which|fell|7%|on|Monday|,|don't|help|."
    assert found == cut.split("|")
    table = SalienceTable({"half-year": 4.0, "markets": -6.0}, {})
    encoded = SourceEncoder(tokenizer, table, 60).encode(TEXTS[0], 9)
    levels = dict(zip([None, *encoding.word_ids], encoded.salience_ids, strict=True))
    assert [levels[word] for word in list(spans)[:7]] == [0, 16, 0, 0, 0, 1, 0]
    assert sum(encoded.word_starts) == len(spans)


def test_piece_starts_know_both_marks_for_a_space(folders):
    for family, space in (("bart", "Ġ"), ("t5", "▁")):
        _, tokenizer, _ = ours(folders[family])
        pieces = {piece: tokenizer.piece_starts[index] for piece, index in tokenizer.backend.get_vocab().items()}
        assert pieces[","] and all(begins for piece, begins in pieces.items() if piece.startswith(space))
        assert not any(pieces[piece] for piece in ("a", "s", "<unk>", "<borrowed /s>", "</s>", "<9>"))


# -- network ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
@torch.no_grad()
def test_log_likelihood_is_the_checkpoints_own(folders, family):
    """Outside authority: the checkpoint called with text and labels as its own documentation says, one text a time."""
    network, tokenizer, own = ours(folders[family])
    theirs = AutoModelForSeq2SeqLM.from_pretrained(folders[family]).eval()
    targets = TEXTS[1:] + TEXTS[:1]
    sources, _, _ = read(network, tokenizer)
    ids, mask = collate_targets(tokenizer.encode_batch(targets), 60)
    found = network.log_likelihood(sources, ids)
    for row, (source, target) in enumerate(zip(TEXTS, targets, strict=True)):
        prefix = " " if family == "bart" else ""
        inputs, labels = (own(prefix + text, return_tensors="pt").input_ids for text in (source, target))
        log_probs = theirs(input_ids=inputs, labels=labels).logits.log_softmax(-1)
        wanted = log_probs.gather(-1, labels[..., None])[0, :, 0]
        wanted = {"bart": wanted[1:], "mbart": wanted[:-1]}.get(family, wanted)  # <s> in front; language code behind
        assert torch.allclose(found[row, : int(mask[row].sum())], wanted, atol=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
@torch.no_grad()
def test_cached_sampling_is_uncached_teacher_forcing_and_generate(folders, family):
    network, tokenizer, _ = ours(folders[family])
    sources, _, _ = read(network, tokenizer)
    steps = []

    def pick(log_probs):
        steps.append(log_probs)
        return torch.multinomial(log_probs.exp(), 1).squeeze(1), None

    torch.manual_seed(3)
    ids, mask, _, _ = NetworkPolicy(network, sources, 12).unroll(pick, gradient=False)
    uncached = distributions_along(network, sources, ids)
    usable = uncached.log_softmax(-1)  # pieces of theirs that we have not are never drawn
    assert torch.allclose(torch.stack(steps, 1)[mask > 0].exp(), usable[mask > 0].exp(), atol=1e-5)
    written = uncached.exp()
    assert written[..., [0, PAD_ID, MASK_ID, *range(4, MOVED)]].sum() == 0
    assert (written.sum(-1) <= 1 + 1e-5).all() and (written.sum(-1) > 0.5).all()
    greedy, _ = sample(network, sources, temperature=0.0, longest=12)
    made = network.generate(**vars(sources), max_new_tokens=12, do_sample=False)[:, 1:]
    assert decode_ids(made, tokenizer) == decode_ids(greedy, tokenizer)


@pytest.mark.parametrize("family", ["bart", "t5"])
def test_relaxed_words_are_ids_where_they_are_one_hot_and_carry_gradient(folders, family):
    network, tokenizer, _ = ours(folders[family])
    sources, ids, mask = read(network, tokenizer)
    words = torch.nn.functional.one_hot(ids, tokenizer.vocab_size).float().requires_grad_()
    seen = torch.where(torch.rand(ids.shape) < 0.5, MASK_ID, ids)
    likelihood = network.log_likelihood(sources, ids, seen_NT=seen, source_words_NSV=words)
    assert torch.allclose(likelihood, network.log_likelihood(sources, ids, seen_NT=seen), atol=1e-4)
    (likelihood * mask).sum().backward()
    assert torch.isfinite(words.grad).all() and (words.grad[mask > 0].abs().sum(-1) > 0).all()
    pick = relaxed(0.5, torch.Generator().manual_seed(1))
    _, _, drawn, log_probs = NetworkPolicy(network, sources, 6).unroll(pick, gradient=True)
    (drawn * log_probs.clamp_min(-50)).sum().backward()
    assert network.own_embedding.weight.grad.isfinite().all()


def test_length_prompt_salience_and_padding(folders):
    network, tokenizer, _ = ours(folders["bart"])
    encoder = SourceEncoder(tokenizer, SalienceTable({"police": 3.0}, {}), 60)
    ids, _ = collate_targets(tokenizer.encode_batch(TEXTS), 40)

    def likelihood(texts, words, rows):
        return network.log_likelihood(collate_sources(encoder.encode_batch(texts, words)), ids[rows])

    together = likelihood(TEXTS, [5, 9, 13], [0, 1, 2])
    assert torch.allclose(likelihood(TEXTS[1:2], [9], [1]), together[1:2], atol=1e-5)
    assert not torch.allclose(likelihood(TEXTS[1:2], [8], [1]), together[1:2], atol=1e-3)
    together.sum().backward()
    prompted = network.own_embedding.weight.grad.abs().sum(1).nonzero().flatten().tolist()
    assert prompted == [5, 9, 13]  # row 0 is the mask, row n the prompt for n words
    assert network.salience_embedding.weight.grad[1 + round(9 / 10 * 15)].abs().sum() > 0


@pytest.mark.parametrize("family", ["bart", "t5", "mbart"])
def test_every_weight_takes_part(folders, family):
    """DistributedDataParallel waits for the gradient of every parameter (Pegasus' fixed positions never get one)."""
    network, tokenizer, _ = ours(folders[family])
    sources, ids, _ = read(network, tokenizer)
    network.log_likelihood(sources, ids).sum().backward()
    idle = [name for name, each in network.named_parameters() if each.requires_grad and each.grad is None]
    assert not idle


@pytest.mark.parametrize("family", FAMILIES)
@torch.no_grad()
def test_saved_is_loaded(folders, family, tmp_path):
    network, tokenizer, _ = ours(folders[family])
    sources, ids, _ = read(network, tokenizer)
    wanted = network.log_likelihood(sources, ids)
    network.save_pretrained(tmp_path)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".json", ".safetensors"]
    loaded = AutoModel.from_pretrained(tmp_path).eval()
    assert isinstance(loaded, PretrainedSeq2Seq) and torch.equal(loaded.piece_starts, network.piece_starts)
    assert torch.equal(loaded.log_likelihood(sources, ids), wanted)
    for parameter in loaded.parameters():
        parameter.add_(1.0)
    loaded.load_state_dict(load(save(network.state_dict())))  # tied weights are stored once, and stay tied
    assert torch.equal(loaded.log_likelihood(sources, ids), wanted)


# -- errors -------------------------------------------------------------------------------------------------


def configured(folders, *changes):
    return read_tree(RunConfig, TOY, [f"data.root={folders['toy']}", *changes])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, ""),
        ('{"model_type": "gpt2"}', "a gpt2 has no encoder and decoder"),
        ('{"model_type": "bart"}', "its tokeniser must have about 50265 pieces, as its network has, got 5"),
        ("{", ""),
    ],
)
def test_a_checkpoint_that_cannot_be_used_is_one_line(folders, tmp_path, content, reason):
    folder = tmp_path / "checkpoint"
    if content is not None:
        folder.mkdir()
        (folder / "config.json").write_text(content)
    with pytest.raises(CheckpointError, match=f"checkpoint with safetensors, got '{folder}' .*{reason}") as caught:
        borrowed_tokenizer(configured(folders, f"generator.pretrained={folder}"))
    assert "\n" not in str(caught.value)


def test_weights_that_are_no_safetensors_are_not_read(folders, tmp_path):
    tokenizer = borrowed_tokenizer(configured(folders, f"generator.pretrained={folders['bart']}"))
    shutil.copytree(folders["bart"], tmp_path / "bart")
    torch.save(load((tmp_path / "bart" / "model.safetensors").read_bytes()), tmp_path / "bart" / "pytorch_model.bin")
    (tmp_path / "bart" / "model.safetensors").unlink()
    with pytest.raises(CheckpointError, match="safetensors"):
        new_network(NetworkConfig(pretrained=str(tmp_path / "bart")), tokenizer, seed=1)


def test_what_cannot_go_together(folders):
    both = [f"generator.pretrained={folders['bart']}", f"reconstructor.pretrained={folders['t5']}"]
    with pytest.raises(ConfigError, match="must share one tokeniser"):
        borrowed_tokenizer(configured(folders, *both))
    with pytest.raises(ConfigError, match="language_model.pretrained must be left out"):
        borrowed_tokenizer(configured(folders, f"language_model.pretrained={folders['bart']}"))
    with pytest.raises(ConfigError, match="max_source_length must be <= 78 for .*, got 79"):
        tokenizer = borrowed_tokenizer(configured(folders, both[0]))
        new_network(NetworkConfig(pretrained=str(folders["bart"]), max_source_length=79), tokenizer, seed=1)


# -- training -----------------------------------------------------------------------------------------------


def short_run(folders, *changes):
    stages = [f"warmup.{stage}" for stage in ("language_model", "generator", "reconstructor")]
    steps = [f"{stage}.{field}" for stage in stages for field in ("steps=2", "batch_size=4")]
    game = ["adversarial.loop.steps=2", "adversarial.loop.batch_size=2", "adversarial.validate_every=2"]
    lengths = [f"{part}.{field}" for part in ("generator", "reconstructor") for field in ("max_source_length=60",)]
    return [f"data.root={folders['toy']}", *steps, *game, *lengths, *changes]


@pytest.mark.parametrize(
    ("part", "family", "estimator"),
    [("generator", "bart", "reinforce"), ("reconstructor", "t5", "straight_through"), ("generator", "t5", "soft")],
)
def test_a_whole_run(folders, tmp_path, part, family, estimator):
    options = "{group: 2}" if estimator == "reinforce" else "{}"
    changes = short_run(
        folders,
        f"{part}.pretrained={folders[family]}",
        f"adversarial.estimator={estimator}",
        f"adversarial.estimator_options={options}",
    )
    root = train(TOY, changes, out=str(tmp_path / "run"))
    space = Workspace(read_tree(RunConfig, TOY, changes), root)
    kinds = {"generator": Generator, "reconstructor": Reconstructor} | {part: PretrainedSeq2Seq}
    for name, stage in (("generator", "adversarial"), ("reconstructor", "adversarial/reconstructor")):
        network = space.load_network(stage, {"generator": Generator, "reconstructor": Reconstructor}[name])
        assert type(network) is kinds[name] and network.config.vocab_size == space.tokenizer.vocab_size
    before, after = weights(root, part), weights(root, stage_of(part))
    assert before.keys() == after.keys()
    assert any(not torch.equal(before[name], after[name]) for name in before if name.startswith("inner."))
    backend = load_backend(open_checkpoint(root / "model"), "torch")
    source = [space.encoder.encode(TEXTS[0], 5)]
    found = backend.step(backend.start(source), np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))
    halved = space.load_network("adversarial", Generator).half().float().eval()  # as model/ stores it
    with torch.no_grad():
        wanted = distributions_along(halved, collate_sources(source), torch.zeros(1, 1, dtype=torch.long))[0]
    assert np.allclose(np.exp(found), wanted.exp().numpy(), atol=1e-5)


def weights(root, stage):
    return load((root / stage / "network" / "model.safetensors").read_bytes())


def stage_of(part):
    return "adversarial" if part == "generator" else "adversarial/reconstructor"


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(folders, tmp_path):
    changes = [*short_run(folders, f"generator.pretrained={folders['bart']}"), "warmup.generator.save_every=1"]
    whole = train(TOY, changes, out=str(tmp_path / "whole"), stage="generator")
    train(TOY, [*changes, "warmup.generator.steps=1"], out=str(tmp_path / "halves"), stage="generator")
    network = tmp_path / "halves" / "generator" / "network"
    for path in network.iterdir():
        path.unlink()
    halves = train(TOY, changes, out=str(tmp_path / "halves"), stage="generator")
    one, two = weights(whole, "generator"), weights(halves, "generator")
    assert all(torch.equal(one[name], two[name]) for name in one)
