"""What kills a draft: each check takes the parses of draft and source and returns a reason, or ``None``.

A new check is a function and a line of :data:`CHECKS`. A draft that fails one is never shown, however well it scores;
the reason is for ``--verbose`` and ``--json``. A pruning that keeps the constraints passes all of them by
construction, which a test holds; what a generator writes often does not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass

from summae.syntax.arcs import content_words, unsupported_arcs, word_key
from summae.syntax.phrases import children, clause_of, is_mark, lower, marker
from summae.syntax.tree import Token, Tree

NEGATIONS = frozenset(
    "not n't nt no never neither nor none nobody nothing hardly barely scarcely rarely seldom cannot without".split()
)
HEDGES = frozenset(
    "may might could should would likely unlikely possibly probably perhaps reportedly allegedly apparently alleged "
    "suspected possible potential planned proposed less fewer nearly almost only few little partly partially".split()
)
CONDITIONS = frozenset(
    {"if", "unless", "only if", "provided", "provided that", "until", "as long as", "except", "lest"}
)
_OPEN_ENDS = frozenset("ADP DET CCONJ SCONJ AUX".split())
_BRACKETS = {"(": ")", "[": "]", "“": "”", "„": "“", "«": "»"}


@dataclass(frozen=True)
class Check:
    """``function(draft, source)`` returns why the draft may not be shown, or ``None``."""

    name: str
    function: Callable[[Tree, Tree], str | None]
    help: str


def unsupported(draft: Tree, source: Tree) -> str | None:
    arcs = unsupported_arcs(draft, source)
    return f"the source does not say {arcs[0]}" if arcs else None


def lost_negation(draft: Tree, source: Tree) -> str | None:
    return _lost_companion(draft, source, NEGATIONS)


def lost_hedge(draft: Tree, source: Tree) -> str | None:
    return _lost_companion(draft, source, HEDGES)


def _lost_companion(draft: Tree, source: Tree, companions: Collection[str]) -> str | None:
    """A word of the draft that in the source always has such a companion, and has none in the draft."""
    kept = {word_key(token.text) for token in draft.tokens if not is_mark(token)}
    accompanied = _accompanied(draft, companions)
    for index, token in enumerate(source.tokens):
        if _accompanies(token, companions):
            key = word_key(source.tokens[token.head].text)
            if key in kept and key not in accompanied and _is_always_accompanied(source, key, companions):
                return f"{source.tokens[token.head].text!r} has lost {source.tokens[index].text!r}"
    return None


def _accompanies(token: Token, companions: Collection[str]) -> bool:
    limits = token.base_relation in ("advmod", "aux", "det", "amod", "cc", "case", "mark", "nsubj", "obj")
    return limits and token.tag != "PROPN" and lower(token) in companions


def _accompanied(tree: Tree, companions: Collection[str]) -> set[str]:
    """The keys of the words that have such a companion: it is their dependent, or that of what they depend on."""
    found = set()
    for index, token in enumerate(tree.tokens):
        if _accompanies(token, companions):
            clause = clause_of(tree, index)
            found |= {word_key(tree.tokens[place].text) for place in (token.head, clause)}
            found |= {word_key(tree.tokens[child].text) for child in tree.children(token.head)}
    return found


def _is_always_accompanied(tree: Tree, key: str, companions: Collection[str]) -> bool:
    places = [index for index, token in enumerate(tree.tokens) if word_key(token.text) == key]
    return all(any(lower(tree.tokens[child]) in companions for child in tree.children(place)) for place in places)


def lost_condition(draft: Tree, source: Tree) -> str | None:
    """The main clause is there, "if …" is not."""
    kept = {word_key(token.text) for token in draft.tokens if not is_mark(token)}
    for index, token in enumerate(source.tokens):
        if token.base_relation == "advcl" and marker(source, index) in CONDITIONS:
            main, condition = (word_key(source.tokens[place].text) for place in (token.head, index))
            if main in kept and condition not in kept:
                return f"{source.tokens[token.head].text!r} has lost {marker(source, index)!r}"
    return None


def dangling(draft: Tree, source: Tree) -> str | None:
    """The draft breaks off: a loose preposition, conjunction, article, a bracket that is not closed."""
    words = [token for token in draft.tokens if not is_mark(token)]
    if not words:
        return "no words"
    last = words[-1]
    stranded = last.relation in ("compound:prt", "advmod", "root") or last.base_relation in (
        "aux",
        "cop",
        "obl",
        "xcomp",
    )
    if last.tag in _OPEN_ENDS and not stranded or lower(last) in ("to", "and", "or", "the", "a", "an", "of"):
        return f"it ends in {last.text!r}"
    if (
        words[0].tag == "CCONJ"
        and words[0].base_relation == "cc"
        and lower(words[0]) not in ("neither", "either", "both")
    ):
        return f"it begins with {words[0].text!r}"
    return _loose_preposition(draft) or _open_bracket(draft)


def _loose_preposition(draft: Tree) -> str | None:
    for index, token in enumerate(draft.tokens[:-1]):
        after = draft.tokens[index + 1]
        if (
            token.tag == "ADP"
            and token.relation == "case"
            and token.head < index
            and after.tag != "ADP"
            and token.text != "'s"
        ):
            if not any(place > index for place in children(draft, index, "fixed")) and lower(token) not in (
                "'s",
                "'",
                "ago",
            ):
                return f"{token.text!r} has lost its noun"
    return None


def _open_bracket(draft: Tree) -> str | None:
    for opening, closing in _BRACKETS.items():
        if draft.text.count(opening) != draft.text.count(closing):
            return f"{opening!r} is not closed"
    return "a quotation mark is not closed" if draft.text.count('"') % 2 else None


def repetition(draft: Tree, source: Tree) -> str | None:
    """A content word more often than in the source, or the same word twice running."""
    in_draft, in_source = Counter(content_words(draft)), Counter(word_key(lower(token)) for token in source.tokens)
    words = [lower(token) for token in draft.tokens]
    twice = next(
        (word for word, after in zip(words, words[1:], strict=False) if word == after and word.isalpha()), None
    )
    more = next((word for word, count in in_draft.items() if count > max(1, in_source[word])), None)
    return f"{(twice or more)!r} is said again" if twice or more else None


def half_word(draft: Tree, source: Tree) -> str | None:
    """A piece of a word of the source: "HUR" of "HURRICANE"."""
    of_source = {lower(token) for token in source.tokens}
    keys = {word_key(word) for word in of_source}
    for token in draft.tokens:
        word = lower(token)
        if word.isalpha() and word not in of_source and word_key(word) not in keys and _is_piece(word, of_source):
            return f"{token.text!r} is half a word"
    return None


def _is_piece(word: str, whole: Collection[str]) -> bool:
    return len(word) > 1 and any(other.startswith(word) or other.endswith(word) for other in whole)


def invented_name(draft: Tree, source: Tree) -> str | None:
    """A number, or a name inside the sentence, that the source does not have."""
    text = source.text.lower().replace(",", "")
    for index, token in enumerate(draft.tokens):
        named = token.tag == "PROPN" or (index > 0 and token.text[:1].isupper() and token.tag not in ("AUX", "PRON"))
        numeral = any(letter.isdigit() for letter in token.text)
        if (named or numeral) and lower(token).replace(",", "").removesuffix("'s") not in text:
            return f"{token.text!r} is not in the source"
    return None


#: Every check, in the order of a report; a new one is a line here.
CHECKS: tuple[Check, ...] = (
    Check("half_word", half_word, "no piece of a word of the source"),
    Check("invented_name", invented_name, "no name and no number that the source lacks"),
    Check("dangling", dangling, "no loose preposition, conjunction, article, bracket or quotation mark"),
    Check("repetition", repetition, "no content word more often than in the source"),
    Check("lost_negation", lost_negation, "what the source negates is negated"),
    Check("lost_hedge", lost_hedge, "what the source doubts or limits is doubted or limited"),
    Check("lost_condition", lost_condition, "what holds only if … keeps its condition"),
    Check("unsupported", unsupported, "every arc between content words is in the source's parse"),
)


def failed(draft: Tree, source: Tree, checks: Collection[Check] = CHECKS) -> dict[str, str]:
    """The checks that the draft does not pass, with their reasons."""
    reasons = ((check.name, check.function(draft, source)) for check in checks)
    return {name: reason for name, reason in reasons if reason}
