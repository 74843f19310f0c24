"""Which abbreviations short texts use for which phrases of sources, learnt from unpaired texts.

A phrase L is said as S in short texts when

1. S is built from L: its letters are the initials of L's words, with or without the function words ("SEC", "BOJ"); or
   L lacks only the last word of such a phrase ("chief executive" of "chief executive officer"); or S is the beginning
   of L's first word ("Fed" of "Federal Reserve").
2. Short texts prefer S: share = p(S) / (p(S) + p(L)) ≥ ``SHARE`` there, and the odds of S against L are at least
   2^``BITS`` times those in sources.
3. Both mean the same: in sources their context distributions are similar (Harris 1954). With p(v) the share of v among
   the next words,

       similarity(L, S) = √( Σ_v √(p_L(v) p_S(v)) · Σ_u √(p_L(u) p_S(u)) )       next words v, words before u

   the geometric mean of two Bhattacharyya coefficients, in [0, 1].
   It must be ``SIMILAR`` for initials, ``VERY_SIMILAR`` where less speaks for S.
4. No other phrase has a better claim to S (more frequent · more similar), unless it shares half of its words.

Capitals make candidates few, so a script without them yields no abbreviations.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from summae.text.words import is_function_word, words
from summae.wording.table import FUTURES, Wording
from summae.wording.tenses import Tenses

LEAST = 15  # sources that a phrase must occur in
LEAST_SHORT, FEWEST_SHORT = 0.0001, 5.0  # share of the short texts that an abbreviation must occur in, and their number
LONGEST = 6  # words of a phrase, and letters of an abbreviation
BEGINNINGS = (3, 4)  # letters of a word's beginning that may stand for it: "Fed"
PLAIN_PHRASE = range(3, 6)  # words of a phrase without capitals: shorter ones are too many
SHARE, BITS = 0.8, 3.0
SMOOTHING = 1e-6  # occurrences a text, added to either side of the odds
SIMILAR, VERY_SIMILAR = 0.33, 0.55
TWO_LETTERS = 0.45  # similarity for two letters, which are the initials of much, unless the phrase is a common one
COMMON = 0.0025  # share of the sources
FUTURE_SIMILAR = 0.4  # similarity of a future in sources and "to" in short texts
ENOUGH = 10  # occurrences of S in sources, to know its contexts
Phrase = tuple[str, ...]
EDGE = ""


@dataclass
class _Contexts:
    """How often something occurs, and beside which words."""

    count: int = 0
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)


def learn_wording(sources: Sequence[str], short_texts: Sequence[str]) -> Wording:
    """The wording of the short texts for what the sources say; both unpaired, both read a few times."""
    headlines = prefers_infinitive(sources, short_texts)  # texts that tell of events, not titles of papers
    tenses = Tenses.learn(sources, short_texts) if headlines else Tenses()
    return Wording(abbreviations(sources, short_texts), headlines, tenses)


def abbreviations(sources: Sequence[str], short_texts: Sequence[str]) -> dict[str, str]:
    """Phrase (lower case) → abbreviation, as short texts write it; see the top of this file."""
    written = _short_forms(short_texts)
    phrases = _phrases(sources)
    pairs = [(phrase, key, exact) for phrase in phrases for key, exact in _keys(phrase, written)]
    wanted = {" ".join(phrase) for phrase, _, _ in pairs}
    keys = {key for _, key, _ in pairs}
    there, here = _contexts_of(sources, wanted, keys), _contexts_of(short_texts, wanted, keys)
    claims: dict[str, list[tuple[float, bool, Phrase]]] = defaultdict(list)
    for phrase, key, exact in pairs:
        name, mark = " ".join(phrase), _mark(key)
        alike = similarity(there[name], there[mark])
        common = there[name].count >= COMMON * len(sources)
        least = (SIMILAR if len(key) > 2 or common else TWO_LETTERS) if exact else VERY_SIMILAR
        if there[mark].count < ENOUGH or alike < least:
            continue
        if _preferred(there[name], there[mark], here[name], here[mark], len(sources), len(short_texts)):
            claims[key].append((there[name].count * alike, exact, phrase))
    found = {}
    for key, some in claims.items():
        exact_ones = [claim for claim in some if claim[1]] or some
        _, _, best = max(exact_ones)
        for _, exact, phrase in some:
            if phrase == best or (_related(phrase, best) if exact else best[:-1] == phrase):
                found[" ".join(phrase)] = written[key]
    return dict(sorted(found.items()))


def prefers_infinitive(sources: Sequence[str], short_texts: Sequence[str]) -> bool:
    """Whether "to" of short texts has the contexts that futures have in sources, and is the more usual there."""
    nothing: set[str] = set()
    there, here = _contexts_of(sources, nothing, set(FUTURES)), _contexts_of(short_texts, nothing, {"to", *FUTURES})
    to = here[_mark("to")]
    alike = all(similarity(there[_mark(future)], to) >= FUTURE_SIMILAR for future in FUTURES)
    return alike and to.count > sum(here[_mark(future)].count for future in FUTURES)


def similarity(one: _Contexts, other: _Contexts) -> float:
    """Of two context distributions, by Bhattacharyya: 0 (no word in common) … 1 (the same)."""
    return math.sqrt(_coefficient(one.before, other.before) * _coefficient(one.after, other.after))


def _coefficient(one: Counter[str], other: Counter[str]) -> float:
    """Bhattacharyya's, of two empirical distributions."""
    both = sum(math.sqrt(count * other[word]) for word, count in one.items() if word in other)
    return both / math.sqrt(max(one.total() * other.total(), 1))


def _preferred(
    phrase: _Contexts, mark: _Contexts, short_phrase: _Contexts, short_mark: _Contexts, sources: int, short_texts: int
) -> bool:
    """Whether short texts say the abbreviation where sources say the phrase."""
    share = short_mark.count / max(short_mark.count + short_phrase.count, 1)
    odds = [
        (abbreviated.count + each) / (full.count + each)
        for abbreviated, full, each in (
            (short_mark, short_phrase, SMOOTHING * short_texts),
            (mark, phrase, SMOOTHING * sources),
        )
    ]
    return share >= SHARE and math.log2(odds[0] / odds[1]) >= BITS


def _related(phrase: Phrase, best: Phrase) -> bool:
    shared = len(set(phrase) & set(best))
    return 2 * shared >= min(len(phrase), len(best)) and shared >= 2


# -- candidates ---------------------------------------------------------------------------------------------------


def _plain(word: str) -> str:
    return word.replace(".", "").lower()


def _mark(key: str) -> str:
    return f"={key}"


def _short_forms(short_texts: Sequence[str]) -> dict[str, str]:
    """Letters (lower case, without points) → how short texts mostly write that word. Words with two capitals, or of
    three or four letters with a capital in front.
    """
    counts: Counter[str] = Counter()
    for text in short_texts:
        counts.update({word for word in words(text) if _may_abbreviate(word)})
    least = max(FEWEST_SHORT, LEAST_SHORT * len(short_texts))
    written: dict[str, str] = {}
    for word, count in counts.most_common():
        if count >= least:
            written.setdefault(_plain(word), word)
    return written


def _may_abbreviate(word: str) -> bool:
    letters = _plain(word)
    if not letters.isalpha() or not 2 <= len(letters) <= LONGEST:
        return False
    return sum(map(str.isupper, word)) >= 2 or (len(word) in BEGINNINGS and word[0].isupper() and word[1:].islower())


def _phrases(sources: Sequence[str]) -> dict[Phrase, int]:
    """Runs of two to ``LONGEST`` capitalised words, function words inside allowed, in lower case; and any three to
    five words of which no end is a function word: how many sources have them.
    """
    counts: Counter[Phrase] = Counter()
    for text in sources:
        counts.update({tuple(word.lower() for word in run) for run in _runs(text)})
    return {phrase: count for phrase, count in counts.items() if count >= LEAST}


def _runs(text: str) -> Iterator[list[str]]:
    segment: list[str] = []
    for chunk in [*text.split(), ""]:
        inner = words(chunk)
        if len(inner) == 1 and inner[0][-2:] not in ("'s", "’s"):
            segment.append(inner[0])
        if not inner or not chunk.endswith(inner[-1]) or len(inner) != 1 or inner[0][-2:] in ("'s", "’s"):
            yield from _inside(segment)
            segment = []


def _inside(segment: list[str]) -> Iterator[list[str]]:
    for start, first in enumerate(segment):
        if is_function_word(first):
            continue
        for end in range(start + 2, min(start + LONGEST, len(segment)) + 1):
            run = segment[start:end]
            if is_function_word(run[-1]):
                continue
            capitals = all(word[0].isupper() or is_function_word(word) for word in run)
            if capitals or (len(run) in PLAIN_PHRASE and not any(map(is_function_word, run))):
                yield run


def _keys(phrase: Phrase, written: dict[str, str]) -> list[tuple[str, bool]]:
    """(letters of an abbreviation that the phrase may have, whether by its own initials)."""
    content = [word for word in phrase if not is_function_word(word)]
    every, some = "".join(word[0] for word in phrase), "".join(word[0] for word in content)
    keys = [(key, True) for key in dict.fromkeys((every, some)) if key in written]
    if len(content) >= 2:
        keys += [(key, False) for key in written if len(key) == len(some) + 1 > 2 and key.startswith(some)]
    if len(phrase) == 2:
        starts = [phrase[0][:length] for length in BEGINNINGS if length < len(phrase[0])]
        keys += [(key, False) for key in starts if key in written and written[key][1:].islower()]
    return keys


# -- their contexts -----------------------------------------------------------------------------------------------


def _contexts_of(texts: Sequence[str], phrases: set[str], keys: set[str]) -> dict[str, _Contexts]:
    """The contexts of every phrase, and of every abbreviation under its mark."""
    found: dict[str, _Contexts] = defaultdict(_Contexts)
    longest = max((phrase.count(" ") + 1 for phrase in phrases), default=0)
    for text in texts:
        row = [EDGE, *(word.lower() for word in words(text)), EDGE]
        for start in range(1, len(row) - 1):
            if (key := _plain(row[start])) in keys:
                _count(found[_mark(key)], row[start - 1], row[start + 1])
            for end in range(start + 2, min(start + longest, len(row) - 1) + 1):
                if (phrase := " ".join(row[start:end])) in phrases:
                    _count(found[phrase], row[start - 1], row[end])
    return found


def _count(contexts: _Contexts, before: str, after: str) -> None:
    contexts.count += 1
    contexts.before[before] += 1
    contexts.after[after] += 1
