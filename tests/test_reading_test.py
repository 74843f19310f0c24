"""scripts/reading.py: same sources for all, an order that tells nothing, a tally that agrees with paper and pencil."""

from __future__ import annotations

import importlib
import json
import lzma
import re
import shlex
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from summae.metrics.baselines import central_sentences

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("reading_sources", "reading_systems", "reading_items", "reading_page", "reading_tally", "reading")
HEADER = "item,fluent,complete,true,main,send,fault\n"


@pytest.fixture(scope="module")
def scripts():
    sys.path.insert(0, str(ROOT / "scripts"))
    yield {name: importlib.import_module(name) for name in NAMES}
    sys.path.remove(str(ROOT / "scripts"))


@pytest.fixture(scope="module")
def reading(scripts):
    return scripts["reading"]


def text_of(number: int) -> str:
    return f"Town {number} closed a bridge. It was old. A new one costs {number} million. Nobody knows who pays."


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Twelve sources; a, b, c tell the system to whoever has the key, and to nobody else."""
    rows = [{"id": f"s{n}", "text": text_of(n), "summaries": [f"Bridge of town {n}", "other"]} for n in range(12)]
    (tmp_path / "texts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name in "abc":
        (tmp_path / f"{name}.txt").write_text("".join(f"{name}-summary of {n}\n" for n in range(12)))
    return tmp_path


def options(data: Path, *more: str, name: str = "towns", out: str = "out") -> list[str]:
    return ["items", "--set", name, "--sources", str(data / "texts.jsonl"), "--out", str(data / out), *more]


def three(data: Path) -> list[str]:
    return [part for name in "abc" for part in ("--system", f"{name}={data / name}.txt")]


def written(folder: Path) -> tuple[list[dict], dict]:
    lines = (folder / "items.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines], json.loads((folder / "key.json").read_text(encoding="utf-8"))


# -- items ---------------------------------------------------------------------------------------------------


def test_all_systems_have_the_same_sources_each_once(data, reading):
    own = ["--references", "--baseline", "first_words:3", "--baseline", "first_sentences:2"]
    assert reading.main(options(data, *three(data), *own, "--start", "1", "--every", "2", "--count", "5")) == 0
    items, key = written(data / "out")
    assert [item["item"] for item in items] == list(range(1, 31))
    sources = defaultdict(list)
    for item in items:
        of = key["items"][str(item["item"])]
        sources[of["system"]].append(of["source"])
        number = int(of["source"][1:])
        assert item["source"] == text_of(number)
        expected = {
            "references": f"Bridge of town {number}",
            "first_words:3": f"Town {number} closed",
            "first_sentences:2": f"Town {number} closed a bridge. It was old.",
        }
        assert item["summary"] == expected.get(of["system"], f"{of['system']}-summary of {number}")
    assert len(sources) == 6
    assert all(sorted(found) == sorted(["s1", "s3", "s5", "s7", "s9"]) for found in sources.values())
    (record,) = key["sets"]
    assert "one line in 2 from line 2 on" in record["chosen"] and record["systems"]["a"].startswith("--system a=")


def test_the_reader_sees_neither_systems_nor_ids_nor_the_seed(data, reading):
    assert reading.main(options(data, *three(data), "--count", "12", "--seed", "90125")) == 0
    items, key = written(data / "out")
    assert all(set(item) == {"item", "source", "summary"} for item in items)
    shown = (data / "out" / "items.md").read_text() + (data / "out" / "items.jsonl").read_text()
    assert all(secret not in shown for secret in ("towns", '"s1"', "90125", "a.txt", "seed"))
    assert key["seed"] == 90125


def systems_in_order(scripts, seed: int, sources: int = 40) -> list:
    make = scripts["reading_items"].Item
    items = [
        make(set="x", system=system, source_id=f"s{n}", source=str(n), summary="")
        for system in "abc"
        for n in range(sources)
    ]
    return scripts["reading_items"].dealt(items, seed)


def test_the_place_of_an_item_tells_nothing_of_its_system(scripts):
    """Over 300 seeds each of three systems stands a third of the time in any place, and behind any other."""
    first, follows = Counter(), Counter()
    for seed in range(300):
        order = [item.system for item in systems_in_order(scripts, seed, sources=4)]
        first.update([order[0]])
        follows.update(zip(order, order[1:], strict=False))
    assert all(70 < first[name] < 130 for name in "abc")  # 100 ± 3.7 standard deviations of 8.2
    pairs = 300 * 11  # of neighbours; each of the nine is a ninth of them, ± 4 standard deviations of 0.0055
    assert all(0.089 < follows[one, two] / pairs < 0.133 for one in "abc" for two in "abc")


def test_a_source_comes_again_only_after_all_the_others(scripts):
    order = [item.source_id for item in systems_in_order(scripts, seed=1)]
    assert all(len(set(order[start : start + 40])) == 40 for start in (0, 40, 80))


def test_the_order_is_that_of_the_seed_alone(scripts):
    first = systems_in_order(scripts, seed=5)
    assert first == systems_in_order(scripts, seed=5) != systems_in_order(scripts, seed=6)
    assert scripts["reading_items"].dealt(first[::-1], 5) == first, "not of the order in which the systems were given"


def test_outputs_may_be_of_the_chosen_sources_or_of_all_texts(data, reading, capsys):
    (data / "chosen.txt").write_text("one\ntwo\n")
    (data / "five.txt").write_text("line\n" * 5)
    both = ["--system", f"few={data / 'chosen.txt'}", "--system", f"a={data / 'a.txt'}"]
    assert reading.main(options(data, *both, "--start", "4", "--count", "2")) == 0
    items, key = written(data / "out")
    found = {tuple(key["items"][str(item["item"])].values())[1:]: item["summary"] for item in items}
    assert found == {
        ("few", "s4"): "one",
        ("few", "s5"): "two",
        ("a", "s4"): "a-summary of 4",
        ("a", "s5"): "a-summary of 5",
    }
    capsys.readouterr()
    wrong = options(data, "--system", f"x={data / 'five.txt'}", "--count", "2", out="other")
    assert reading.main(wrong) == 2 and not (data / "other").exists()
    assert "must have 2 lines (the sources chosen) or 12 (all texts of texts.jsonl), got 5" in capsys.readouterr().err


def test_a_reading_is_not_overwritten_and_sets_are_mixed(data, reading, capsys):
    few = ["--count", "6", *three(data)]
    assert reading.main(options(data, *few)) == 0
    before = (data / "out" / "key.json").read_bytes()
    assert reading.main(options(data, *few)) == 2 and "--append adds a set" in capsys.readouterr().err
    assert reading.main(options(data, *few, "--append")) == 2 and "got 'towns'" in capsys.readouterr().err
    assert (data / "out" / "key.json").read_bytes() == before
    assert reading.main(options(data, *few, "--append", "--asked", "a headline", "--start", "2", name="more")) == 0
    items, key = written(data / "out")
    sets = [key["items"][str(item["item"])]["set"] for item in items]
    assert Counter(sets) == {"towns": 18, "more": 18} and len(set(sets[:12])) == 2
    assert [item.get("asked") for item in items] == ["a headline" if name == "more" else None for name in sets]
    (data / "out" / "tally.json").write_text("{}")
    assert reading.main(options(data, *few, "--append", name="late")) == 2
    assert "must come before anybody reads" in capsys.readouterr().err


def test_a_long_source_is_shown_to_the_end_of_a_sentence(data, reading, capsys):
    """Ten words end in "costs"; the second sentence ends at eight. What runs here reads no more than that."""
    given = ["--count", "2", "--most-words", "10", "--baseline", "first_sentences:9", "--system", f"a={data / 'a.txt'}"]
    assert reading.main(options(data, *given)) == 0
    assert "2 sources are shown up to 10 words" in capsys.readouterr().err
    items, key = written(data / "out")
    assert {item["source"] for item in items} == {f"Town {n} closed a bridge. It was old. […]" for n in (0, 1)}
    assert key["sets"][0]["shortened"] == 2
    shown = {item["summary"] for item in items if item["summary"].startswith("Town")}
    assert shown == {f"Town {n} closed a bridge. It was old." for n in (0, 1)}
    assert reading.main(["sources", "--sources", str(data / "texts.jsonl"), "--count", "1", "--most-words", "10"]) == 0
    assert json.loads(capsys.readouterr().out) == {"id": "s0", "text": "Town 0 closed a bridge. It was old."}


def test_short_texts_are_passed_over_and_packed_files_read(tmp_path, scripts):
    sources = scripts["reading_sources"]
    path = tmp_path / "posts.jsonl.xz"
    with lzma.open(path, "wt") as file:
        file.writelines(json.dumps({"body": "word " * n}) + "\n\n" for n in range(1, 9))
    found = sources.read_sources(sources.Choice(path=path, field="body", count=2, start=1, every=2, least_words=5))
    assert [source.id for source in found] == ["text 6", "text 8"]
    with pytest.raises(Exception, match="must have 3 sources .*, got 2"):
        sources.read_sources(sources.Choice(path=path, field="body", count=3, start=1, every=2, least_words=5))


def test_headings_are_no_sentences_of_the_baselines(scripts):
    text = "Bridges\nTown 1 closed a bridge.\nCosts\nA new bridge costs the town much. It was old!"
    systems = scripts["reading_systems"]
    assert systems.first_sentences(text, 2) == "Town 1 closed a bridge. A new bridge costs the town much."
    assert systems.first_sentences("A heading\nand another", 1) == "A heading"


def test_the_most_central_sentences_come_whole_and_in_their_order(scripts):
    pytest.importorskip("sumy")
    centre = "Cats chase dogs over bridges."  # it shares a word with each of the others, they share none
    text = f"Cats purr. Dogs bark. {centre} Bridges creak."
    assert scripts["reading_systems"].lexrank(text, 1) == centre
    found = central_sentences(text, 2)
    assert len(found) == 2 and centre in found and sorted(found, key=text.index) == found


def test_the_model_runs_with_its_settings(data, reading, tiny_checkpoint):
    given = ["--model", f"tiny={tiny_checkpoint}:words=4,style=sentence", "--count", "1"]
    assert reading.main(options(data, *given)) == 0
    ((item,), key) = written(data / "out")
    assert key["items"]["1"]["system"] == "tiny" and 0 < len(item["summary"].split()) <= 4


def test_all_that_is_wrong_with_the_systems_is_said_at_once(data, reading, capsys):
    wrong = ["--baseline", "lead:3", "--baseline", "lexrank:0", "--system", "a", "--model", "m=:word=3"]
    twice = ["--system", "q=x", "--system", "q=y", "--model", "n=:style=poem"]
    assert reading.main(options(data, *wrong, *twice)) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 6 and all(line.startswith("reading.py: ") for line in said)
    for part in ("got 'lead'", "got 'lexrank:0'", "--system must be NAME=…", "got 'word=3'", "got 'q' twice", "poem"):
        assert sum(part in line for line in said) == 1
    assert reading.main(options(data)) == 2 and "there must be a system" in capsys.readouterr().err


# -- the page ------------------------------------------------------------------------------------------------


def test_the_page_asks_shows_and_has_a_form(data, reading):
    (data / "a.txt").write_text("\n" * 12)
    assert reading.main(options(data, "--system", f"a={data / 'a.txt'}", "--count", "3", "--asked", "a headline")) == 0
    page = (data / "out" / "items.md").read_text()
    assert page.startswith("# A reading of 3 summaries") and page.count("Asked for: a headline") == 3
    assert page.count("**Summary:** (nothing)") == 3 and all(page.count(f"> {text_of(n)}") == 1 for n in range(3))
    assert page.endswith(f"```\n{HEADER}1,,,,,,\n2,,,,,,\n3,,,,,,\n```\n")
    assert all(f"- *{name}*: " in page for name in ("fluent", "complete", "true", "main", "send"))


# -- the tally -----------------------------------------------------------------------------------------------


def answered(data: Path, reading, verdict, name: str = "reader1", drop: tuple[int, ...] = ()) -> Path:
    """Answers of a reader who goes by (system, number of the source), as only a test can."""
    _, key = written(data / "out")
    lines = [
        f"{item},{verdict(of['system'], int(of['source'][1:]))}\n"
        for item, of in key["items"].items()
        if int(item) not in drop
    ]
    path = data / f"{name}.csv"
    path.write_text(HEADER + "".join(lines))
    return path


def first_reader(system: str, number: int) -> str:
    """Of ten sources: a is sent 5 times, b never and for two reasons, c always."""
    return {
        "a": f"1,1,1,1,{int(number < 5)},",
        "b": "0,1,0,1,0," + ("Broken joint: is of, was" if number < 7 else "invented: 5 million"),
        "c": "1,1,1,1,1",
    }[system]


def second_reader(system: str, number: int) -> str:
    """Agrees, but sends of a two less."""
    return f"1,1,1,1,{int(number < 3)}" if system == "a" else first_reader(system, number)


@pytest.fixture
def ten(data, reading) -> Path:
    assert reading.main(options(data, *three(data), "--count", "10")) == 0
    return data / "out"


def test_a_tally_by_hand(ten, data, reading, capsys):
    capsys.readouterr()
    assert reading.main(["tally", str(ten), "--answers", str(answered(data, reading, first_reader))]) == 0
    out, err = capsys.readouterr()
    table = out.split("\n\n")[0].splitlines()
    assert err == "" and table[:2] == [
        "| set | system | n | fluent | complete | true | main | send |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    # scipy.stats.binomtest(x, 10).proportion_ci(method="wilson"): 0 → 0, 0.2775; 5 → 0.2366, 0.7634; 10 → 0.7225, 1
    every, none = "100 [72, 100]", "0 [0, 28]"
    assert table[2] == f"| towns | a | 10 | {every} | {every} | {every} | {every} | 50 [24, 76] |"
    assert table[3] == f"| towns | b | 10 | {none} | {every} | {none} | {every} | {none} |"
    assert table[4] == f"| towns | c | 10 | {every} | {every} | {every} | {every} | {every} |"
    content = json.loads((ten / "tally.json").read_text())
    send = content["rows"][0]["shares"]["send"]
    assert (send["mean"], send["low"], send["high"]) == pytest.approx((0.5, 0.2366, 0.7634), abs=1e-4)
    assert content["agreement"] == [] and "judged alike" not in out
    assert "|n:10|" in content["signature"][0] and "1 reader|" in content["signature"][0]


def test_the_faults_are_counted_by_kind_the_most_frequent_first(ten, data, reading, capsys):
    reading.main(["tally", str(ten), "--answers", str(answered(data, reading, first_reader))])
    _, key = written(ten)
    first = next(n for n, of in key["items"].items() if of["system"] == "b" and int(of["source"][1:]) < 7)
    example = f"{first}: b-summary of {key['items'][first]['source'][1:]}"
    out = capsys.readouterr().out
    assert f"| towns | b | broken joint | 7 | {example} | Broken joint: is of, was |" in out
    assert "| towns | b | invented | 3 |" in out and out.index("broken joint | 7") < out.index("invented | 3")


def test_two_readers_their_mean_and_how_often_they_agree(ten, data, reading, capsys):
    paths = [answered(data, reading, first_reader), answered(data, reading, second_reader, "reader2")]
    assert reading.main(["tally", str(ten), "--answers", *map(str, paths)]) == 0
    out = capsys.readouterr().out
    # a: (5 + 3) / 2 = 4 of 10; scipy as above (4, 10) → 0.1682, 0.6873; alike in 8 of 10, overall 28 of 30
    assert "| 40 [17, 69] |" in out
    # scipy as above (8, 10) → 0.4902, 0.9433
    assert "| towns | a | 50 | 30 | 80 [49, 94] of 10 |" in out
    assert "towns: 93 [79, 98] % of 30 judged alike on send" in out  # scipy (28, 30) → 0.7868, 0.9815
    content = json.loads((ten / "tally.json").read_text())
    assert content["rows"][0]["by_reader"]["reader2"]["send"] == 0.3 and content["readers"] == ["reader1", "reader2"]
    faults = {fault["kind"]: fault["count"] for fault in content["rows"][1]["faults"]}
    assert faults == {"broken joint": 7, "invented": 3}, "items, not mentions"


def test_readers_may_divide_the_items(ten, data, reading, capsys):
    low, high = tuple(range(1, 16)), tuple(range(14, 31))
    paths = [answered(data, reading, first_reader, "early", high), answered(data, reading, first_reader, "late", low)]
    command = ["tally", str(ten), "--answers", *map(str, paths)]
    capsys.readouterr()
    assert reading.main(command) == 2
    assert (
        "early.csv: no answer to 14–30" in (said := capsys.readouterr().err) and "late.csv: no answer to 1–15" in said
    )
    assert reading.main([*command, "--divided"]) == 2
    assert capsys.readouterr().err == "reading.py: all files together: no answer to 14–15\n"
    both = answered(data, reading, first_reader, "early", high[2:])
    assert reading.main(["tally", str(ten), "--answers", str(both), str(paths[1]), "--divided"]) == 0
    assert "| 50 [24, 76] |" in capsys.readouterr().out


def test_all_problems_of_the_answers_are_told_at_once(ten, data, reading, capsys):
    path = answered(data, reading, lambda system, number: "1,1,1,1,1", drop=(3, 7, 8, 9))
    lines = path.read_text().splitlines()
    lines[1] = "1,1,1,x,1,2"
    path.write_text("\n".join([*lines, "2,1,1,1,1,1", "31,1,1,1,1,1", "3,1,1", '4,1,1,1,1,1,"no end']) + "\n")
    capsys.readouterr()
    assert reading.main(["tally", str(ten), "--answers", str(path), str(data / "nobody.csv")]) == 2
    said = [line.removeprefix(f"reading.py: {data}/") for line in capsys.readouterr().err.splitlines()]
    assert said == [
        "reader1.csv:2: 'true' must be 0 or 1, got 'x'; 'send' must be 0 or 1, got '2'",
        "reader1.csv:29: the item must be from 1 to 30, got '31'",
        "reader1.csv:30: must be item,fluent,complete,true,main,send[,fault], got '3,1,1'",
        "reader1.csv: item 2 must be answered once, got lines 3, 28",
        "reader1.csv: item 4 must be answered once, got lines 4, 31",
        "nobody.csv: No such file or directory",
        "reader1.csv: no answer to 7–9",
    ]
    assert not (ten / "tally.json").exists()


def test_what_is_sent_though_faulty_is_pointed_out(ten, data, reading, capsys):
    path = answered(data, reading, lambda system, number: "1,1,0,1,1" if system == "a" else "1,1,1,1,1")
    _, key = written(ten)
    assert reading.main(["tally", str(ten), "--answers", str(path)]) == 0
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "not fluent, complete and true" in line]
    assert line.startswith("reading.py: reader1: ")
    numbers = {int(n) for n, of in key["items"].items() if of["system"] == "a"}
    told = [part.split("–") for part in line.rsplit("items ", 1)[1].split(", ")]
    assert {n for part in told for n in range(int(part[0]), int(part[-1]) + 1)} == numbers


def test_what_is_written_is_what_is_read(data, reading, scripts):
    assert reading.main(options(data, *three(data), "--count", "4", "--asked", "a | headline")) == 0
    found = scripts["reading_items"].read_reading(data / "out")
    scripts["reading_items"].write_reading(data / "again", found, scripts["reading_page"].page(found.items))
    for name in ("items.jsonl", "items.md", "key.json"):
        assert (data / "again" / name).read_bytes() == (data / "out" / name).read_bytes()
    (data / "again" / "items.jsonl").write_text('{"item": 1, "source": "s", "summary": "t"}\n')
    with pytest.raises(Exception, match="must tell of the same items"):
        scripts["reading_items"].read_reading(data / "again")


def test_the_commands_of_the_guide_are_understood(reading, scripts):
    guide = (ROOT / "docs" / "reading.md").read_text(encoding="utf-8")
    text = "\n".join(re.findall(r"```sh\n(.*?)```", guide, re.DOTALL)).replace("\\\n", " ")
    commands = [shlex.split(line)[2:] for line in text.splitlines() if line.startswith("python scripts/reading.py")]
    assert [command[0] for command in commands] == ["items", "items", "tally"]
    for command in commands:
        args = reading.parser().parse_args(command)
        if args.command == "items":
            given = {option: getattr(args, option) or [] for option in scripts["reading_systems"].OPTIONS}
            assert len(scripts["reading_systems"].systems_of(reading.choice_of(args), given)) >= 3
