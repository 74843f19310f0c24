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

import re
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from summae.syntax.phrases import children, is_mark, is_plural, is_set_off, lower, marker, subject, word_costs
from summae.syntax.rooting import SPEAKER
from summae.syntax.tree import Tree
from summae.syntax.verbs import present_form

STYLES = ("sentence", "headline")
_ARTICLES = frozenset("a an the".split())
_BE = frozenset("is are was were am be been 's 're 'm".split())
_PRESENT_BE, _PAST_BE = frozenset("is are 's 're".split()), frozenset("was were".split())
_INSTITUTIONS = frozenset("bank banks board trust fund group commission association council system court".split())
_LONGEST_PHRASE = 6  # words of what is abbreviated
_HAVE = frozenset("has have had 's 've 'd".split())
#: Beside these a verb is left as it is: negations, and adverbs that a perfect needs.
_UNTOUCHED = frozenset(
    "not n't nt never no neither nor hardly barely scarcely rarely seldom only ever just there yet".split()
)
_SPEAKING = frozenset("i we you".split())
_PAST_TIMES = frozenset(
    "ago last yesterday earlier previously once formerly before then until during while since when".split()
)
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
#: Participles that a reader takes for a past tense when "was" goes: "Firm asked to pay".
_AMBIGUOUS = frozenset(
    "asked told offered promised paid given left taught shown sent lent allowed wanted ordered advised warned urged "
    "called made named found known said thought believed seen considered based located".split()
)
_OPENING, _CLOSING = frozenset("([“‘``"), frozenset(")]”’''")
_PAIRS = {"(": ")", "[": "]", "“": "”", "‘": "’", "``": "''", '"': '"', "'": "'"}
#: Marks that meet when what stood between them goes.
_REPAIRS = (
    *((f" {dash} ", ", ") for dash in ("-", "--", "–")),
    *((" ,", ","), (",,", ","), (", :", ":"), (",:", ":"), (";:", ":")),
)
_ENDS = frozenset({".", "!", "?", "…", "...", "..", "?!", "!!", "!!!"})


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
        marks = _marks(tree, chosen)
        words = [index for index in range(len(tree)) if (index in chosen and index not in out) or index in marks]
        text = _joined(tree, words, texts, ": " if self.style == "headline" else ", ")
        return self._finished(tree, text, chosen)

    # What goes, and what changes

    def _left_out(self, tree: Tree, kept: Collection[int], backshifted: bool) -> set[int]:
        if self.style != "headline":
            return set()
        chosen = set(kept)
        idle = {index for index in kept if _is_idle_article(tree, index) or _is_idle_owner(tree, index)}
        idle |= _idle_writer(tree)
        names = _suffixes(tree, chosen) | _first_names(tree, chosen) | _around_sources(tree)
        abbreviated = {index for run, _ in self._abbreviated(tree, chosen) for index in run[1:]}
        return (idle | names | abbreviated | _idle_copulas(tree, backshifted)) & chosen | {
            index for verb in _main_verbs(tree) for index in self._idle_auxiliaries(tree, verb, chosen, backshifted)
        }

    def _abbreviated(self, tree: Tree, chosen: Container[int]) -> Iterator[tuple[range, str]]:
        """Runs of kept tokens that are a phrase of the table, and what they become; the longest at each place."""
        words = [lower(token) for token in tree.tokens]
        at = 0
        while at < len(words):
            ends = (end for end in range(min(len(words), at + _LONGEST_PHRASE), at + 1, -1))
            end = next((end for end in ends if " ".join(words[at:end]) in self.abbreviations), at)
            run = range(at, end)
            if run and all(index in chosen for index in run) and not _is_longer_name(tree, run):
                yield run, self.abbreviations[" ".join(words[at:end])]
            at = max(end, at + 1)

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
            changes |= {run[0]: short for run, short in self._abbreviated(tree, chosen)} | _sources(tree)
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
        if not backshifted or self.style == "headline":
            return {}
        had = [index for index in children(tree, verb, "aux") if lower(tree.tokens[index]) == "had"]
        return {index: "have" if self._takes_plural(tree, verb) else "has" for index in had}

    def _reported(self, tree: Tree, verb: int) -> dict[int, str]:
        """ "says it had", "says it would" of a report in the past: "has", "will"."""
        found = {}
        for clause in children(tree, verb, "ccomp"):
            for index in children(tree, clause, "aux"):
                has = "have" if self._takes_plural(tree, clause) else "has"
                changed = {"had": has, "would": "will"}.get(lower(tree.tokens[index]))
                if changed and not _conditional(tree, clause):
                    found[index] = changed
        return found

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
        text = _capitalised(_ARTICLE.sub(lambda match: _fitting_article(match, tree.text), text))
        if self.style == "headline":
            return text
        return text + ("?" if _asks(tree, chosen) else ".")


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


# Articles


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
_PAPERS = frozenset(
    "journal newspaper zeitung times post magazine daily weekly media reuters bloomberg gazette".split()
)


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


def _idle_writer(tree: Tree) -> set[int]:
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


# Marks


def _marks(tree: Tree, chosen: set[int]) -> set[int]:
    """The marks that stay: inside what is whole, on both sides of a kept aside, in pairs round what is kept."""
    paired, unpaired = _quotes(tree, chosen)
    plain = [
        index
        for index, token in enumerate(tree.tokens)
        if is_mark(token) and index not in unpaired and token.text not in _ENDS and _separates(tree, index, chosen)
    ]
    return paired | {index for index in plain if index not in paired}


def _words_around(tree: Tree, index: int) -> tuple[int, int]:
    before, after = index - 1, index + 1
    while before >= 0 and is_mark(tree.tokens[before]):
        before -= 1
    while after < len(tree) and is_mark(tree.tokens[after]):
        after += 1
    return before, after


def _separates(tree: Tree, index: int, chosen: set[int]) -> bool:
    before, after = _words_around(tree, index)
    if before in chosen and after in chosen:
        return True
    glued = tree.tokens[index].text in ("-", "/", "–")
    return not glued and _bounds_kept(tree, index, chosen)


def _bounds_kept(tree: Tree, index: int, chosen: set[int]) -> bool:
    """Whether the mark bounds a kept aside, or a kept conjunct of a list, with kept words on its other side."""
    if not (any(place < index for place in chosen) and any(place > index for place in chosen)):
        return False
    head = tree.tokens[index].head
    if head in chosen and tree.tokens[head].relation == "conj" and index < head:
        return True
    return any(place in chosen and _edges(tree, place, index) for place in _set_off(tree))


def _set_off(tree: Tree) -> list[int]:
    return [
        index
        for index, token in enumerate(tree.tokens)
        if _may_be_aside(token.base_relation) and is_set_off(tree, index)
    ]


def _may_be_aside(relation: str) -> bool:
    return relation in ("appos", "acl", "ccomp", "advcl", "parataxis", "obl", "advmod", "nmod", "vocative", "discourse")


def _edges(tree: Tree, aside: int, index: int) -> bool:
    words = [place for place in tree.subtree(aside) if not is_mark(tree.tokens[place])]
    return index in (words[0] - 1, words[-1] + 1)


def _quotes(tree: Tree, chosen: set[int]) -> tuple[set[int], set[int]]:
    """Quotation marks and brackets: those to keep, and all of them. A changed quotation loses its marks."""
    kept: set[int] = set()
    all_: set[int] = set()
    open_: list[int] = []
    for index, token in enumerate(tree.tokens):
        if not is_mark(token) or token.text not in _PAIRS and token.text not in _PAIRS.values():
            continue
        all_.add(index)
        if open_ and token.text == _PAIRS[tree.tokens[open_[-1]].text]:
            first = open_.pop()
            if _all_kept(tree, first, index, chosen):
                kept |= {first, index}
        elif token.text in _PAIRS:
            open_.append(index)
    return kept, all_


def _all_kept(tree: Tree, first: int, last: int, chosen: set[int]) -> bool:
    inside = {index for index in range(first + 1, last) if not is_mark(tree.tokens[index])}
    return bool(inside) and inside <= chosen and not chosen <= inside


def _joined(tree: Tree, words: list[int], texts: dict[int, str], before_speaker: str) -> str:
    """The words with the blanks of the source between neighbours, one blank elsewhere, none before a comma."""
    text, previous = "", -1
    for index in words:
        word = texts.get(index, tree.tokens[index].text)
        text += before_speaker if _opens_speaker(tree, previous, index) else _between(tree, previous, index, word)
        text += word
        previous = index
    return _tidy(text)


def _between(tree: Tree, previous: int, index: int, word: str) -> str:
    if previous < 0:
        return ""
    last, token = tree.tokens[previous], tree.tokens[index]
    if token.text[0] in "'’" and token.tag == "PART":
        return ""
    if last.end == token.start:
        return "" if word == token.text else " "  # "they'll" becomes "they to"
    if is_mark(token) and token.text in {",", ";", ":", ")", "]", "”", "''", "%"}:
        return ""
    if is_mark(last) and last.text in ("(", "[", "“", "``"):
        return ""
    return " "


def _opens_speaker(tree: Tree, previous: int, index: int) -> bool:
    """Whether the phrase of the speaker begins at ``index``."""
    speakers = children(tree, tree.root, SPEAKER)
    part = set(tree.subtree(speakers[0])) if speakers else set()
    return index in part and previous not in part


def _tidy(text: str) -> str:
    for wrong, right in _REPAIRS:
        text = text.replace(wrong, right)
    return text.strip(" ,;:-–—")


def _capitalised(text: str) -> str:
    first = text[:1]
    if text.split(" ")[0][1:].lower() != text.split(" ")[0][1:]:
        return text  # iPhone
    return first.upper() + text[1:]


#: "a" or "an" and the word behind it.
_ARTICLE = re.compile(r"\b([Aa])(n?) (\w)(\w*)")


def _fitting_article(match: re.Match[str], source: str) -> str:
    """ "an" before a vowel where "a" stood before a word that went, and the other way round."""
    article, ending, first, rest = match.groups()
    if match.group() in source or (first + rest).lower().startswith(("eu", "uni", "use", "one")):
        return match.group()
    vowel = first in "aeioAEI" or (first in "OU" and rest.islower() and not rest.startswith("n"))
    if first.isdigit() or first in "uUhHyY" or (first + rest).isupper():
        return match.group()  # by its sound, which is not known
    return f"{article}{'n' if vowel else ''} {first}{rest}" if vowel != bool(ending) else match.group()


def _asks(tree: Tree, chosen: set[int]) -> bool:
    return tree.tokens[-1].text == "?"
