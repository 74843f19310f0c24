"""What every heat map shares: shades, the text cut into runs of one shade each, and what may be shown."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from summae.explanation.findings import Attribution, Explanation

#: Bits from which a token has shade 1, 2, …: each is twice the one before. Below the first it may be chance.
SHADES = (4.0, 8.0, 16.0, 32.0)
NEGATIVE_GAIN = -1  # the shade of a token that the summary made harder to rebuild by as much as the first shade
_BREAKS = re.compile("\r(?!\n)|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_HIDDEN = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class ShadedSpan:
    """A token, or what stands between two."""

    text: str
    shade: int = 0
    token: int | None = None
    sentence: int | None = None


def shade(bits: float) -> int:
    """0 (next to nothing) to ``len(SHADES)``, or ``NEGATIVE_GAIN``."""
    return NEGATIVE_GAIN if bits <= -SHADES[0] else bisect_right(SHADES, bits)


def shaded_spans(explanation: Explanation) -> Iterator[ShadedSpan]:
    """The whole text in order, without a gap; fit to be shown."""
    text = visible(explanation.text)
    starts = [sentence.start for sentence in explanation.sentences]
    place, before = 0, None
    for number, token in enumerate(explanation.tokens):
        sentence = bisect_right(starts, token.start) - 1
        inside = None if sentence < 0 or token.start >= explanation.sentences[sentence].end else sentence
        if place < token.start:
            yield ShadedSpan(text[place : token.start], sentence=inside if inside == before else None)
        yield ShadedSpan(text[token.start : token.end], shade(token.bits), number, inside)
        place, before = token.end, inside
    if place < len(text):
        yield ShadedSpan(text[place:])


def attributed_words(explanation: Explanation) -> dict[int, list[int]]:
    """Token → the words of the summary (places in ``attributions``) that it is attributed to."""
    found: dict[int, list[int]] = defaultdict(list)
    for number, word in enumerate(explanation.attributions):
        for token in word.tokens:
            found[token].append(number)
    return found


def is_unsupported(explanation: Explanation, word: Attribution) -> bool:
    """Whether a word of the summary belongs to a number or name that the text does not contain."""
    return any(each.start < word.end and word.start < each.end for each in explanation.unsupported)


def token_text(explanation: Explanation, token: int) -> str:
    place = explanation.tokens[token]
    return visible(explanation.text[place.start : place.end])


def visible(text: str) -> str:
    """``text``, as long as it is, without what would act on a terminal or has no place in HTML: line ends of any
    kind are one kind, control characters and halves of characters are U+FFFD.
    """
    return _HIDDEN.sub("\N{REPLACEMENT CHARACTER}", _BREAKS.sub("\n", text).replace("\r", " "))


def percent(explanation: Explanation) -> str:
    return f"{round(explanation.coverage, 3) + 0.0:.1%}"  # + 0.0: no "-0.0%"


def kept_share(explanation: Explanation) -> str:
    """What the summary gives away of the text, in words."""
    return f"{percent(explanation)} of the text's information kept ({explanation.coverage_bits:,.0f} bits)"


def lost_count(explanation: Explanation) -> str:
    """How many sentences the summary lost, in words."""
    lost = sum(sentence.lost for sentence in explanation.sentences)
    return f"{lost:,} of {len(explanation.sentences):,} sentences lost"


def read_share(explanation: Explanation) -> str | None:
    """What to say of a text that R has not read to its end."""
    if explanation.read >= 1:
        return None
    return f"the text is long: {explanation.read:.0%} of it was looked at, in parts spread evenly"
