"""What adapting learns from: documents, and short texts in the wanted style, given or found in the documents."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from summae.data.corpora import clean_short_texts
from summae.errors import InputError, SummaeError
from summae.inputs.decode import read_text
from summae.inputs.read import find_inputs, read_titled
from summae.text.sentences import RuleSplitter, sentences

Note = Callable[[str], None]  # hears what the user should know, a line each

SHORT_WORDS = (2, 15)  # a usable short text; longer ones cannot be asked of G
ENOUGH = 50  # titles with which first sentences are not needed
#: What mail programs put in front of a subject.
ANSWERED = r"(?i:(?:(?:re|fwd?|aw|wg|antw|sv|vs|tr|rv)(?:\[\d+\])?\s*:\s*)+)"
#: What programs call a document when its author did not.
_NO_TITLE = re.compile(r"(?i)(microsoft \w+ - |untitled|document ?\d*$|powerpoint )|.*\.(docx?|pdf|pptx?|tex|dvi)$")


def read_documents(
    paths: Iterable[str | Path], *, lines: bool = False, errors: str = "strict", note: Note
) -> tuple[list[str], list[str]]:
    """(texts, titles found in them) of files and folders; with ``lines`` every line of a file is a document.

    What cannot be read is told to ``note``, with the reason, and the rest goes on. Raises :class:`InputError` if
    there is none.
    """
    found = find_inputs(paths)
    problems = found.problems[:]
    for problem in problems:
        note(problem)
    for folder, names in found.left_out.items():
        note(f"{folder}: left out: {len(names)} files of other kinds ({names[0]}{', …' if len(names) > 1 else ''})")
    texts: list[str] = []
    titles: list[str] = []
    for source in found.sources:
        try:
            if lines:
                texts += read_lines([source], errors)
            else:
                text, its_titles = read_titled(source, errors)
                texts.append(text)
                titles += its_titles
        except SummaeError as error:
            problems.append(str(error))
            note(f"left out: {error}")
    if not texts:
        raise InputError(f"documents: nothing could be read ({problems[0] if problems else 'none was named'})")
    return texts, titles


def read_lines(paths: Iterable[str | Path], errors: str = "strict") -> list[str]:
    """The lines of files that are not blank. Raises :class:`InputError` for a file that cannot be read."""
    return [line for path in paths for line in read_text(path, errors).split("\n") if line.strip()]


def usable(short_texts: Iterable[str]) -> list[str]:
    """Different short texts of ``SHORT_WORDS`` words, on one line each, without "Re:" and the like."""
    return clean_short_texts((" ".join(text.split()) for text in short_texts), SHORT_WORDS, ANSWERED)


def find_short_texts(documents: Sequence[str], titles: Iterable[str], note: Note) -> list[str]:
    """Titles; where there are few, first sentences of the documents too, if they are short enough."""
    named = usable(title for title in titles if not _NO_TITLE.match(title))
    what, found = f"{len(named)} titles, headings and subject lines", named
    if len(named) < ENOUGH:
        found = usable([*named, *filter(None, map(first_sentence, documents))])
        what += f" and {len(found) - len(named)} short first sentences"
    note(f"no short texts given: taking {what} of the documents for the wanted style")
    return found


def first_sentence(text: str) -> str:
    """ "" of a text without any."""
    head = text.lstrip()[:500]
    return next((head[span.start : span.end] for span in sentences(head, splitter=RuleSplitter())), "")
