"""The commands of docs/adapt.md on sixty short mails, from a tiny model and in a second instead of ten minutes."""

import re
import shlex
import shutil
from glob import glob
from pathlib import Path

import pytest
from handmade import mail
from test_adapting import DOCUMENTS, TITLES

from summae.adapting import writing
from summae.cli import main, summarize_main
from summae.commands import COMMANDS as COMMANDS_OF_SUMMAE

GUIDE = (Path(__file__).parents[1] / "docs" / "adapt.md").read_text(encoding="utf-8")
BEFORE_RESULTS = GUIDE.split("## E-mails")[0]
COMMANDS = [
    line.split("  #")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", BEFORE_RESULTS, re.DOTALL)
    for line in block.splitlines()
]
(PYTHON,) = re.findall(r"```python\n(.*?)```", BEFORE_RESULTS, re.DOTALL)


@pytest.fixture(autouse=True)
def without_onnx(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files take most of the time of so small a run; test_adapting writes them."""
    monkeypatch.setattr(writing, "export", lambda folder: None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tiny_checkpoint: Path) -> Path:
    place = tmp_path_factory.mktemp("guide")
    shutil.copytree(tiny_checkpoint, place / "tiny")
    for name in ("my", "mails", "new"):
        (place / name).mkdir()
    for number, text in enumerate(DOCUMENTS):
        (place / "my" / f"{number}.txt").write_text(text)
        (place / "new" / f"{number}.md").write_text(f"# {TITLES[number % len(TITLES)]}\n\n{text}")
        subject = f"Re: {TITLES[number % len(TITLES)]}".encode()
        (place / "mails" / f"{number}.eml").write_bytes(mail(text).replace(b"The bridge", subject))
    shutil.copy(place / "my" / "0.txt", place / "my" / "report.txt")
    (place / "mails.txt").write_text("\n".join(DOCUMENTS))
    for name in ("titles.txt", "subjects.txt"):
        (place / name).write_text("\n".join(TITLES))
    return place


def small(line: str) -> str:
    """The command with the tiny model and hardly any time."""
    if line.startswith("summarize"):
        return line
    return re.sub(r" --minutes \d+", "", line) + " --minutes 0.01" + ("" if "--model" in line else " --model tiny")


def run(line: str, capsys: pytest.CaptureFixture) -> tuple[str, str]:
    """(standard output, standard error) of a command that must succeed; what a shell would do to ``*`` is done."""
    door, *words = shlex.split(line)
    arguments = [found for word in words for found in (sorted(glob(word)) if "*" in word else [word])]
    code = summarize_main(arguments) if door == "summarize" else main(arguments)
    said = capsys.readouterr()
    assert code == 0, said.err
    return said.out, said.err


def test_every_command_of_the_guide(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(folder)
    assert len(COMMANDS) == 5
    for line in COMMANDS:
        shown, notes = run(small(line), capsys)
        if line.startswith("summarize"):
            assert 1 <= len(shown.split()) <= 8
            continue
        assert shown.startswith("|  | score |") and shown.count("\n") == 5 + 2 + 10  # documents, as the guide promises
        assert ("taking 30 titles, headings and subject lines" in notes) == ("--short-texts" not in line)
        assert "summarise with it: summarize --model" in notes


def test_the_python_of_the_guide(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.chdir(folder)
    exec(PYTHON.replace("minutes=10", "minutes=0.01, model='tiny'"), {})  # noqa: S102 - our own guide
    first, *tables = capsys.readouterr().out.splitlines()
    assert len(first.split()) == 2 and tables[0].startswith("|  | score |")
    assert (folder / "my-model-3" / "model.json").is_file()


@pytest.mark.parametrize("number", range(len(COMMANDS_OF_SUMMAE["adapt"].examples)))
def test_the_examples_of_its_help(
    number: int, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(folder)
    (folder / "report.html").write_text(f"<h1>{TITLES[0]}</h1><p>{DOCUMENTS[0]}</p>")
    line = COMMANDS_OF_SUMMAE["adapt"].examples[number].replace("my-model", f"help-model-{number}")
    shown, _ = run(small(line), capsys)
    assert shown.startswith("|  | score |") and (folder / f"help-model-{number}" / "model.json").is_file()
