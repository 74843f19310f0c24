"""The k best prunings of a sentence within a budget of words: sentences in their own words, and shorter.

Every tree of :func:`~summae.syntax.rooting.rootings` (the sentence's own, a promoted clause, a second clause) is
pruned by :func:`~summae.syntax.knapsack.k_best`, which says what is maximised; the constraints say what must stay.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from summae.syntax.constraints import Constraints, Limits
from summae.syntax.knapsack import Kept, Shape, k_best
from summae.syntax.optionality import Optionality, complements
from summae.syntax.phrases import DAYS, children, chunks, is_finite, is_mark, lower, marker, subject, word_costs
from summae.syntax.rerooted import SPEAKER, Rooting
from summae.syntax.rooting import rootings
from summae.syntax.tree import ROOT_HEAD, Tree

#: What keeping a barred token costs: more than any sentence is worth.
_BARRED = 1e6
#: What opens a clause that is a fact: "after", not "if".
_FACTUAL = frozenset({"as", "after", "because", "while", "although", "though", "since"})
#: Prunings that are looked at, of which some may not stand.
_SEARCHED = 8
#: The softest rules, which are the last to be given up.
_SOFTEST = 2
#: Words that a pruning must have to be a sentence.
SHORTEST = 2


@dataclass(frozen=True, kw_only=True)
class PruningOptions:
    """What words and relations are worth to each other; all in the unit of the words' values."""

    price: float = 0.15  # of a word, > 0: one that brings less goes although the budget has room
    loss_weight: float = 0.6  # of the optionality of a relation, in values per nat
    bare_weight: float = 0.4  # of a word's bareness, in values per nat
    second_clause: float = 0.8  # what a clause beside the main one is worth less than that
    speaker_value: float = 0.5  # of an official source's name that may go


@dataclass(frozen=True)
class Pruning:
    """Tokens ``kept`` of ``tree``, in reading order; ``origin`` are the same tokens in the sentence's own tree."""

    tree: Tree
    kept: tuple[int, ...]
    words: int
    score: float
    kind: str = "sentence"
    backshifted: bool = False
    origin: tuple[int, ...] = ()


@dataclass(frozen=True)
class Pruner:
    """Prunes trees by one language's constraints and one domain's optionality."""

    constraints: Constraints = field(default_factory=Constraints.load)
    optionality: Optionality = field(default_factory=Optionality)
    options: PruningOptions = field(default_factory=PruningOptions)
    costs: Callable[[Tree], Sequence[int]] = word_costs  # words per token; headlines leave some out
    titles: bool = False  # "we present X" gives X, not the sentence

    def __call__(self, tree: Tree, values: Sequence[float], budget: int, k: int = 8) -> list[Pruning]:
        """The k best prunings of ``tree``, the best first; ``values[i]`` is what the word i tells, ≥ 0."""
        roots = _suited(rootings(tree, self.constraints), self.titles)
        found: list[Pruning] = []
        for given_up in range(_SOFTEST + 1):
            found = found or [
                pruning for rooting in roots for pruning in self._of(rooting, values, budget, k, given_up=given_up)
            ]
        return _different(sorted(found, key=lambda pruning: -pruning.score))[:k]

    def phrase(self, tree: Tree, values: Sequence[float], budget: int) -> Pruning | None:
        """The last resort, when no pruning fits: the best clause, else the best noun phrase, that stands alone."""
        frozen = self.constraints.limits(tree).frozen | self._denied(tree)
        for candidates in (_plain_clauses(tree, frozen), _noun_phrases(tree, frozen)):
            roots = [Rooting(part, origin, "phrase") for part, origin in candidates]
            found = [pruning for root in roots for pruning in self._of(root, values, budget, 1)]
            found = [pruning for pruning in found if _begins_well(pruning)]
            if found:
                return max(found, key=lambda pruning: pruning.score)
        return None

    def _denied(self, tree: Tree) -> set[int]:
        """What stands under a verb that denies it."""
        turning = self.constraints.lists["denials"] | self.constraints.lists["prohibitions"]
        return {index for index, token in enumerate(tree.tokens) if lower(tree.tokens[token.head]) in turning}

    def _of(
        self, rooting: Rooting, values: Sequence[float], budget: int, k: int, *, given_up: int = 0
    ) -> list[Pruning]:
        limits, costs = self._limits(rooting, given_up), self.costs(rooting.tree)
        gains = self._gains(rooting, values, costs, limits)
        shape = Shape.of(
            rooting.tree, frozenset(limits.required), limits.bundles, frozenset(limits.gone), *self._lacking(rooting)
        )
        found = k_best(shape, rooting.tree.root, gains, costs, budget, max(k, _SEARCHED))
        return [_pruning(rooting, kept) for kept in found if kept.words >= SHORTEST and _may_stand(rooting, kept)]

    def _limits(self, rooting: Rooting, given_up: int) -> Limits:
        limits = self.constraints.limits(rooting.tree, given_up=given_up)
        limits.required |= rooting.required
        limits.required -= rooting.optional
        limits.gone |= {index for index, token in enumerate(rooting.tree.tokens) if is_mark(token)}
        return limits

    def _lacking(self, rooting: Rooting) -> tuple[list[float], frozenset[int]]:
        """What every token costs without its complements, and what those are."""
        tree, weight = rooting.tree, self.options.bare_weight
        costs = [weight * self.optionality.bareness(tree, index) for index in range(len(tree))]
        return costs, frozenset(child for index in range(len(tree)) for child in complements(tree, index))

    def _gains(self, rooting: Rooting, values: Sequence[float], costs: Sequence[int], limits: Limits) -> list[float]:
        gains = []
        for index, (place, cost) in enumerate(zip(rooting.origin, costs, strict=True)):
            value = values[place] - self.options.price * cost - _BARRED * (index in rooting.barred)
            gains.append(value + (0.0 if index in limits.required else self._edge(rooting.tree, index)))
        gains[rooting.tree.root] -= self.options.second_clause * (rooting.kind == "beside")
        return gains

    def _edge(self, tree: Tree, index: int) -> float:
        if tree.tokens[index].head == ROOT_HEAD or is_mark(tree.tokens[index]):
            return 0.0
        if tree.tokens[index].relation == SPEAKER:
            return self.options.speaker_value
        return self.options.loss_weight * self.optionality.loss(tree, index)


def _suited(found: list[Rooting], titles: bool) -> list[Rooting]:
    """What authors present: as a title the thing alone, elsewhere the sentence."""
    wanted = [rooting for rooting in found if (rooting.kind == "authors") == titles]
    return wanted or found


def prunings(tree: Tree, values: Sequence[float], budget: int, constraints: Constraints, k: int = 8) -> list[Pruning]:
    """The k best prunings of ``tree`` with at most ``budget`` words, by the default options."""
    return Pruner(constraints)(tree, values, budget, k)


def token_values(tree: Tree, ratio: Callable[[str], float], *, decay: float = 0.03, floor: float = 0.2) -> list[float]:
    """What every content word tells: max(floor, 1 + r(w) / 4) · (1 − decay)^position; 0 for function words and marks.

    r(w) is the salience of :mod:`summae.text.salience` in bits.
    """
    values = []
    for position, token in enumerate(tree.tokens):
        tells = (
            lower(token) not in DAYS and token.tag in _CONTENT and token.base_relation not in ("aux", "cop", "fixed")
        )
        values.append(max(floor, 1 + ratio(token.text) / 4) * (1 - decay) ** position if tells else 0.0)
    return values


_CONTENT = frozenset("NOUN PROPN VERB ADJ NUM ADV SYM X".split())


def _pruning(rooting: Rooting, kept: Kept) -> Pruning:
    tokens = tuple(index for index in kept.tokens if not is_mark(rooting.tree.tokens[index]))
    origin = tuple(rooting.origin[index] for index in tokens)
    return Pruning(rooting.tree, tokens, kept.words, kept.score, rooting.kind, rooting.backshifted, origin)


def _may_stand(rooting: Rooting, kept: Kept) -> bool:
    """No pronoun without its name, no part of a chunk without the rest, no clause or noun phrase that was misread."""
    tree = rooting.tree
    misread = (_is_loose_noun, _has_two_subjects, _has_lost_its_preposition)
    if any(wrong(tree, index, kept.tokens) for wrong in misread for index in kept.tokens):
        return False
    clauses = [index for index in kept.tokens if tree.tokens[index].base_relation in ("ccomp", "advcl")]
    told = all(_has_subject(tree, clause) for clause in clauses if is_finite(tree, clause))
    return kept.score > -_BARRED / 2 and told and not _half_chunks(tree, kept.tokens)


def _is_loose_noun(tree: Tree, index: int, kept: Collection[int]) -> bool:
    """ "an allegation a lawyer": a noun with its article behind another noun, and no mark between."""
    articles = children(tree, index, "det")
    return tree.tokens[index].relation == "appos" and bool(articles) and not is_mark(tree.tokens[articles[0] - 1])


def _has_two_subjects(tree: Tree, index: int, kept: Collection[int]) -> bool:
    return len([child for child in children(tree, index, "nsubj") if child in kept]) > 1


def _has_lost_its_preposition(tree: Tree, index: int, kept: Collection[int]) -> bool:
    """ "criteria technologies": the "for" between was read as another word's, and has gone with it."""
    if tree.tokens[index].relation not in ("nmod", "obl") or children(tree, index, "case"):
        return False
    before = tree.subtree(index)[0] - 1
    return before >= 0 and before not in kept and tree.tokens[before].tag in ("ADP", "SCONJ")


def _has_subject(tree: Tree, clause: int) -> bool:
    return bool(children(tree, clause, "nsubj", "csubj", "expl"))


def _half_chunks(tree: Tree, kept: Sequence[int]) -> bool:
    numbers, chosen = chunks(tree), set(kept)
    begun = {numbers[index] for index in kept}
    return any(
        numbers[index] in begun and index not in chosen and not is_mark(token)
        for index, token in enumerate(tree.tokens)
    )


def _different(found: list[Pruning]) -> list[Pruning]:
    """Without those that keep the same words as a better one."""
    seen: dict[tuple, Pruning] = {}
    for pruning in found:
        seen.setdefault((pruning.origin, pruning.kind), pruning)
    return list(seen.values())


def _begins_well(pruning: Pruning) -> bool:
    """Not with a preposition, nor with a pronoun whose name is elsewhere."""
    first = pruning.tree.tokens[pruning.kept[0]]
    return first.tag not in ("ADP", "PRON", "CCONJ", "SCONJ")


def _plain_clauses(tree: Tree, frozen: Collection[int]) -> Iterator[tuple[Tree, tuple[int, ...]]]:
    """Clauses of time and cause that the sentence states as facts: "as a court rejected the bid"."""
    for index, token in enumerate(tree.tokens):
        about = subject(tree, index)
        named = about is not None and tree.tokens[about].tag in ("NOUN", "PROPN")
        factual = token.base_relation == "advcl" and marker(tree, index) in _FACTUAL and is_finite(tree, index)
        if factual and named and index not in frozen and not _is_under_doubt(tree, index):
            yield part_of(tree, index, children(tree, index, "mark", "advmod:mark"))


def _noun_phrases(tree: Tree, frozen: Collection[int]) -> Iterator[tuple[Tree, tuple[int, ...]]]:
    """Noun phrases without their prepositions; a phrase alone claims nothing."""
    clauses = {tree.root, *children(tree, tree.root, "ccomp")}
    for index, token in enumerate(tree.tokens):
        main = token.head in clauses and token.base_relation in ("nsubj", "obj")
        named = (main or index == tree.root) and token.tag in ("NOUN", "PROPN")
        held = index in frozen or (token.head in frozen and index != tree.root)
        if named and not held and not children(tree, index, "cop"):
            yield part_of(tree, index, children(tree, index, "case", "cc", "nsubj"))


def _is_under_doubt(tree: Tree, index: int) -> bool:
    """Whether a clause above is conditional, reported or denied."""
    return any(
        tree.tokens[place].base_relation in ("advcl", "ccomp", "xcomp", "acl") for place in tree.ancestors(index)
    )


def part_of(tree: Tree, index: int, without: Sequence[int]) -> tuple[Tree, tuple[int, ...]]:
    """The subtree of ``index`` as a tree, without some of its dependents, and its tokens' places in ``tree``."""
    left_out = {place for child in without for place in tree.subtree(child)}
    order = tuple(place for place in tree.subtree(index) if place not in left_out)
    new = {place: number for number, place in enumerate(order)}
    tokens = (replace(tree.tokens[place], head=new.get(tree.tokens[place].head, ROOT_HEAD)) for place in order)
    top = new[index]
    named = (replace(token, relation="root") if number == top else token for number, token in enumerate(tokens))
    return Tree(tree.text, tuple(named)), order
