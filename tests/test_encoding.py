"""From text to ids: the tokeniser, the salience table and the encoded source, against examples worked out by hand."""

import json
import math
import re
import unicodedata

import numpy as np
import pytest
import torch
from conftest import SOURCES

from summae.errors import CheckpointError
from summae.model.checkpoint import open_checkpoint
from summae.summarizing.document import read_document
from summae.text.encoding import SourceEncoder
from summae.text.salience import DomainTables, SalienceTable
from summae.text.tokenizer import END_ID, PAD_ID, SPECIAL, SubwordTokenizer, length_prompt_id
from summae.text.weights import piece_weights
from summae.text.words import PRETOKEN_PATTERN
from summae.training.adversarial.batches import document_weights
from summae.training.batches import generator_batch, reconstructor_batch

TEXTS = [
    "The bank said on Tuesday that it will cut 300 jobs in London, its third cut in a year.",
    "Carmaker's half-year profit up 7%",
    "Storm hits coast; thousands without power",
]


@pytest.fixture(scope="module")
def tokenizer():
    return SubwordTokenizer.train(TEXTS, 420)


@pytest.fixture(scope="module")
def bytewise():
    """A tokeniser without merges: every byte is a piece."""
    return SubwordTokenizer.train(TEXTS, len(SPECIAL) + 256)


# -- tokeniser ----------------------------------------------------------------------------------------------

#: Unicode's White_Space; Python's own \s also takes the separators U+001C … U+001F.
SPACE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"


def folded(text):
    return re.sub(f"[{SPACE}]+", " ", unicodedata.normalize("NFC", text)).strip(" ")


def random_texts(count):
    rng = np.random.default_rng(6)
    ranges = [(0, 128), (32, 127), (128, 0x3000), (0x3000, 0xD800), (0xE000, 0x110000)]
    for _ in range(count):
        picked = [ranges[i] for i in rng.integers(len(ranges), size=rng.integers(1, 30))]
        yield "".join(chr(int(rng.integers(*each))) for each in picked)


@pytest.mark.parametrize(
    "text", [*SPECIAL[:4], "a <5> b</s>c", "Straße \u00e9 e\u0301", "👨\u200d👩", "a_b  __c", "กำ 我国 ²³", "", " \n"]
)
def test_text_comes_back(tokenizer, text):
    assert tokenizer.decode(tokenizer.encode(text)) == folded(text)


def test_any_unicode_comes_back_and_no_text_makes_a_special_piece(tokenizer, tmp_path):
    tokenizer.save(tmp_path / "tokenizer.json")
    loaded = SubwordTokenizer.load(tmp_path / "tokenizer.json")
    for text in random_texts(1500):
        ids = loaded.encode(text)
        assert loaded.decode(ids) == folded(text).strip()
        assert ids == tokenizer.encode(text) and all(piece >= len(SPECIAL) for piece in ids)
    assert loaded.encode("</s>") == tokenizer.encode("</s>") != [END_ID]


def test_no_piece_crosses_a_word(tokenizer):
    """Every end of a word, in bytes, is the end of a piece."""
    for text in [*TEXTS, *random_texts(300), "half-year's U.S. $5, 7%... a__b 我国GDP增长"]:
        ends, cuts = 0, set()
        for piece in tokenizer.encode(text):
            ends += len(tokenizer.piece_bytes[piece])
            cuts.add(ends)
        normal, place = " " + folded(text), 0
        for token in re.findall(PRETOKEN_PATTERN, normal):
            place += len(token.encode())
            assert place in cuts, (text, token)


@pytest.mark.parametrize("vocab_size", [420, 600])
def test_piece_starts_agree_with_the_words_of_a_text(vocab_size):
    """A piece alone cannot tell a mark inside a word from one between words, nor a word behind an opening mark."""
    text = "The carmaker profit, up 7 on 2025 — naïve café: “我国 经济增长” 🙂 中国; half-year (again) Carmaker's 7%"
    tokenizer = SubwordTokenizer.train([text, text, *TEXTS], vocab_size)
    encoding = tokenizer.backend.encode(text, add_special_tokens=False)
    word_ids, told = encoding.word_ids, [tokenizer.piece_starts[piece] for piece in encoding.ids]
    begins = [i == 0 or word != word_ids[i - 1] for i, word in enumerate(word_ids)]
    wrong = {piece for i, piece in enumerate(encoding.tokens) if told[i] != begins[i]}
    assert wrong <= {"again", "a", "-", "'", "%"}
    assert not any(tokenizer.piece_starts[: len(SPECIAL)])


def test_every_byte_is_a_piece_and_pieces_spell_the_text(tokenizer):
    assert {piece for piece in tokenizer.piece_bytes if piece and len(piece) == 1} == {bytes([i]) for i in range(256)}
    for text in random_texts(100):
        spelt = b"".join(tokenizer.piece_bytes[piece] for piece in tokenizer.encode(text))
        assert spelt.decode() == (" " + folded(text) if folded(text) else "")


def test_a_damaged_tokenizer_is_a_checkpoint_error(tmp_path):
    (tmp_path / "tokenizer.json").write_text('{"model": ')
    for path in (tmp_path / "tokenizer.json", tmp_path / "missing.json"):
        with pytest.raises(CheckpointError, match=str(path)):
            SubwordTokenizer.load(path)


# -- salience -----------------------------------------------------------------------------------------------


def test_salience_by_hand():
    """k = 2, four sources, two short texts; a word counts once per text, in any casing."""
    table = SalienceTable.count(["The storm", "the the", "the Storm rare", "the"], ["Storm ahead", "rare"])
    assert set(table.ratios) == {"the", "storm"}  # the others stand in fewer than three texts
    # storm: ((1 + 2) / 2) / ((2 + 2 · 4 / 2) / 4) = 1.5 / 1.5; the: ((0 + 2) / 2) / ((4 + 4) / 4) = 1 / 2
    assert (table.ratio("STORM"), table.ratio("the"), table.ratio("ahead")) == (0.0, -1.0, 0.0)
    assert table.information("storm") == pytest.approx(math.log2(5 / 3), abs=1e-3)
    assert table.information("the") == 0.0 and table.information("ahead") == pytest.approx(math.log2(5), abs=1e-3)


def test_levels_cover_minus_six_to_four_bits_in_sixteen_steps():
    ratios = {"never": -9.0, "lowest": -6.0, "even": 0.0, "step": 2 / 3, "highest": 4.0, "always": 9.0}
    table = SalienceTable(ratios, {})
    assert {word: table.level(word) for word in [*ratios, "unknown"]} == {
        "never": 1, "lowest": 1, "even": 10, "step": 11, "highest": 16, "always": 16, "unknown": 0
    }  # fmt: skip


def test_a_text_gets_the_table_of_the_domain_it_resembles():
    """Least Σ idf over its words: "profit" is common in news (1 bit), "lemma" in science; unseen words cost 9 bits."""
    news = SalienceTable({"profit": 2.0}, {"profit": 1.0, "of": 0.5}, 9.0)
    science = SalienceTable({"lemma": 1.0}, {"lemma": 1.0, "of": 0.5}, 9.0)
    tables = DomainTables({"news": news, "science": science})
    assert tables.of("Profit of the bank") is news and tables.of("a lemma of profit; a Lemma") is science
    assert tables.of("of") is news  # as good in both: the first one
    assert news.of("lemma") is news


def test_salience_on_disk(tmp_path):
    table = SalienceTable({"我": 1.5}, {"我": 2.0}, 7.0)
    tables = DomainTables({"news": table, "web": SalienceTable({}, {}, 3.0)})
    tables.save(tmp_path / "salience.json")
    assert DomainTables.load(tmp_path / "salience.json") == tables
    (tmp_path / "one.json").write_text(json.dumps(vars(table)))
    assert DomainTables.load(tmp_path / "one.json").of("x") == table
    (tmp_path / "broken.json").write_text('{"news": {"ratios": {}}}')
    (tmp_path / "odd.json").write_text("[1]")
    for name in ("broken.json", "odd.json", "missing.json"):
        with pytest.raises(CheckpointError, match=name):
            DomainTables.load(tmp_path / name)


# -- encoded sources ----------------------------------------------------------------------------------------


@pytest.fixture
def encoder(bytewise):
    return SourceEncoder(bytewise, SalienceTable({"ab": 4.0, "c": -6.0}, {"ab": 8.0}, 16.0), 8)


def ids_of(tokenizer, letters):
    """Byte pieces by hand: a space is spelt Ġ in a byte-level vocabulary."""
    return [tokenizer.backend.token_to_id("Ġ" if letter == " " else letter) for letter in letters]


def test_source_encoder_by_hand(encoder):
    found = encoder.encode("AB c,", words=5)
    assert found.input_ids == [8, *ids_of(encoder.tokenizer, " AB c,")]  # <1> is 4, so <5> is 8
    assert found.salience_ids == [0, 16, 16, 16, 1, 1, 0]
    assert found.word_starts == [0, 1, 0, 0, 1, 0, 1]


def test_what_is_too_long_is_cut_for_all_features_alike(encoder):
    short, long = encoder.encode_batch(["c", "abcdefgh ab"], [1, 99])
    assert len(short.input_ids) == 3 and short.input_ids[0] == 4
    assert long.input_ids == [35, *ids_of(encoder.tokenizer, " abcdef")]
    assert (long.salience_ids, long.word_starts) == ([0] * 8, [0, 1, 0, 0, 0, 0, 0, 0])


def test_length_prompts():
    assert [SPECIAL[length_prompt_id(count)] for count in (0, 1, 12, 32, 33)] == ["<1>", "<1>", "<12>", "<32>", "<32>"]


def test_documents_weigh_by_the_information_of_their_words(encoder):
    ids, weights = document_weights("AB c,", encoder, longest=99)
    assert ids == [*ids_of(encoder.tokenizer, " AB c,"), END_ID]
    # 8 / 16 bits for three pieces (the space is one), 16 / 16 (unseen) for two, a mark, the end
    assert weights == [0.5 / 3, 0.5 / 3, 0.5 / 3, 0.5, 0.5, 0.0, 0.0]
    assert document_weights("AB c,", encoder, longest=3) == ([*ids[:2], END_ID], [0.5 / 3, 0.5 / 3, 0.0])


def test_training_weighs_as_summarising_does(tiny_checkpoint):
    start = open_checkpoint(tiny_checkpoint)
    for text in SOURCES[:5]:
        document = read_document(text, start.encoder, 1000)
        weights = [weight for window in document.windows for weight in window.weights]
        assert document_weights(text, start.encoder, 1000)[1] == [*weights, 0.0]


def test_the_pieces_of_a_word_share_its_information():
    text, spans = "ab c - ab", [(0, 2), (0, 2), (3, 4), (5, 6), (7, 9)]
    weights = piece_weights(text, spans, {"ab": 8.0, "c": 4.0, "-": 99.0}.__getitem__)
    assert weights == [0.25, 0.25, 0.25, 0.0, 0.5]  # 8 / 16 bits, shared by two; 4 / 16; a mark; 8 / 16


def test_pairs_as_tensors_in_both_directions(encoder):
    letters = encoder.tokenizer
    pairs = [("AB c,", "c"), ("c", "ab c")]
    batch = generator_batch(pairs, encoder, longest_target=4)
    first, second = [4, *ids_of(letters, " AB c,")], [5, *ids_of(letters, " c"), *[PAD_ID] * 4]
    assert batch.sources.input_ids.tolist() == [first, second]
    assert batch.sources.attention_mask.tolist() == [[1] * 7, [1, 1, 1, 0, 0, 0, 0]]
    assert batch.targets.tolist() == [[*ids_of(letters, " c"), END_ID, PAD_ID], [*ids_of(letters, " ab"), END_ID]]
    assert batch.mask.tolist() == [[1, 1, 1, 0], [1, 1, 1, 1]]
    back = reconstructor_batch(pairs, letters, torch.arange(letters.vocab_size), longest=4, longest_target=3)
    assert back.sources.input_ids.tolist() == batch.targets.tolist() == back.sources.word_starts.tolist()
    assert back.targets.tolist() == [[*ids_of(letters, " A"), END_ID], [*ids_of(letters, " c"), END_ID]]
    assert back.mask.tolist() == [[1, 1, 1], [1, 1, 1]]
