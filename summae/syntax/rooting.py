"""Where a pruning may begin: at the root, at the clause under "X said", at a clause beside the root.

A re-rooted tree has the same tokens, in the order in which they will be read, with other heads:

- "X said on Friday it would buy Y": the clause is promoted, and X takes the place of "it", "the company", "its";
- "Y fell, X said", where X is not what the clause is about: "Y fell" with X as its *speaker* behind it ("Y fell: X"),
  without which an opinion is printed as a fact, so that it is required unless an official source reports a fact;
- "We show that Y", "it is proved that Y": Y, as the text's own authors say so; "we present X", "X is introduced",
  "attached is X": X alone, as a title;
- "X bought Y and sold Z": "X sold Z", the subject moved to the second clause.

When it is not plain whom a pronoun means, the clause is not promoted. (Filippova & Strube 2008 add such edges.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import dropwhile
from typing import Any

from summae.syntax.constraints import Constraints
from summae.syntax.phrases import children, is_finite, is_mark, is_plural, lower, marker, subject
from summae.syntax.tree import ROOT_HEAD, Token, Tree

#: The relation of the speaker's name behind the clause that was promoted.
SPEAKER = "speaker"
_PERSONS = frozenset({"he", "she"})
_POSSESSIVES = {"its": "it", "his": "he", "her": "she", "their": "they"}
_THIRD_PERSONS = frozenset("it he she they him them its his her their theirs himself herself itself themselves".split())
_POINTING = _THIRD_PERSONS | {"that", "this", "these", "those", "there"}
_SPEAKING = frozenset("i we me us my our you your mine ours".split())
_BE = frozenset({"is", "are", "was", "were"})
_AUTHORS = frozenset(
    "we i paper article work study letter report thesis authors results note research purpose aim".split()
)
_COMPANIES = frozenset(
    "giant provider producer broker exchange operator brewer miner supplier unit "
    "company bank firm group airline carrier automaker carmaker drugmaker retailer chain lender insurer agency maker "
    "manufacturer ministry government party union club team council court university".split()
)


@dataclass(frozen=True)
class Rooting:
    """A tree to prune. ``origin[i]``: the token of the sentence's own tree that token i is (or stands for)."""

    tree: Tree
    origin: tuple[int, ...]
    kind: str = "sentence"  # or "promoted", "beside", "authors"
    backshifted: bool = False  # the clause's tenses are those of a report: "would" for "will"
    required: frozenset[int] = frozenset()  # besides what the constraints require
    barred: frozenset[int] = frozenset()  # tokens that may not be kept: pronouns without their names
    optional: frozenset[int] = field(default=frozenset())  # may go, whatever the constraints say


def rootings(tree: Tree, constraints: Constraints) -> list[Rooting]:
    """The sentence's own tree first, then every other that is safe."""
    own = Rooting(tree, tuple(range(len(tree))), required=_said_beside(tree, constraints))
    found = [*_promoted(own, constraints), *_authors(own, constraints)]
    behind = any(clause < tree.root for clause in children(tree, tree.root, "ccomp"))
    if not ((own.required or behind) and found):  # "…, X said" is the same as its clause with the speaker behind it
        found.insert(0, own)
    return [*found, *(beside for rooting in found for beside in _beside(rooting))]


# "X said Y"


def _promoted(rooting: Rooting, constraints: Constraints) -> Iterator[Rooting]:
    tree = rooting.tree
    for source in children(tree, tree.root, "obl"):
        if marker(tree, source) == "according to" and subject(tree, tree.root) is not None:
            yield _according_to(rooting, source, constraints)
    for verb, clause in _reports(tree, constraints):
        speaker = subject(tree, verb)
        if speaker is not None and verb == tree.root and clause < verb and _says_of_itself(tree, verb, clause):
            yield _rebuilt(
                rooting,
                _clause_tokens(tree, clause, verb),
                {clause: {"head": ROOT_HEAD, "relation": "root"}},
                kind="promoted",
                backshifted=_is_past(tree.tokens[verb]),
            )
        elif speaker is not None and lower(tree.tokens[speaker]) not in _THIRD_PERSONS | _SPEAKING:
            found = _spoken(rooting, verb, clause, speaker, constraints)
            if found:
                yield found


def _reports(tree: Tree, constraints: Constraints) -> Iterator[tuple[int, int]]:
    """Plain reports: (verb of speech, head of what is said), with the verb at the root or set beside it."""
    root = tree.root
    if _reports_plainly(tree, root, constraints):
        yield from ((root, clause) for clause in children(tree, root, "ccomp")[:1] if _is_statement(tree, clause))
    for verb in children(tree, root, "parataxis"):
        if _reports_plainly(tree, verb, constraints) and not children(tree, verb, "ccomp", "obj"):
            yield verb, root


def _said_beside(tree: Tree, constraints: Constraints) -> frozenset[int]:
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


def _is_statement(tree: Tree, clause: int) -> bool:
    """A finite clause, and no question: not "whether", "what", "how"."""
    opening = [lower(tree.tokens[child]) for child in tree.children(clause) if child < clause]
    asks = marker(tree, clause) in ("whether", "if") or {"what", "how", "why", "who", "which"} & set(opening)
    return is_finite(tree, clause) and not asks and _topic(tree, clause) is not None


def _spoken(rooting: Rooting, verb: int, clause: int, speaker: int, constraints: Constraints) -> Rooting | None:
    """The clause under the verb of speech, told of the speaker or with the speaker behind it."""
    tree = rooting.tree
    inside = _clause_tokens(tree, clause, verb)
    name = _clean(tree, speaker)
    replaced = _replaced(tree, clause, speaker, verb)
    loose = frozenset(place for place in inside if _points_outside(tree, place, clause, speaker, bool(replaced)))
    if replaced:
        return _told_of_speaker(rooting, clause, inside, name, speaker, replaced, loose, verb)
    return _with_speaker(rooting, clause, inside, name, speaker, loose, verb, constraints)


def _according_to(rooting: Rooting, source: int, constraints: Constraints) -> Rooting:
    """ "Y, according to X": Y with X as its speaker."""
    tree = rooting.tree
    opening = {place for word in children(tree, source, "case") for place in tree.subtree(word)}
    name = [place for place in _clean(tree, source) if place not in opening]
    inside = _clause_tokens(tree, tree.root, source)
    return _with_speaker(rooting, tree.root, inside, name, source, frozenset(), source, constraints)


def _clause_tokens(tree: Tree, clause: int, verb: int) -> list[int]:
    outside = set(tree.subtree(verb)) if tree.tokens[verb].head == clause else set()
    openers = [mark for mark in children(tree, clause, "mark") if lower(tree.tokens[mark]) == "that"]
    outside |= {place for word in [*openers, *children(tree, clause, "cc")] for place in tree.subtree(word)}
    return [place for place in tree.subtree(clause) if place not in outside]


def _clean(tree: Tree, speaker: int) -> list[int]:
    """The speaker's phrase without marks at its edges and relative clauses."""
    dropped = {place for child in children(tree, speaker, "acl", "appos", "punct") for place in tree.subtree(child)}
    return [place for place in tree.subtree(speaker) if place not in dropped]


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
    if word in _SPEAKING:
        return token.tag in ("PRON", "DET")
    if word not in _THIRD_PERSONS or token.relation == "expl" or replaced:
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
    return _rebuilt(
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
    return _rebuilt(
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


# "We show that Y", "we present X"


def _authors(rooting: Rooting, constraints: Constraints) -> Iterator[Rooting]:
    """What the authors of the text themselves find, and what they present."""
    tree, root = rooting.tree, rooting.tree.root
    verb = lower(tree.tokens[root])
    if verb in constraints.lists["enclosing"] and {lower(tree.tokens[child]) for child in tree.children(root)} & _BE:
        things = [thing for thing in children(tree, root, "nsubj") if thing > root]
        nouns = [thing for thing in things[:1] if tree.tokens[thing].tag in ("NOUN", "PROPN")]
        yield from (_part(rooting, thing, whose=True) for thing in nouns)
    if not _is_authors(tree, root) or children(tree, root, "advcl") and _hedged(tree, root):
        return
    if verb in constraints.lists["finding"]:
        yield from (
            _part(rooting, clause) for clause in children(tree, root, "ccomp", "csubj") if _states(tree, clause)
        )
    if verb in constraints.lists["presenting"]:
        things = children(tree, root, "obj", "nsubj:pass")
        yield from (_part(rooting, thing) for thing in things[:1] if tree.tokens[thing].tag in ("NOUN", "PROPN"))


def _is_authors(tree: Tree, root: int) -> bool:
    """The subject is "we", "this paper", "it" of "it is shown", or what a passive presents; the verb is plain."""
    about = subject(tree, root)
    words = {lower(tree.tokens[child]) for child in tree.children(root)}
    if about is None or _hedged(tree, root) or words & {"not", "n't", "never"}:
        return any(tree.tokens[child].relation == "expl" for child in tree.children(root)) and not _hedged(tree, root)
    passive = tree.tokens[about].relation in ("nsubj:pass", "csubj:pass", "csubj")
    return passive and bool(words & {"is", "are"}) or lower(tree.tokens[about]) in _AUTHORS


def _hedged(tree: Tree, root: int) -> bool:
    auxiliaries = {lower(tree.tokens[child]) for child in children(tree, root, "aux")}
    return not auxiliaries <= {"is", "are", "was", "were", "has", "have", "been", "will"}


def _states(tree: Tree, clause: int) -> bool:
    return _is_statement(tree, clause) and marker(tree, clause) in ("", "that")


def _part(rooting: Rooting, top: int, *, whose: bool = False) -> Rooting:
    """The subtree of ``top`` alone, without what opens it; ``whose``: "my" and "our" may be told."""
    tree = rooting.tree
    outside = {place for word in children(tree, top, "mark", "cc", "case") for place in tree.subtree(word)}
    inside = [place for place in tree.subtree(top) if place not in outside]
    changes = {top: {"head": ROOT_HEAD, "relation": "root"}}
    pointing = _THIRD_PERSONS | (_SPEAKING - {"my", "our"} if whose else _SPEAKING)
    loose = frozenset(place for place in inside if lower(tree.tokens[place]) in pointing)
    return _rebuilt(rooting, inside, changes, kind="authors", backshifted=False, barred=loose)


# "X did Y and did Z"


def _beside(rooting: Rooting) -> Iterator[Rooting]:
    tree = rooting.tree
    for clause in children(tree, tree.root, "conj"):
        coordinators = {lower(tree.tokens[word]) for word in children(tree, clause, "cc")}
        if coordinators <= {"and", "but"} and is_finite(tree, clause):
            yield from _second_clause(rooting, clause)


def _second_clause(rooting: Rooting, clause: int) -> Iterator[Rooting]:
    tree = rooting.tree
    outside = {place for word in children(tree, clause, "cc", "mark") for place in tree.subtree(word)}
    inside = [place for place in tree.subtree(clause) if place not in outside]
    inside = list(dropwhile(lambda place: is_mark(tree.tokens[place]), inside))
    about, first = subject(tree, clause), subject(tree, tree.root)
    loose = frozenset(place for place in inside if _is_pointing(tree.tokens[place]))
    changes = {clause: {"head": ROOT_HEAD, "relation": "root"}}
    if about is not None and lower(tree.tokens[about]) not in _THIRD_PERSONS | _SPEAKING:
        yield _rebuilt(rooting, inside, changes, kind="beside", backshifted=rooting.backshifted, barred=loose)
    elif about is None and first is not None and first < clause and not children(tree, clause, "expl"):
        moved = _clean(tree, first)
        changes[first] = {"head": clause, "relation": tree.tokens[first].base_relation}
        order = [*moved, *inside]
        yield _rebuilt(rooting, order, changes, kind="beside", backshifted=rooting.backshifted, barred=loose)


def _is_pointing(token: Token) -> bool:
    """A pronoun that may point back to the first clause."""
    return token.tag == "PRON" and lower(token) in _POINTING and token.relation not in ("expl", "nmod:poss", "mark")


# Building


def _rebuilt(
    rooting: Rooting,
    order: Sequence[int],
    changes: Mapping[int, Mapping[str, Any]],
    *,
    kind: str,
    backshifted: bool,
    barred: frozenset[int] = frozenset(),
    required: frozenset[int] = frozenset(),
    optional: frozenset[int] = frozenset(),
) -> Rooting:
    """The tokens of ``order`` as a tree, with the ``changes`` (token → fields); heads are given in old numbers."""
    new = {place: number for number, place in enumerate(order)}
    tokens = []
    for place in order:
        token = replace(rooting.tree.tokens[place], **changes.get(place, {}))
        tokens.append(replace(token, head=new.get(token.head, ROOT_HEAD) if token.head != ROOT_HEAD else ROOT_HEAD))
    return Rooting(
        Tree(rooting.tree.text, tuple(tokens)),
        tuple(rooting.origin[place] for place in order),
        kind,
        backshifted,
        frozenset(new[place] for place in required),
        frozenset(new[place] for place in barred if place in new),
        frozenset(new[place] for place in optional),
    )
