"""How sources are worded anew: tables learnt from small unpaired corpora with known answers, and what they do."""

import json

import pytest

from summae.errors import CheckpointError
from summae.wording.abbreviations import abbreviations, learn_wording, prefers_infinitive
from summae.wording.english import IRREGULAR, PARTICIPLES, base_of, is_plural, third_person
from summae.wording.table import DomainWordings, Wording
from summae.wording.tenses import Tenses, Verb

PLACES = ["Oslo", "Lima", "Cairo", "Delhi", "Quito", "Accra", "Hanoi", "Minsk"]


def _every(*patterns: str) -> list[str]:
    """Each pattern once for every place."""
    return [pattern.format(place) for pattern in patterns for place in PLACES]


#: The long form and the short one stand between the same words in sources; short texts have the short one only.
SOURCES = _every(
    "The European Central Bank raised its rate in {} on Monday",
    "A member of the European Central Bank met ministers in {}",
    "The ECB raised its rate in {} on Monday",
    "A member of the ECB met ministers in {}",
    "They met the Eastern Cattle Breeders near {} yesterday",
    "Its Chief Executive Officer resigned in {} after a year",
    "Its Chief Executive Officer came from {} to save it",
    "Its Chief Executive resigned in {} after a year",
    "Its Chief Executive came from {} to save it",
    "Its CEO resigned in {} after a year",
    "Its CEO came from {} to save it",
)
SHORT = _every("ECB raises rate in {}", "ECB member meets ministers in {}", "CEO resigns in {}")


def test_an_initialism_is_learnt_for_the_phrase_that_has_its_contexts():
    found = abbreviations(SOURCES, SHORT)
    assert found["european central bank"] == "ECB"
    assert "eastern cattle breeders" not in found  # the same initials, other neighbours


def test_the_beginning_of_a_phrase_with_an_abbreviation_has_it_too():
    found = abbreviations(SOURCES, SHORT)
    assert found["chief executive officer"] == found["chief executive"] == "CEO"


def test_a_phrase_that_short_texts_write_out_keeps_its_words():
    written_out = SHORT + _every("European Central Bank raises rate in {}") * 2
    assert "european central bank" not in abbreviations(SOURCES, written_out)


def test_nothing_is_learnt_from_nothing():
    assert abbreviations([], []) == {}
    assert learn_wording(["a b c"], ["d e"]).abbreviations == {}


def test_an_infinitive_is_preferred_only_where_it_stands_for_a_future():
    futures = _every("The firm will buy a plant in {}", "The firm would sell shares in {}")
    assert prefers_infinitive(futures, _every("Firm to buy plant in {}", "Firm to sell shares in {}"))
    assert not prefers_infinitive(futures, _every("Firm will buy plant in {}", "Firm would sell shares in {}"))
    assert not prefers_infinitive(futures, _every("An approach to the study of {}"))


WORDING = Wording({"european central bank": "ECB", "united states": "U.S."}, infinitive=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The European Central Bank will act", "The ECB to act"),
        ("the european\ncentral bank would act", "the ecb to act"),
        ("The European Central Bank's rate", "The ECB's rate"),
        ("European Central Banking", "European Central Banking"),
        ("a deal that will create jobs", "a deal to create jobs"),
        ("said it would sell the unit", "said to sell the unit"),
        ("it will not sell", "it will not sell"),
        ("would have sold", "would have sold"),
        ("free will.", "free will."),
        ("trade with the United States.", "trade with the U.S.."),
    ],
)
def test_texts_are_shortened_in_whole_words(text, expected):
    assert WORDING.shortened(text) == expected


def test_what_stands_for_what_is_told_in_order():
    text = "The European Central Bank and the United States agree"
    assert list(WORDING.standing_for(text)) == [("ECB", "European Central Bank"), ("U.S.", "United States")]


HEADLINES = (
    ["Bank names Smith as head"] * 9
    + ["Firm names Jones"] * 9
    + ["Man named by police"] * 12
    + ["Shares fall"] * 9
    + ["Index falls again"] * 12
    + ["Profit rises 5 percent"] * 12
    + ["Shares rise again"] * 9
    + ["Name of ship"] * 9
)
REPORTS = ["The bank named Smith", "The shares fell again", "Its profit rose 5 percent"] * 12


def test_the_past_becomes_the_present_where_headlines_have_it_so():
    tenses = Tenses.learn(REPORTS, HEADLINES)
    assert tenses.present("The bank named Smith its head") == "The bank names Smith its head"
    assert tenses.present("The bank has named Smith") == "The bank names Smith"
    assert tenses.present("the shares fell again") == "the shares fall again"
    assert tenses.present("Apple fell again") == "Apple falls again"
    assert tenses.present("profit rose 5 percent") == "profit rises 5 percent"
    assert tenses.present("its shares have risen 5 percent") == "its shares rise 5 percent"


@pytest.mark.parametrize(
    "text",
    [
        "a man named by police",  # headlines have "named by"
        "he was named Smith",  # a passive
        "Named Smith",  # a capital: the beginning, or a name
        "the named Smith",  # behind an article: no verb
        "a bank proposed Smith",  # a verb that was never seen
    ],
)
def test_participles_and_strangers_stay(text):
    assert Tenses.learn(REPORTS, HEADLINES).present(text) == text


def test_wording_twice_changes_nothing_more():
    wording = Wording({"european central bank": "ECB"}, True, Tenses.learn(REPORTS, HEADLINES))
    once = wording.shortened("The European Central Bank has named Smith and said it will act as profit rose 5 percent")
    assert once == "The ECB names Smith and said to act as profit rises 5 percent"
    assert wording.shortened(once) == once


def test_third_persons_and_bases_agree():
    """Every irregular past leads to a base whose third person is the one in the table."""
    for past, third in IRREGULAR.items():
        known = {third[:-1], third[:-2], f"{third[:-3]}y"}
        base = base_of(past, known)
        assert base is not None and third_person(base) == third, past
    assert set(PARTICIPLES.values()) <= IRREGULAR.keys()


@pytest.mark.parametrize(
    ("past", "base", "third"),
    [
        ("carried", "carry", "carries"),
        ("pushed", "push", "pushes"),
        ("planned", "plan", "plans"),
        ("proposed", "propose", "proposes"),
        ("played", "play", "plays"),
        ("went", "go", "goes"),
    ],
)
def test_forms_of_verbs(past, base, third):
    assert base_of(past, {base}) == base
    assert third_person(base) == third
    assert base_of(past, set()) is None


def test_plurals_by_their_ending():
    assert [word for word in "shares people boss news bank's status analysis banks".split() if is_plural(word)] == [
        "shares",
        "people",
        "banks",
    ]


def test_wordings_are_stored_and_found_again(tmp_path):
    tenses = Tenses({"fell": Verb("falls", "fall", "CELN", frozenset({"off"}))})
    wordings = DomainWordings({"news": Wording({"european union": "EU"}, True, tenses), "web": Wording()})
    wordings.save(tmp_path / "wording.json")
    assert DomainWordings.load(tmp_path / "wording.json") == wordings
    assert DomainWordings.load(tmp_path / "missing.json").of("news") == Wording()
    assert wordings.of("adapted") == Wording()


@pytest.mark.parametrize("content", ["", "[]", '{"news": {}}', json.dumps({"news": {"abbreviations": 3}})])
def test_a_damaged_table_is_one_line(tmp_path, content):
    path = tmp_path / "wording.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CheckpointError, match="no usable wordings"):
        DomainWordings.load(path)
