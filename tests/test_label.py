"""Self-training: the pairs are what a teacher, asked in the same words, says of real sources."""

import pytest

from summae.data.corpora import Corpus
from summae.summarizing.summarizer import Summary
from summae.training import label as labelling
from summae.training.label import label


class Echo:
    """A teacher whose summary is the budget and the source; it cannot summarise sources with a 7 in them."""

    def __init__(self):
        self.calls = []

    def summarize(self, texts, words):
        self.calls.append((len(texts), words))
        return [Summary(text=f"{words} {text}", note="no" if "7" in text else None) for text in texts]


def corpora():
    return [
        Corpus(name="a", sources=[f"a{i}" for i in range(100)], short_texts=["x"], weight=3.0),
        Corpus(name="b", sources=[f"b{i}" for i in range(20)], short_texts=["x"], weight=1.0),
    ]


def labelled(**options):
    return label(Echo(), corpora(), **{"count": 40, "words": (6, 9), "seed": 5, **options})


def test_rows_are_sources_of_the_corpora_by_weight_each_once_with_what_the_teacher_said():
    rows = labelled()
    said = {(row["corpus"], row["source"]) for row in rows}
    assert len(said) == len(rows)
    for name, wanted in (("a", 30), ("b", 10)):
        sources = [source for corpus, source in said if corpus == name]
        lacking = sum("7" in source for source in next(c for c in corpora() if c.name == name).sources)
        assert wanted - lacking <= len(sources) <= wanted and not any("7" in source for source in sources)
    budgets = set()
    for row in rows:
        budget, source = row["target"].split()
        assert source == row["source"] and 6 <= int(budget) <= 9
        budgets.add(int(budget))
    assert labelled() == rows != labelled(seed=6)


def test_processes_share_the_work_and_together_do_all_of_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(labelling, "TOGETHER", 4)
    alone = labelled()
    parts = [labelled(part=(rank, 3)) for rank in range(3)]
    assert sorted(map(str, alone)) == sorted(str(row) for part in parts for row in part) and all(parts)
    assert len({row["target"].split()[0] for row in alone}) > 1  # budgets differ from batch to batch


def test_no_more_than_there_is_and_never_too_many_at_once():
    teacher = Echo()
    rows = label(teacher, corpora(), count=10_000, words=(6, 6), seed=1)
    assert len(rows) == sum("7" not in source for corpus in corpora() for source in corpus.sources)
    assert max(size for size, _ in teacher.calls) <= labelling.TOGETHER and {words for _, words in teacher.calls} == {6}
