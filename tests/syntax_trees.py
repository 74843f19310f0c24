"""Trees for tests, written by hand: one token a line or a blank between them, ``form/TAG/head/relation/features``.

Heads count from 1, 0 is the root, as in CoNLL-U; a token that begins with "_" is glued to the one before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from summae.syntax.tree import Token, Tree


def tree(written: str) -> Tree:
    """The tree of ``written``."""
    text, tokens = "", []
    for row in written.split():
        form, tag, head, relation, *features = row.split("/")
        glued, form = form.startswith("_"), form.removeprefix("_")
        text += "" if glued or not text else " "
        pairs = dict(pair.split("=") for pair in features[0].split("|")) if features else {}
        tokens.append(Token(form, len(text), len(text) + len(form), int(head) - 1, relation, tag, pairs))
        text += form
    return Tree(text, tuple(tokens))


def restricted(source: Tree, kept: Sequence[int]) -> Tree:
    """The tokens ``kept`` of ``source`` as a tree of their own: the parse of a pruning."""
    new = {place: number for number, place in enumerate(kept)}
    text, tokens = "", []
    for place in kept:
        token = source.tokens[place]
        text += " " if text else ""
        head = new[token.head] if token.head >= 0 else -1
        tokens.append(replace(token, start=len(text), end=len(text) + len(token.text), head=head))
        text += token.text
    return Tree(text, tuple(tokens))


#: "The firm said on Friday it would not buy the old mill in Tarn."
REFUSAL = tree(
    "The/DET/2/det firm/NOUN/3/nsubj/Number=Sing said/VERB/0/root/Tense=Past|VerbForm=Fin on/ADP/5/case "
    "Friday/PROPN/3/obl/Number=Sing it/PRON/9/nsubj would/AUX/9/aux/VerbForm=Fin not/PART/9/advmod "
    "buy/VERB/3/ccomp/VerbForm=Inf the/DET/12/det old/ADJ/12/amod mill/NOUN/9/obj in/ADP/14/case "
    "Tarn/PROPN/12/nmod _./PUNCT/3/punct"
)
#: "Wages at the mill, which opened in May, rose by 3 percent, the union said."
RISE = tree(
    "Wages/NOUN/11/nsubj/Number=Plur at/ADP/4/case the/DET/4/det mill/NOUN/1/nmod _,/PUNCT/7/punct "
    "which/PRON/7/nsubj opened/VERB/4/acl:relcl/Tense=Past|VerbForm=Fin in/ADP/9/case May/PROPN/7/obl "
    "_,/PUNCT/7/punct rose/VERB/0/root/Tense=Past|VerbForm=Fin by/ADP/14/case 3/NUM/14/nummod percent/NOUN/11/obl "
    "_,/PUNCT/18/punct the/DET/17/det union/NOUN/18/nsubj/Number=Sing said/VERB/11/parataxis/Tense=Past|VerbForm=Fin "
    "_./PUNCT/11/punct"
)
#: "The council has closed the pool and will build a larger one if the state pays."
POOL = tree(
    "The/DET/2/det council/NOUN/4/nsubj/Number=Sing has/AUX/4/aux/VerbForm=Fin|Tense=Pres "
    "closed/VERB/0/root/Tense=Past|VerbForm=Part the/DET/6/det pool/NOUN/4/obj and/CCONJ/9/cc "
    "will/AUX/9/aux/VerbForm=Fin build/VERB/4/conj/VerbForm=Inf a/DET/12/det larger/ADJ/12/amod/Degree=Cmp "
    "one/NOUN/9/obj if/SCONJ/16/mark the/DET/15/det state/NOUN/16/nsubj pays/VERB/9/advcl/Tense=Pres|VerbForm=Fin "
    "_./PUNCT/4/punct"
)
#: "Germany's former Chancellor Helmut Schmidt visited a part-time school in Hamburg on Monday."
VISIT = tree(
    "Germany/PROPN/6/nmod:poss _'s/PART/1/case former/ADJ/6/amod Chancellor/NOUN/6/nmod:desc "
    "Mr/PROPN/6/compound Helmut/PROPN/8/nsubj/Number=Sing Schmidt/PROPN/6/flat "
    "visited/VERB/0/root/Tense=Past|VerbForm=Fin a/DET/13/det part/NOUN/12/compound _-/PUNCT/10/punct "
    "_time/NOUN/13/compound school/NOUN/8/obj in/ADP/15/case Hamburg/PROPN/8/obl on/ADP/17/case "
    "Monday/PROPN/8/obl _./PUNCT/8/punct"
)
