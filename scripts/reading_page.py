"""What the reader of a reading is asked, and the page that asks it (scripts/reading.py)."""

from __future__ import annotations

from collections.abc import Sequence

from reading_items import Item

#: what is judged of every summary, in the order of the answers → when it is 1, and when 0
QUESTIONS = {
    "fluent": "It is grammatical language of its kind: a headline may leave out articles and auxiliaries, a subject "
    "line may be a phrase. 0 for a broken joint, a wrong form of a verb, words that make no sentence.",
    "complete": "It does not break off, and no phrase is left hanging.",
    "true": "Everything it says is said by the source, with the same meaning, as surely, and by the same person. 0 for "
    "a changed meaning, for a “not”, “may”, “if” or “less” that got lost, for a name or a number that the source "
    "does not have.",
    "main": "It tells the main point well enough that a busy reader knows what the text is about.",
    "send": "You would print it or send it on as it is, without an edit.",
}
FIELDS = ("item", *QUESTIONS)
FAULT = "fault"  # a last field that may be left out
NOTHING = "(nothing)"

HEAD = """\
# A reading of {count} summaries

Judge like a copy editor, strict but fair. Every item is a source and one summary of it; you do not know who wrote it,
and need not find out. The same source comes again with another summary: judge each as if it were the only one. A
source that ends in […] was longer; what you see of it is enough to judge by. Read all items in their order, and open
no other file of this folder.

Answer each question with 1 for yes or 0 for no:

{questions}

Write your answers to a file of your own in the form at the end of this page, one line per item:

    {fields}
    17,1,1,0,1,0,meaning changed: the bank denied it

The last field may stay empty. Use it for the worst fault of a summary, with few words before the colon that you use
again for the same kind of fault (breaks off, broken joint, wrong verb form, meaning changed, negation lost, made
surer, invented, wrong speaker, main point missing) and the place itself behind it.
"""


def quoted(text: str) -> str:
    """A Markdown quotation, the lines as they are."""
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def entry(number: int, item: Item) -> str:
    asked = f"\n\nAsked for: {item.asked}" if item.asked else ""
    return f"## Item {number}{asked}\n\n{quoted(item.source)}\n\n**Summary:** {item.summary or NOTHING}\n"


def page(items: Sequence[Item]) -> str:
    """Questions, items, and the form for the answers."""
    questions = "\n".join(f"- *{name}*: {text}" for name, text in QUESTIONS.items())
    fields = ",".join((*FIELDS, FAULT))
    form = "\n".join(f"{number}{',' * len(FIELDS)}" for number in range(1, len(items) + 1))
    parts = [
        HEAD.format(count=len(items), questions=questions, fields=fields),
        *(entry(number, item) for number, item in enumerate(items, 1)),
        f"## Answers\n\n```\n{fields}\n{form}\n```\n",
    ]
    return "\n".join(parts)
