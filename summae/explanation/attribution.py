"""What a summary kept of its text and what it lost, word by word: R knows.

    bits(x_t) = log₂ p_R(x_t | x_<t, summary) − log₂ p_R(x_t | x_<t, nothing)

for every piece x_t of the text, added up over the pieces of a word. *Coverage* is that gain over what
rebuilding the text from nothing costs, both weighted by the words' idf: the coverage that ranks
candidates (:func:`summae.summarizing.features.coverage`), here over the whole text. To a word of the summary
is *attributed* what of the text gets harder to rebuild once that word is taken out of the summary.

R reads a chunk of the text and a short summary at a time. A summary that is too long for it is read by
sentences (*parts*), and every sentence of the text is rebuilt from the part that helps it most.

Cost: R runs 1 + parts times on each chunk, at most ``MOST_RUNS`` times in all. Of a text too long for that
(above 50,000 words for a summary of one part), chunks evenly spread over it are read, and
``Explanation.read`` says which share that is. Words are taken out on the chunks that gained most, in at most
``MOST_WITHOUT`` further runs. A run takes 5 to 10 ms of one core: two seconds for an article, 25 at worst.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from summae.errors import InputError
from summae.explanation.findings import Attribution, ExplainedSentence, ExplainedToken, Explanation
from summae.metrics.faithful import unsupported_places
from summae.model.backends.base import Backend, Ids
from summae.summarizing.document import Document
from summae.summarizing.features import NATS_PER_BIT
from summae.summarizing.summarizer import Summarizer
from summae.text.sentences import RuleSplitter, sentences
from summae.text.tokenizer import SubwordTokenizer
from summae.text.windows import cuts
from summae.text.words import word_spans, words

MOST_RUNS = 2048  # of R for one explanation, 5 to 10 ms each: some 20 s at worst
MOST_WITHOUT = 512  # further runs, with a word of the summary taken out: some 5 s
LOST = 0.1  # coverage of a sentence below which it is lost: one word of many, or chance
ATTRIBUTED = 6.0  # bits from which a token is attributed to a word: chance moves one by up to five
LEAST_COST = 1e-9  # what a share is divided by where there is nothing to rebuild
UNREADABLE = "the model does not know this script: the figures say little"

Span = tuple[int, int]
_HALVES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class _Part:
    """A run of the summary that R reads in one go, as G would have written it."""

    text: str
    start: int  # in the summary, which is as long


@dataclass(frozen=True)
class _Chunk:
    """A chunk of the text; row vectors have an entry for each of its pieces."""

    ids: list[int]
    weights: np.ndarray  # the piece's idf
    tokens: np.ndarray  # the place of the piece's token among all tokens
    sentences: np.ndarray  # the number of the piece's sentence


@dataclass(frozen=True)
class _Rebuilt:
    """A chunk as R rebuilds it: log₂ p of its pieces."""

    chunk: _Chunk
    from_nothing: np.ndarray
    from_summary: np.ndarray
    parts: np.ndarray  # the part of the summary that the piece is rebuilt from

    @property
    def bits(self) -> np.ndarray:
        return self.from_summary - self.from_nothing


def explain(summarizer: Summarizer, text: str, summary: str, *, language: str | None = None) -> Explanation:
    """How much of ``text`` the ``summary`` (the model's or any other) gives away, and which of its words do.

    ``language``: code such as ``en``, for finding sentences. Raises :class:`InputError` for what is no string.
    """
    for name, value in (("text", text), ("summary", summary)):
        if not isinstance(value, str):
            raise InputError(f"{name} must be a string, got {type(value).__name__}")
    text, summary = _readable(text), _readable(summary)
    manifest, tokenizer = summarizer.checkpoint.manifest, summarizer.encoder.tokenizer
    document = summarizer.read(text, language)
    parts = _parts(summary, document, tokenizer, manifest.max_summary_length - 1)
    sentence_spans: list[Span] = [*sentences(text, language)]
    chunks, spans = _read(document, sentence_spans, MOST_RUNS // (1 + len(parts)))
    rebuilt = _rebuild(summarizer.backend, tokenizer, chunks, parts)
    bits_T = _per_token(rebuilt, [each.bits for each in rebuilt], len(spans))
    kept_T = _per_token(rebuilt, [each.bits * each.chunk.weights for each in rebuilt], len(spans))
    cost_T = _per_token(rebuilt, [-each.from_nothing * each.chunk.weights for each in rebuilt], len(spans))
    abbreviated = [short for short, _ in summarizer.checkpoint.wording_of(text).standing_for(text)]
    return Explanation(
        text=text,
        summary=summary,
        coverage=_share(kept_T, cost_T),
        coverage_bits=float(bits_T.sum()),
        tokens=tuple(
            ExplainedToken(start=start, end=end, bits=bits)
            for (start, end), bits in zip(spans, bits_T.tolist(), strict=True)
        ),
        sentences=tuple(_sentences(sentence_spans, spans, kept_T, cost_T)),
        attributions=tuple(_attributions(summarizer.backend, tokenizer, rebuilt, parts, summary)),
        unsupported=tuple(unsupported_places(summary, text, abbreviated)),
        read=sum(len(chunk.ids) for chunk in chunks) / max(sum(len(each.ids) for each in document.windows), 1),
        note=None if document.readable else UNREADABLE,
    )


def _readable(text: str) -> str:
    """``text``, as long as it is, with U+FFFD for halves of characters: no tokeniser takes them."""
    return _HALVES.sub("\N{REPLACEMENT CHARACTER}", text)


# -- what R reads -------------------------------------------------------------------------------------------


def _read(document: Document, sentences: list[Span], most: int) -> tuple[list[_Chunk], list[Span]]:
    """At most ``most`` chunks, evenly spread, and the tokens in them."""
    count = len(document.chunks)
    spread = np.linspace(0, count - 1, min(count, max(most, 1))).round().astype(int).tolist()
    places = np.concatenate([np.zeros((0, 2), int), *(window.spans_P2 for window in document.windows)])
    ends = np.cumsum([0, *(len(ids) for ids, _ in document.chunks)]).tolist()
    sentence_starts = [start for start, _ in sentences]
    spans: list[Span] = []
    chunks = []
    for number in spread:
        ids, weights = document.chunks[number]
        tokens = []
        inside = places[ends[number] : ends[number + 1]]
        for span in map(tuple, inside.tolist()):
            if not spans or span[0] >= spans[-1][1]:
                spans.append(span)
            tokens.append(len(spans) - 1)
        numbers = np.searchsorted(sentence_starts, inside[:, 0], side="right")
        chunks.append(_Chunk(ids, np.array(weights), np.array(tokens), numbers))
    return chunks, spans


def _parts(summary: str, document: Document, tokenizer: SubwordTokenizer, room: int) -> list[_Part]:
    """The whole summary if R can read it, else its sentences, the longest of them cut between words."""
    known = set(words(document.text))
    if len(tokenizer.encode(summary)) <= room:
        return [_Part(_as_written(summary, known), 0)]
    parts = []
    for start, end in sentences(summary, splitter=RuleSplitter()):
        encoding = tokenizer.backend.encode(summary[start:end], add_special_tokens=False)
        offsets = encoding.offsets  # made when asked for
        for first, last in cuts(encoding.word_ids, room):
            begin, stop = start + offsets[first][0], start + offsets[last - 1][1]
            parts.append(_Part(_as_written(summary[begin:stop], known), begin))
    return parts or [_Part("", 0)]


def _as_written(part: str, known: set[str]) -> str:
    """Without the capital that finishing put in front: R learnt from summaries that had not got it yet."""
    start, end = next(iter(word_spans(part)), (0, 0))
    lowered = part[start:end][:1].lower() + part[start:end][1:]
    if part[start:end] in known or lowered not in known or len(lowered) != end - start:
        return part
    return part[:start] + lowered + part[end:]


# -- what R says --------------------------------------------------------------------------------------------


def _log2(backend: Backend, rows: Sequence[tuple[Ids, Ids]]) -> list[np.ndarray]:
    """log₂ p_R of every piece of the chunk, for each (summary, chunk)."""
    if not rows:
        return []
    found_NS = backend.rebuild([summary for summary, _ in rows], [chunk for _, chunk in rows])
    bits_NS = found_NS.astype(np.float64) / NATS_PER_BIT
    return [row[: len(chunk)] for row, (_, chunk) in zip(bits_NS, rows, strict=True)]


def _rebuild(backend: Backend, tokenizer: SubwordTokenizer, chunks: list[_Chunk], parts: list[_Part]) -> list[_Rebuilt]:
    summaries = [[], *tokenizer.encode_batch([part.text for part in parts])]
    found = iter(_log2(backend, [(summary, chunk.ids) for chunk in chunks for summary in summaries]))
    rebuilt = []
    for chunk in chunks:
        nothing, *by_part = [next(found) for _ in summaries]
        best = _best_parts(np.array(by_part), chunk.sentences)
        rebuilt.append(_Rebuilt(chunk, nothing, np.array(by_part)[best, np.arange(len(best))], best))
    return rebuilt


def _best_parts(by_part_QS: np.ndarray, sentences_S: np.ndarray) -> np.ndarray:
    """For every piece: the part of the summary that its sentence is most probable with."""
    best_S = np.zeros(len(sentences_S), int)
    for sentence in np.unique(sentences_S):
        inside_S = sentences_S == sentence
        best_S[inside_S] = by_part_QS[:, inside_S].sum(axis=1).argmax()
    return best_S


def _per_token(rebuilt: list[_Rebuilt], values: list[np.ndarray], count: int) -> np.ndarray:
    """``values`` of all pieces, added up by token: [count]."""
    tokens_P = np.concatenate([np.zeros(0, int), *(each.chunk.tokens for each in rebuilt)])
    return np.bincount(tokens_P, np.concatenate([np.zeros(0), *values]), count)


def _share(kept_T: np.ndarray, cost_T: np.ndarray) -> float:
    return float(kept_T.sum()) / max(float(cost_T.sum()), LEAST_COST)


def _sentences(
    sentences: list[Span], spans: list[Span], kept_T: np.ndarray, cost_T: np.ndarray
) -> Iterator[ExplainedSentence]:
    """Those that R has read something of."""
    starts = [start for start, _ in spans]
    for start, end in sentences:
        first, last = np.searchsorted(starts, [start, end])
        if first < last:
            coverage = _share(kept_T[first:last], cost_T[first:last])
            yield ExplainedSentence(start=start, end=end, coverage=coverage, lost=coverage < LOST)


def _attributions(
    backend: Backend, tokenizer: SubwordTokenizer, rebuilt: list[_Rebuilt], parts: list[_Part], summary: str
) -> Iterator[Attribution]:
    """For each word of the summary: what is lost of what is rebuilt from its part, when it is taken out of that."""
    spans = [word_spans(part.text) for part in parts]
    without = [
        tokenizer.encode_batch([part.text[:start] + part.text[end:] for start, end in spans[number]])
        for number, part in enumerate(parts)
    ]
    asked: list[tuple[_Rebuilt, int, int]] = []
    for each in sorted(rebuilt, key=lambda each: -each.bits.sum()):
        asked += [(each, part, word) for part in np.unique(each.parts) for word in range(len(spans[part]))]
    asked = asked[:MOST_WITHOUT]
    found = _log2(backend, [(without[part][word], each.chunk.ids) for each, part, word in asked])
    losses: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)
    for (each, part, word), without_word in zip(asked, found, strict=True):
        inside = each.parts == part
        for token, bits in zip(
            each.chunk.tokens[inside].tolist(), (each.from_summary - without_word)[inside], strict=True
        ):
            losses[part, word][token] += bits
    for number, place in enumerate(part.start for part in parts):
        for word, (start, end) in enumerate(spans[number]):
            yield _attribution(summary, (place + start, place + end), losses[number, word])


def _attribution(summary: str, span: Span, losses: Counter[int]) -> Attribution:
    most = [(token, float(bits)) for token, bits in losses.most_common() if bits >= ATTRIBUTED]
    return Attribution(
        word=summary[slice(*span)],
        start=span[0],
        end=span[1],
        tokens=tuple(token for token, _ in most),
        gains=tuple(bits for _, bits in most),
        bits=float(sum(losses.values())),
    )
