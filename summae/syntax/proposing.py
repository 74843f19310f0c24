"""Finished drafts of one sentence: its prunings as text, the best first; a phrase when none fits."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

from summae.syntax.constraints import Constraints
from summae.syntax.optionality import Optionality
from summae.syntax.pruning import Pruner, Pruning, PruningOptions
from summae.syntax.realise import Wording
from summae.syntax.tree import Tree
from summae.text.words import budget_units


@dataclass(frozen=True)
class Draft:
    """A finished text and the pruning that it words."""

    text: str
    pruning: Pruning


@dataclass(frozen=True)
class PruningProposer:
    """Source sentence and budget → drafts in one style. ``known``: words that a verb's base may be."""

    style: str = "sentence"
    known: Container[str] = frozenset()
    abbreviations: Mapping[str, str] = field(default_factory=dict)
    constraints: Constraints = field(default_factory=Constraints.load)
    optionality: Optionality = field(default_factory=Optionality)
    options: PruningOptions = field(default_factory=PruningOptions)

    def __call__(self, tree: Tree, values: Sequence[float], budget: int, k: int = 8) -> list[Draft]:
        """At most k drafts of at most ``budget`` words, all different; empty when not even a phrase fits."""
        drafts = self._worded(self._pruner(tree, values, budget, k), budget)
        if drafts:
            return drafts
        phrase = self._pruner.phrase(tree, values, budget)
        return self._worded([phrase] if phrase else [], budget)

    @property
    def _wording(self) -> Wording:
        return Wording(self.style, self.known, self.abbreviations)

    @property
    def _pruner(self) -> Pruner:
        titles = self.style == "headline"
        return Pruner(self.constraints, self.optionality, self.options, self._wording.costs, titles)

    def _worded(self, prunings: Sequence[Pruning], budget: int) -> list[Draft]:
        texts: dict[str, Pruning] = {}
        for pruning in prunings:
            text = self._wording(pruning.tree, pruning.kept, backshifted=pruning.backshifted)
            if 0 < len(budget_units(text)) <= budget:
                texts.setdefault(text, pruning)
        return [Draft(text, pruning) for text, pruning in texts.items()]
