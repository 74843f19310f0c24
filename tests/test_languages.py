"""Languages: the same hand-written news in fifteen of them through words, sentences, ROUGE, windows and the note."""

from __future__ import annotations

from pathlib import Path

import pytest
from languages import ENGLISH, UNLEARNT, UNREADABLE, UNSPACED

from summae.metrics.rouge import score_examples
from summae.summarizing.document import LEAST_EVIDENCE, read_document
from summae.summarizing.summarizer import Summarizer
from summae.summarizing.summary import UNFAMILIAR
from summae.summarizing.summary import UNREADABLE as UNREAD
from summae.text.finishing import cut, finish, join
from summae.text.sentences import sentences
from summae.text.words import budget_units, words

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(scope="module")
def embedded() -> Summarizer:
    return Summarizer.load(backend="onnx")


# -- reading, counting, splitting, scoring ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("हिन्दी में समाचार", ["हिन्दी", "में", "समाचार"]),  # vowel signs are parts of words
        ("كِتَابٌ جَدِيد", ["كِتَابٌ", "جَدِيد"]),
        ("e\u0301tude cafe\u0301", ["e\u0301tude", "cafe\u0301"]),
        ("می\u200cخواهم", ["می\u200cخواهم"]),
        ("мост, река", ["мост", "река"]),
        ("旧い橋", ["旧", "い", "橋"]),
        ("𠮷野", ["𠮷", "野"]),
        ("ខ្មែរ"[0], ["ខ"]),
    ],
)
def test_words_of_scripts(text, found):
    assert words(text) == found


def test_budgets_are_in_characters_where_there_are_no_spaces():
    assert len(budget_units("川にかかる古い橋。")) == 8 and len(budget_units("ປິດຂົວເກົ່າ")) > 5
    assert cut("市议会星期一决定，关闭", 9) == "市议会星期一决定，关"
    assert cut("ที่นี่", 5) == "ที่", "the tone mark stays with its letter"


@pytest.mark.parametrize("language", ["zh", "ja", "ar", "ru", "de", "es"])
def test_sentences_are_found_whatever_the_language(language):
    text = {**UNLEARNT, **UNREADABLE}[language]
    found = [text[begin:end] for begin, end in sentences(text)]
    mark = "。" if language in UNSPACED else "."
    assert len(found) == 3 and all(sentence.count(mark) == 1 and sentence.endswith(mark) for sentence in found)


def test_a_question_of_another_script_ends_a_sentence():
    text = "هل سيغلق المجلس الجسر القديم؟ نعم، قرر المجلس ذلك."
    assert len(sentences(text)) == 2
    assert len(sentences(text, "xx")) == 2, "our own rule"


@pytest.mark.parametrize("language", UNREADABLE)
def test_rouge_counts_words_or_characters(language):
    """Of ten units in a row, five are in the summary: P = 1, R = 1/2, F1 = 2/3; none of another text."""
    whole = UNREADABLE[language].split("。")[0].split(".")[0].replace(" ", "" if language in UNSPACED else " ")
    letters = [unit for unit in (whole if language in UNSPACED else whole.split()) if unit.isalpha()]
    reference = list(dict.fromkeys(letters))[:10]
    gap = "" if language in UNSPACED else " "
    row, other = score_examples([gap.join(reference[:5]), ENGLISH], [[gap.join(reference)]] * 2)
    assert len(reference) == 10 and row[0] == pytest.approx(2 / 3) and row[2] == pytest.approx(2 / 3)
    assert list(other) == [0, 0, 0]


def test_lines_end_as_their_script_has_it():
    assert join(["关闭旧桥", "需要四百万"]) == "关闭旧桥。需要四百万。"
    assert join(["橋が傷む", "Tokyo"]) == "橋が傷む。 Tokyo."
    assert join(["ปิดสะพาน", "ชาวบ้านขอทางออก"]) == "ปิดสะพาน ชาวบ้านขอทางออก"
    assert join(["Мост закрыт", "Когда?"]) == "Мост закрыт. Когда?"
    assert join(["الجسر مغلق", "متى؟"]) == "الجسر مغلق. متى؟"
    assert join(["पुल बंद है", "कब?"]) == "पुल बंद है। कब?"
    assert finish("ปิดสะพาน วันจันทร์", "Text") == "ปิดสะพาน วันจันทร์", "spaces mean something in Thai"


# -- the notes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", UNLEARNT)
def test_a_language_never_learnt_is_noted_and_summarised(embedded, language):
    (summary,) = embedded.summarize([UNLEARNT[language]], beams=1)
    assert summary.note == UNFAMILIAR
    assert 0 < len(summary.text.split()) <= 10 and summary.scores["coverage"] != 0


@pytest.mark.parametrize("language", UNREADABLE)
def test_a_script_that_cannot_be_read_gives_words_of_the_text(embedded, language):
    (summary,) = embedded.summarize([UNREADABLE[language]])
    assert summary.note == UNREAD and summary.text.rstrip("，.") in UNREADABLE[language]


def test_english_is_not_noted(embedded):
    names = ("news.txt", "support_ticket.txt", "science_abstract.txt", "email.txt", "report.txt")
    texts = [ENGLISH, *((EXAMPLES / name).read_text(encoding="utf-8") for name in names)]
    assert [summary.note for summary in embedded.summarize(texts, beams=1)] == [None] * 6


def test_english_that_quotes_a_sentence_is_english(embedded):
    quote = UNLEARNT["de"].split(". ")[0]
    assert read_document(f"{ENGLISH} Officials said: “{quote}”.", embedded.encoder, 39).familiar


def test_a_few_names_prove_nothing(embedded):
    names = " ".join(["Zwrtyk Qelmorn Vashtiq"] * 3)
    assert len(names.split()) < LEAST_EVIDENCE and read_document(names, embedded.encoder, 39).familiar
    assert not read_document(f"{names} {names}", embedded.encoder, 39).familiar


def test_mean_information_is_that_of_running_words(embedded):
    """A word of every text tells nothing; one never seen, everything."""
    document = read_document("the Zwrtyk", embedded.encoder, 39)
    table = document.salience
    assert "zwrtyk" not in table.idf
    assert document.mean_information == pytest.approx((table.idf["the"] / table.unseen_idf + 1) / 2)
