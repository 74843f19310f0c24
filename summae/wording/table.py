"""How short texts word what sources say at length: "European Central Bank" is the ECB there, "will buy" is "to buy".

A table learnt from unpaired texts (:mod:`summae.wording.abbreviations`), applied to a source before G reads it. Names
and titles that take four words in a report take one in a headline, so a budget of words goes further, and what is
written is what headlines write. Every replacement stands for words that are there: nothing is added.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from summae.errors import CheckpointError
from summae.files import write_atomically
from summae.wording.tenses import Tenses

#: English: a future, and what may stand before it without a loss ("a deal that will create" is "a deal to create").
FUTURES = ("will", "would")
_REFERRING = "it|he|she|they|that|which|who"
_NO_INFINITIVE = r"not|have|n['’]t"


@dataclass(frozen=True)
class Wording:
    """The shorter words of one domain. ``abbreviations``: phrase, in lower case → its abbreviation, as written."""

    abbreviations: dict[str, str] = field(default_factory=dict)
    infinitive: bool = False  # short texts say "to buy" where sources say "will buy"
    tenses: Tenses = field(default_factory=Tenses)  # and "buys" where they say "bought"

    def shortened(self, text: str) -> str:
        """``text`` in the wording of short texts; in lower case what was so. Applied twice, it changes nothing more."""
        lowered = text == text.lower()
        if self._phrases is not None:
            text = self._phrases.sub(lambda found: self._short(found[0], lowered), text)
        if self.infinitive:
            text = _FUTURE.sub("to", text)
        return self.tenses.present(text) if self.tenses.verbs else text

    @classmethod
    def of_json(cls, stored: dict) -> Wording:
        return cls(dict(stored["abbreviations"]), bool(stored["infinitive"]), Tenses.of_json(stored["tenses"]))

    def to_json(self) -> dict:
        return {
            "abbreviations": self.abbreviations,
            "infinitive": self.infinitive,
            "tenses": self.tenses.to_json(),
        }

    def standing_for(self, text: str) -> Iterator[tuple[str, str]]:
        """(abbreviation, phrase as written) of all phrases of ``text`` that have one."""
        if self._phrases is not None:
            for found in self._phrases.finditer(text):
                yield self._short(found[0], False), found[0]

    def _short(self, phrase: str, lowered: bool) -> str:
        short = self.abbreviations[" ".join(phrase.lower().split())]
        return short.lower() if lowered else short

    @cached_property
    def _phrases(self) -> re.Pattern[str] | None:
        """Any of the phrases, the longest first, as whole words."""
        if not self.abbreviations:
            return None
        longest_first = sorted(self.abbreviations, key=lambda phrase: (-len(phrase), phrase))
        any_of = "|".join(r"\s+".join(map(re.escape, phrase.split())) for phrase in longest_first)
        return re.compile(rf"(?<![\w.&-])(?:{any_of})(?![\w&-]|\.\w)", re.IGNORECASE)


_FUTURE = re.compile(
    rf"\b(?:(?:{_REFERRING})\s+)?(?:{'|'.join(FUTURES)})\b(?=\s+(?!(?:{_NO_INFINITIVE})\b)[^\W\d])", re.IGNORECASE
)


@dataclass(frozen=True)
class DomainWordings:
    """One wording a domain, as salience has one table a domain."""

    domains: dict[str, Wording]

    @classmethod
    def load(cls, path: str | Path) -> DomainWordings:
        """What :meth:`save` wrote; without such a file (models before 0.2), nothing is worded anew."""
        if not Path(path).exists():
            return cls({})
        try:
            stored = json.loads(Path(path).read_text(encoding="utf-8"))
            return cls({name: Wording.of_json(each) for name, each in stored.items()})
        except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
            raise CheckpointError(f"{path}: no usable wordings ({error})") from error

    def save(self, path: str | Path) -> None:
        stored = {name: wording.to_json() for name, wording in self.domains.items()}
        write_atomically(path, json.dumps(stored, ensure_ascii=False, separators=(",", ":")))

    def of(self, domain: str) -> Wording:
        """The wording of ``domain``; of one that has none, an empty one."""
        return self.domains.get(domain, Wording())
