"""A model with a wording: what G reads, what a summary says of it, and that nothing else of the way changes."""

import json
import shutil
from pathlib import Path

import pytest

from summae.decoding.drafts import Draft
from summae.decoding.search import Hypothesis
from summae.explanation.attribution import explain
from summae.metrics.faithful import unsupported
from summae.summarizing.proposers.generator import Compressor
from summae.summarizing.summarizer import Summarizer
from summae.wording.table import DomainWordings, Wording

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"

TEXT = (
    "Ministers of the European Union will meet in Oslo on Monday to talk of the price of bread and of very old bridges."
)


@pytest.fixture(scope="module")
def model(tiny_checkpoint, tmp_path_factory):
    folder = tmp_path_factory.mktemp("worded") / "tiny"
    shutil.copytree(tiny_checkpoint, folder)
    wording = Wording({"european union": "EU", "world trade organization": "WTO"}, infinitive=True)
    DomainWordings({"all": wording}).save(folder / "wording.json")
    return Summarizer.load(folder)


@pytest.fixture
def read(model, monkeypatch):
    """What G reads; it says the beginning of it."""
    found: list[str] = []

    def search(self, sources, jobs, beams):
        found.extend(job.text for job in jobs)
        said = [" ".join(job.text.split()[: job.words]) for job in jobs]
        return [[Hypothesis(tuple(self.encoder.tokenizer.encode_batch([text])[0]), -1.0, Draft())] for text in said]

    monkeypatch.setattr(Compressor, "search", search)
    return found


def test_the_generator_reads_the_wording_of_short_texts(model, read):
    (summary,) = model.summarize([TEXT], words=6)
    assert read == [TEXT.replace("European Union will", "EU to")]
    assert summary.text == "Ministers of the EU to meet"
    assert summary.abbreviations == {"EU": "European Union"}  # those it uses, not all of the table


def test_an_abbreviation_of_what_the_text_names_is_no_stranger(model, read):
    (summary,) = model.summarize([TEXT], words=6)
    assert unsupported(summary.text, TEXT) == ["EU"]
    assert unsupported(summary.text, TEXT, summary.abbreviations) == []
    assert explain(model, TEXT, summary.text).unsupported == ()
    (stranger,) = explain(model, TEXT, "Ministers of the WTO meet").unsupported
    assert stranger.text == "WTO"  # in the table, but nothing in the text stands for it


def test_a_summary_without_abbreviations_names_none(model, read):
    (summary,) = model.summarize(
        ["The price of bread rises in Oslo and in all the other towns of the north today."], words=4
    )
    assert summary.abbreviations == {}


def test_a_model_without_a_wording_reads_the_text_as_it_is(tiny_checkpoint, read):
    Summarizer.load(tiny_checkpoint).summarize([TEXT], words=6)
    assert read == [TEXT]


def test_the_embedded_wording_is_of_headlines():
    """What is learnt from news is not applied to abstracts of papers, whose titles tell no events."""
    from summae.model.checkpoint import open_checkpoint

    checkpoint = open_checkpoint()
    stored = json.loads((checkpoint.path / "wording.json").read_text(encoding="utf-8"))
    assert stored["news"]["infinitive"] and not stored["science"]["infinitive"]
    report = "The Federal Reserve will cut interest rates, its chairman said on Monday after a meeting of the bank."
    assert checkpoint.wording_of(report).shortened(report).startswith("The Fed to cut interest rates")
    abstract = "We study random graphs and show that the proposed estimator will converge to the true parameter."
    assert checkpoint.wording_of(abstract).shortened(abstract) == abstract


def test_the_script_tells_the_parts_apart(model, read, tmp_path, capsys, monkeypatch):
    """With abbreviations the summary is the reference; without, "European Union" stands in its place."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import wording_parts

    data = tmp_path / "data.jsonl"
    data.write_text(json.dumps({"text": TEXT, "summaries": ["Ministers of the EU to meet"]}) + "\n", encoding="utf-8")
    assert wording_parts.main(["--data", str(data), "--words", "6", "--model", str(model.checkpoint.path)]) == 0
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines()[2:]]
    scores = [float(row[1]) for row in rows]
    assert len(rows) == 4 and scores[0] < scores[1] < scores[2] == scores[3] == 100.0
    assert wording_parts.main(["--data", str(tmp_path / "none.jsonl")]) == 2
    assert capsys.readouterr().err.startswith("wording_parts.py: ")
