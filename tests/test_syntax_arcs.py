"""Arcs that the source does not have, and the checks that kill a draft."""

from __future__ import annotations

import pytest
from syntax_trees import POOL, REFUSAL, RISE, VISIT, restricted, tree

from summae.syntax.arcs import unsupported_arcs, word_key
from summae.syntax.checks import CHECKS, failed
from summae.syntax.constraints import Constraints
from summae.syntax.pruning import prunings, token_values

ENGLISH = Constraints.load("en")

#: "A court fined the brewery, which had dumped waste in the river, and closed its bar."
FINE = tree(
    "A/DET/2/det court/NOUN/3/nsubj/Number=Sing fined/VERB/0/root/Tense=Past|VerbForm=Fin the/DET/5/det "
    "brewery/NOUN/3/obj _,/PUNCT/9/punct which/PRON/9/nsubj had/AUX/9/aux/VerbForm=Fin "
    "dumped/VERB/5/acl:relcl/Tense=Past|VerbForm=Part waste/NOUN/9/obj in/ADP/13/case the/DET/13/det "
    "river/NOUN/9/obl _,/PUNCT/9/punct and/CCONJ/16/cc closed/VERB/3/conj/Tense=Past|VerbForm=Fin "
    "its/PRON/18/nmod:poss bar/NOUN/16/obj _./PUNCT/3/punct"
)


def test_passive_has_the_arcs_of_the_active():
    passive = tree(
        "Brewery/NOUN/2/nsubj:pass fined/VERB/0/root/Tense=Past|VerbForm=Part by/ADP/4/case court/NOUN/2/obl:agent"
    )
    assert unsupported_arcs(passive, FINE) == []


def test_subject_and_object_may_not_change_places():
    swapped = tree("Brewery/NOUN/2/nsubj fines/VERB/0/root/Tense=Pres|VerbForm=Fin court/NOUN/2/obj")
    assert [arc.dependent for arc in unsupported_arcs(swapped, FINE)] == ["Brewery", "court"]


def test_subject_is_shared_by_coordinated_verbs_and_others_are_not():
    shared = tree("Court/NOUN/2/nsubj closes/VERB/0/root/Tense=Pres|VerbForm=Fin bar/NOUN/2/obj")
    assert unsupported_arcs(shared, FINE) == []
    other = tree("Court/NOUN/2/nsubj dumps/VERB/0/root/Tense=Pres|VerbForm=Fin waste/NOUN/2/obj")
    assert [str(arc) for arc in unsupported_arcs(other, FINE)] == ["dumps → Court (nsubj)"]


def test_compound_and_of_are_one():
    source = tree("prices/NOUN/0/root of/ADP/3/case oil/NOUN/1/nmod fell/VERB/1/acl")
    assert unsupported_arcs(tree("oil/NOUN/2/compound price/NOUN/0/root"), source) == []


@pytest.mark.parametrize(
    "forms", ["raise raises raised raising", "carry carries carried", "stop stops stopped", "buy buys bought"]
)
def test_inflected_forms_share_a_key(forms):
    assert len({word_key(form) for form in forms.split()}) == 1


def test_other_words_have_other_keys():
    assert len({word_key(word) for word in "fine find fund police policy union unit price prize".split()}) == 9


def check(draft, source) -> set[str]:
    return set(failed(draft, source))


def test_lost_negation():
    draft = tree("Firm/NOUN/2/nsubj buys/VERB/0/root/Tense=Pres|VerbForm=Fin mill/NOUN/2/obj")
    assert "lost_negation" in check(draft, REFUSAL)
    kept = tree("Firm/NOUN/4/nsubj will/AUX/4/aux not/PART/4/advmod buy/VERB/0/root mill/NOUN/4/obj")
    assert "lost_negation" not in check(kept, REFUSAL)


def test_lost_condition():
    draft = tree("Council/NOUN/3/nsubj will/AUX/3/aux build/VERB/0/root one/NOUN/3/obj")
    assert check(draft, POOL) == {"lost_condition"}


def test_lost_hedge():
    source = tree("Rates/NOUN/3/nsubj may/AUX/3/aux rise/VERB/0/root soon/ADV/3/advmod")
    assert "lost_hedge" in check(tree("Rates/NOUN/2/nsubj rise/VERB/0/root"), source)


@pytest.mark.parametrize(
    ("draft", "reason"),
    [
        ("Wages/NOUN/2/nsubj rose/VERB/0/root by/ADP/2/case", "dangling"),
        ("Wages/NOUN/2/nsubj rose/VERB/0/root rose/VERB/2/conj", "repetition"),
        ("Perce/NOUN/2/nsubj rose/VERB/0/root", "half_word"),
        ("Oslo/PROPN/2/nsubj rose/VERB/0/root", "invented_name"),
        ("Wages/NOUN/2/nsubj rose/VERB/0/root 4/NUM/4/nummod percent/NOUN/2/obl", "invented_name"),
        ("Union/NOUN/2/nsubj opened/VERB/0/root/Tense=Past|VerbForm=Fin", "unsupported"),
    ],
)
def test_each_check_has_a_draft_that_fails_it(draft, reason):
    assert reason in check(tree(draft), RISE)


def test_prunings_pass_every_check():
    for source in (REFUSAL, RISE, POOL, VISIT, FINE):
        for budget in range(3, 16):
            for pruning in prunings(source, token_values(source, lambda word: 0.0), budget, ENGLISH, 10):
                own = [place for place in pruning.origin]
                if pruning.kind == "sentence":
                    assert failed(restricted(source, own), source) == {}


def test_checks_have_names_and_helps_of_their_own():
    assert len({entry.name for entry in CHECKS}) == len(CHECKS) == len({entry.help for entry in CHECKS})
