"""Noun phrases as headlines have them: without articles, "its", "Inc" and first names, and "sources" for the unnamed.

Each function says which tokens a headline leaves out, or how it words one; never where it would change the meaning.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from summae.syntax.phrases import children, is_mark, lower, subject
from summae.syntax.rerooted import SPEAKER
from summae.syntax.tree import Tree

_ARTICLES = frozenset("a an the".split())
_INSTITUTIONS = frozenset("bank banks board trust fund group commission association council system court".split())
#: Nouns and quantities that mean something else without their article: "a few", "a number of", "the one".
_WITH_ARTICLE = frozenset(
    "few little lot lots couple dozen hundred thousand million billion third half quarter fifth bit majority "
    "minority handful one ones other others same most day week month year".split()
)
#: The same only behind "a": "a number of", but not "the number of".
_WITH_A = frozenset("number series variety range growing".split())
#: What companies are called behind their names: "Ford Motor Co".
_SUFFIXES = frozenset(
    "inc inc. corp corp. co co. plc ltd ltd. ag sa s.a. nv n.v. spa s.p.a. se oyj ab asa llc lp corporation".split()
)


_LONGEST_PHRASE = 6  # words of what is abbreviated


def left_out(tree: Tree, chosen: set[int], abbreviations: Mapping[str, str]) -> set[int]:
    """The tokens of noun phrases that a headline of the tokens ``chosen`` does without."""
    idle = {index for index in chosen if _is_idle_article(tree, index) or _is_idle_owner(tree, index)}
    names = _suffixes(tree, chosen) | _first_names(tree, chosen) | _around_sources(tree)
    return idle | names | _writer(tree) | {i for run, _ in _abbreviated(tree, chosen, abbreviations) for i in run[1:]}


def worded(tree: Tree, chosen: set[int], abbreviations: Mapping[str, str]) -> dict[int, str]:
    """Token → what a headline says for it: an abbreviation, "sources"."""
    return {run[0]: short for run, short in _abbreviated(tree, chosen, abbreviations)} | _sources(tree)


def _abbreviated(tree: Tree, chosen: Container[int], table: Mapping[str, str]) -> Iterator[tuple[range, str]]:
    """Runs of kept tokens that are a phrase of the table, and what they become; the longest at each place."""
    words = [lower(token) for token in tree.tokens]
    at = 0
    while at < len(words):
        ends = (end for end in range(min(len(words), at + _LONGEST_PHRASE), at + 1, -1))
        end = next((end for end in ends if " ".join(words[at:end]) in table), at)
        run = range(at, end)
        if run and all(index in chosen for index in run) and not _is_longer_name(tree, run):
            yield run, table[" ".join(words[at:end])]
        at = max(end, at + 1)


def _is_idle_article(tree: Tree, index: int) -> bool:
    token = tree.tokens[index]
    if lower(token) not in _ARTICLES or token.relation != "det":
        return False
    head = tree.tokens[token.head]
    if (
        children(tree, token.head, "cop")
        or head.tag not in ("NOUN", "PROPN")
        or head.relation in ("nmod:unmarked", "obl:unmarked")
    ):
        return False
    if head.tag == "PROPN" and token.text == "The" and index > 0:
        return False  # part of the name
    if index > 0 and lower(tree.tokens[index - 1]) in ("than", "half", "such", "about", "per", "what", "quite"):
        return False  # "more than a decade"
    between = [lower(tree.tokens[child]) for child in tree.children(token.head) if index < child < token.head]
    meaning = _WITH_ARTICLE | (_WITH_A if lower(token) != "the" else frozenset())
    return not meaning & {lower(head), *between}


def _is_idle_owner(tree: Tree, index: int) -> bool:
    """ "its" in "sells its unit"; not in a subject, not before "own"."""
    token = tree.tokens[index]
    if lower(token) in ("my", "our") and token.head == tree.root and token.relation == "nmod:poss":
        return True  # "our form of agreement", enclosed
    if lower(token) not in ("its", "their") or token.relation != "nmod:poss":
        return False
    noun = tree.tokens[token.head]
    return noun.base_relation in ("obj", "obl", "nmod", SPEAKER) and not any(
        lower(tree.tokens[child]) == "own" for child in tree.children(token.head)
    )


def _suffixes(tree: Tree, chosen: set[int]) -> set[int]:
    """ "Inc" behind a company's name."""
    tokens = tree.tokens
    found = {index for index in chosen if lower(tokens[index]) in _SUFFIXES and index - 1 in chosen}
    return {index for index in found if tokens[index].tag == "PROPN" and tokens[index - 1].text[:1].isupper()}


def _first_names(tree: Tree, chosen: Container[int]) -> set[int]:
    """Of a speaker behind the clause who has a title, a person, the last name is enough: "…: Abe"."""
    for speaker in children(tree, tree.root, SPEAKER):
        names = [speaker, *children(tree, speaker, "flat")]
        titled = bool(children(tree, speaker, "nmod:desc"))
        if titled and tree.tokens[speaker].tag == "PROPN" and all(name in chosen for name in names):
            return set(names[:-1])
    return set()


def _is_longer_name(tree: Tree, run: range) -> bool:
    """Whether the phrase is only the beginning or the end of a name: "Bank of Japan Trust", "Federal Reserve Bank"."""
    after = run[-1] + 1
    if after < len(tree) and lower(tree.tokens[after]) in _INSTITUTIONS and tree.tokens[after].text[:1].isupper():
        return True
    beside = [index for index in (run[0] - 1, run[-1] + 1) if 0 <= index < len(tree)]
    return any(tree.tokens[index].relation in ("compound", "flat") and _names(tree, index, run) for index in beside)


def _names(tree: Tree, index: int, run: range) -> bool:
    """Whether the capitalised token ``index`` hangs on the phrase, or the phrase's head on it."""
    inside = tree.tokens[index].head in run and index < run[0]
    return inside and tree.tokens[index].tag == "PROPN"


#: Who is not named, as headlines call them.
_ANONYMOUS = {"people": "sources", "person": "source", "sources": "sources", "source": "source"}


#: What reports are read in: "the Wall Street Journal".
_PAPERS = frozenset("journal newspaper zeitung times post magazine daily weekly gazette".split())


def _sources(tree: Tree) -> dict[int, str]:
    """ "two people familiar with the matter" behind the clause are "sources", a newspaper is a "report"."""
    found = children(tree, tree.root, SPEAKER)
    return {index: _ANONYMOUS.get(lower(tree.tokens[index]), "report") for index in found if _is_anonymous(tree, index)}


def _is_anonymous(tree: Tree, speaker: int) -> bool:
    word = lower(tree.tokens[speaker])
    if word in _PAPERS:
        return True
    about = {lower(tree.tokens[index]) for index in tree.subtree(speaker)}
    return word in ("sources", "source") or word in _ANONYMOUS and bool(about & {"familiar", "knowledge", "briefed"})


def _around_sources(tree: Tree) -> set[int]:
    """All of the phrase but the word, and what sources they are: "industry sources"."""
    left_out: set[int] = set()
    for speaker in _sources(tree):
        word = lower(tree.tokens[speaker])
        kinds = children(tree, speaker, "compound", "amod") if word in ("sources", "source") else []
        kept = {place for kind in kinds if kind < speaker for place in tree.subtree(kind)}
        left_out |= set(tree.subtree(speaker)) - kept - {speaker}
    return left_out


def _writer(tree: Tree) -> set[int]:
    """ "I" and "we" as what the sentence is about, with the "am" behind it: "Need to move meeting"."""
    about = subject(tree, tree.root)
    if about is None or lower(tree.tokens[about]) not in ("i", "we") or tree.tokens[-1].text == "?":
        return set()
    if any(not is_mark(tree.tokens[place]) for place in range(about)) or tree.tokens[tree.root].tag != "VERB":
        return set()
    being = [
        index for index in children(tree, tree.root, "aux") if lower(tree.tokens[index]) in ("am", "are", "'m", "'re")
    ]
    return {about, *being}
