"""How long a summary may be, as a user says it (:class:`Length`), and what that means for one text (:class:`Limit`).

A *word* is what :func:`summae.text.words.budget_units` counts: a chunk between spaces; in scripts without spaces, a
character. A *sentence* goes to the next end mark that stands before a space and behind no abbreviation, even if what
follows is in lower case: a reader takes it for an end. Light: parsers of arguments use it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from summae.errors import InputError
from summae.text.finishing import cut, cut_characters
from summae.text.sentences import RuleSplitter, Span, sentences
from summae.text.words import budget_units

#: kind → what its amount must be
KINDS = {
    "words": "a whole number from 1",
    "sentences": "a whole number from 1",
    "ratio": "a share of the text above 0 and up to 1, such as 0.2 or 20%",
    "chars": "a whole number from 1",
}
AUTOMATIC = "automatic"  # a kind of length: by the text's own
LONG_TEXT = 100  # words above which a text gets sentences, not a headline
LONG_TEXT_SENTENCES = 3
#: name → sentences
NAMED = {"short": 1, "medium": 3, "long": 8}
DIGITS = 18  # of a number that a user types; Python itself refuses some thousands of them
LEAST_CHARS = 30  # of one of several parts: the room of four words
_RATIO = re.compile(r"(\d+\.?\d*|\.\d+)\s*(%?)")


@dataclass(frozen=True)
class Length:
    """At most ``amount`` of what ``kind`` says: ``words``, ``sentences``, ``chars`` (characters, spaces and marks
    included), or ``ratio``, a share of the text's words. Raises :class:`InputError` for anything else.

    ``sentences``: so many lines, each from another part of the text, each as long as the model can write one.
    """

    kind: str
    amount: float

    def __post_init__(self) -> None:
        if self.kind == AUTOMATIC:
            return
        if self.kind not in KINDS:
            raise InputError(f"a length must be one of {', '.join(KINDS)}, got {self.kind!r}")
        whole = isinstance(self.amount, int) and not isinstance(self.amount, bool) and self.amount >= 1
        share = isinstance(self.amount, float) and 0 < self.amount <= 1
        if not (whole and (self.kind != "ratio" or self.amount == 1) or share and self.kind == "ratio"):
            raise InputError(f"{self.kind} must be {KINDS[self.kind]}, got {self.amount!r}")

    @classmethod
    def automatic(cls) -> Length:
        """A headline for a text of up to ``LONG_TEXT`` words, ``LONG_TEXT_SENTENCES`` sentences for a longer one."""
        return cls(AUTOMATIC, 1)

    def for_text(self, text: str, default_words: int, sentences: bool = True) -> Length:
        """What it is for ``text``; ``default_words``: of a headline, which a long text gets too where no ``sentences``
        are wanted.
        """
        if self.kind != AUTOMATIC:
            return self
        if sentences and len(budget_units(text)) > LONG_TEXT:
            return Length("sentences", LONG_TEXT_SENTENCES)
        return Length("words", default_words)

    @classmethod
    def named(cls, name: str) -> Length:
        """``short``, ``medium`` or ``long``: one, three or eight sentences."""
        if name not in NAMED:
            raise InputError(f"length must be one of {', '.join(NAMED)}, got {name!r}")
        return cls("sentences", NAMED[name])

    @classmethod
    def of(cls, value: int | Length) -> Length:
        """A whole number is a number of words."""
        return value if isinstance(value, Length) else cls("words", value)

    @classmethod
    def parse(cls, kind: str, text: str) -> Length:
        """From what a user typed: ``12``; of a ratio, ``20%`` or ``0.2``."""
        if kind != "ratio":
            whole = text.isdecimal() and len(text) <= DIGITS
            return cls(kind, int(text) if whole else text)  # type: ignore[arg-type]  # refused there
        found = _RATIO.fullmatch(text.strip())
        if found is None:
            raise InputError(f"{kind} must be {KINDS[kind]}, got {text!r}")
        return cls(kind, float(found[1]) / (100 if found[2] else 1))

    def limit(self, text: str, longest: int) -> Limit:
        """What this means for ``text``, when a model can write lines of at most ``longest`` words."""
        if self.kind == "words":
            return Limit(ask=int(self.amount), words=int(self.amount))
        if self.kind == "sentences":
            most = int(self.amount) * longest
            return Limit(ask=most, words=most, sentences=int(self.amount))
        units = budget_units(text)
        if self.kind == "ratio":
            most = max(1, int(len(units) * self.amount + 1e-9))  # 0.29 · 100 is just below 29
            return Limit(ask=most, words=most)
        per_word = (sum(map(len, units)) + len(text.split())) / max(len(units), 1)  # the space behind it included
        return Limit(ask=max(1, int(self.amount / max(per_word, 1))), chars=int(self.amount))


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What a summary of one text keeps to; ``None``: any number."""

    ask: int  # words to ask the model for; what comes back may not suit the limits
    words: int | None = None
    sentences: int | None = None
    chars: int | None = None

    def allows(self, text: str) -> bool:
        return (
            (self.chars is None or len(text) <= self.chars)
            and (self.words is None or len(budget_units(text)) <= self.words)
            and (self.sentences is None or len(_sentences(text)) <= self.sentences)
        )

    def cut(self, text: str) -> str:
        """The beginning of ``text`` that is allowed, white space folded."""
        if self.sentences is not None:
            text = text[: max((span.end for span in _sentences(text)[: self.sentences]), default=0)]
        text = " ".join(text.split()) if self.words is None else cut(text, self.words)
        return text if self.chars is None else cut_characters(text, self.chars)

    def used(self, text: str) -> float:
        """The share of the room that ``text`` takes, 0 to 1."""
        share = len(budget_units(text)) / self.ask if self.chars is None else len(text) / self.chars
        return min(share, 1.0)

    def asks(self) -> list[int]:
        """Numbers of words to ask for. How many characters words will have, only trying can tell."""
        if self.chars is None:
            return [self.ask]
        return sorted({max(1, self.ask * quarters // 4) for quarters in (2, 3, 4)}, reverse=True)

    def parts(self, longest: int) -> int:
        """How many lines of at most ``longest`` words it takes to fill the room."""
        wanted = self.sentences or -(-self.ask // longest)
        return wanted if self.chars is None else max(1, min(wanted, self.chars // LEAST_CHARS))

    def shared(self, parts: int) -> list[Limit]:
        """Limits of ``parts`` lines such that all of them, joined, keep to this one."""
        if self.sentences is not None:
            each = self.ask // self.sentences
            return [replace(self, ask=each, words=each, sentences=1)] * parts
        if parts == 1:
            return [self]
        if self.chars is not None:  # a full stop and a space behind each
            return [replace(self, ask=max(1, self.ask // parts), chars=self.chars // parts - 2)] * parts
        each, rest = divmod(self.ask, parts)
        return [replace(self, ask=size, words=size) for size in [each + 1] * rest + [each] * (parts - rest)]


def _sentences(text: str) -> list[Span]:
    return sentences(text, splitter=RuleSplitter(before_small_letters=True))
