"""Adapting: what is learnt from and what is held out, which generator is taken, what is written."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import SHORT, SOURCES
from handmade import mail, pdf

from summae.adapting import adapt
from summae.adapting import run as running
from summae.adapting.config import AdaptConfig
from summae.adapting.domain import make_domain
from summae.adapting.domain_salience import LEAN, WEIGHT, closest, domain_table
from summae.adapting.selection import AdaptedGenerator, HeldOutJudge, best
from summae.adapting.stages import GeneratorAdapting
from summae.adapting.texts import find_short_texts, first_sentence, read_documents, read_lines, usable
from summae.cli import main
from summae.data.corpora import Corpus
from summae.errors import ConfigError, InputError
from summae.inputs.formats.paragraphs import one_line
from summae.model.checkpoint import open_checkpoint
from summae.summarizing.summarizer import Summarizer
from summae.text.salience import DomainTables, SalienceTable
from summae.training.state import StageState
from summae.training.validation import Validation

PLACES = ("Velmara", "London", "Iran", "the north", "the river", "the country")
DAYS = ("Monday", "Tuesday", "next month", "the first quarter", "the half-year")
#: Sixty documents of two sentences; their numbers tell them apart.
DOCUMENTS = [
    f"{SOURCES[number % 5]} In {place} they said so on {day} in case {number}, and nobody there had a deal with Iran."
    for number, (place, day) in enumerate([*itertools.product(PLACES, DAYS)] * 2)
]
TITLES = [f"{title} in {place}" for title in SHORT[:5] for place in PLACES]


def domain_of(documents, short_texts, checkpoint, note=lambda line: None, characters=10**6, seed=1):
    config = AdaptConfig(minutes=1, characters_per_minute=characters, seed=seed)
    return make_domain(documents, short_texts, open_checkpoint(checkpoint), config, note)


# -- texts --------------------------------------------------------------------------------------------------


def test_documents_of_every_kind_with_the_titles_found_in_them(tmp_path: Path) -> None:
    folder = tmp_path / "my"
    folder.mkdir()
    (folder / "a.txt").write_text("The bridge is closed.")
    (folder / "b.eml").write_bytes(mail("It is closed."))
    (folder / "c.html").write_text("<html><h1>Old bridge closed</h1><p>It is closed.")
    (folder / "d.md").write_text("# Crack in the pillar\n\nIt is deep.")
    (folder / "e.pdf").write_bytes(b"%PDF-1.4 damaged")
    (folder / "f.pdf").write_bytes(pdf(["It is closed."]))
    notes: list[str] = []
    texts, titles = read_documents([folder, tmp_path / "none.txt"], note=notes.append)
    assert len(texts) == 5 and texts[:2] == ["The bridge is closed.", "It is closed."]
    assert titles == ["The bridge", "Old bridge closed", "Crack in the pillar"]
    assert [note.split(": ")[:2] for note in notes] == [
        ["left out", str(folder / "e.pdf")],
        ["left out", str(tmp_path / "none.txt")],
    ]


def test_that_nothing_could_be_read_is_the_error(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """And not that there are too few short texts among nothing."""
    missing, out = str(tmp_path / "none.txt"), str(tmp_path / "out")
    assert main(["adapt", "--documents", missing, "--out", out, "--quiet"]) == 2
    reason = f"documents: nothing could be read ({missing}: no such file)"
    assert capsys.readouterr() == ("", f"summae adapt: error: {reason}\n")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match=r"documents: nothing could be read \(.*folder: no file in it"):
        read_documents([tmp_path / "folder"], note=lambda line: None)


def test_a_line_is_a_document_if_asked_for(tmp_path: Path) -> None:
    (tmp_path / "big.txt").write_text("One mail.\n\n Another\u2028mail. \n")
    lines = ["One mail.", " Another\u2028mail. "]
    assert read_documents([tmp_path / "big.txt"], lines=True, note=print) == (lines, [])
    assert read_lines([tmp_path / "big.txt", tmp_path / "big.txt"]) == [*lines, *lines]


def test_usable_short_texts() -> None:
    given = ["Re: FW: Lunch  on\tMonday", "AW: Re[2]: Lunch on Friday", "Lunch on Monday", "Recall: bridge", "Lunch"]
    longest = " ".join("w" * 15)
    assert usable([*given, longest, f"w {longest}"]) == ["Lunch on Monday", "Lunch on Friday", given[3], longest]


def test_without_short_texts_titles_are_taken_and_first_sentences_where_there_are_few() -> None:
    notes: list[str] = []
    documents = [f"Bridge number {number} closed. It is old." for number in range(7)] + ["  ", "word " * 20 + "."]
    titles = [f"Old title {number}" for number in range(60)]
    bad = ["Microsoft Word - report", "untitled document", "Final report.docx", "Document1 "]
    assert find_short_texts(documents, [*titles, *bad], notes.append) == titles
    assert find_short_texts(documents, titles[:3], notes.append) == [
        *titles[:3],
        *(f"Bridge number {number} closed." for number in range(7)),
    ]
    assert "taking 60 titles" in notes[0] and "3 titles" in notes[1] and "7 short first sentences" in notes[1]
    assert first_sentence("\n Dr. Who came. He left.") == "Dr. Who came." and first_sentence(" \n ") == ""


# -- the domain ---------------------------------------------------------------------------------------------


def test_what_is_held_out_is_never_learnt_from(tiny_checkpoint: Path) -> None:
    doubled = [*DOCUMENTS, DOCUMENTS[0].replace(" ", "\n")]
    domain = domain_of(doubled, [*TITLES, "nobody there had a deal"], tiny_checkpoint)
    assert len(domain.documents) == 10  # enough for the table; of more than a hundred it is a tenth
    apart = {number for number, text in enumerate(DOCUMENTS) if text in map(one_line, domain.documents)}
    assert len(apart) == 10
    learnt = " ".join(domain.corpus.sources)
    assert [f"in case {number}," in learnt for number in range(60)] == [number not in apart for number in range(60)]
    assert not set(domain.corpus.sources) & set(domain.held_out)
    assert all(any(passage in one_line(document) for document in domain.documents) for passage in domain.held_out)
    assert len(domain.real) == 3  # a tenth of 31
    assert {*domain.real, *domain.corpus.short_texts} - {"nobody there had a deal"} == set(TITLES)
    assert not set(domain.real) & set(domain.corpus.short_texts)
    assert "nobody there had a deal" not in domain.corpus.short_texts  # it stands in what is held out


def test_passages_tell_everything_that_is_not_too_short(tiny_checkpoint: Path) -> None:
    domain = domain_of(DOCUMENTS, TITLES, tiny_checkpoint)
    start = open_checkpoint(tiny_checkpoint)
    kept = [document for document in DOCUMENTS if document not in domain.documents]
    said = sum(len(passage.split()) for passage in domain.corpus.sources)
    assert said > 0.8 * sum(len(document.split()) for document in kept)
    assert all(any(passage in document for document in kept) for passage in domain.corpus.sources)
    pieces = start.tokenizer.encode_batch(domain.corpus.sources)
    assert max(map(len, pieces)) <= start.manifest.max_source_length - 1
    assert domain_of(DOCUMENTS, TITLES, tiny_checkpoint) == domain
    assert domain_of(DOCUMENTS, TITLES, tiny_checkpoint, seed=2) != domain


def test_lengths_are_those_of_the_short_texts(tiny_checkpoint: Path) -> None:
    short = [f"{'w ' * length}{number}" for number, length in enumerate([1] * 2 + [3] * 13 + [5] * 4 + [8])]
    domain = domain_of(DOCUMENTS, short, tiny_checkpoint)  # 2, 4, 6 and 9 words
    assert domain.words == (2, 6) and domain.default_words == 4


def test_a_book_is_parted_by_passages_and_only_so_much_is_read(tiny_checkpoint: Path) -> None:
    notes: list[str] = []
    book = " ".join(DOCUMENTS)
    domain = domain_of([book], TITLES, tiny_checkpoint, notes.append)
    assert len(domain.held_out) == len(domain.documents) >= 2 and not set(domain.held_out) & set(domain.corpus.sources)
    assert any("few documents (1)" in note for note in notes) and any("few short texts (30)" in note for note in notes)
    half = domain_of([book], TITLES, tiny_checkpoint, characters=len(book) // 2)
    assert sum(map(len, half.corpus.sources)) < 0.6 * sum(map(len, domain.corpus.sources))
    notes.clear()
    domain_of(DOCUMENTS, TITLES, tiny_checkpoint, notes.append, characters=len(book) // 2)
    assert any(f"of {len(DOCUMENTS)} documents" in note for note in notes)


@pytest.mark.parametrize(
    ("documents", "short", "line"),
    [
        (DOCUMENTS, TITLES[:9], "short texts: must be at least 10 .* got 9"),
        (DOCUMENTS, [" "] * 50, "short texts: must be .* got 0"),
        (DOCUMENTS[:3], TITLES, "documents: must hold at least 20 passages .* got [3-6];"),
        ([], TITLES, "documents: must hold .* got 0"),
        (["Мост закрыт, и никто не знает, когда он откроется снова для машин. "] * 2, TITLES, "documents: most are in"),
    ],
)
def test_too_little_to_learn_from(documents: list[str], short: list[str], line: str, tiny_checkpoint: Path) -> None:
    with pytest.raises(InputError, match=line):
        domain_of(documents, short, tiny_checkpoint)


# -- salience -----------------------------------------------------------------------------------------------


def test_the_table_of_a_domain_by_hand() -> None:
    old = SalienceTable({"old": -2.0, "both": 1.0}, {"old": 4.0, "both": 5.0}, unseen_idf=10.0)
    corpus = Corpus(name="x", sources=["both new", "both new", "rare", "both"], short_texts=["new", "y"], weight=1.0)
    table = domain_table(corpus, old)
    # both: in 3 of 4 sources, no short text: log2((0 + 2) / 2) − log2((3 + 2 · 4 / 2) / 4) = −log2(7 / 4)
    own, lean = -math.log2(7 / 4), LEAN / (3 + LEAN)
    assert table.ratio("both") == pytest.approx((1 - lean) * own + lean * 1.0, abs=2e-3)
    # new: in 2 of 4 sources, 1 of 2 short texts: log2(3 / 2) − log2(6 / 4) = 0; the old table does not know it
    assert table.ratio("new") == pytest.approx(0.0, abs=1e-3)
    assert table.ratio("old") == -2.0 and "rare" not in table.ratios
    assert table.information("both") == pytest.approx(-math.log2((3 + WEIGHT / 32) / (4 + WEIGHT)), abs=1e-3)
    assert table.information("old") == pytest.approx(4 + math.log2((4 + WEIGHT) / WEIGHT), abs=1e-3)
    assert table.unseen_idf == pytest.approx(10 + math.log2((4 + WEIGHT) / WEIGHT), abs=1e-3)


def test_texts_find_the_domain_they_belong_to() -> None:
    """Two domains that share function words: the new one must take its own texts, and leave the old one's."""
    random = np.random.default_rng(0)

    def texts(words: list[str], count: int) -> list[str]:
        return [" ".join(["the", "of", *random.choice(words, 8)]) for _ in range(count)]

    alpha, beta, gamma = ([f"{kind}{number}" for number in range(60)] for kind in ("alpha", "beta", "gamma"))
    tables = {
        name: SalienceTable.count(texts(words, 3000), texts(words, 300))
        for name, words in {"alpha": alpha, "beta": beta}.items()
    }
    new = [*alpha[:20], *gamma]  # a near relative of alpha
    corpus = Corpus(name="new", sources=texts(new, 200), short_texts=texts(new, 50), weight=1.0)
    name = closest(DomainTables(tables), corpus.sources)
    assert name == "alpha"
    all_three = DomainTables({**tables, "new": domain_table(corpus, tables[name])})
    for own, words, least in (("alpha", alpha, 45), ("beta", beta, 50), ("new", new, 45)):
        assert [all_three.domain(text) for text in texts(words, 50)].count(own) >= least


# -- selection ----------------------------------------------------------------------------------------------


def verdict(score: float, pieces: float = 8.0, distinct: float = 1.0) -> Validation:
    return Validation(score=score, recovered=score, fluent=1.0, pieces=pieces, distinct=distinct)


def test_the_best_is_never_worse_than_the_start() -> None:
    """All orders of five scores, the start's in each place."""
    for scores in itertools.permutations([0.0, 0.1, 0.2, 0.3, 0.3]):
        candidates = [
            AdaptedGenerator(share=share / 4, own_table=True, found=verdict(s)) for share, s in enumerate(scores)
        ]
        for start in candidates:
            chosen = best(
                start, [each for each in candidates if each is not start], wanted_pieces=8.0, config=AdaptConfig()
            )
            assert chosen.found.score == max(scores)
            assert start.found.score < max(scores) or chosen is start


@pytest.mark.parametrize(
    ("found", "taken"),
    [
        (verdict(0.9), True),
        (verdict(0.9, distinct=0.8), False),  # the same of a fifth of the documents
        (verdict(0.9, pieces=11.1), False),  # the start had 8, 10 were asked for
        (verdict(0.9, pieces=10.9), True),
        (verdict(0.1), False),
    ],
)
def test_what_score_does_not_see_is_guarded(found: Validation, taken: bool) -> None:
    start = AdaptedGenerator(share=0.0, own_table=False, found=verdict(0.1))
    other = AdaptedGenerator(share=1.0, own_table=True, found=found)
    assert best(start, [other], wanted_pieces=10.0, config=AdaptConfig()) is (other if taken else start)


def watched(folder: Path, scores: list[float], start: float, steps: int) -> tuple[GeneratorAdapting, int]:
    """The stage after ``steps`` of them, weights being the number of the step; judged with ``scores`` in turn."""
    import torch
    from world import ENCODER, network, pairs

    from summae.networks import Generator
    from summae.training.schedule import LoopConfig

    coming = iter(scores)
    made, loop = network(Generator, 1), LoopConfig(steps=steps)
    options = {"start": verdict(start), "judge": lambda network: verdict(next(coming)), "checks": 8, "patience": 3}
    options["best_file"] = folder / "best.safetensors"
    task = GeneratorAdapting(made, pairs(), ENCODER, loop, 1, torch.device("cpu"), **options)
    state = StageState()
    for step in range(1, steps + 1):
        with torch.no_grad():
            made.output_bias.fill_(step)
        state.step = step
        task.after_step(state)
        if state.ended:
            return task, step
    return task, steps


@pytest.mark.parametrize(
    ("scores", "steps", "stopped", "best"),
    [
        ([0.2, 0.5, 0.4, 0.4, 0.4, 9.9, 9.9, 9.9], 8, 5, 2),
        ([0.2, 0.1, 0.1, 0.3, 0.2, 0.2, 0.5, 0.4], 8, 8, 7),
        ([0.1] * 8, 8, 3, None),  # no better than the start
        ([0.2] * 8, 80, 40, 10),  # validated every ten steps
    ],
)
def test_the_generator_goes_back_to_its_best_and_stops_early(tmp_path: Path, scores, steps, stopped, best) -> None:
    from world import network

    from summae.networks import Generator

    task, last = watched(tmp_path, scores, 0.1, steps)
    bias = float(task.best.weights()["output_bias"][0])
    assert last == stopped and bias == (float(network(Generator, 1).output_bias[0].detach()) if best is None else best)


# -- all of it ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def adapted(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory):
    """(the run, what it noted) with two steps a stage, the adapted half being found better."""
    notes: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HeldOutJudge, "judge", scores_of([0.1, 0.2, 0.3, 0.3, 0.4, 0.9, 0.4, 0.4]))
        out = tmp_path_factory.mktemp("adapted") / "mine"
        return adapt(DOCUMENTS, TITLES, out, model=tiny_checkpoint, steps=2, note=notes.append), notes


def scores_of(scores: list[float]):
    """Scores in turn: the start's, with the new tables, two steps, shares of 1/4, 1/2, 3/4 and 1."""
    coming = iter(scores)
    return lambda self, generator, own_table=True: verdict(next(coming))


def test_what_is_written_is_a_whole_model(adapted, tiny_checkpoint: Path) -> None:
    run, _ = adapted
    start, made = open_checkpoint(tiny_checkpoint), open_checkpoint(run.path)
    assert made.exported and made.tokenizer.backend.to_str() == start.tokenizer.backend.to_str()
    assert list(made.salience.domains) == ["all", "mine"]
    assert made.salience.domains["all"] == start.salience.domains["all"]
    assert made.manifest.name == "mine" and made.manifest.default_words == 8
    files = {"files": {}, "name": "", "default_words": 0, "summae": ""}
    assert replace(made.manifest, **files) == replace(start.manifest, **files)
    card = (run.path / "README.md").read_text()
    for said in ("model `tiny`", "27 short texts", "0.5 of the adapted one", "| after | 0.9000 |", "is 8 words"):
        assert said in card
    assert [path.name for path in run.path.parent.iterdir()] == ["mine"]


def test_both_backends_summarise_with_it(adapted) -> None:
    run, _ = adapted
    texts = [DOCUMENTS[3], " ".join(DOCUMENTS[7:9])]
    said = {name: Summarizer.load(run.path, backend=name).summarize(texts, words=5) for name in ("onnx", "torch")}
    for summaries in said.values():
        assert all(1 <= len(summary.text.split()) <= 5 for summary in summaries)
    shown = Summarizer.load(run.path).summarize([sample.document for sample in run.samples])
    assert [summary.text for summary in shown] == [sample.after for sample in run.samples]


def test_networks_are_those_chosen(adapted, tiny_checkpoint: Path) -> None:
    """Half of the start's weights are in the generator; the judges are the adapted ones."""
    from summae.model.backends.torch_backend import load_networks

    old, new = load_networks(open_checkpoint(tiny_checkpoint)), load_networks(open_checkpoint(adapted[0].path))
    for part in ("generator", "reconstructor", "language_model"):
        before, after = old[part].state_dict(), new[part].state_dict()
        moved = max(float((after[name] - before[name]).abs().max()) for name in before)
        assert 1e-5 < moved < 0.1
    kept, given = (networks["critic"].state_dict() for networks in (new, old))
    assert all(torch.equal(kept[name], given[name]) for name in given), "the start's critic stays"


def test_tables_are_markdown(adapted) -> None:
    run, notes = adapted
    lines = run.to_markdown().splitlines()
    blank = lines.index("")
    assert lines[0] == "|  | score | recovered | fluent | words | distinct |" and blank == 4
    assert lines[2].startswith("| before | 0.1000 |") and lines[3].startswith("| after | 0.9000 |")
    assert len(lines) - blank - 3 == len(run.samples) == 10
    assert {sample.document for sample in run.samples} <= set(DOCUMENTS)
    assert any("few short texts" in note for note in notes) and not any("nothing better" in note for note in notes)


def test_nothing_better_is_the_start_itself(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Networks, tables and so the summaries; without the ONNX libraries a note says what computes."""
    from summae.errors import MissingExtraError
    from summae.model.onnx import export as exporting

    def missing() -> None:
        raise MissingExtraError("exporting needs the extra 'export'")

    monkeypatch.setattr(exporting, "_require_extra", missing)
    monkeypatch.setattr(HeldOutJudge, "judge", scores_of([0.5] * 8))
    notes: list[str] = []
    documents = [f"Case {number} in court. {text}" for number, text in enumerate(DOCUMENTS)]
    run = adapt(documents, None, tmp_path / "out", model=tiny_checkpoint, steps=2, note=notes.append)
    assert run.after is run.before
    assert any("nothing better" in note for note in notes) and any("--backend torch" in note for note in notes)
    assert not open_checkpoint(run.path).exported
    for name in ("generator/model.safetensors", "reconstructor/model.safetensors", "salience.json"):
        assert (run.path / name).read_bytes() == (tiny_checkpoint / name).read_bytes()
    assert all(sample.before == sample.after for sample in run.samples)


@pytest.mark.parametrize("stage", ["_learn", "write"])
def test_an_interrupted_run_leaves_nothing(
    stage: str, tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def interrupted(*given: object) -> None:
        if stage == "write":
            (given[0] / "half").write_text("")  # type: ignore[operator]
        raise KeyboardInterrupt

    same = AdaptedGenerator(share=0.0, own_table=False, found=verdict(0.5))
    monkeypatch.setattr(running, "_learn", lambda *given: running._Outcome(same, same, {}, 1.0))
    monkeypatch.setattr(running, stage, interrupted)
    (tmp_path / "mails.txt").write_text("\n".join(DOCUMENTS))
    (tmp_path / "titles.txt").write_text("\n".join(TITLES))
    before = sorted(tmp_path.iterdir())
    given = f"--documents {tmp_path}/mails.txt --short-texts {tmp_path}/titles.txt --lines --out {tmp_path}/out"
    assert main(["adapt", *given.split(), "--model", str(tiny_checkpoint)]) == 130
    captured = capsys.readouterr()
    assert captured.err.endswith(f"interrupted: nothing has been written to {tmp_path}/out\n") and captured.out == ""
    assert sorted(tmp_path.iterdir()) == before


def test_out_must_be_new(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for out in (tmp_path, tmp_path / "file"):
        with pytest.raises(InputError, match="^out must be a new directory, got .* in use$"):
            adapt(DOCUMENTS, TITLES, out)


def test_wrong_options_come_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        adapt(
            DOCUMENTS, TITLES, tmp_path / "new", minutes=0, stesp=3, shares=[0.5, 2], generator_mixture={"pseudoo": 1}
        )
    assert caught.value.problems == [
        "minutes must be > 0, got 0",
        "unknown key 'generator_mixture.pseudoo', did you mean 'pseudo'?",
        "shares[1] must be <= 1, got 2",
        "unknown key 'stesp', did you mean 'steps'?",
    ]
    assert not (tmp_path / "new").exists()
