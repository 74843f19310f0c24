"""Texts to summaries: budgets, short and strange texts, choosing in long ones, pipelines."""

from __future__ import annotations

import json
import math
import os
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import SHORT, SOURCES, build

import summae
from summae.decoding.search import Hypothesis
from summae.errors import InputError
from summae.integrations.pipeline import pipeline
from summae.model.backends.torch_backend import load_networks
from summae.model.checkpoint import open_checkpoint, put_critic
from summae.summarizing import plan as planning
from summae.summarizing.document import read_document
from summae.summarizing.features import FEATURES, Weights
from summae.summarizing.length import Length
from summae.summarizing.proposers.generator import FROM_EACH, Compressor
from summae.summarizing.rank import MOST_CHUNKS, Judge
from summae.summarizing.summarizer import Summarizer
from summae.summarizing.summary import EMPTY, NOT_FOUND, TOO_SHORT, UNREADABLE
from summae.text.finishing import cut, finish, join
from summae.text.tokenizer import END_ID
from summae.text.words import budget_units

ROOT = Path(__file__).parents[1]
ENGLISH = SOURCES[:5]
SCORES = {"words", *FEATURES, "score"} - {"kept", "stated"}  # those are of shortenings, which need a parser


@pytest.fixture(scope="module")
def model(tiny_checkpoint: Path) -> Summarizer:
    return Summarizer.load(tiny_checkpoint)


def length(text: str) -> int:
    return len(budget_units(text))


# -- the whole way ------------------------------------------------------------------------------------------


def strange_texts(count: int) -> list[str]:
    """Words, marks, digits, scripts and spaces in any order, from a fixed seed."""
    chosen = random.Random(7)
    parts = (
        " ".join(SOURCES).split()
        + list("我国经济的，。！?\"'()-—$%…")
        + ["\n", "\t", "😀", "ж", "İ", "ﬁ", "a" * 99, "e\u0301"]
    )
    return ["".join(chosen.choice(parts) + chosen.choice(["", " ", " "]) for _ in range(n % 70)) for n in range(count)]


@pytest.mark.parametrize("words", [1, 2, 5, 8, 19])
def test_never_above_the_budget_never_empty_never_longer(model, words):
    texts = [*SOURCES, " ".join(ENGLISH), "".join(SOURCES[5:]), *strange_texts(40)]
    for text, summary in zip(texts, model.summarize(texts, words=words, beams=2), strict=True):
        assert length(summary.text) <= words or summary.text == text.strip()
        assert len(summary.text) <= len(text)
        assert bool(summary.text) == bool(text.strip())
        if summary.note is None:
            assert set(summary.scores) == SCORES
            assert summary.scores["words"] == length(summary.text)
            assert summary.text[-1] not in ",;:-([" and not summary.text.endswith((" the", " of", " in"))


def test_default_length_is_the_models_own(model):
    (summary,) = model.summarize([SOURCES[0]])
    assert length(summary.text) <= 6


def test_the_same_text_gets_the_same_summary_in_any_company(model):
    texts = [*SOURCES, " ".join(ENGLISH)]
    together = model.summarize(texts, words=6)
    assert together == [model.summarize([text], words=6)[0] for text in texts]
    assert together == model.summarize(texts[::-1], words=6)[::-1]


def test_backends_agree(tiny_checkpoint, exported_checkpoint):
    texts = [*SOURCES, " ".join(ENGLISH)]
    torch, onnx = (
        Summarizer.load(folder, backend=name).summarize(texts, words=7)
        for folder, name in ((tiny_checkpoint, "torch"), (exported_checkpoint, "onnx"))
    )
    assert [summary.text for summary in torch] == [summary.text for summary in onnx]
    for ours, theirs in zip(torch, onnx, strict=True):
        assert ours.scores == pytest.approx(theirs.scores, abs=2e-3)


def test_short_and_empty_texts_come_back_as_they_are(model):
    short, empty, blank = model.summarize(["  Storm closes schools.\n", "", " \n "], words=3)
    assert (short.text, short.note, short.scores) == ("Storm closes schools.", TOO_SHORT, {"words": 3})
    assert (empty.text, empty.note) == (blank.text, blank.note) == ("", EMPTY)
    assert model.summarize([]) == []


def test_texts_that_networks_cannot_read(model):
    marks, russian = model.summarize(
        ["? ! " * 9, "Центральный банк снизил ставку на заседании в понедельник."], words=4
    )
    assert (marks.note, length(marks.text)) == (NOT_FOUND, 4)
    assert (russian.note, russian.text) == (UNREADABLE, "Центральный банк снизил ставку")


def test_nothing_found_gives_words_of_the_text(model, monkeypatch):
    monkeypatch.setattr(Compressor, "candidates", lambda self, jobs, beams: [[] for _ in jobs])
    (summary,) = model.summarize([SOURCES[1]], words=4)
    assert (summary.text, summary.note) == ("A storm closed schools", NOT_FOUND)


@pytest.mark.parametrize(
    ("texts", "options", "said"),
    [
        (["a"], {"words": 0}, "words must be a whole number from 1, got 0"),
        (["a"], {"words": -3}, "got -3"),
        (["a"], {"words": 2.5}, "got 2.5"),
        (["a"], {"words": True}, "got True"),
        (["a"], {"beams": 0}, "beams must be"),
        ("a text", {}, "list of strings"),
        ([None], {}, "list of strings"),
    ],
)
def test_wrong_arguments(model, texts, options, said):
    with pytest.raises(InputError, match=said):
        model.summarize(texts, **options)


def test_a_large_budget_is_shared_by_windows_in_document_order(model):
    text = " ".join(ENGLISH)
    (summary,) = model.summarize([text], words=24)
    limit = Length("words", 24).limit(text, 8)
    planned = planning.plan(model.read(text), limit, model.longest_words, model.judge, model.encoder)
    assert all(1 <= len(line.windows) <= planning.WINDOWS_PER_LINE for line in planned.lines)
    assert [line.limit.asks() for line in planned.lines] == [[8], [8], [8]]
    starts = [line.segment.windows[line.windows[0]].start for line in planned.lines]
    assert starts == sorted(starts) and len(set(starts)) == 3
    assert summary.note is None and 8 < length(summary.text) <= 24 and summary.text[-1] in ".。"


def test_to_dict_is_json(model):
    (summary,) = model.summarize([SOURCES[0]])
    assert json.loads(json.dumps(summary.to_dict())) == {
        "summary": summary.text,
        "scores": {**summary.scores, "merit": summary.scores["score"]},
        "note": None,
    }


# -- candidates ---------------------------------------------------------------------------------------------

NOTHING = dict.fromkeys(Weights(), 0.0)


@pytest.fixture
def drafts(monkeypatch):
    """The search of a random model seldom finds more than one: here it finds the first words, and fewer, and fewer."""

    def candidates(self, jobs, beams):
        assert beams >= 6
        texts = [[" ".join(job.text.split()[: max(job.words - n, 1)]) for n in range(beams)] for job in jobs]
        encode = self.encoder.tokenizer.encode
        return [[Hypothesis(tuple(encode(text)), -float(n % 3), None) for n, text in enumerate(some)] for some in texts]

    monkeypatch.setattr(Compressor, "candidates", candidates)


@pytest.mark.parametrize("words", [3, 8, 24])
def test_candidates_are_distinct_in_order_and_within_the_budget(model, drafts, words):
    texts = [*ENGLISH, " ".join(ENGLISH)]
    found = model.candidates(texts, words, count=6)
    for text, some in zip(texts, found, strict=True):
        assert len(some) == 6 if words > 3 and length(text) > words else 1 <= len(some) <= 6
        assert len({summary.text for summary in some}) == len(some)
        assert all(0 < length(summary.text) <= words and len(summary.text) <= len(text) for summary in some)
        ranking = [summary.scores["score"] for summary in some if summary.note is None]
        assert ranking == sorted(ranking, reverse=True)
        assert all(set(summary.scores) == SCORES for summary in some if summary.note is None)


@pytest.mark.parametrize("name", ["coverage", "realism", "fluency", "generator", "length", "centrality"])
@pytest.mark.parametrize("words", [6, 24])  # one line, and three
def test_one_weight_alone_orders_candidates_by_its_score(tiny_checkpoint, drafts, name, words):
    model = Summarizer.load(tiny_checkpoint, weights=Weights(**{**NOTHING, name: 1.0}))
    (some,) = model.candidates([" ".join(ENGLISH)], words, count=6)
    scores = [summary.scores[name] for summary in some]
    ranking = [summary.scores["score"] for summary in some]  # like the others, a mean over the lines
    assert ranking == pytest.approx(scores, abs=2e-4)
    assert ranking == sorted(ranking, reverse=True) and len(ranking) == 6


def test_realism_is_what_the_critic_says_of_the_normalised_text(model, drafts):
    """Read by the network itself, piece by piece; capitals and final marks say nothing."""
    import torch

    critic = load_networks(model.checkpoint)["critic"].eval()
    (some,) = model.candidates([SOURCES[0]], 6, count=6)
    assert len({summary.scores["realism"] for summary in some}) > 1
    for summary in some:
        text = summary.text.lower().rstrip(".")
        assert text != summary.text
        ids = torch.tensor([[*model.encoder.tokenizer.encode(text), END_ID]])
        odds = [math.exp(score) for score in critic(ids)[0].tolist()]
        expected = sum(odd / (1 + odd) for odd in odds) / len(odds)
        assert summary.scores["realism"] == pytest.approx(expected, abs=1e-4)


def test_a_model_without_a_critic_gives_no_realism_and_the_same_summaries(model, drafts, tmp_path):
    """As long as realism weighs nothing."""
    plain = Summarizer.load(build(tmp_path / "plain", critic=False), weights=Weights(realism=0.0))
    judged = replace(model, weights=plain.weights)
    texts = [*ENGLISH, " ".join(ENGLISH)]
    for ours, theirs in zip(judged.candidates(texts, 8, count=6), plain.candidates(texts, 8, count=6), strict=True):
        assert [(summary.text, summary.note) for summary in ours] == [(each.text, each.note) for each in theirs]
        for mine, other in zip(ours, theirs, strict=True):
            assert {name: value for name, value in mine.scores.items() if name != "realism"} == other.scores


def test_a_weight_of_realism_needs_a_critic(tmp_path, exported_checkpoint):
    asked = Weights(realism=Weights()["realism"] + 1)
    folder = build(tmp_path / "plain", critic=False)
    with pytest.raises(InputError, match=f"^weight 'realism' must be left out: {folder} has no critic, .*--critic-of"):
        Summarizer.load(folder, weights=asked)
    shutil.copytree(exported_checkpoint, tmp_path / "exported")
    put_critic(tmp_path / "exported", load_networks(open_checkpoint(exported_checkpoint))["critic"])
    assert Summarizer.load(tmp_path / "exported", backend="torch", weights=asked).backend.has_critic
    with pytest.raises(InputError, match="the ONNX form of .* write it anew with 'summae export"):
        Summarizer.load(tmp_path / "exported", weights=asked)


def test_the_search_of_the_embedded_model_finds_as_many_as_asked_for():
    (some,) = Summarizer.load().candidates([(ROOT / "examples" / "news.txt").read_text()], 10, count=6)
    assert 4 <= len({summary.text for summary in some}) == len(some) <= 6 and all(
        length(summary.text) <= 10 for summary in some
    )


def test_the_only_candidate_is_the_summary(model):
    texts = [*ENGLISH, " ".join(ENGLISH)]
    for words in (5, 24):
        assert model.candidates(texts, words, count=1) == [[each] for each in model.summarize(texts, words)]


def test_texts_that_need_no_search_have_one_candidate(model):
    found = model.candidates(["Storm closes schools.", "", "? ! " * 9], 3, count=4)
    assert [[summary.note for summary in some] for some in found] == [[TOO_SHORT], [EMPTY], [NOT_FOUND]]


@pytest.mark.parametrize("count", [0, -1, 51, True, 2.0])
def test_wrong_counts(model, count):
    with pytest.raises(InputError, match=f"count must be a whole number from 1 to 50, got {count}"):
        model.candidates(["a"], count=count)


# -- documents and choosing ---------------------------------------------------------------------------------


def test_windows_cover_the_text_and_fit_the_networks(model):
    long_word = "x" * 500
    text = "\n".join([*SOURCES, long_word, "Short one. " * 9, "我" * 200, *SHORT])
    document = read_document(text, model.encoder, 39)
    spans = [(window.start, window.end) for window in document.windows]
    assert spans == sorted(spans) and all(end <= start for (_, end), (start, _) in zip(spans, spans[1:], strict=False))
    outside = [text[end:start] for (_, end), (start, _) in zip([(0, 0), *spans], [*spans, (len(text), 0)], strict=True)]
    assert not "".join(outside).strip()
    for window in document.windows:
        assert window.text == text[window.start : window.end].strip()
        assert len(window.ids) == len(window.weights) <= 63
    assert [piece for ids, _ in document.chunks for piece in ids] == [i for each in document.windows for i in each.ids]
    assert max(len(ids) for ids, _ in document.chunks) <= 39
    for window, chunk in zip(document.windows, document.chunk_of, strict=True):
        assert window.ids[0] in document.chunks[chunk][0]


def test_short_sentences_are_joined(model):
    document = read_document("One. Two is short. " + SOURCES[0] + " And an end.", model.encoder, 39)
    assert [window.text for window in document.windows] == ["One. Two is short. " + SOURCES[0] + " And an end."]
    assert len(read_document(" ".join(ENGLISH), model.encoder, 39).windows) == 5


def test_a_words_information_is_shared_among_its_pieces_and_marks_weigh_nothing(model):
    (window,) = read_document("Zebra, the bank", model.encoder, 39).windows
    table = model.salience.of("")
    found: dict[str, list[float]] = {}
    for piece, weight in zip(window.ids, window.weights, strict=True):
        text = model.encoder.tokenizer.piece_bytes[piece].decode()
        found.setdefault(text if text in (",", " the", " bank") else "zebra", []).append(weight)
    assert found[","] == [0] and found[" the"] == [table.information("the") / 16]
    assert found[" bank"] == [table.information("bank") / 16]
    assert len(found["zebra"]) > 1 and sum(found["zebra"]) == pytest.approx(table.unseen_idf / 16)


def test_the_windows_that_tell_most_are_chosen_not_the_first(model, monkeypatch):
    """Four windows, two chunks; the second and the last tell the same, the third something else."""
    gains = np.array([[0.1, 0.0], [3.0, 0.0], [0.0, 1.0], [2.9, 0.0]])
    judged: list[list[int]] = []
    monkeypatch.setattr(Judge, "gains", lambda self, summaries, sample: judged.append(summaries) or gains)
    document = read_document(" ".join(ENGLISH[:4]), model.encoder, 39)
    places, sample = planning.choose(document, model.judge, model.encoder, count=3, words=6)
    assert places == [1, 3, 0], "each by itself; the beginning is always considered"
    for window, summary in zip(document.windows, judged[0], strict=True):  # stand-ins: six words, in order
        said = model.encoder.tokenizer.decode(summary).split()
        assert len(said) <= 6 and [word for word in window.words if word in said] == said
    assert sample.weights_P.shape == sample.nothing_P.shape == (sum(map(len, sample.chunks)),)


def test_each_segment_gives_its_best_window_and_what_was_told_counts_no_more(model, monkeypatch):
    """Two segments; the second begins as the first does, then tells something else, of which four words stand in."""
    asked: list[list[str]] = []

    def gains(self, summaries, sample):
        asked.append([model.encoder.tokenizer.decode(each) for each in summaries])
        return np.array([[0.0], [2.0]])

    monkeypatch.setattr(Judge, "gains", gains)
    document = read_document(" ".join([ENGLISH[0], ENGLISH[0], ENGLISH[1]]), model.encoder, 39)
    segments = [replace(document, windows=document.windows[:1]), replace(document, windows=document.windows[1:])]
    found = planning.choose_in_turn(segments, model.judge, model.encoder, count=2, words=[99, 4])
    (first, _), (second, sample) = found
    assert (first, second) == ([0], [1, 0]) and len(sample.chunks) <= planning.SEGMENT_CHUNKS
    ((repeated, new),) = asked  # nothing to choose from in the first segment
    weight = planning.word_weight(segments[1], set(document.windows[0].words))
    assert sum(map(weight, repeated.split())) == 0 and all(weight(word) > 0 for word in new.split())
    assert len(new.split()) == 4


def test_segments_are_equal_and_complete(model):
    document = read_document("\n".join(ENGLISH * 5), model.encoder, 39)
    for count in (1, 2, 7, 25):
        found = document.segments(count)
        assert [window for segment in found for window in segment.windows] == document.windows
        sizes = [len(segment.windows) for segment in found]
        assert len(sizes) == count and max(sizes) - min(sizes) <= 1


def test_work_of_the_networks_is_bounded_by_the_summary_not_the_text(model, monkeypatch):
    rows: list[int] = []
    rebuild = type(model.backend).rebuild

    def counted(self, summaries, sources):
        rows.append(len(sources))
        return rebuild(self, summaries, sources)

    monkeypatch.setattr(type(model.backend), "rebuild", counted)

    def runs(copies: int, words: int) -> int:
        rows.clear()
        model.summarize([" ".join(ENGLISH * copies)], words=words)
        return sum(rows)

    parts = planning.WINDOWS_PER_LINE * FROM_EACH
    assert 0 < runs(60, 6) <= MOST_CHUNKS * (1 + planning.WINDOWS_JUDGED + parts)
    lines, beams = 5, 4
    most = lines * planning.SEGMENT_CHUNKS * (1 + planning.SEGMENT_WINDOWS_JUDGED + beams)
    assert all(0 < runs(copies, 8 * lines) <= most for copies in (4, 60, 240))


def test_the_language_given_finds_the_sentences(model):
    """A date of German has a full stop in it."""
    text = "Der Sturm kam an der alten Brücke in der Stadt am 3. Mai mit viel Regen an und ging nach dem Abend wieder."
    found = {language: [each.text for each in model.read(text, language).windows] for language in ("de", "en")}
    assert [any(each.endswith(" 3.") for each in found[language]) for language in ("de", "en")] == [False, True]


# -- finishing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "finished"),
    [
        ("storm closes schools ,", "Storm closes schools"),
        ("storm , schools ( north ) closed !", "Storm, schools (north) closed!"),
        ('police : " no deal', "Police: no deal"),
        ("“ no deal ” ) -", "“no deal”"),
        ("'we will not stop", "We will not stop"),
        ("it's the '90s in banks' hands", "It's the '90s in banks' hands"),
        ("engineers' cracks'", "Engineers' cracks"),
        ("'cracks'", "'Cracks'"),
        ("eBay to buy iPhone maker", "eBay to buy iPhone maker"),
        ("U.S. to act", "U.S. to act"),
        ("我 国 经济 ， 增长", "我国经济，增长"),
        ("- , : 5 killed", "5 killed"),
        ("the $ 5 % rise &", "The $ 5% rise"),
    ],
)
def test_finish(raw, finished):
    assert finish(raw, "Some Source").replace("“n", "“N") == finished.replace("“n", "“N")
    assert length(finish(raw, "Some Source")) <= length(raw)


def test_a_lower_case_source_keeps_its_case():
    assert finish("storm closes schools", "a storm closed") == "storm closes schools"


def test_join_and_cut():
    assert join(["Storm closes schools", "Power lost!", "我国"]) == "Storm closes schools. Power lost! 我国。"
    assert join(['He said "it is over."', "We know"]) == 'He said "it is over." We know.'
    assert cut("a  b-c (d e", 3) == "a b-c (d" and cut("我国 x经", 4) == "我国 x经" and cut("a b", 9) == "a b"


# -- doors --------------------------------------------------------------------------------------------------


def test_pipeline(tiny_checkpoint, model):
    pipe = pipeline(tiny_checkpoint, words=5, batch_size=2)
    expected = [{"summary_text": summary.text} for summary in model.summarize(SOURCES, words=5)]
    assert pipe(SOURCES[0]) == expected[:1]
    assert pipe(SOURCES) == pipe(iter(SOURCES)) == expected
    assert pipe(SOURCES[0], words=2) == [{"summary_text": model.summarize(SOURCES[:1], words=2)[0].text}]
    assert summae.pipeline is pipeline and summae.Summarizer is Summarizer


def run(code: str) -> str:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_command_line_summarises_without_torch(exported_checkpoint, tmp_path):
    (tmp_path / "a.txt").write_text(SOURCES[0])
    arguments = [str(tmp_path / "a.txt"), "--model", str(exported_checkpoint), "--words", "5"]
    code = (
        f"import sys; from summae.cli import summarize_main; code = summarize_main({arguments!r}); "
        "print({'torch', 'transformers', 'scipy', 'datasets'} & set(sys.modules), code)"
    )
    summary, rest = run(code).splitlines()
    assert rest == "set() 0" and 0 < length(summary) <= 5
