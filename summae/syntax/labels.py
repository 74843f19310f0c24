"""What a parser can say of a token: a relation, and a tag with its features (a *morphological tag*).

Tag and features are one class, "VERB|Number=Sing|Tense=Pres": EWT has some 120 such bundles, and one choice among
them cannot contradict itself as a choice for every feature could.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from summae.files import write_atomically
from summae.syntax.tree import Token, Tree

#: A bundle seen less often is read as the most similar frequent one.
RAREST_BUNDLE = 3


def bundle(tag: str, features: Mapping[str, str]) -> str:
    """ "NOUN|Number=Plur" for the tag and its features, in the order of ``features``."""
    return "|".join([tag, *(f"{name}={value}" for name, value in features.items())])


def unbundle(text: str) -> tuple[str, dict[str, str]]:
    """The tag and the features of a :func:`bundle`."""
    tag, *pairs = text.split("|")
    return tag, dict(pair.split("=", 1) for pair in pairs)


@dataclass(frozen=True)
class LabelSet:
    """The relations and bundles that a parser knows; their places are its class numbers. Relation 0 is "root"."""

    relations: tuple[str, ...]
    bundles: tuple[str, ...]

    @classmethod
    def of(cls, trees: Iterable[Tree]) -> LabelSet:
        """The relations and the frequent bundles of ``trees``, the most frequent first."""
        relations: Counter[str] = Counter()
        bundles: Counter[str] = Counter()
        for tree in trees:
            relations.update(token.relation for token in tree.tokens)
            bundles.update(bundle(token.tag, token.features) for token in tree.tokens)
        relations.pop("root", None)
        kept = [name for name, count in bundles.most_common() if count >= RAREST_BUNDLE]
        return cls(("root", *(name for name, _ in relations.most_common())), tuple(kept))

    @cached_property
    def relation_ids(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.relations)}

    @cached_property
    def bundle_ids(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.bundles)}

    @cached_property
    def unbundled(self) -> tuple[tuple[str, dict[str, str]], ...]:
        """The tag and features of every bundle."""
        return tuple(unbundle(name) for name in self.bundles)

    def relation_id(self, token: Token) -> int:
        """The class of a token's relation; one that is unknown counts as its base relation, then as "dep"."""
        for name in (token.relation, token.base_relation, "dep"):
            if name in self.relation_ids:
                return self.relation_ids[name]
        return len(self.relations) - 1

    def bundle_id(self, token: Token) -> int:
        """The class of a token's bundle, or of the known one of its tag with the most features in common."""
        wanted = bundle(token.tag, token.features)
        if wanted not in self.bundle_ids:
            self.bundle_ids[wanted] = self._most_similar(token)
        return self.bundle_ids[wanted]

    def _most_similar(self, token: Token) -> int:
        def likeness(place: int) -> tuple[bool, int, int]:
            tag, features = self.unbundled[place]
            shared = len(features.items() & token.features.items())
            return tag == token.tag, shared, -len(features)

        return max(range(len(self.bundles)), key=likeness)


def write_labels(labels: LabelSet, path: str | Path) -> None:
    """Keep ``labels`` as JSON."""
    write_atomically(path, json.dumps({"relations": labels.relations, "bundles": labels.bundles}, indent=1))


def read_labels(path: str | Path) -> LabelSet:
    """What :func:`write_labels` kept."""
    kept = json.loads(Path(path).read_text(encoding="utf-8"))
    return LabelSet(tuple(kept["relations"]), tuple(kept["bundles"]))
