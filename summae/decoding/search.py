"""Beam search over several sources at once, under rules, with numpy only. ``beams=1`` is greedy search.

    score(y) = log p(y | x) / |y|^power,   |y| in pieces, the end piece included

Rules are asked lazily, for the most probable continuations first, so a rule may be as slow as a look-up in a
dictionary of words without the search noticing. Deterministic: ties go to the earlier beam, then the lower
id.

Legend: R rows (all beams of all sources at this step), V vocabulary, B beams of one source.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from summae.decoding.drafts import Draft

LOOKED = 64  # continuations tried for each beam in one step, once there is something to show
SORTED_FIRST = (4, 8)  # continuations sorted first: so many a beam, and some more; seldom more are asked for


class Stepper(Protocol):
    """A decoder with its memory; rows of a state are beams."""

    def start(self, sources: Any) -> Any:
        """Read the sources; the state has one row for each."""
        ...

    def step(self, state: Any, previous_ids: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """log p of the next piece [R, V]. New row i continues old row ``rows[i]`` with ``previous_ids[i]``;
        both [R].
        """
        ...


class Rules(Protocol):
    """What may be written for one source (:class:`summae.decoding.rules.Guide`)."""

    def begin(self) -> Any: ...

    def extend(self, draft: Any, piece: int) -> Any | None: ...

    def barred(self, draft: Any) -> np.ndarray | None: ...

    def may_end(self, draft: Any) -> bool: ...


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A summary, or its beginning while the search runs."""

    ids: tuple[int, ...]  # without start and end
    log_prob: float  # nats; of a finished one, the end piece included
    draft: Draft

    def score(self, power: float) -> float:
        return self.log_prob / (len(self.ids) + 1) ** power


@dataclass(frozen=True, kw_only=True)
class SearchOptions:
    beams: int = 4  # >= 1
    longest: int = 32  # pieces, the end piece included
    power: float = 1.0  # of the length that the log-probability is divided by; 0: not divided
    margin: float = 12.0  # nats; what is that much less probable than the best continuation is not looked at
    start_id: int = 0
    end_id: int = 2


def beam_search(
    stepper: Stepper, sources: Any, guides: Sequence[Rules], options: SearchOptions
) -> list[list[Hypothesis]]:
    """Finished hypotheses of every source, best first, at most ``beams`` each.

    A list is empty only when no run of at most ``longest`` pieces satisfies the rules on the way the search
    went.
    """
    searches = [_Search(guide, options) for guide in guides]
    state = stepper.start(sources)
    rows = np.arange(len(searches))
    previous = np.full(len(searches), options.start_id)
    for step in range(options.longest):
        log_probs_RV = stepper.step(state, previous, rows)
        last = step == options.longest - 1
        place, kept = 0, []
        for search in searches:
            width = len(search.live)
            if width:
                parents = search.advance(log_probs_RV[place : place + width], last)
                kept += [(place + parent, beam.ids[-1]) for parent, beam in zip(parents, search.live, strict=True)]
            place += width
        if not kept:
            break
        rows, previous = (np.asarray(column) for column in zip(*kept, strict=True))
    return [search.finished() for search in searches]


@dataclass
class _Search:
    """The beams of one source."""

    guide: Rules
    options: SearchOptions
    live: list[Hypothesis] = field(init=False)
    done: list[Hypothesis] = field(default_factory=list)
    reserve: Hypothesis | None = None  # the best one that could have ended, should none end by itself

    def __post_init__(self) -> None:
        self.live = [Hypothesis((), 0.0, self.guide.begin())]

    def advance(self, log_probs_BV: np.ndarray, last: bool) -> list[int]:
        """Replace ``live`` by its best continuations; returns the beam that each of them continues."""
        end = self.options.end_id
        totals_BV = log_probs_BV + np.array([[beam.log_prob] for beam in self.live])
        ended = self._ended(totals_BV[:, end])
        self.reserve = max([*filter(None, [self.reserve]), *ended], key=self._score, default=None)
        if last:
            self.done += ended
            self.live = []
            return []
        parents: list[int] = []
        grown: list[Hypothesis] = []
        least = -np.inf
        for looked, (parent, piece) in enumerate(_best_first(self._open(totals_BV), self.options.beams)):
            beam, total = self.live[parent], float(totals_BV[parent, piece])
            if total == -np.inf or total < least or len(grown) == self.options.beams:
                break
            if looked >= LOOKED * self.options.beams and (grown or self.done or self.reserve):
                break
            if piece == end and self.guide.may_end(beam.draft):
                self.done.append(Hypothesis(beam.ids, total, beam.draft))
                if self.options.beams == 1:
                    break
            elif piece != end and (draft := self.guide.extend(beam.draft, piece)) is not None:
                grown.append(Hypothesis((*beam.ids, piece), total, draft))
                parents.append(parent)
            else:
                continue
            least = max(least, total - self.options.margin)
        self.live = grown
        if self._settled():
            self.live, parents = [], []
        return parents

    def _open(self, totals_BV: np.ndarray) -> np.ndarray:
        """``totals_BV`` with −∞ for what is barred."""
        barred = [self.guide.barred(beam.draft) for beam in self.live]
        if all(row is None for row in barred):
            return totals_BV
        none = np.zeros(totals_BV.shape[1], dtype=bool)
        return np.where([none if row is None else row for row in barred], -np.inf, totals_BV)

    def _ended(self, totals_B: np.ndarray) -> list[Hypothesis]:
        """The live beams that may end now, ended."""
        return [
            Hypothesis(beam.ids, float(total), beam.draft)
            for beam, total in zip(self.live, totals_B, strict=True)
            if self.guide.may_end(beam.draft)
        ]

    def _score(self, hypothesis: Hypothesis) -> float:
        return hypothesis.score(self.options.power)

    def _best_done(self) -> list[Hypothesis]:
        return sorted(self.done, key=self._score, reverse=True)[: self.options.beams]

    def _settled(self) -> bool:
        """Enough are done, and no live beam can still beat the worst of them (log p only falls)."""
        done = self._best_done()
        if not self.live or len(done) < self.options.beams:
            return not self.live
        hope = max(beam.log_prob for beam in self.live) / self.options.longest**self.options.power
        return hope <= self._score(done[-1])

    def finished(self) -> list[Hypothesis]:
        return self._best_done() or ([self.reserve] if self.reserve else [])


def _best_first(totals_BV: np.ndarray, beams: int) -> Iterator[tuple[int, int]]:
    """(beam, piece) by falling total; sorts only as far as it is asked to."""
    flat = totals_BV.ravel()
    given: set[int] = set()  # with ties, a longer list need not begin as the shorter one did
    each, more = SORTED_FIRST
    for count in (each * beams + more, LOOKED * beams, flat.size):
        top = np.argpartition(-flat, count - 1)[:count] if count < flat.size else np.arange(flat.size)
        for index in map(int, top[np.lexsort((top, -flat[top]))]):
            if index not in given:
                given.add(index)
                yield divmod(index, totals_BV.shape[1])
