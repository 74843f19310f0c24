"""scripts/audit.py: its figures against closed forms, and one small audit from end to end."""

import importlib
import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest
from world import WORDS

from summae.errors import InputError
from summae.metrics.faithful import unsupported
from summae.metrics.kneser_ney import KneserNey
from summae.metrics.proportion import share
from summae.text.finishing import normalize_for_critic

ROOT = Path(__file__).resolve().parents[1]
SOURCE = "The U.S.-led group said with Reuters' help that Apple bought 1,000 phones for $5.5 million in China."


@pytest.fixture(scope="module")
def audit():
    sys.path.insert(0, str(ROOT / "scripts"))
    yield importlib.import_module("audit")
    sys.path.remove(str(ROOT / "scripts"))


@pytest.fixture(scope="module")
def judges(audit):
    return importlib.import_module("audit_judges")


# -- names and numbers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("summary", "found"),
    [
        ("Apple bought 1,000 phones", []),
        ("Firms of CHINA and the U.S. buy", []),  # any casing; the parts of a compound
        ("Phones of China's Apple, reuters says", []),  # possessives on either side
        ("Apple buys 100 phones", ["100"]),  # no part of a number is the number
        ("Deal of $5.5 million or 5.50", ["5.50"]),
        ("Deal with Samsung and iRobot near Seoul", ["Samsung", "iRobot", "Seoul"]),
        ("Samsung buys. Microsoft sells; Nokia waits", ["Nokia"]),  # sentence beginnings prove nothing
        ("Deal of U.S. Nokia in J.C. Penney's store", ["Nokia", "J.C", "Penney's"]),  # no sentence ends at "U.S."
        ("2013 deal with a Q3-phone", ["2013", "Q3"]),  # a number is one wherever it stands
        ("", []),
    ],
)
def test_names_and_numbers_that_the_source_lacks(summary, found):
    assert unsupported(summary, SOURCE) == found


@pytest.mark.parametrize("piece", ["a ", "A. ", "U.S.-led 5 ", "x-"])
def test_long_summaries_are_looked_at_in_linear_time(piece):
    """A text that comes back as it is may be a book; minutes when all that stands before a word was read for it."""
    text = piece * (600_000 // len(piece))
    assert unsupported(text, text) == []


def test_a_capital_at_the_beginning_counts_only_when_asked():
    assert unsupported('Samsung buys. "Nokia sells', SOURCE, initial=True) == ["Samsung", "Nokia"]
    assert unsupported("Apple bought", SOURCE, initial=True) == []


# -- figures -------------------------------------------------------------------------------------------------


def test_shares_have_wilsons_interval():
    none, half = share(0, 10), share(5, 10)
    assert (none.mean, none.low) == (0, 0)
    assert none.high == pytest.approx(3.8415 / 13.8415, abs=1e-4)  # z² / (n + z²)
    assert (half.low, half.high) == pytest.approx((0.2366, 0.7634), abs=1e-4)  # binom.confint(5, 10, "wilson") of R
    assert math.isnan(share(0, 0).mean)
    with pytest.raises(ValueError, match="3 of 2"):
        share(3, 2)


def test_kneser_ney_by_hand():
    """Bigrams of "a b", "a c", "a b": ids a = 2, b = 3, c = 4, end = 1, start = 0."""
    model = KneserNey.count([[2, 3, 1], [2, 4, 1], [2, 3, 1]], vocab_size=5, start_id=0, order=2)
    # Five kinds of bigram: 0 2 (3 times), 2 3 (2), 2 4 (1), 3 1 (2), 4 1 (1): D₂ = 2 / (2 + 2 · 2) = 1/3.
    # Before the end stand two ids, before a, b and c one each: D₁ = 3 / (3 + 2 · 1) = 3/5, of 5 in all.
    of_b = (1 - 3 / 5) / 5 + 3 / 5 * 4 / 5 / 5
    after_a = (2 - 1 / 3 + 1 / 3 * 2 * of_b) / 3
    assert model.log_probs([[2, 3]])[0][1] == pytest.approx(math.log(after_a))
    # After a context never seen, only unigrams count; an id never seen has its part of what they leave.
    assert model.log_probs([[1, 3]])[0][1] == pytest.approx(math.log(of_b))
    assert model.log_probs([[1, 0]])[0][1] == pytest.approx(math.log(3 / 5 * 4 / 5 / 5))


def test_kneser_ney_is_a_distribution_after_any_context():
    random = np.random.default_rng(0)
    rows = [[*random.integers(2, 9, size=random.integers(1, 7)), 1] for _ in range(50)]
    model = KneserNey.count(rows, vocab_size=9, start_id=0, order=3)
    for before in ([], [2], [5, 6], [8, 8, 8]):
        total = sum(math.exp(model.log_probs([[*before, last]])[0][-1]) for last in range(9))
        assert total == pytest.approx(1)
    with pytest.raises(ValueError, match="below 2"):
        KneserNey.count(rows, vocab_size=10**6, start_id=0, order=4)


def test_texts_are_normalised_and_matched_by_length(judges):
    assert normalize_for_critic("  The U.S.  Wins!? ") == "the u.s. wins"
    ours = ["a b", "c d", "e f g", "h"]
    pairs = judges.matched(ours, ["A B", "C D E", "F G H", "I J K"], seed=1)
    assert sorted(len(text.split()) for text, _ in pairs) == [2, 3], "one pair of each length that both sides have"
    assert all(len(mine.split()) == len(real.split()) and real.isupper() for mine, real in pairs)
    full = judges.matched(ours * 5, [text.upper() for text in ours] * 5, seed=1)
    assert sorted(mine for mine, _ in full) == sorted(ours * 5), "nobody is left out, nobody comes twice"


def test_perplexity_is_per_word_whatever_the_pieces(judges):
    """A model that gives every word of ours 1/50 and every word of theirs 1/20."""
    pairs = [("a b c", "A B C"), ("d", "E")]

    def log_probs(texts):
        return np.array([-len(text.split()) * math.log(50 if text.islower() else 20) for text in texts])

    ours, real, ratio = judges.perplexity_ratio(pairs, log_probs)
    assert (ours, real, ratio.mean, ratio.low, ratio.high) == pytest.approx((50, 20, 2.5, 2.5, 2.5))
    # one word at 1/8 and three at 1: exp(ln 8 / 4)
    assert judges.perplexity(np.array([-math.log(8), 0.0]), ["a", "b c d"]) == pytest.approx(8**0.25)


def test_the_language_judge_counts_the_end(judges):
    judge = judges.LanguageJudge.trained(["storm closes schools", "storm closes roads"] * 20, pieces=330)
    whole, cut = judge.log_probs(["storm closes roads", "storm closes"])
    assert whole > cut, "nothing it has read ended after 'closes'"
    ids, log_probs, mask = judge.read(["storm closes roads", "storm"])
    assert ids.shape == log_probs.shape == mask.shape and (log_probs[mask == 0] == 0).all()
    alone = judge.read(["storm"])[1]
    assert log_probs[1].sum() == pytest.approx(float(alone.sum())), "padding changes nothing"


def test_the_critic_finds_what_gives_ours_away_and_nothing_where_there_is_nothing(judges):
    random = np.random.default_rng(3)
    texts = [" ".join(WORDS[i] for i in random.integers(20, size=4)) for _ in range(400)]
    judge = judges.LanguageJudge.trained(texts, pieces=330)
    marked = [(f"{text} {WORDS[30]}", f"{text} {WORDS[31]}") for text in texts[:200]]
    assert judges.critic_accuracy(marked, judge, minutes=0.1, seed=1) == (80, 80), "a fifth of 200 pairs"
    right, asked = judges.critic_accuracy(list(zip(texts[:200], texts[200:], strict=True)), judge, minutes=0.05, seed=1)
    assert asked == 80 and abs(right - 40) < 20  # 4.5 standard deviations of a coin


# -- which source? -------------------------------------------------------------------------------------------


def test_overlap_is_the_cosine_of_idf_vectors(judges):
    found = judges.overlap(["Apple falls", "nothing"], ["apple rises and falls", "oil falls", "gold"])
    two, one = math.log(3), math.log(3 / 2)  # idf of words in one and in two of three sources
    norm = math.hypot(two, one) * math.sqrt(3 * two**2 + one**2)
    assert found[0] == pytest.approx([(two**2 + one**2) / norm, one**2 / math.hypot(two, one) ** 2, 0], abs=1e-6)
    assert found[1] == pytest.approx([0, 0, 0])


def test_candidates_are_own_then_nearest_then_others(judges):
    similarity = np.array([[0.1, 0.9, 0.5, 0.0, 0.2], [0.3, 0.0, 0.2, 0.1, 0.0]])
    first, second = judges.candidates(similarity, nearest=2, others=1, seed=0)
    assert first[:3].tolist() == [0, 1, 2] and first[3] in (3, 4)
    assert second[:3].tolist() == [1, 0, 2] and second[3] in (3, 4)
    everyone = judges.candidates(similarity, nearest=5, others=1, seed=0)[0]
    assert sorted(everyone.tolist()) == [0, 1, 2, 3, 4]


def test_a_source_is_found_by_what_the_summary_adds_to_nothing(judges):
    """log p(x | y) = prior(x) + 1 for every word they share: the prior must not decide."""
    sources = ["a b", "c d", "a e"]
    prior = {"a b": -3.0, "c d": 0.0, "a e": -30.0}

    def likelihood(summaries, texts):
        shared = [len({*mine.split()} & {*text.split()}) for mine, text in zip(summaries, texts, strict=True)]
        return np.array([prior[text] + count for text, count in zip(texts, shared, strict=True)])

    choices = [np.array(places) for places in ([0, 1, 2], [1, 0, 2], [2, 0, 1])]
    assert judges.retrieved(["b", "c", "e"], sources, choices, likelihood) == [True, True, True]
    assert judges.retrieved(["c", "a", "a"], sources, choices, likelihood) == [False, False, False], "a tie is a miss"
    assert judges.retrieved(["b", "c", "e"], sources, choices, likelihood, minutes=0) == [True], "the time was up"


def test_a_reconstructor_learns_whose_summary_it_is(judges):
    from summae.text.tokenizer import SubwordTokenizer

    sources = [f"{first} {second} {third}" for first in WORDS[:4] for second in WORDS[4:8] for third in WORDS[8:10]]
    tokenizer = SubwordTokenizer.train(sources, 330)
    pairs = [(text, text.split()[1]) for text in sources]
    judge = judges.ReconstructionJudge.trained(pairs, tokenizer, minutes=0.07, seed=1)
    gains = {word: judge.likelihood([word] * len(sources), sources) for word in ("", *WORDS[4:8])}
    for word in WORDS[4:8]:
        gain = gains[word] - gains[""]
        told = np.array([word in text for text in sources])
        assert gain[told].mean() > gain[~told].mean() + 1


# -- the whole -----------------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path):
    """Headlines of which training reads the even lines only, references, sources and their first words."""
    random = np.random.default_rng(5)

    def text(count):
        return " ".join(WORDS[i] for i in random.integers(len(WORDS), size=count))

    news = tmp_path / "news-en"
    news.mkdir()
    (news / "headlines.txt").write_text("".join(f"{'even odd'.split()[i % 2]} {text(4)}\n" for i in range(300)))
    for name in ("valid", "test"):
        rows = [{"text": text(10).capitalize(), "summaries": [text(5)]} for _ in range(60)]
        (news / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    sources = [json.loads(line)["text"] for line in (news / "test.jsonl").read_text().splitlines()]
    (tmp_path / "sources.txt").write_text("".join(f"{line}\n" for line in sources))
    (tmp_path / "ours.txt").write_text("".join(" ".join(line.split()[:5]) + "\n" for line in sources))
    config = (ROOT / "configs" / "small.yaml").read_text()
    every = "{path: news-en/headlines.txt, every: 2, offset: 0}"
    (tmp_path / "half.yaml").write_text(config.replace("{path: news-en/headlines.txt.xz}", every))
    return tmp_path


def options(place, *more):
    names = {"data": ".", "headlines": "news-en/headlines.txt", "config": "half.yaml", "out": "out"}
    paths = [part for name, path in names.items() for part in (f"--{name}", str(place / path))]
    small = ["--minutes", "0.02", "--pieces", "330", "--nearest", "5", "--others", "5"]
    return [*paths, *small, *more]


def test_an_audit_from_end_to_end(audit, place, capsys):
    files = ["--hypotheses", str(place / "ours.txt"), "--sources", str(place / "sources.txt")]
    assert audit.main(options(place, *files)) == 0
    table = capsys.readouterr().out
    assert table == (place / "out" / "audit.md").read_text() + "\n"
    findings = {each["question"]: each for each in json.loads((place / "out" / "audit.json").read_text())["findings"]}
    assert len(findings) == 13 == table.count("\n| "), "every finding has its row"
    assert findings["begins with the source's first four words"]["figure"]["mean"] == 1
    assert findings["source found by word overlap"]["figure"]["mean"] > 0.9, "five words of ten"
    assert findings["has a word the source lacks"]["figure"]["mean"] == 0
    assert findings["names or numbers the source lacks"]["met"] is True
    assert [each["target"] for question, each in findings.items() if question.startswith("control")] == [None, None]
    assert "were no part of a training by half.yaml" in table and "among 11 of 30" in table


def test_the_judge_reads_what_the_training_left_out(audit, place):
    files = ["--hypotheses", str(place / "ours.txt"), "--sources", str(place / "sources.txt")]
    args = audit.parser().parse_args(options(place, *files))
    args.real = [place / "news-en" / "valid.jsonl"]
    texts = audit.gathered(args)
    assert {text.split()[0] for text in (*texts.for_judge, *texts.held_out)} == {"odd"}
    assert not {*texts.for_judge} & {*texts.held_out} and len(texts.for_judge) > 40 < len(texts.held_out)
    args.config = ROOT / "configs" / "small.yaml"  # names no headlines.txt, only headlines.txt.xz
    assert {text.split()[0] for text in audit.gathered(args).for_judge} == {"even", "odd"}
    (place / "half.yaml").write_text((place / "half.yaml").read_text().replace(", every: 2, offset: 0", ""))
    args.config = place / "half.yaml"
    assert "every line of headlines.txt was read" in audit.gathered(args).caveat


def test_a_models_summaries_are_made_once(audit, place, tiny_checkpoint, monkeypatch):
    args = audit.parser().parse_args(options(place, "--model", str(tiny_checkpoint), "--words", "4", "--limit", "3"))
    sources, summaries = audit.outputs(args)
    assert len(sources) == len(summaries) == 3 and all(len(each.split()) <= 4 for each in summaries)
    monkeypatch.setattr("summae.summarizing.summarizer.Summarizer.load", None)  # who loads again, fails
    assert audit.outputs(args) == (sources, summaries)
    args.words = 5
    with pytest.raises(TypeError):
        audit.outputs(args)


def test_files_that_do_not_fit_are_refused_in_one_line(audit, place, capsys):
    (place / "ours.txt").write_text("one\n")
    files = ["--hypotheses", str(place / "ours.txt"), "--sources", str(place / "sources.txt")]
    assert audit.main(options(place, *files)) == 2
    assert "must have 1 lines" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        audit.main(options(place, "--sources", str(place / "sources.txt")))
    args = audit.parser().parse_args(options(place, *files, "--limit", "1"))
    (place / "sources.txt").write_text("one\n")
    args.real = [place / "news-en" / "valid.jsonl"]
    with pytest.raises(InputError, match="at least 20 texts of 'summaries'"):
        audit.gathered(args)
