"""Which whole sentences make the summary of a document: those that say most of it, and can be read by themselves.

    value(s) = w_p · early(s) + w_c · central(s) + w_r · rebuilt(s) + w_s · stated(s) − w_q · asking(s) − …

*early*: 1 / (1 + places from the beginning)^½, counted in sentences that may be told. *central*: the summed weight of
its distinct content words (:func:`summae.summarizing.plan.word_weight`) for its length, as a share of the best.
*stated*: whether the authors say that they present or have found it. *rebuilt*: how much better R rebuilds a sample of
the text from it than from nothing, as a share of the best; measured for the ``MOST_JUDGED`` with the best other values.

The choice is exact: of all ways to take ``count`` sentences in order, the one with the greatest sum, where a sentence
that leans on the one before it (:mod:`summae.summarizing.sentence`) costs ``LEANING`` unless that one is told too.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from summae.summarizing.centrality import Centrality
from summae.summarizing.document import Document
from summae.summarizing.length import Limit
from summae.summarizing.plan import Line, Plan, by_weight_scores, word_weight
from summae.summarizing.rank import Judge
from summae.summarizing.sentence import (
    MOST_WORDS,
    SourceSentence,
    is_form,
    is_sentence,
    is_stated,
    leans,
    told,
    wordings,
)
from summae.text.encoding import SourceEncoder
from summae.text.words import is_function_word

MOST_JUDGED = 8  # sentences that R judges
LEANING = 2.0  # what telling a sentence costs without the one that it leans on
SAME = 0.6  # share of the smaller one's content words from which two sentences say the same
EARLY, CENTRAL, REBUILT = 3.0, 1.0, 0.5
#: domain → weight of being early there: news tells its point first. Both were set by readings of 40 articles and 40
#: posts, in which the first three sentences were sent more often than those that a weight of 1.5 chose.
EARLY_IN = {"news": 4.0, "science": 1.0}  # abstracts begin with what is known
STATED = 1.5
FORM = 2.0  # what a sentence for form's sake costs: "Let me know if you have any questions"
QUOTED = 0.4  # what beginning with a quotation costs: it is somebody's, and seldom the point
ASKING = 0.8  # what a question or an exclamation costs: it calls for what follows


def sentences_of(document: Document) -> list[SourceSentence]:
    """The windows that may be told as sentences, none that says what an earlier one said."""
    found: list[SourceSentence] = []
    contents: list[set[str]] = []
    for place, window in enumerate(document.windows):
        text = told(window.text)
        content = {word for word in window.words if not is_function_word(word)}
        if not is_sentence(text) or any(_same(content, other) for other in contents):
            continue
        if some := wordings(text):
            contents.append(content)
            found.append(SourceSentence(some, leans(text), place))
    return found


def _same(a: set[str], b: set[str]) -> bool:
    return len(a & b) > SAME * min(len(a), len(b))


def plan_sentences(document: Document, limit: Limit, judge: Judge, encoder: SourceEncoder) -> Plan | None:
    """Of a document whose windows are its sentences, a line for each of ``limit.sentences``; ``None`` where none of
    them may be told.
    """
    sentences = sentences_of(document)
    if not sentences or limit.sentences is None:
        return None
    chosen = select(document, sentences, limit.sentences, judge, encoder)
    sample = judge.sample(document, [document.chunk_of[each.place] for each in chosen])
    centrality, only = Centrality(document), len(chosen) == 1
    each_limit = Limit(ask=MOST_WORDS, words=MOST_WORDS, sentences=1)
    lines = [
        Line(document, each_limit, [each.place], sample, centrality, only=only, proposers=("sentence",))
        for each in chosen
    ]
    return Plan(document, limit, lines)


def select(
    document: Document, sentences: Sequence[SourceSentence], count: int, judge: Judge, encoder: SourceEncoder
) -> list[SourceSentence]:
    """At most ``count`` of ``sentences``, in their order."""
    values = _values(document, sentences, judge, encoder)
    follows = [
        index > 0 and sentence.place == sentences[index - 1].place + 1 for index, sentence in enumerate(sentences)
    ]
    leaning = [sentence.leans for sentence in sentences]
    return [sentences[index] for index in best_in_order(values, leaning, follows, min(count, len(sentences)))]


def _values(
    document: Document, sentences: Sequence[SourceSentence], judge: Judge, encoder: SourceEncoder
) -> list[float]:
    early = np.array([1 / np.sqrt(1 + index) for index in range(len(sentences))])
    weights = np.array(by_weight_scores(document, word_weight(document)))[[each.place for each in sentences]]
    asking = np.array([each.wordings[0].rstrip("\"'”’)")[-1] in "?!？！" for each in sentences])
    quoted = np.array([each.wordings[0][:1] in '"“«„' for each in sentences])
    weight = EARLY_IN.get(encoder.domain(document.text), EARLY)
    stated = np.array([is_stated(each.wordings[0]) for each in sentences])
    form = np.array([is_form(each.wordings[0]) for each in sentences])
    values = weight * early + CENTRAL * weights / max(weights.max(), 1e-9) + STATED * stated
    values -= QUOTED * quoted + ASKING * asking + FORM * form
    judged = sorted(np.argsort(-values, kind="stable")[:MOST_JUDGED].tolist())
    if REBUILT and len(judged) > 1:
        places = [sentences[index].place for index in judged]
        sample = judge.sample(document, [document.chunk_of[place] for place in places])
        ids = encoder.tokenizer.encode_batch([sentences[index].wordings[0] for index in judged])
        gains = judge.gains(ids, sample).sum(axis=1)
        values[judged] += REBUILT * np.maximum(gains, 0) / max(gains.max(), 1e-9)
    return values.tolist()


def best_in_order(values: Sequence[float], leaning: Sequence[bool], follows: Sequence[bool], count: int) -> list[int]:
    """The ``count`` indices, in order, with the greatest sum of values, less ``LEANING`` for each that leans on one
    that is not taken; ``follows[i]``: what i leans on is i − 1.

    Dynamic programme over (sentences seen, taken, last one taken): O(n · count).
    """
    #: (taken, last taken or not) → (sum, choice)
    ways: dict[tuple[int, bool], tuple[float, tuple[int, ...]]] = {(0, False): (0.0, ())}
    for index, value in enumerate(values):
        longer: dict[tuple[int, bool], tuple[float, tuple[int, ...]]] = {}
        for (taken, last), (total, choice) in ways.items():
            supported = not leaning[index] or (last and follows[index])
            steps = [((taken, False), total, choice)]
            if taken < count:
                steps.append(((taken + 1, True), total + value - (0 if supported else LEANING), (*choice, index)))
            for state, sum_, way in steps:
                if state not in longer or sum_ > longer[state][0]:
                    longer[state] = (sum_, way)
        ways = longer
    return list(max((way for (taken, _), way in ways.items() if taken == count), key=lambda way: way[0])[1])
