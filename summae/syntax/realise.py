"""From kept tokens to text: a sentence of its own, or a headline.

``sentence``: the source's words; marks of what went are gone, those of what stays are there, a capital first, a full
stop last. ``headline``: besides, articles go, and "its"; "has bought" and "bought" become "buys" ("buy" after a
plural), "will" becomes "to", "is" and "was" go before participles, "is" before "due" and "in talks", names are
abbreviated as headlines do, and who must not be named is "sources". By tags and features, in the main clause and those
beside it only, and never where it would change the meaning: not under negation, not in questions, no present tense
beside a year, "ago" or "last", no "to" for a "will" with a condition.
A clause promoted from a report in the past loses the report's tense in both: "would" → "will", "had" → "has".
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from summae.syntax.marks import asks, capitalised, fitting_articles, joined, marks_kept
from summae.syntax.names import left_out, worded
from summae.syntax.phrases import children, is_plural, lower, marker, subject, word_costs
from summae.syntax.rerooted import SPEAKER
from summae.syntax.tree import Tree
from summae.syntax.verbs import present_form

STYLES = ("sentence", "headline")
_BE = frozenset("is are was were am be been 's 're 'm".split())
_PRESENT_BE, _PAST_BE = frozenset("is are 's 're".split()), frozenset("was were".split())
_HAVE = frozenset("has have had 's 've 'd".split())
#: Beside these a verb is left as it is: negations, and adverbs that a perfect needs.
_UNTOUCHED = frozenset(
    "not n't nt never no neither nor hardly barely scarcely rarely seldom only ever just there yet".split()
)
_SPEAKING = frozenset("i we you".split())
_PAST_TIMES = frozenset(
    "ago last yesterday earlier previously once formerly before then until during while since when".split()
)
#: Participles that a reader takes for a past tense when "was" goes: "Firm asked to pay".
_AMBIGUOUS = frozenset(
    "asked told offered promised paid given left taught shown sent lent allowed wanted ordered advised warned urged "
    "called made named found known said thought believed seen considered based located".split()
)


@dataclass(frozen=True)
class Wording:
    """How words are put. ``known`` are the words that a base form may be ("file", not "fil", for "filed");
    ``abbreviations`` are for headlines."""

    style: str = "sentence"
    known: Container[str] = field(default=frozenset())
    abbreviations: Mapping[str, str] = field(default_factory=dict)  # phrase in lower case → as headlines write it

    def costs(self, tree: Tree) -> list[int]:
        """Words per token, for :class:`~summae.syntax.pruning.Pruner`: 0 for those that the style leaves out."""
        costs = word_costs(tree)
        out = self._left_out(tree, range(len(tree)), backshifted=False)
        extra = {children_[0] for children_ in [children(tree, tree.root, SPEAKER)] if children_}
        adds = int(self.style == "sentence")  # "…, X said"
        return [0 if index in out else cost + adds * (index in extra) for index, cost in enumerate(costs)]

    def __call__(self, tree: Tree, kept: Sequence[int], *, backshifted: bool = False) -> str:
        """The text of the tokens ``kept``."""
        chosen = set(kept)
        out = self._left_out(tree, kept, backshifted)
        texts = _inner(tree, kept) | self._changed(tree, chosen, backshifted)
        marks = marks_kept(tree, chosen)
        words = [index for index in range(len(tree)) if (index in chosen and index not in out) or index in marks]
        text = joined(tree, words, texts, ": " if self.style == "headline" else ", ")
        return self._finished(tree, text, chosen)

    # What goes, and what changes

    def _left_out(self, tree: Tree, kept: Collection[int], backshifted: bool) -> set[int]:
        if self.style != "headline":
            return set()
        chosen = set(kept)
        auxiliaries = {
            index for verb in _main_verbs(tree) for index in self._idle_auxiliaries(tree, verb, chosen, backshifted)
        }
        return (left_out(tree, chosen, self.abbreviations) | _idle_copulas(tree, backshifted) | auxiliaries) & chosen

    def _idle_auxiliaries(self, tree: Tree, verb: int, chosen: Container[int], backshifted: bool) -> Iterator[int]:
        """ "is", "was" and "has been" before a participle, "has" before one that becomes a present tense."""
        if not _is_plain(tree, verb):
            return
        if any(lower(tree.tokens[index]) == "to" for index in children(tree, verb, "mark", "aux")):  # "is to sell"
            yield from (
                index for index in children(tree, verb, "aux", "cop") if lower(tree.tokens[index]) in ("is", "are")
            )
            return
        auxiliaries = [index for index in children(tree, verb, "aux") if lower(tree.tokens[index]) in _BE | _HAVE]
        words = [lower(tree.tokens[index]) for index in children(tree, verb, "aux")]
        if len(auxiliaries) < len(words) or ("had" in words or "'d" in words) and not backshifted:
            return  # a modal, "to be", "did"; or what was over by then
        passive = bool(children(tree, verb, "aux:pass"))
        if passive and (lower(tree.tokens[verb]) in _AMBIGUOUS or children(tree, verb, "obj")):
            return
        if not passive and words and words[0] in _HAVE and not self._present(tree, verb, chosen, backshifted):
            return
        if not (not passive and len(words) > 1):
            yield from auxiliaries

    def _changed(self, tree: Tree, chosen: set[int], backshifted: bool) -> dict[int, str]:
        changes: dict[int, str] = {}
        if self.style == "headline":
            changes |= worded(tree, chosen, self.abbreviations)
        for verb in _main_verbs(tree):
            if verb in chosen:
                changes |= self._future(tree, verb, chosen, backshifted)
                changes |= self._tense(tree, verb, chosen, backshifted)
        return changes

    def _future(self, tree: Tree, verb: int, chosen: set[int], backshifted: bool) -> dict[int, str]:
        """ "will" → "to" in headlines; "would" of a report → "will", or "to"."""
        found = {}
        for index in children(tree, verb, "aux"):
            future = lower(tree.tokens[index]) in ("will", "'ll", "shall")
            reported = backshifted and lower(tree.tokens[index]) in ("would", "'d")
            if (future or reported) and not _conditional(tree, verb):
                short = self.style == "headline" and _is_plain(tree, verb) and lower(tree.tokens[verb]) != "have"
                found[index] = "to" if short else "will" if reported else tree.tokens[index].text
        return found

    def _tense(self, tree: Tree, verb: int, chosen: set[int], backshifted: bool) -> dict[int, str]:
        """The present tense of a headline; in a sentence "had" and "was doing" of a report → "has", "is doing"."""
        if self.style == "headline" and _is_plain(tree, verb):
            present = self._present(tree, verb, chosen, backshifted)
            return ({verb: present} | self._reported(tree, verb)) if present else {}
        return self._unshifted(tree, verb) if backshifted and self.style == "sentence" else {}

    def _reported(self, tree: Tree, verb: int) -> dict[int, str]:
        """ "says it had", "says it would" of a report in the past: "has", "will"."""
        clauses = [clause for clause in children(tree, verb, "ccomp") if not _conditional(tree, clause)]
        auxiliaries = [index for clause in clauses for index in children(tree, clause, "aux")]
        future = {index: "will" for index in auxiliaries if lower(tree.tokens[index]) == "would"}
        return future | {index: text for clause in clauses for index, text in self._unshifted(tree, clause).items()}

    def _unshifted(self, tree: Tree, verb: int) -> dict[int, str]:
        """ "had done" → "has done"."""
        had = [index for index in children(tree, verb, "aux") if lower(tree.tokens[index]) == "had"]
        return {index: "have" if self._takes_plural(tree, verb) else "has" for index in had}

    def _present(self, tree: Tree, verb: int, chosen: Container[int], backshifted: bool = False) -> str | None:
        """The present form of a past tense or perfect; ``None`` where it must stay as it is."""
        token = tree.tokens[verb]
        auxiliaries = [lower(tree.tokens[index]) for index in children(tree, verb, "aux", "cop")]
        past = token.features.get("Tense") == "Past" and token.tag == "VERB"
        perfect = auxiliaries in (["has"], ["have"], ["'ve"]) or (backshifted and auxiliaries in (["had"], ["'d"]))
        active = bool(children(tree, verb, "nsubj")) and not children(tree, verb, "nsubj:pass")
        finite = not auxiliaries and (token.features.get("VerbForm") == "Fin" or active)
        if not past or not (perfect or finite) or _tells_past(tree, verb, chosen):
            return None
        return present_form(token.text, self._takes_plural(tree, verb), self.known)

    def _takes_plural(self, tree: Tree, verb: int) -> bool:
        about = _agreeing(tree, verb)
        auxiliaries = {lower(tree.tokens[index]) for index in children(tree, verb, "aux")}
        if about is None or auxiliaries & {"has", "is", "was"}:
            return False
        return is_plural(tree, about) or lower(tree.tokens[about]) in ("i", "you", "we", "they")

    def _finished(self, tree: Tree, text: str, chosen: set[int]) -> str:
        speakers = [index for index in children(tree, tree.root, SPEAKER) if index in chosen]
        if speakers and self.style == "sentence":
            text += " said"
        text = capitalised(fitting_articles(text, tree.text))
        return text + ("?" if asks(tree) else "." if self.style == "sentence" else "")


def realise(
    tree: Tree, kept: Sequence[int], style: str, *, known: Container[str] = frozenset(), backshifted: bool = False
) -> str:
    """The tokens ``kept`` of ``tree`` as a text in ``style``."""
    return Wording(style, known)(tree, kept, backshifted=backshifted)


# Verbs


def _main_verbs(tree: Tree) -> list[int]:
    """The root and what is coordinated with it."""
    return [tree.root, *(index for index in children(tree, tree.root, "conj") if tree.tokens[index].tag == "VERB")]


def _is_plain(tree: Tree, verb: int) -> bool:
    """A verb in a statement, without negation."""
    words = {lower(tree.tokens[child]) for child in tree.children(verb)}
    about = _agreeing(tree, verb)
    named = about is not None and lower(tree.tokens[about]) not in _SPEAKING and not children(tree, verb, "expl")
    return named and tree.tokens[verb].tag == "VERB" and not words & _UNTOUCHED and tree.tokens[-1].text != "?"


def _conditional(tree: Tree, verb: int) -> bool:
    """Whether it holds only if something else does: "… if", "would have done"."""
    if {"would", "have"} <= {lower(tree.tokens[index]) for index in children(tree, verb, "aux")}:
        return True
    return any(marker(tree, clause) in ("if", "unless") for clause in children(tree, verb, "advcl"))


def _agreeing(tree: Tree, verb: int) -> int | None:
    """The subject, of the clause before when the verb has none."""
    about = subject(tree, verb)
    if about is None and tree.tokens[verb].relation == "conj":
        return subject(tree, tree.tokens[verb].head)
    return about


def _tells_past(tree: Tree, verb: int, chosen: Container[int]) -> bool:
    """A kept word of the clause says when it was."""
    words = [index for index in tree.subtree(verb) if index in chosen]
    return any(lower(tree.tokens[index]) in _PAST_TIMES or _is_year(tree, index) for index in words)


def _is_year(tree: Tree, index: int) -> bool:
    text = tree.tokens[index].text
    return len(text) == 4 and text.isdigit() and text[:2] in ("18", "19", "20")


def _inner(tree: Tree, kept: Sequence[int]) -> dict[int, str]:
    """The sentence's first word where it comes later now: "…: analysts"."""
    moved = [index for index in kept if tree.tokens[index].start == 0 and index != kept[0]]
    return {index: lower(tree.tokens[index]) for index in moved if tree.tokens[index].tag in ("DET", "NOUN", "PRON")}


def _idle_copulas(tree: Tree, backshifted: bool) -> set[int]:
    """ "is" before what somebody is now: "Firm due to report", "Firm in talks"; not before what it is called."""
    found: set[int] = set()
    for top in [tree.root, *children(tree, tree.root, "conj")]:
        about = _agreeing(tree, top)
        words = {lower(tree.tokens[child]) for child in tree.children(top)}
        says_state = tree.tokens[top].tag == "ADJ" or (tree.tokens[top].tag == "NOUN" and marker(tree, top) == "in")
        named = (
            about is not None and tree.tokens[about].tag in ("NOUN", "PROPN") and not children(tree, top, "expl", "aux")
        )
        if says_state and named and not words & _UNTOUCHED and tree.tokens[-1].text != "?":
            present = _PRESENT_BE | (_PAST_BE if backshifted else frozenset())
            found |= {index for index in children(tree, top, "cop") if lower(tree.tokens[index]) in present}
    return found
