"""What somebody said, told without "X said": of X, whose name takes the pronoun's place, or with X as its speaker.

An opinion keeps its speaker; a report that an official source gives as a fact need not (:func:`is_opinion`). When it is
not plain whom a pronoun means, the clause is not promoted.
"""

from __future__ import annotations

from collections.abc import Iterator

from summae.syntax.constraints import Constraints
from summae.syntax.phrases import children, is_finite, is_mark, is_plural, lower, marker, subject
from summae.syntax.rerooted import SPEAKER, SPEAKING, THIRD_PERSONS, Rooting, bare_phrase, rebuilt
from summae.syntax.tree import ROOT_HEAD, Token, Tree

_PERSONS = frozenset({"he", "she"})
_POSSESSIVES = {"its": "it", "his": "he", "her": "she", "their": "they"}
_COMPANIES = frozenset(
    "giant provider producer broker exchange operator brewer miner supplier unit "
    "company bank firm group airline carrier automaker carmaker drugmaker retailer chain lender insurer agency maker "
    "manufacturer ministry government party union club team council court university".split()
)


def promoted(rooting: Rooting, constraints: Constraints) -> Iterator[Rooting]:
    tree = rooting.tree
    for source in children(tree, tree.root, "obl"):
        if marker(tree, source) == "according to" and subject(tree, tree.root) is not None:
            yield _according_to(rooting, source, constraints)
    for verb, clause in _reports(tree, constraints):
        speaker = subject(tree, verb)
        if speaker is not None and verb == tree.root and clause < verb and _says_of_itself(tree, verb, clause):
            yield rebuilt(
                rooting,
                _clause_tokens(tree, clause, verb),
                {clause: {"head": ROOT_HEAD, "relation": "root"}},
                kind="promoted",
                backshifted=_is_past(tree.tokens[verb]),
            )
        elif speaker is not None and lower(tree.tokens[speaker]) not in THIRD_PERSONS | SPEAKING:
            found = _spoken(rooting, verb, clause, speaker, constraints)
            if found:
                yield found


def _reports(tree: Tree, constraints: Constraints) -> Iterator[tuple[int, int]]:
    """Plain reports: (verb of speech, head of what is said), with the verb at the root or set beside it."""
    root = tree.root
    if _reports_plainly(tree, root, constraints):
        yield from ((root, clause) for clause in children(tree, root, "ccomp")[:1] if is_statement(tree, clause))
    for verb in children(tree, root, "parataxis"):
        if _reports_plainly(tree, verb, constraints) and not children(tree, verb, "ccomp", "obj"):
            yield verb, root


def said_beside(tree: Tree, constraints: Constraints) -> frozenset[int]:
    """ "…, X said": who said it stays with it."""
    beside = children(tree, tree.root, "parataxis")
    said = {
        verb
        for verb in beside
        if lower(tree.tokens[verb]) in constraints.lists["speech"] and not _says_of_itself(tree, verb, tree.root)
    }
    sources = {index for index in children(tree, tree.root, "obl") if marker(tree, index) == "according to"}
    return frozenset(said | sources)


def _says_of_itself(tree: Tree, verb: int, clause: int) -> bool:
    """ "Firm paid …, it said": who speaks is whom the sentence is about."""
    speaker, about = subject(tree, verb), subject(tree, clause)
    pronoun = speaker is not None and lower(tree.tokens[speaker]) in ("it", "he", "she", "they")
    return pronoun and about is not None and tree.tokens[about].tag in ("NOUN", "PROPN")


def _reports_plainly(tree: Tree, verb: int, constraints: Constraints) -> bool:
    """ "said", not "did not say", "may say", "if … says"."""
    if lower(tree.tokens[verb]) not in constraints.lists["speech"] or tree.tokens[verb].tag != "VERB":
        return False
    around = [lower(tree.tokens[child]) for child in children(tree, verb, "aux", "advmod", "mark", "aux:pass")]
    return not any(word not in ("has", "have", "had", "also", "earlier", "later", "separately") for word in around)


def is_statement(tree: Tree, clause: int) -> bool:
    """A finite clause, and no question: not "whether", "what", "how"."""
    opening = [lower(tree.tokens[child]) for child in tree.children(clause) if child < clause]
    asks = marker(tree, clause) in ("whether", "if") or {"what", "how", "why", "who", "which"} & set(opening)
    return is_finite(tree, clause) and not asks and _topic(tree, clause) is not None


def _spoken(rooting: Rooting, verb: int, clause: int, speaker: int, constraints: Constraints) -> Rooting | None:
    """The clause under the verb of speech, told of the speaker or with the speaker behind it."""
    tree = rooting.tree
    inside = _clause_tokens(tree, clause, verb)
    name = bare_phrase(tree, speaker)
    replaced = _replaced(tree, clause, speaker, verb)
    loose = frozenset(place for place in inside if _points_outside(tree, place, clause, speaker, bool(replaced)))
    if replaced:
        return _told_of_speaker(rooting, clause, inside, name, speaker, replaced, loose, verb)
    return _with_speaker(rooting, clause, inside, name, speaker, loose, verb, constraints)


def _according_to(rooting: Rooting, source: int, constraints: Constraints) -> Rooting:
    """ "Y, according to X": Y with X as its speaker."""
    tree = rooting.tree
    opening = {place for word in children(tree, source, "case") for place in tree.subtree(word)}
    name = [place for place in bare_phrase(tree, source) if place not in opening]
    inside = _clause_tokens(tree, tree.root, source)
    return _with_speaker(rooting, tree.root, inside, name, source, frozenset(), source, constraints)


def _clause_tokens(tree: Tree, clause: int, verb: int) -> list[int]:
    outside = set(tree.subtree(verb)) if tree.tokens[verb].head == clause else set()
    openers = [mark for mark in children(tree, clause, "mark") if lower(tree.tokens[mark]) == "that"]
    outside |= {place for word in [*openers, *children(tree, clause, "cc")] for place in tree.subtree(word)}
    return [place for place in tree.subtree(clause) if place not in outside]


def _replaced(tree: Tree, clause: int, speaker: int, verb: int) -> list[int]:
    """The tokens for which the speaker's name is plainly meant: "it", "the company" as subject, "its" before it."""
    about = _topic(tree, clause)
    if about is None or children(tree, verb, "iobj", "obj", "obl:agent"):
        return []
    whole = [place for place in tree.subtree(about) if not is_mark(tree.tokens[place])]
    if len(whole) == 1 and _means(tree, lower(tree.tokens[about]), speaker):
        return whole
    if len(whole) == 2 and lower(tree.tokens[whole[0]]) == "the" and lower(tree.tokens[about]) in _COMPANIES:
        return whole if tree.tokens[speaker].tag == "PROPN" and not is_plural(tree, speaker) else []
    owners = [child for child in children(tree, about, "nmod:poss") if lower(tree.tokens[child]) in _POSSESSIVES]
    return [owner for owner in owners if _means(tree, _POSSESSIVES[lower(tree.tokens[owner])], speaker)]


def _topic(tree: Tree, clause: int) -> int | None:
    """The subject; an "it" that has nothing behind it to stand for is one too."""
    about = subject(tree, clause)
    if about is None and not children(tree, clause, "csubj", "ccomp"):
        return next(iter(children(tree, clause, "expl")), None)
    return about


def _means(tree: Tree, pronoun: str, speaker: int) -> bool:
    """Whether ``pronoun`` agrees with the speaker's noun."""
    plural = is_plural(tree, speaker)
    if pronoun == "they":
        return plural
    if pronoun == "it":
        described = children(tree, speaker, "nmod:desc")
        return not plural and all(lower(tree.tokens[noun]) in _COMPANIES for noun in described)
    return pronoun in _PERSONS and not plural and tree.tokens[speaker].tag in ("PROPN", "NOUN")


def _points_outside(tree: Tree, place: int, clause: int, speaker: int, replaced: bool) -> bool:
    """A pronoun whose name may stand outside the clause, or that is the speaker's own "we"."""
    word, token, about = lower(tree.tokens[place]), tree.tokens[place], subject(tree, clause)
    if word in SPEAKING:
        return token.tag in ("PRON", "DET")
    if word not in THIRD_PERSONS or token.relation == "expl" or replaced:
        return False
    named = about is not None and about < place and tree.tokens[about].tag in ("NOUN", "PROPN")
    return not (named and clause < speaker)  # "Y sold its …, X said": whose name stands before the pronoun


def _told_of_speaker(
    rooting: Rooting,
    clause: int,
    inside: list[int],
    name: list[int],
    speaker: int,
    replaced: list[int],
    loose: frozenset[int],
    verb: int,
) -> Rooting:
    tree = rooting.tree
    owner = tree.tokens[replaced[0]]
    possessive = owner.relation == "nmod:poss"
    about = replaced[-1] if not possessive else replaced[0]
    at = inside.index(replaced[0])
    order = [*inside[:at], *name, *inside[at + len(replaced) :]]
    changes = {speaker: {"head": tree.tokens[about].head, "relation": tree.tokens[about].relation}}
    if possessive:
        last = name[-1]
        text = tree.tokens[last].text
        owned = "’" if text.endswith("s") else "’s"
        changes.setdefault(last, {})["text"] = text + owned.replace("’", "'")
    changes[clause] = {"head": ROOT_HEAD, "relation": "root"} | changes.get(clause, {})
    return rebuilt(
        rooting, order, changes, kind="promoted", backshifted=_is_past(tree.tokens[verb]), barred=loose - set(replaced)
    )


def _with_speaker(
    rooting: Rooting,
    clause: int,
    inside: list[int],
    name: list[int],
    speaker: int,
    loose: frozenset[int],
    verb: int,
    constraints: Constraints,
) -> Rooting:
    tree = rooting.tree
    end = [place for place in inside if not is_mark(tree.tokens[place])][-1]
    order = [*(place for place in inside if place <= end), *name]
    changes = {
        clause: {"head": ROOT_HEAD, "relation": "root"},
        speaker: {"head": clause, "relation": SPEAKER},
    }
    official = lower(tree.tokens[speaker]) in constraints.lists["speakers"]
    free = official and not is_opinion(tree, clause, constraints) or _is_named(tree, clause, speaker)
    told = frozenset([speaker])
    needed, optional = (frozenset(), told) if free else (told, frozenset())
    past = _is_past(tree.tokens[verb])
    return rebuilt(
        rooting, order, changes, kind="promoted", backshifted=past, barred=loose, required=needed, optional=optional
    )


def _is_named(tree: Tree, clause: int, speaker: int) -> bool:
    """ "Boeing could …, the company said": the speaker is the subject, whose name the clause has."""
    about = subject(tree, clause)
    definite = any(lower(tree.tokens[child]) == "the" for child in children(tree, speaker, "det"))
    company = definite and lower(tree.tokens[speaker]) in _COMPANIES
    return company and about is not None and tree.tokens[about].tag == "PROPN" and not is_plural(tree, about)


def _is_past(token: Token) -> bool:
    return token.features.get("Tense") == "Past"


def is_opinion(tree: Tree, clause: int, constraints: Constraints) -> bool:
    """A forecast, a judgement, a doubt, an accusation: what is somebody's, and no fact."""
    auxiliaries = {lower(tree.tokens[child]) for child in children(tree, clause, "aux")}
    adverbs = {lower(tree.tokens[child]) for child in children(tree, clause, "advmod")}
    judges = tree.tokens[clause].tag == "ADJ" or bool(children(tree, clause, "cop"))
    return judges or bool(auxiliaries & constraints.lists["modals"]) or bool(adverbs & constraints.lists["doubts"])
