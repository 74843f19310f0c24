"""From kept tokens and their words to running text: which marks stay, blanks, capitals, "a" or "an"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from summae.syntax.phrases import children, is_mark, is_set_off
from summae.syntax.rerooted import SPEAKER
from summae.syntax.tree import Tree

_PAIRS = {"(": ")", "[": "]", "“": "”", "‘": "’", "``": "''", '"': '"', "'": "'"}
#: Marks that meet when what stood between them goes.
_REPAIRS = (
    *((f" {dash} ", ", ") for dash in ("-", "--", "–")),
    *((" ,", ","), (",,", ","), (", :", ":"), (",:", ":"), (";:", ":")),
)
_ENDS = frozenset({".", "!", "?", "…", "...", "..", "?!", "!!", "!!!"})


def marks_kept(tree: Tree, chosen: set[int]) -> set[int]:
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


def joined(tree: Tree, words: Sequence[int], texts: Mapping[int, str], before_speaker: str) -> str:
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


def capitalised(text: str) -> str:
    first = text[:1]
    if text.split(" ")[0][1:].lower() != text.split(" ")[0][1:]:
        return text  # iPhone
    return first.upper() + text[1:]


#: "a" or "an" and the word behind it.
_ARTICLE = re.compile(r"\b([Aa])(n?) (\w)(\w*)")


def fitting_articles(text: str, source: str) -> str:
    """ "an" before a vowel where "a" stood before a word that went, and the other way round; as ``source`` has it where
    it has it.
    """
    return _ARTICLE.sub(lambda match: _fitting(match, source), text)


def _fitting(match: re.Match[str], source: str) -> str:
    article, ending, first, rest = match.groups()
    if match.group() in source or (first + rest).lower().startswith(("eu", "uni", "use", "one")):
        return match.group()
    vowel = first in "aeioAEI" or (first in "OU" and rest.islower() and not rest.startswith("n"))
    if first.isdigit() or first in "uUhHyY" or (first + rest).isupper():
        return match.group()  # by its sound, which is not known
    return f"{article}{'n' if vowel else ''} {first}{rest}" if vowel != bool(ending) else match.group()


def asks(tree: Tree) -> bool:
    """Whether the sentence is a question."""
    return tree.tokens[-1].text == "?"
