"""Choose sentences for the parser's teacher: ``python scripts/select_sentences.py DATA COUNT OUTPUT``.

Writes one sentence a line, kinds mixed evenly, so that any beginning of the file has the shares of :data:`SHARES`;
and ``OUTPUT.held`` with sentences of sources that are not in it, ``kind<TAB>sentence``, to measure agreement.
"""

from __future__ import annotations

import json
import lzma
import random
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from summae.syntax.tokens import token_spans
from summae.text.sentences import sentences

#: Per cent of the sentences.
SHARES = {"leads": 15, "body": 43, "headlines": 6, "abstracts": 20, "titles": 4, "posts": 6, "mail": 6}
SHORTEST, LONGEST = 4, 45  # tokens
HELD = 500  # sentences of a kind


def lines(path: Path, every: int = 1) -> Iterator[str]:
    with lzma.open(path, "rt", encoding="utf-8") as stream:
        yield from (line.strip() for line in islice(stream, 0, None, every))


def split(texts: Iterator[str]) -> Iterator[str]:
    for text in texts:
        yield from (" ".join(text[span.start : span.end].split()) for span in sentences(text[:2000]))


def fields(path: Path) -> list[str]:
    opened = lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8")
    with opened as stream:
        return [json.loads(line)["text"] for line in stream]


def usable(texts: Iterator[str], count: int) -> list[str]:
    found = (text for text in texts if SHORTEST <= len(token_spans(text)) <= LONGEST)
    return list(islice(found, count))


def main(data: Path, count: int, output: Path) -> None:
    mail = fields(data / "email-en/valid.jsonl")
    sources = {
        "leads": lines(data / "news-en/leads.txt.xz", 3),
        "body": lines(data / "news-en/body.txt.xz", 12),
        "headlines": lines(data / "news-en/headlines.txt.xz", 60),
        "abstracts": split(lines(data / "science-en/abstracts.txt.xz", 20)),
        "titles": lines(data / "science-en/titles.txt.xz", 25),
        "posts": split(iter(fields(data / "web-en/posts.jsonl.xz")[:1500])),
        "mail": split(iter(mail[:1600])),
    }
    placed = []
    for kind, texts in sources.items():
        found = usable(texts, count * SHARES[kind] // 100)
        print(f"{kind}: {len(found)}", file=sys.stderr)
        random.Random(kind).shuffle(found)
        placed += [((place + 0.5) / len(found), text) for place, text in enumerate(found)]
    output.write_text("".join(f"{text}\n" for _, text in sorted(placed)), encoding="utf-8")
    held = {
        "news": split(iter(fields(data / "news-en/valid.jsonl"))),
        "science": split(iter(fields(data / "science-en/valid.jsonl"))),
        "mail": split(iter(mail[1600:])),
    }
    rows = [f"{kind}\t{text}\n" for kind, texts in held.items() for text in usable(texts, HELD)]
    Path(f"{output}.held").write_text("".join(rows), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
