"""Reading text: what comes through, and the one line that every unreadable input ends in."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from summae.errors import InputError
from summae.inputs.decode import decode, read_text


def refusal(data: bytes, errors: str = "strict") -> str:
    with pytest.raises(InputError) as caught:
        decode(data, "x.txt", errors)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Grüße\n".encode(), "Grüße\n"),
        (b"\xef\xbb\xbfone", "one"),
        ("zwei 二".encode("utf-16"), "zwei 二"),
        (b"\xfe\xff" + "zwei 二".encode("utf-16-be"), "zwei 二"),
        (b"a\r\nb\rc\n", "a\nb\nc\n"),
    ],
)
def test_what_comes_through(data: bytes, text: str) -> None:
    assert decode(data, "x") == text


def test_replace_goes_on() -> None:
    assert decode(b"caf\xe9 \0 au lait", "x", "replace") == "caf\ufffd \ufffd au lait"
    assert decode(b"\xff\xfea\0b\0c", "x", "replace") == "ab\ufffd"


def test_broken_utf8_says_where() -> None:
    expected = "x.txt: line 3, byte 9: not UTF-8 (byte 0xe9); convert it to UTF-8, or use --errors replace"
    assert refusal(b"one\ntwo\nc\xe9") == expected
    assert "line 1, byte 4" in refusal(b"\xef\xbb\xbfa\x80")  # the mark's three bytes are counted


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"ab\0c", "x.txt: not plain text: NUL byte at byte 2"),
        (b"%PDF-1.7\n", "x.txt: looks like a PDF; convert it to plain text first"),
        (b"PK\x03\x04rest", "looks like a Word, EPUB or zip file"),
        (b"\x89PNG\r\n\x1a\n", "looks like a PNG image"),
        (b"", "x.txt: empty, nothing to read"),
        (b"\xef\xbb\xbf", "x.txt: empty"),
        (b" \r\n\t \xe2\x80\x8b", "x.txt: only white space"),
        (b"\xff\xfea\0b", "x.txt: byte 4: broken UTF-16"),
    ],
)
def test_refusals(data: bytes, expected: str) -> None:
    assert expected in refusal(data)


def test_replace_does_not_read_a_pdf() -> None:
    assert "looks like a PDF" in refusal(b"%PDF-1.7\n\0", "replace")


def test_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Text.")
    assert read_text(tmp_path / "a.txt") == read_text(str(tmp_path / "a.txt")) == "Text."
    for name, message in {
        "none.txt": "no such file",
        ".": "is a directory",
        "a\0b": "not a file name",
    }.items():
        with pytest.raises(InputError, match=message):
            read_text(f"{tmp_path}/{name}")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_no_permission(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Text.")
    (tmp_path / "a.txt").chmod(0)
    with pytest.raises(InputError, match="no permission"):
        read_text(tmp_path / "a.txt")


def test_no_permission_as_the_system_says_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(InputError, match=r"a\.txt: no permission to read it$"):
        read_text(tmp_path / "a.txt")


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("dà".encode()), encoding="ascii"))
    assert read_text("-") == "dà"
    with pytest.raises(InputError, match="standard input: empty"):
        read_text("-")
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match="standard input: closed"):
        read_text("-")
