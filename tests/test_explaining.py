"""What a summary kept and lost: against R asked piece by piece, and by sums that must come out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import SHORT, SOURCES

import summae
from summae.errors import InputError
from summae.explanation import attribution as explaining
from summae.explanation.attribution import UNREADABLE, explain
from summae.model.backends.torch_backend import load_networks
from summae.summarizing.document import read_document
from summae.summarizing.features import coverage
from summae.summarizing.rank import MOST_CHUNKS
from summae.summarizing.summarizer import Summarizer
from summae.text.words import word_spans

ENGLISH = " ".join(SOURCES[:5])
CHINESE = "".join(SOURCES[5:])


@pytest.fixture(scope="module")
def model(tiny_checkpoint: Path) -> Summarizer:
    return Summarizer.load(tiny_checkpoint)


@pytest.fixture(scope="module")
def reconstructor(model: Summarizer):
    return load_networks(model.checkpoint)["reconstructor"]


def bits_of_pieces(reconstructor, summary: list[int], pieces: list[int]) -> np.ndarray:
    """log₂ p of each piece, R asked for one distribution at a time, no cache, no batch."""
    ids = torch.tensor([[*summary, 2]])  # the end piece
    found = []
    with torch.no_grad():
        memory = reconstructor.encode(reconstructor.summary_as_source(ids, torch.ones_like(ids)))
        for place, piece in enumerate(pieces):
            before = torch.tensor([[0, *pieces[:place]]])  # the start piece
            distribution = reconstructor.log_distribution(reconstructor.decode(before, memory), memory, before)
            found.append(float(distribution[0, -1, piece]) / np.log(2))
    return np.array(found)


def bits_of_words(model, pieces: list[int], bits: np.ndarray) -> list[float]:
    """Added up from one space to the next."""
    found: list[float] = []
    for piece, each in zip(pieces, bits, strict=True):
        if model.encoder.tokenizer.piece_bytes[piece].startswith(b" "):
            found.append(0.0)
        found[-1] += each
    return found


# -- against R itself ---------------------------------------------------------------------------------------

TEXT = "Police in London closed schools in the north"  # fits into one chunk; no marks, so words stand between spaces
SUMMARY = "Police closed schools"


def test_bits_are_those_of_r_asked_piece_by_piece(model, reconstructor):
    pieces = model.encoder.tokenizer.encode(TEXT)
    assert len(pieces) <= 39
    told = bits_of_pieces(reconstructor, model.encoder.tokenizer.encode(SUMMARY), pieces)
    nothing = bits_of_pieces(reconstructor, [], pieces)
    found = explain(model, TEXT, SUMMARY)
    assert [TEXT[token.start : token.end] for token in found.tokens] == TEXT.split()
    assert [token.bits for token in found.tokens] == pytest.approx(
        bits_of_words(model, pieces, told - nothing), abs=1e-3
    )
    assert found.coverage_bits == pytest.approx((told - nothing).sum(), abs=1e-3)


def test_what_is_attributed_to_a_word_is_what_is_lost_without_it(model, reconstructor, monkeypatch):
    monkeypatch.setattr(explaining, "ATTRIBUTED", 0.01)  # a random network moves little
    encode, pieces = model.encoder.tokenizer.encode, model.encoder.tokenizer.encode(TEXT)
    told = bits_of_pieces(reconstructor, encode(SUMMARY), pieces)
    found = explain(model, TEXT, SUMMARY).attributions
    assert [word.word for word in found] == ["Police", "closed", "schools"]
    some = 0
    for word, without in zip(found, ("closed schools", "Police schools", "Police closed"), strict=True):
        assert SUMMARY[word.start : word.end] == word.word
        losses = bits_of_words(model, pieces, told - bits_of_pieces(reconstructor, encode(without), pieces))
        assert word.bits == pytest.approx(sum(losses), abs=1e-3)
        assert dict(zip(word.tokens, word.gains, strict=True)) == pytest.approx(
            {token: loss for token, loss in enumerate(losses) if loss >= 0.01}, abs=1e-3
        )
        assert list(word.gains) == sorted(word.gains, reverse=True)
        some += len(word.tokens)
    assert some > 2


def test_coverage_is_what_candidates_are_ranked_by(model):
    """Below ``judging.MOST_CHUNKS`` chunks the judge reads the whole text, too."""
    summary = "police closed schools"
    for text in (TEXT, *SOURCES[:5], " ".join(SOURCES[:4])):
        document = read_document(text, model.encoder, model.checkpoint.manifest.max_rebuilt_length - 1)
        assert len(document.chunks) <= MOST_CHUNKS
        ids = model.encoder.tokenizer.encode(summary)
        sample = model.judge.sample(document)
        (share,), (bits,) = coverage(model.judge.rebuilt([ids], sample.chunks), sample.nothing_P, sample.weights_P)
        found = explain(model, text, summary)
        assert found.coverage == pytest.approx(share, abs=1e-5)
        assert found.coverage_bits == pytest.approx(bits, abs=1e-2)


def test_the_capital_that_finishing_set_is_not_read(model):
    text = "The storm closed schools in the north."
    assert explain(model, text, "Storm closed schools").tokens == explain(model, text, "storm closed schools").tokens
    assert explain(model, text, "The storm").tokens != explain(model, text, "the storm").tokens  # as in the text


# -- sums and places ----------------------------------------------------------------------------------------

ODD = "Twice:  “new\tlines”\r\n\n(and $5 — 7%) 我国经济 cafe\u0301 😀👨\u200d👩\u200d👧 naïve… שלום עולם\n" * 6


@pytest.mark.parametrize("summary", [*SHORT[:2], SHORT[5], "", "?!", " ".join(SHORT[:5]) + ".", ". ".join(SHORT[:5])])
@pytest.mark.parametrize("text", [TEXT, ENGLISH, CHINESE, ODD, "word" * 400])
def test_sums_and_places(model, text, summary):
    found = explain(model, text, summary)
    assert (found.text, found.summary, found.read) == (text, summary, 1.0)
    assert sum(token.bits for token in found.tokens) == pytest.approx(found.coverage_bits, abs=1e-6)
    assert found.coverage <= 1 and (summary or found.coverage == pytest.approx(0, abs=1e-6))
    spans = [(token.start, token.end) for token in found.tokens]
    assert all(start < end for start, end in spans) and all(
        end <= start for (_, end), (start, _) in zip(spans, spans[1:], strict=False)
    )
    pairs = zip([(0, 0), *spans], [*spans, (len(text), 0)], strict=True)
    left = "".join(text[end:start] for (_, end), (start, _) in pairs)
    assert not left.replace("\u0301", "").strip(), "every word and mark is in a token"
    assert [(word.start, word.end) for word in found.attributions] == word_spans(summary)
    assert all(summary[word.start : word.end] == word.word for word in found.attributions)
    for sentence in found.sentences:
        assert sentence.lost == (sentence.coverage < 0.1) and text[sentence.start : sentence.end].strip()
    assert all(0 <= token < len(spans) for word in found.attributions for token in word.tokens)


@pytest.mark.parametrize("text", [ENGLISH, CHINESE])
def test_tokens_are_exactly_the_words_and_the_marks_between(model, text):
    spans = [(token.start, token.end) for token in explain(model, text, SHORT[0]).tokens]
    assert [span for span in spans if any(map(str.isalnum, text[slice(*span)]))] == word_spans(text)


def test_a_long_summary_is_read_by_sentences_each_told_where_it_helps_most(model):
    """Three sentences are too long for R together; each text sentence gets what its best one alone would give."""
    texts, lines = SOURCES[:3], [source.split(",")[0].split(" in ")[0].strip(".") for source in SOURCES[:3]]
    summary = ". ".join(lines) + "."
    assert len(model.encoder.tokenizer.encode(summary)) > 19
    found = explain(model, " ".join(texts), summary)
    alone = [explain(model, " ".join(texts), f"{line}.") for line in lines]
    for number, sentence in enumerate(found.sentences):
        inside = [place for place, token in enumerate(found.tokens) if sentence.start <= token.start < sentence.end]
        totals = [sum(each.tokens[place].bits for place in inside) for each in alone]
        assert sum(found.tokens[place].bits for place in inside) == pytest.approx(max(totals), abs=1e-3), number


def test_work_is_bounded_and_the_share_read_is_said(model, monkeypatch):
    rows: list[int] = []
    rebuild = type(model.backend).rebuild

    def counted(self, summaries, sources):
        rows.append(len(sources))
        return rebuild(self, summaries, sources)

    monkeypatch.setattr(type(model.backend), "rebuild", counted)
    monkeypatch.setattr(explaining, "MOST_RUNS", 8)
    monkeypatch.setattr(explaining, "MOST_WITHOUT", 5)
    text = " ".join(SOURCES[:5] * 8)
    found = explain(model, text, SHORT[0])
    assert rows == [8, 5] and 0 < found.read < 0.3
    starts = [token.start for token in found.tokens]
    assert starts[0] == 0 and starts[-1] > 0.9 * len(text), "the sample reaches from the beginning to the end"
    assert sum(token.bits for token in found.tokens) == pytest.approx(found.coverage_bits, abs=1e-6)
    assert found.to_dict()["read"] == pytest.approx(found.read, abs=1e-3)


def test_numbers_and_names_that_the_text_has_not(model):
    summary = "Police arrest 40 in Berlin"
    found = explain(model, SOURCES[2], summary).unsupported
    assert [(summary[each.start : each.end], each.text) for each in found] == [("40", "40"), ("Berlin", "Berlin")]


@pytest.mark.parametrize("text", ["", " \n", "?! " * 9])
def test_texts_without_words(model, text):
    found = explain(model, text, "Storm closes schools")
    assert (found.coverage, found.coverage_bits, found.tokens, found.sentences) == (0, 0, (), ())
    assert [word.tokens for word in found.attributions] == [()] * 3


def test_a_script_that_the_model_does_not_know_is_said(model):
    text = "Центральный банк снизил ставку на заседании в понедельник."
    assert explain(model, text, "Центральный банк").note == UNREADABLE
    assert explain(model, ENGLISH, SHORT[0]).note is None


def test_halves_of_characters_keep_their_places(model):
    text = "A storm \ud83d closed schools in the north of the country."
    found = explain(model, text, "Storm \ude00 closed")
    assert [text[token.start : token.end] for token in found.tokens][2:4] == ["\ud83d", "closed"]
    json.dumps(found.to_dict()).encode()


@pytest.mark.parametrize("wrong", [None, 3, ["a"], b"a"])
def test_wrong_arguments(model, wrong):
    for text, summary, name in ((wrong, "a", "text"), ("a", wrong, "summary")):
        with pytest.raises(InputError, match=f"{name} must be a string, got {type(wrong).__name__}"):
            explain(model, text, summary)


def test_backends_agree(tiny_checkpoint, exported_checkpoint):
    torch_, onnx = (
        explain(Summarizer.load(folder, backend=name), ENGLISH, SHORT[0])
        for folder, name in ((tiny_checkpoint, "torch"), (exported_checkpoint, "onnx"))
    )
    assert [token.bits for token in torch_.tokens] == pytest.approx([token.bits for token in onnx.tokens], abs=1e-2)


def test_to_dict_has_the_agreed_form(model):
    assert summae.explain is explain
    found = json.loads(json.dumps(explain(model, ENGLISH, "Bank to cut 99 rates").to_dict()))
    assert set(found) == {
        "coverage", "coverage_bits", "read", "note", "tokens", "sentences", "rescued", "unsupported",
    }  # fmt: skip
    assert set(found["tokens"][0]) == {"start", "end", "bits"}
    assert set(found["sentences"][0]) == {"start", "end", "coverage", "lost"}
    assert set(found["rescued"][0]) == {"word", "start", "end", "tokens", "gains", "bits"}
    assert found["unsupported"] == [{"start": 12, "end": 14, "text": "99"}]
