"""For the tests of batches: a stand-in for the model that keeps the first three words, and files of rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

from summae.summarizing.length import Length

BOMB = "a text that brings the model down"


class FakeSummarizer:
    """Remembers what it was given; ``before`` is called first."""

    given: list[str] = []
    loaded: list[tuple] = []

    @staticmethod
    def before(texts: list[str]) -> None:
        pass

    @classmethod
    def load(cls, model: str | None = None, backend: str = "auto") -> FakeSummarizer:
        cls.loaded.append((model, backend))
        return cls()

    def summarize(self, texts: list[str], words: int | Length | None, style: str) -> list[SimpleNamespace]:
        self.before(texts)
        if BOMB in texts:
            raise ArithmeticError("no sum")
        self.given.extend(texts)
        most = int(Length.of(3 if words is None else words).amount)
        return [SimpleNamespace(text=first(text, most)) for text in texts]


@contextmanager
def stand_in() -> Iterator[type[FakeSummarizer]]:
    """Batches inside load a stand-in of their own; its ``before`` may be replaced."""
    from unittest.mock import patch

    fresh = type("Fresh", (FakeSummarizer,), {"given": [], "loaded": []})
    with patch("summae.summarizing.summarizer.Summarizer", fresh):
        yield fresh


def first(text: str, words: int = 3) -> str:
    return " ".join(text.split()[:words])


def text_of(number: int) -> str:
    return f"Text {number} tells of a bridge, “früher” und 以前, that is closed"


def write_rows(path: Path, count: int) -> Path:
    """JSONL with ``count`` rows that all differ."""
    with path.open("w", encoding="utf-8") as stream:
        for number in range(count):
            stream.write(json.dumps({"id": number, "text": text_of(number)}, ensure_ascii=False) + "\n")
    return path


def read_rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
