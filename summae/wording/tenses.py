"""Headlines put the past in the present: "reported a loss" is "reports loss". Which verbs, and before which words, is
learnt from unpaired short texts; only the forms of verbs are known beforehand (:mod:`summae.wording.english`).

A past form may be a participle that must stay ("a plan proposed by", "retired workers"). Short texts tell the two
apart by the word that follows: "proposes" stands before "a" and names, "proposed" before "by". So, for the past form u
of a verb with third person v, and the next word n in a source,

    u becomes v   if   c(v, n) + ½ > 2 · (c(u, n) + ½)

with counts c of the short texts; where n is rare, by what n looks like: a name, a number, another word, or a mark.
After "has" and "have" the form is certain, and these go; after "is", "was" … it is a participle, and stays.

Function words stay, "said" among them: what makes a sentence a report is mostly left out of a headline.

The number of the verb follows the word before it: a small letter in front and an -s behind make a plural.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from summae.text.words import is_function_word, words
from summae.wording.english import PARTICIPLES, base_of, is_plural, third_person

LEAST = 10  # times that a source must have a past form, and that short texts must have its third person
EVIDENCE = 8  # times that short texts must have the verb before a word to know that word
ADDED, ODDS = 0.5, 2  # to each count; how many times as frequent as the past the present must be
_PERFECT = frozenset(("has", "have"))
#: Function words that a verb may follow.
_SUBJECTS = frozenset("i you we he she it they who which that but also".split())


@dataclass(frozen=True)
class Verb:
    """The present of one past form, and before what short texts prefer it."""

    third: str
    base: str
    shapes: str = ""  # of the next word, where the present is preferred: letters of :func:`_shape`
    unlike: frozenset[str] = frozenset()  # next words in small letters where it is the other way round


@dataclass(frozen=True)
class Tenses:
    """``verbs``: past form → its present."""

    verbs: dict[str, Verb] = field(default_factory=dict)

    @classmethod
    def learn(cls, sources: Sequence[str], short_texts: Sequence[str]) -> Tenses:
        """From texts that need not be paired; no verb, if short texts have none in the present."""
        past = Counter(word.lower() for text in sources for word in words(text))
        present = Counter(word.lower() for text in short_texts for word in words(text))
        forms = {}
        for form, count in past.items():
            base = base_of(form, present) if count >= LEAST and not is_function_word(form) else None
            if base and present[third := third_person(base)] >= LEAST:
                forms[form] = (third, base)
        watched = {*forms, *(form for pair in forms.values() for form in pair)}
        after = _following(short_texts, watched)
        verbs = {form: _verb(form, *pair, after) for form, pair in forms.items()}
        return cls({form: verb for form, verb in verbs.items() if verb.shapes or verb.unlike})

    @classmethod
    def of_json(cls, stored: dict) -> Tenses:
        return cls(
            {
                form: Verb(third, base, shapes, frozenset(unlike))
                for form, (third, base, shapes, unlike) in stored.items()
            }
        )

    def to_json(self) -> dict:
        return {
            form: [verb.third, verb.base, verb.shapes, sorted(verb.unlike)] for form, verb in sorted(self.verbs.items())
        }

    def present(self, text: str) -> str:
        """``text`` with verbs of the past in the present where short texts would have them so; white space folded."""
        written: list[str] = []
        for chunk, following in pairwise([*text.split(), ""]):
            found = words(chunk)
            verb = self._verb_of(found[0]) if len(found) == 1 else None
            before = _last_word(written[-1]) if written else ""
            perfect = before in _PERFECT
            if verb is not None and (perfect or self._wanted(verb, before, _next_word(chunk, following))):
                if perfect:
                    written.pop()
                form = verb.base if _plural(written[-1] if written else "") else verb.third
                chunk = chunk.replace(found[0], form, 1)
            written.append(chunk)
        return " ".join(written)

    def _verb_of(self, word: str) -> Verb | None:
        return None if word[0].isupper() else self.verbs.get(PARTICIPLES.get(word, word))

    def _wanted(self, verb: Verb, before: str, following: str) -> bool:
        preferred = (_shape(following) in verb.shapes) != (following in verb.unlike)
        return preferred and (before in _SUBJECTS or not is_function_word(before))


def _next_word(chunk: str, following: str) -> str:
    """The first word of ``following``; nothing when a mark parts them."""
    found = words(following)
    return found[0] if found and chunk[-1].isalnum() else ""


def _last_word(chunk: str) -> str:
    """The last word, in lower case; nothing when a mark stands behind it."""
    found = words(chunk)
    return found[-1].lower() if found and chunk[-1].isalnum() else ""


def _plural(subject: str) -> bool:
    """Whether a chunk is a plural; a name is not, whatever its ending."""
    return subject[:1].islower() and is_plural(_last_word(subject))


def _shape(word: str) -> str:
    """N number, C capital, L other word, E none: the end of a text or a mark."""
    if not word:
        return "E"
    return "N" if word[0].isdigit() or word[0] in "$€£¥" else "C" if word[0].isupper() else "L"


# -- learning -----------------------------------------------------------------------------------------------------


def _following(texts: Sequence[str], watched: set[str]) -> dict[str, Counter[str]]:
    """Of every watched word: how often each next word in small letters and, under a capital, each shape follows."""
    after: dict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        for word, following in pairwise([*words(text), ""]):
            if (form := word.lower()) in watched:
                after[form].update((following, _shape(following)) if following.islower() else _shape(following))
    return after


def _verb(past: str, third: str, base: str, after: dict[str, Counter[str]]) -> Verb:
    now, then = after[third], after[past]
    shapes = "".join(shape for shape in "CELN" if now[shape] > ODDS * then[shape])
    known = [word for word in now.keys() | then.keys() if word.islower() and now[word] + then[word] >= EVIDENCE]
    unlike = {word for word in known if (now[word] + ADDED > ODDS * (then[word] + ADDED)) != ("L" in shapes)}
    return Verb(third, base, shapes, frozenset(unlike))
