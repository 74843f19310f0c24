"""Evaluation from files to table: numbers known in advance, one-line errors, and the script's manners."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from summae.errors import InputError
from summae.evaluation.comparison import EvaluationRequest, run
from summae.evaluation.references import Example, read_dataset
from summae.evaluation.scores import evaluate
from summae.metrics.baselines import BASELINES
from summae.summarizing.summarizer import Summarizer

SCRIPT = Path(__file__).parents[1] / "scripts" / "evaluate_rouge.py"
RECORDS = [
    {
        "id": "1",
        "text": "The bank said profit rose by a third",
        "summaries": ["Bank profit rose", "Profit up"],
    },
    {"id": "2", "text": "我国经济的增长很快", "summaries": ["我国经济增长"]},
]


@pytest.fixture
def script():
    spec = importlib.util.spec_from_file_location("evaluate_rouge", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def write(tmp_path):
    def writer(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return writer


@pytest.fixture
def dataset(write):
    return write("data.jsonl", "".join(json.dumps(record) + "\n" for record in RECORDS))


def test_a_perfect_system_scores_100_and_a_silent_one_0():
    examples = [Example(text="a b c d", references=("a b",)), Example(text="e f g h", references=("g f",))]
    systems = {
        "perfect": lambda texts, budget: ["a b and", "g f more"],
        "silent": lambda texts, budget: ["", ""],
    }
    perfect, silent = evaluate(examples, systems, [2]).rows
    assert (perfect.rouge1.low, perfect.rouge2.mean, perfect.rougeL.high) == (100, 100, 100)
    assert (perfect.mean_words, perfect.copy_rate, perfect.novel_share) == (2, 0.5, 0)
    assert (silent.rouge1.mean, silent.mean_words) == (0, 0)


def test_outputs_are_cut_to_each_budget():
    examples = [Example(text="", references=("one two three four",))]
    report = evaluate(examples, {"s": lambda texts, budget: ["one two three four five"]}, [2, 4, None, 4])
    assert [row.mean_words for row in report.rows] == [2, 4, 5]
    # 2 words: P = 1, R = 1/2; 4 words: all; uncut: P = 4/5, R = 1
    assert [row.rouge1.mean for row in report.rows] == pytest.approx([200 / 3, 100, 800 / 9])
    assert [line.split("|len:")[1].split("|")[0] for line in report.signatures] == [
        "words2",
        "words4",
        "uncut",
    ]


def test_a_dataset_with_model_and_baselines(dataset, tiny_checkpoint):
    asked = {"words": [3], "baselines": ["lead", "ratio_filter"], "model": tiny_checkpoint}
    report = run(EvaluationRequest(data=dataset, **asked, beams=2))
    model, lead, filtered = report.rows
    assert [row.system for row in report.rows] == [f"summae:{tiny_checkpoint.name}", "lead", "ratio_filter"]
    # "The bank said" has 1 of 3 words, 我国经 has 3 of 3 and of 6 characters: (1/3 + 2/3) / 2
    assert lead.rouge1.mean == pytest.approx(100 * (1 / 3 + 2 / 3) / 2)
    assert lead.copy_rate == 1
    loaded = Summarizer.load(tiny_checkpoint)
    systems = {
        "model": lambda texts, words: [summary.text for summary in loaded.summarize(texts, words, beams=2)],
        "filter": lambda texts, words: BASELINES["ratio_filter"](texts, words, loaded.salience),
    }
    by_hand = evaluate(read_dataset(dataset), systems, [3]).rows
    assert [model.rouge1, filtered.rouge1] == [row.rouge1 for row in by_hand]
    assert "|nrefs:1-2|" in report.signatures[0]


def test_limit_and_baselines_without_a_model(dataset):
    report = run(EvaluationRequest(data=dataset, limit=1, with_model=False, baselines=["lead", "lexrank"]))
    assert [(row.system, row.words) for row in report.rows] == [
        (system, words) for words in (8, 10) for system in ("lead", "lexrank")
    ]
    assert "|n:1|" in report.signatures[0]


def test_the_best_of_several_reference_files_counts(write):
    hypotheses, first = write("h.txt", "a b\r\nc d\r\n"), write("r1.txt", "a b\nx y")
    second = write("r2.txt", "\ufeffx y\nc d\n")
    one = run(EvaluationRequest(hypotheses=hypotheses, references=[first]))
    both = run(EvaluationRequest(hypotheses=hypotheses, references=[first, second]))
    assert (one.rows[0].rouge2.mean, both.rows[0].rouge2.mean) == (50, 100)


def test_markdown_and_json_say_the_same(write, tmp_path):
    hypotheses, references = write("h.txt", "a b c\n"), write("r.txt", "a b c d\n")
    report = run(
        EvaluationRequest(hypotheses=hypotheses, references=[references]), json_path=tmp_path / "deep" / "out.json"
    )
    stored = json.loads((tmp_path / "deep" / "out.json").read_text(encoding="utf-8"))
    # P = 1, R = 3/4 words and 2/3 pairs; no sources, so no shares
    assert stored["rows"][0]["rouge1"]["mean"] == pytest.approx(600 / 7)
    assert stored["rows"][0]["copy_rate"] is None
    assert stored["signatures"][0].startswith("rouge|nrefs:1|")
    table = report.to_markdown()
    assert "| h.txt | uncut | 85.7 [85.7, 85.7] | 80.0 [80.0, 80.0] | 85.7 [85.7, 85.7] | 3.0 | – | – | – |" in table
    assert f"`{stored['signatures'][0]}`" in table


def test_references_that_rouge_cannot_see_are_warned_of():
    system = {"s": lambda texts, budget: ["yes"]}
    with pytest.warns(UserWarning, match="50% of the references' characters"):
        evaluate([Example(text="", references=("yes ❤❤❤",))], system, [3])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        evaluate([Example(text="", references=("大家好！谢谢你们，再见",))], system, [3])


GOOD = json.dumps(RECORDS[0])
BAD_DATA = {
    "broken JSON": (GOOD + '\n{"text": \n', ":2: broken JSON"),
    "no object": ("[1]\n", ":1: a line must be a JSON object, got list"),
    "no text": (GOOD + '\n\n{"summaries": ["a"]}\n', ":3: field 'text' is missing"),
    "no summaries": ('{"text": "a"}\n', ":1: field 'summaries' is missing"),
    "blank text": ('{"text": " ", "summaries": ["a"]}\n', ":1: 'text' must be a string"),
    "a string for a list": ('{"text": "a", "summaries": "b"}\n', ":1: 'summaries' must be a list"),
    "no reference": ('{"text": "a", "summaries": []}\n', ":1: 'summaries' must be a list"),
    "blank reference": ('{"text": "a", "summaries": ["b", ""]}\n', ":1: 'summaries' must be a list"),
    "empty": ("", "the file is empty"),
    "only blank lines": ("\n\n", "holds no example"),
    "not UTF-8": (b'{"text": "a", "summaries": ["b"]}\n\xff\xfe\n', ":2: not UTF-8"),
}


@pytest.mark.parametrize(("content", "message"), BAD_DATA.values(), ids=BAD_DATA)
def test_bad_data_is_named_by_file_and_line(write, content, message):
    path = write("bad.jsonl", content)
    with pytest.raises(InputError) as caught:
        read_dataset(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("references", "message"),
    [
        ("a\n", "r.txt:2: must have 2 lines as .*h.txt has, got 1"),
        ("a\nb\nc\n", "r.txt:3: must have 2 lines as .*h.txt has, got 3"),
        ("a\n\n", "r.txt:2: the line must not be blank"),
        ("", "r.txt: the file is empty"),
    ],
)
def test_bad_references_are_named_by_file_and_line(write, references, message):
    with pytest.raises(InputError, match=message):
        run(EvaluationRequest(hypotheses=write("h.txt", "x\ny\n"), references=[write("r.txt", references)]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "give either"),
        (["DATA", "--hypotheses", "h.txt"], "give either"),
        (["--hypotheses", "h.txt"], "must come with --references"),
        (["DATA", "--sources", "s.txt"], "go with --hypotheses"),
        (["--hypotheses", "h.txt", "--references", "r.txt", "--baselines", "lead"], "go with DATA.jsonl"),
        (["DATA", "--words", "8", "0"], "must be a whole number from 1, got '0'"),
        (["DATA", "--limit", "-1"], "limit must be a positive integer, got -1"),
        (["DATA", "--no-model"], "a model or a baseline"),
        (["DATA", "--no-model", "--baselines", "ratio_filter"], "salience"),
        (["nowhere.jsonl"], "nowhere.jsonl: No such file"),
        (["DATA", "--no-model", "--baselines", "lead", "--json", "DATA/x.json"], "cannot be written"),
    ],
)
def test_user_errors_are_one_line_and_exit_2(script, dataset, capsys, options, message):
    assert script.main([option.replace("DATA", str(dataset)) for option in options]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    last = captured.err.splitlines()[-1]
    assert last.startswith("evaluate_rouge.py: error: ")
    assert message in last


def test_the_script_as_a_process_prints_the_table_alone(dataset):
    """In a process of its own, and without ever importing torch."""
    code = "import runpy, sys; sys.argv = sys.argv[1:]\ntry: runpy.run_path(sys.argv[0], run_name='__main__')\n"
    code += "finally: assert not {'torch', 'transformers'} & set(sys.modules)"
    command = [sys.executable, "-c", code, str(SCRIPT), str(dataset), "--no-model", "--baselines", "lead"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=SCRIPT.parents[1], timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("| system | budget | R-1 |")
    assert "lead, 8 words: 2 texts" in done.stderr
