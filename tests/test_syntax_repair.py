"""Readings that no sentence has, put right: what each verb's subject and object are afterwards, by hand."""

from __future__ import annotations

import random

import pytest
from syntax_trees import tree

from summae.syntax.repair import repaired

CASES = {
    # read wrongly → (dependent, its head, the relation) afterwards
    "Bank/NOUN/4/nsubj Morgan/PROPN/3/compound Stanley/PROPN/4/nsubj hired/VERB/0/root him/PRON/4/obj": (
        "Bank",
        "Stanley",
        "nmod:desc",
    ),
    "Firm/PROPN/2/nsubj beats/VERB/0/root rivals/NOUN/2/obj Motors/PROPN/2/obj": ("rivals", "Motors", "nmod:desc"),
    "Firm/PROPN/2/nsubj won/VERB/0/root deals/NOUN/2/obj ,/PUNCT/6/punct a/DET/6/det victory/NOUN/2/obj": (
        "victory",
        "deals",
        "appos",
    ),
    "retailer/NOUN/4/nsubj Big/PROPN/3/compound Stores/PROPN/1/appos shuts/VERB/0/root": (
        "retailer",
        "Stores",
        "nmod:desc",
    ),
    "Plans/NOUN/6/nsubj could/AUX/3/aux end/VERB/6/ccomp ,/PUNCT/3/punct Clegg/PROPN/6/nsubj said/VERB/0/root": (
        "Plans",
        "end",
        "nsubj",
    ),
    "Sales/NOUN/2/nsubj fell/VERB/0/root ,/PUNCT/2/punct traders/NOUN/2/nsubj said/VERB/2/parataxis": (
        "traders",
        "said",
        "nsubj",
    ),
    "Tesla/PROPN/2/nsubj paid/VERB/0/root its/PRON/4/nmod:poss loan/NOUN/2/obl": ("loan", "paid", "obj"),
    "It/PRON/2/nsubj rose/VERB/0/root by/ADP/7/case most/ADJ/2/obl in/ADP/7/case five/NUM/7/nummod months/NOUN/2/obl": (
        "by",
        "most",
        "case",
    ),
    "Trains/NOUN/2/nsubj stop/VERB/0/root in/ADP/4/case case/NOUN/2/obl of/ADP/6/case frost/NOUN/2/obl": (
        "frost",
        "case",
        "nmod",
    ),
    "Cameron/PROPN/2/nsubj told/VERB/0/root Schmidt/PROPN/2/nsubj": ("Schmidt", "told", "obj"),
}


@pytest.mark.parametrize(("reading", "expected"), CASES.items())
def test_what_was_read_twice_has_its_place(reading, expected):
    word, head, relation = expected
    right = repaired(tree(reading))
    (token,) = (token for token in right.tokens if token.text == word)
    assert (right.tokens[token.head].text, token.relation) == (head, relation)
    assert repaired(right) == right


def test_right_readings_stay_as_they_are():
    for reading in (
        "Firm/PROPN/2/nsubj gave/VERB/0/root staff/NOUN/2/iobj shares/NOUN/2/obj",
        "Sales/NOUN/2/nsubj fell/VERB/0/root ,/PUNCT/5/punct traders/NOUN/5/nsubj said/VERB/2/parataxis",
    ):
        assert repaired(tree(reading)) == tree(reading)


@pytest.mark.parametrize("seed", range(40))
def test_any_reading_stays_a_tree_of_the_same_words(seed):
    """Tree() refuses what is none; here whatever a parser could say."""
    random_ = random.Random(seed)
    count = random_.randint(2, 9)
    relations, tags = ("nsubj", "obj", "appos", "ccomp", "parataxis", "compound", "punct"), ("NOUN", "PROPN", "VERB")
    heads = [0, *(random_.randint(1, index) for index in range(1, count))]
    words = [
        f"{random_.choice(['said', 'firm', 'Ann', 'x'])}/{random_.choice(tags)}/{head}/{random_.choice(relations)}"
        for head in heads
    ]
    read = tree(" ".join(words))
    right = repaired(read)
    assert [token.text for token in right.tokens] == [token.text for token in read.tokens] and right.root == read.root
