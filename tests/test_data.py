"""From files to pools of examples: reading, windows, makers, mixtures."""

import gzip
import json
import lzma
import re

import numpy as np
import pytest

from summae.data.corpora import clean_short_texts, read_texts
from summae.data.examples import MAKERS, Material
from summae.data.links import Links
from summae.errors import InputError
from summae.text.salience import SalienceTable
from summae.text.words import is_function_word
from summae.training.batches import PairSource, Pools
from summae.training.workspace import Workspace

SOURCES = [
    "The bank said on Tuesday that it will cut 300 jobs in London, its third cut in a year.",
    "Shares of the carmaker rose 7% after it said that profit in the half-year was $5 million.",
    "A storm hit the coast on Monday and officials said that thousands were without power.",
    "The minister told reporters that talks with the union about pay would go on for a week.",
]
SHORT = ["Bank to cut 300 jobs", "Carmaker's half-year profit up 7%", "Storm hits coast", "Pay talks go on"]


# -- files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ending", "pack"), [("", bytes), (".xz", lzma.compress), (".gz", gzip.compress)])
def test_lines_and_objects_however_packed(tmp_path, ending, pack):
    lines, rows = tmp_path / f"a.txt{ending}", tmp_path / f"b.jsonl{ending}"
    lines.write_bytes(pack("  one\ttwo \n\n三\n".encode()))
    objects = [{"title": "one two"}, {"title": None}, {"title": " "}, {"title": "三\u2028四"}]
    rows.write_bytes(pack("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in objects).encode()))
    assert read_texts(lines) == ["one two", "三"]
    assert read_texts(rows, field="title") == ["one two", "三 四"]


def test_every_and_offset_cut_a_file_into_disjoint_parts(tmp_path):
    """… by the number of the line, so empty lines shift nothing: the same object never serves on both sides."""
    path = tmp_path / "a.txt"
    path.write_text("".join("\n" if number % 5 == 0 else f"text {number}\n" for number in range(20)))
    parts = [read_texts(path, every=3, offset=offset) for offset in range(3)]
    assert parts[1] == ["text 1", "text 4", "text 7", "text 13", "text 16", "text 19"]
    assert sorted(sum(parts, [])) == sorted(read_texts(path)) and len(sum(parts, [])) == 16
    assert read_texts(path, every=3, offset=1, limit=2) == ["text 1", "text 4"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("missing.txt", None, "must exist"),
        ("empty.txt", b"", "cannot be read"),
        ("blank.txt", b" \n\n", "not a single usable text"),
        ("latin.txt", b"caf\xe9\n", "cannot be read"),
        ("other.jsonl", b'{"body": "x"}\n', "has no field 'text', its fields are body"),
        ("numbers.jsonl", b'{"text": 5}\n', "not a single usable text"),
        ("broken.jsonl", b'{"text": "x"}\n{"text', "cannot be read"),
        ("cut.txt.xz", lzma.compress(b"one\ntwo\n" * 99)[:50], "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line_naming_it(tmp_path, name, content, says):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=re.escape(says)) as caught:
        read_texts(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_pairs_survive_the_disk_whatever_their_characters(tmp_path):
    space = Workspace(config=None, root=tmp_path)
    odd = "x\u2028y\x85z\nw"
    rows = [{"corpus": "a", "source": odd, "target": "t"}, {"corpus": "b", "source": "s", "target": "我"}]
    space.write_pairs("imagined.jsonl", rows)
    assert space.read_pairs("imagined.jsonl") == {"a": [(odd, "t")], "b": [("s", "我")]}


# -- short texts --------------------------------------------------------------------------------------------


def test_short_texts_are_distinct_and_stripped_and_of_the_wanted_length():
    texts = ["NEW 1-Bank cuts jobs", "Bank cuts jobs", "Storm", "A text of too many words", "NEW 2-Storm hits coast"]
    assert clean_short_texts(texts, (2, 4), r"NEW \d-") == ["Bank cuts jobs", "Storm hits coast"]
    assert clean_short_texts(texts[:2], (2, 4), None) == texts[:2]
    assert clean_short_texts(["银行裁员", "风"], (2, 4), None) == ["银行裁员"], "characters are words there"


# -- makers -------------------------------------------------------------------------------------------------


def material(**fields):
    ratios = {"bank": 2.0, "cut": 1.5, "profit": 2.0, "storm": 2.0, "said": -5.0, "that": -5.0, "the": -4.0}
    parts = {
        "sources": SOURCES,
        "short_texts": SHORT,
        "salience": SalienceTable(ratios, {}),
        "threshold": (-3.0, -1.0),
        "pseudo_words": (3, 6),
    }
    return Material(**{**parts, **fields})


def made(name, count=200, **fields):
    random = np.random.default_rng(4)
    return [pair for pair in (MAKERS[name](material(**fields), random) for _ in range(count)) if pair]


def stands_in_order(part, whole):
    rest = iter(whole)
    return all(item in rest for item in part)


def test_pseudo_is_a_subsequence_of_its_source_without_the_dull_words():
    pairs = made("pseudo")
    assert len(pairs) > 150 and {source for source, _ in pairs} == set(SOURCES)
    for source, target in pairs:
        chunks = target.split()
        assert source in SOURCES and 3 <= len(chunks) <= 6
        assert stands_in_order(chunks, [chunk.strip(",.") for chunk in source.split()])
        assert not {"said", "that", "the"} & set(target.lower().split())
        assert not is_function_word(chunks[0]) and not is_function_word(chunks[-1])


def test_pseudo_gives_nothing_rather_than_a_stub():
    assert made("pseudo", threshold=(5.0, 5.0)) == []


def test_denoise_keeps_the_words_of_the_target_in_their_order():
    pairs = made("denoise")
    assert {target for _, target in pairs} == set(SHORT)
    assert all(stands_in_order(target.split(), source.split()) for source, target in pairs)
    assert sum(len(source.split()) > len(target.split()) for source, target in pairs) > 150


def test_copy_span_is_contiguous():
    pairs = made("copy_span")
    assert all(source in SOURCES and f" {target} " in f" {source} " for source, target in pairs)
    assert {len(target.split()) for _, target in pairs} == {3, 4, 5, 6}
    assert made("copy_span", sources=["only two"], count=1) == [("only two", "only two")]


def test_fluent_is_a_subsequence_of_its_source_too():
    pairs = made("fluent", links=Links.count(SHORT))
    assert {source for source, _ in pairs} == set(SOURCES)
    for source, target in pairs:
        assert 3 <= len(target.split()) <= 6
        assert stands_in_order(target.split(), [chunk.strip(",.") for chunk in source.split()])


def test_imagined_is_a_stored_pair_with_a_segment_of_a_real_source_behind_it():
    stored = {"one": "imagined for one", "two": "imagined for two"}
    pairs = made("imagined", imagined=[(source, target) for target, source in stored.items()])
    assert {target for _, target in pairs} == set(stored)
    rest = [source.removeprefix(stored[target]).strip() for source, target in pairs]
    assert all(any(f" {segment} " in f" {source} " for source in SOURCES) for segment in rest if segment)
    assert 0.5 < sum(map(bool, rest)) / 200 < 0.84  # two of three ± 5 σ
    assert made("imagined") == []


def test_pairs_follow_the_mixture_and_the_corpus_weights():
    one, two = material(sources=["a b c"], short_texts=["x"]), material(sources=["d e f"], short_texts=["y"])
    pairs = PairSource({"one": (one, 3.0), "two": (two, 1.0)}, {"copy_span": 0.8, "denoise": 0.2})
    drawn = pairs.draw(4000, np.random.default_rng(5))
    assert len(drawn) == 4000
    copied = [target for source, target in drawn if source == target]
    assert len(copied) / 4000 == pytest.approx(0.8, abs=0.03)  # 0.8 ± 5 σ, σ = √(0.8 · 0.2 / 4000)
    assert sum(target == "a b c" for target in copied) / len(copied) == pytest.approx(0.75, abs=0.04)


def test_a_mixture_that_yields_nothing_is_an_error_not_an_empty_batch():
    pairs = PairSource({"one": (material(threshold=(5.0, 5.0)), 1.0)}, {"pseudo": 1.0})
    with pytest.raises(InputError, match="pseudo"):
        pairs.draw(8, np.random.default_rng(0))


def test_a_batch_is_a_function_of_seed_and_number_alone():
    def pools(seed=7):
        return Pools(lambda count, random: random.integers(1000, size=count).tolist(), lambda item: item, 4, seed)

    in_order = pools()
    expected = [in_order.batch(number) for number in range(60)]
    backwards = pools()
    assert [backwards.batch(number) for number in reversed(range(60))][::-1] == expected
    assert pools().batch(31) == expected[31] != pools(seed=8).batch(31)
    pool = [item for batch in expected[:24] for item in batch]
    whole = np.random.default_rng([7, 0]).integers(1000, size=96).tolist()
    assert sorted(pool) == sorted(whole) and expected[0] != sorted(whole)[:4]
    assert all(len(batch) == 4 and batch == sorted(batch) for batch in expected)
