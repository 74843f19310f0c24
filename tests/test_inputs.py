"""Files, folders and standard input to texts, and what is said of everything that is left out."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest
from handmade import mail, pdf

from summae.errors import InputError
from summae.inputs.read import READABLE, Found, find_inputs, read_input


def write(folder: Path, *names: str) -> list[str]:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("Text.")
    return [str(folder / name) for name in names]


def test_every_format_comes_through_the_same_door(tmp_path: Path) -> None:
    for name, data in {
        "a.txt": b"A\r\nbridge. ",
        "no_suffix": pdf(["A bridge."]),
        "a.pdf": pdf(["A bridge."]),
        "a.eml": mail("A bridge."),
        "a.HTM": b"<p>A bridge.",
        "a.md": b"# A bridge.",
    }.items():
        (tmp_path / name).write_bytes(data)
        assert read_input(tmp_path / name) == ("A\nbridge. " if name == "a.txt" else "A bridge.")


def test_standard_input_of_any_format(monkeypatch: pytest.MonkeyPatch) -> None:
    def give(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    for data in (pdf(["A bridge."]), b"A bridge.", b"<html><p>A bridge."):
        give(data)
        assert read_input("-") == "A bridge."
    give(pdf([]))
    with pytest.raises(InputError, match="^standard input: PDF without any text"):
        read_input("-")


def test_what_cannot_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04")
    (tmp_path / "a.md").write_bytes(b"caf\xe9")
    for name, line in {
        "none.pdf": "no such file",
        "a.zip": "looks like a Word, EPUB or zip file; convert it to plain text first",
        "a.md": "byte 3: not UTF-8 (byte 0xe9); convert it to UTF-8, or use --errors replace",
    }.items():
        with pytest.raises(InputError) as caught:
            read_input(tmp_path / name)
        assert str(caught.value) == f"{tmp_path / name}: {line}"
    assert read_input(tmp_path / "a.md", "replace") == "caf\ufffd"


def test_files_stay_as_given(tmp_path: Path) -> None:
    names = [*write(tmp_path, "b.odd", "a.txt"), str(tmp_path / "none"), "-", "nul\0"]
    assert find_inputs(names) == Found(sources=names)
    assert find_inputs([Path("b"), "b"]) == Found(sources=["b", "b"])


def test_folders_are_searched(tmp_path: Path) -> None:
    readable = write(tmp_path, "b.TXT", "c.md", "sub/a.eml", "sub/sub/z.pdf")
    write(tmp_path, ".hidden.txt", ".git/a.txt", "sub/.hidden/a.txt")
    write(tmp_path, "a.jpg", "sub/noext")
    found = find_inputs([str(tmp_path), readable[0]])
    assert found.sources == [*readable, readable[0]]
    assert found.left_out == {str(tmp_path): ["a.jpg", "sub/noext"]}
    assert found.problems == []


def test_a_folder_with_nothing_to_read(tmp_path: Path) -> None:
    write(tmp_path, "a.jpg")
    (tmp_path / "empty").mkdir()
    found = find_inputs([tmp_path / "empty", tmp_path])
    kinds = ", ".join(READABLE)
    assert found.sources == []
    assert found.left_out == {str(tmp_path): ["a.jpg"]}
    assert found.problems == [
        f"{folder}: no file in it that can be read ({kinds})" for folder in (tmp_path / "empty", tmp_path)
    ]


def test_links(tmp_path: Path) -> None:
    """A link to a file is read, one to a folder is not: it may lead back up."""
    (inside,) = write(tmp_path, "in/a.txt")
    (tmp_path / "in" / "b.txt").symlink_to(inside)
    (tmp_path / "in" / "broken.txt").symlink_to(tmp_path / "none")
    (tmp_path / "in" / "up").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "in" / "pipe.txt")
    found = find_inputs([tmp_path / "in"])
    assert found.sources == [inside, str(tmp_path / "in" / "b.txt")]
    assert found.left_out == {str(tmp_path / "in"): ["broken.txt", "pipe.txt", "up"]}


def test_folders_that_cannot_be_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (good,) = write(tmp_path, "a.txt")
    write(tmp_path, "locked/b.txt")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert find_inputs([tmp_path]) == Found(sources=[good], left_out={str(tmp_path): ["locked"]})
