"""Beam search against exhaustive enumeration; word rules on hand-made pieces."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pytest

from summae.decoding.drafts import Detokenizer, Draft
from summae.decoding.lexicon import Lexicon
from summae.decoding.rules import Guide, word_rules
from summae.decoding.search import SearchOptions, beam_search
from summae.text.tokenizer import SubwordTokenizer
from summae.text.words import budget_units, words

END, V = 2, 6  # 0 start, 1 pad, 2 end, then three pieces
PIECES = range(3, V)


# -- search -------------------------------------------------------------------------------------------------


def table(source: int, prefix: tuple[int, ...]) -> np.ndarray:
    """log p(next | prefix), arbitrary but fixed: a distribution of its own for every prefix."""
    draws = np.random.default_rng([source, *prefix]).gumbel(size=V) * 1.5
    return draws - np.log(np.exp(draws).sum())


class FakeStepper:
    """Remembers what every row has written, so a wrong ``rows`` shows at once."""

    def start(self, sources):
        return {"rows": [(source, ()) for source in sources]}

    def step(self, state, previous_ids, rows):
        known = [state["rows"][row] for row in rows]
        state["rows"] = [
            (source, (*prefix, int(piece))) for (source, prefix), piece in zip(known, previous_ids, strict=True)
        ]
        return np.stack([table(source, prefix[1:]) for source, prefix in state["rows"]])


@dataclass
class Free:
    """At least ``least`` pieces, none of ``banned``."""

    least: int = 0
    banned: tuple[int, ...] = ()

    def begin(self):
        return 0

    def extend(self, draft, piece):
        return draft + 1 if piece in PIECES and piece not in self.banned else None

    def barred(self, draft):
        return None

    def may_end(self, draft):
        return draft >= self.least


def log_prob(source: int, ids: tuple[int, ...]) -> float:
    return float(sum(table(source, ids[:place])[piece] for place, piece in enumerate((*ids, END))))


def enumerated(source: int, longest: int, power: float, least: int = 0) -> list[tuple[tuple[int, ...], float]]:
    every = [ids for length in range(least, longest) for ids in itertools.product(PIECES, repeat=length)]
    scored = [(ids, log_prob(source, ids)) for ids in every]
    return sorted(scored, key=lambda pair: -pair[1] / (len(pair[0]) + 1) ** power)


@pytest.mark.parametrize("power", [0.0, 0.7, 1.0])
@pytest.mark.parametrize("least", [0, 2])
def test_wide_enough_beams_find_what_enumeration_finds(power, least):
    options = SearchOptions(beams=100, longest=5, power=power, margin=np.inf)
    for source, found in enumerate(beam_search(FakeStepper(), [0, 1, 2], [Free(least)] * 3, options)):
        expected = enumerated(source, 5, power, least)[:100]
        assert [each.ids for each in found] == [ids for ids, _ in expected]
        assert [each.log_prob for each in found] == pytest.approx([value for _, value in expected])


def test_one_beam_is_greedy():
    for source in range(8):
        ids: tuple[int, ...] = ()
        while len(ids) < 11 and (best := max((END, *PIECES), key=lambda piece: table(source, ids)[piece])) != END:
            ids = (*ids, best)
        (found,) = beam_search(FakeStepper(), [source], [Free()], SearchOptions(beams=1, longest=12))
        if len(ids) < 11:
            assert [each.ids for each in found] == [ids]


def test_a_batch_finds_what_each_source_finds_alone():
    options = SearchOptions(beams=3, longest=6)
    together = beam_search(FakeStepper(), list(range(7)), [Free()] * 7, options)
    assert together == [beam_search(FakeStepper(), [n], [Free()], options)[0] for n in range(7)]


def test_rules_bind_and_a_candidate_is_kept_in_reserve():
    (found,) = beam_search(FakeStepper(), [3], [Free(least=2, banned=(4,))], SearchOptions(beams=2, longest=5))
    assert found and all(len(each.ids) >= 2 and 4 not in each.ids for each in found)
    options = SearchOptions(beams=1, longest=3)  # greedy never chooses the end here, but might have
    source = next(n for n in range(99) if END not in (table(n, ())[2:].argmax() + 2, table(n, (3,)).argmax()))
    (found,) = beam_search(FakeStepper(), [source], [Free(least=1)], options)
    assert len(found) == 1 and 1 <= len(found[0].ids) <= 2


def test_impossible_rules_give_no_candidate():
    assert beam_search(FakeStepper(), [0], [Free(least=9)], SearchOptions(longest=4)) == [[]]


# -- rules --------------------------------------------------------------------------------------------------

KNOWN = Lexicon(["s", "u.s", "storm", "after", "talks", "backed", "russian", "schools", "7", "in"])
SOURCE = "Iran's nuclear talks (of 1,000 men) ended after a U.S. storm in Győr, 我国经济."


def spelt(*pieces: str | bytes) -> tuple[Detokenizer, list[int]]:
    """A vocabulary of just these pieces, and their ids."""
    coded = [piece.encode() if isinstance(piece, str) else piece for piece in pieces]
    return Detokenizer([None, None, None, *coded]), list(range(3, 3 + len(coded)))


def written(*pieces: str | bytes, most: int = 9, least: int = 1) -> tuple[Guide, Draft | None]:
    """The draft after all pieces; ``None`` as soon as a rule objects."""
    detokenizer, ids = spelt(*pieces)
    guide = word_rules(detokenizer, SOURCE, KNOWN, least=least, most=most)
    draft: Draft | None = guide.begin()
    for piece in ids:
        draft = guide.extend(draft, piece) if draft is not None else None
    return guide, draft


def allowed(*pieces: str | bytes, **options: int) -> bool:
    return written(*pieces, **options)[1] is not None


def ends(*pieces: str | bytes, **options: int) -> bool:
    guide, draft = written(*pieces, **options)
    return draft is not None and guide.may_end(draft)


def test_a_word_begun_is_finished_as_a_real_word():
    assert ends(" nuc", "lear") and ends(" after", " nuc", "lear", " talks")
    assert not allowed(" after", "lear"), "no word goes on like that"
    assert allowed(" nuc") and not ends(" nuc") and not allowed(" nuc", " talks")
    assert not allowed(" wal"), "neither in the source nor known"
    assert ends(" Storm") and ends(" STORM"), "casing is free"


def test_compounds_of_real_words_and_chunks_of_the_source():
    assert ends(" Russian", "-", "backed") and not allowed(" Russian", "-", "wal")
    assert ends(" U", ".S", ".") and not ends(" U", ".S"), "the source has U.S."
    assert not allowed(" storm", ",", "talks") and allowed(" (", "of") and not allowed(" storm", "~")
    assert ends(" storm", " in", " Iran", "'s")
    assert ends(" Russian", "'s") and not allowed(" Russian", "'", "storm"), "an apostrophe joins a letter only"
    assert not allowed(" Russian", "-", "backed", "-", "talks"), "one word must not fill the room of many"
    assert not allowed(" Iran", "'s", "'s")


def test_numbers_come_from_the_source():
    assert ends(" 1", ",000") and not allowed(" 1", " talks") and not ends(" 1")
    assert not allowed(" 7"), "known, but not said in the source"


def test_no_content_word_twice():
    assert not allowed(" talks", " storm", " talks") and not allowed(" Talks", " talks")
    assert allowed(" in", " storm", " in", " Iran") and not allowed(" in", " in")
    assert not allowed(" storm", ",", ",") and allowed(" storm", ",", " in")
    assert not allowed(" storm", ",", ";") and allowed(" storm", ")")


def test_budget_and_least():
    assert allowed(" storm", " talks", most=2) and not allowed(" storm", " talks", " ended", most=2)
    assert ends(" storm", " talks", least=2) and not ends(" storm", least=2)
    assert allowed("我", "国", most=2) and not allowed("我", "国", "经", most=2), "each character is a word"


def test_never_ends_on_a_function_word_nor_begins_with_a_loose_mark():
    assert not ends(" storm", " in") and ends(" storm", " in", " Iran")
    assert not allowed(" storm", " in", most=2), "the last word there is room for"
    assert allowed(" storm", " a", most=2), "may become 'after'"
    assert not allowed(",", " storm") and not allowed(" -") and allowed(" (", "nuclear")
    assert not ends(" storm", " -")


def test_characters_in_bytes():
    first, second = "ő".encode()[:1], "ő".encode()[1:]
    assert ends(" Gy", first, second, "r")
    guide, half = written(" Gy", first)
    assert half is not None and half.pending and not guide.may_end(half)
    assert not allowed(" Gy", first, " talks") and not allowed(" Gy", second)
    assert not allowed(" Gy", "ж".encode()[:1]), "no such character in the source"
    assert not allowed("我", "我", "我"), "the same pair twice"


def test_what_is_barred_at_a_glance_is_refused_piece_by_piece():
    pieces = (" nuc", "lear", " storm", " talks", " in", " -", "-", ",", " (", "s", " 1", ",000", "我", " 我", b" \xc5")
    detokenizer, ids = spelt(*pieces)
    guide = word_rules(detokenizer, SOURCE, KNOWN, least=1, most=2)
    open_drafts, barred = [guide.begin()], 0
    for _ in range(4):
        grown = []
        for draft in open_drafts:
            row = guide.barred(draft)
            after = {piece: guide.extend(draft, piece) for piece in ids}
            grown += [longer for longer in after.values() if longer is not None]
            if row is not None:
                refused = [piece for piece in ids if row[piece]]
                assert all(after[piece] is None for piece in refused), draft
                barred += len(refused)
        open_drafts = grown[:60]
    assert barred > 100


def test_drafts_count_what_the_text_counts():
    texts = [
        "The half-year results of U.S.-led firms, in 2024年5月, fell 7%.",
        '"Why?" 我国 (the) x',
        "a - b — c",
    ]
    tokenizer = SubwordTokenizer.train(texts, 330)
    detokenizer = Detokenizer(tokenizer.piece_bytes)
    for text in texts:
        draft: Draft | None = Draft()
        for piece in tokenizer.encode(text):
            draft = detokenizer.extend(draft, piece)
            assert draft is not None
        assert draft.units == len(budget_units(text))
        assert draft.words == tuple(word.lower() for word in words(text))


def test_lexicon_against_plain_search():
    found = ["a", "abc", "abd", "b", "bcd"]
    lexicon = Lexicon(found)
    for prefix in ("", "a", "ab", "abc", "abcd", "b", "bc", "c", "z"):
        assert lexicon.continues(prefix) == any(word.startswith(prefix) for word in found)
        assert lexicon.extends(prefix) == any(word.startswith(prefix) and word != prefix for word in found)
        assert (prefix in lexicon) == (prefix in found)
