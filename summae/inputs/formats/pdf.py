"""PDF: the text of its pages. Running heads and page numbers are left out, words cut at line ends made whole."""

from __future__ import annotations

import logging
import re
from collections import Counter
from io import BytesIO

from summae.errors import InputError
from summae.inputs.formats.extras import needs
from summae.inputs.formats.paragraphs import one_line, paragraphs

BEGINS = re.compile(rb"\s*%PDF-")

RUNNING = 3  # a line that is the first or last of so many pages, whatever its numbers, is a running head

_NUMBER = re.compile(r"\W*(?:(?:page|seite)\s*)?(?:\d{1,4}|[ivx]{1,6})(?:\s*(?:/|of|von)\s*\d{1,4})?\W*", re.IGNORECASE)
#: A word cut by a hyphen; in "Haupt- und Nebensatz" the hyphen stands for a word.
_CUT = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]\n(?=(?!und\b|oder\b|and\b|or\b)[^\W\d_])")


def read(data: bytes, name: str, errors: str) -> list[str]:
    """The paragraphs of all pages in order."""
    with needs("pdf", "PDF", name):
        import pypdf
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it warns of every oddity that it can cope with
    try:
        document = pypdf.PdfReader(BytesIO(data))
        if document.is_encrypted and not document.decrypt(""):
            raise InputError(f"{name}: encrypted; save it without a password first")
        pages = [_lines(page.extract_text()) for page in document.pages]
    except InputError:
        raise
    except pypdf.errors.DependencyError:  # AES, which needs a package of its own
        raise InputError(f"{name}: encrypted; save it without encryption first") from None
    except Exception as error:  # noqa: BLE001 - on damaged files it raises what it meets
        raise InputError(f"{name}: damaged PDF ({type(error).__name__}: {error})") from error
    if not any(pages):
        raise InputError(f"{name}: PDF without any text, perhaps scanned pages; run text recognition (OCR) first")
    return paragraphs("\n".join(_without_running_heads(pages)), join=_whole_words)


def titles(data: bytes, name: str, errors: str) -> list[str]:
    """The title that its maker gave it."""
    with needs("pdf", "PDF", name):
        import pypdf
    found = pypdf.PdfReader(BytesIO(data)).metadata
    return [str(found.title)] if found is not None and found.title else []


def _lines(page: str) -> list[str]:
    """The lines of a page, without blank ones before and behind."""
    return page.replace("\0", "\ufffd").strip().splitlines()


def _without_running_heads(pages: list[list[str]]) -> list[str]:
    """The lines of all pages but those that say, at their edges, where in the document one is."""
    edges = Counter(shape for page in pages for shape in {_shape(line) for line in (*page[:1], *page[-1:])})

    def runs(line: str) -> bool:
        return edges[_shape(line)] >= RUNNING or _NUMBER.fullmatch(line) is not None

    kept = []
    for page in pages:
        start, end = 0, len(page)
        while start < end and runs(page[start]):
            start += 1
        while start < end and runs(page[end - 1]):
            end -= 1
        kept += page[start:end]
    return kept


def _shape(line: str) -> str:
    return re.sub(r"\d+", "0", line.strip())


def _whole_words(lines: str) -> str:
    """One line, words cut at line ends put together; before a capital the hyphen stays ("Rhine-\\nMain")."""
    return one_line(_CUT.sub(lambda cut: "" if lines[cut.end()].islower() else "-", lines))
