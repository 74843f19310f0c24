"""One numpy interface over five graphs; how the graphs are run is the backend's only difference.

    encode    input_ids, attention_mask, salience_ids, word_starts [N, S]
              → hidden, copy_keys [N, S, D], cross [L, 2, N, H, S, P]
    step      previous [N, 1], input_ids, attention_mask, word_starts, hidden, copy_keys, cross,
              cache [L, 2, N, H, T, P]  →  log_probs [N, V], cache [L, 2, N, H, T + 1, P]
    rebuild   summary_ids, summary_mask [N, T], source_ids [N, S]  →  log_probs [N, S]
    fluency   ids [N, T]  →  log_probs [N, T]
    realism   ids [N, T]  →  scores [N, T]                    only of a model with a critic

Legend: N rows, S source pieces, T summary pieces so far, V vocabulary, D width, L decoder layers, H heads,
P = D / H; 2 is keys and values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from summae.text.encoding import EncodedSource
from summae.text.tokenizer import END_ID, PAD_ID

Ids = Sequence[int]

_CELLS = 1600  # rows × target pieces of one run of ``rebuild``: each cell is a distribution over the vocabulary
_MEMORY = ("input_ids", "attention_mask", "word_starts", "hidden", "copy_keys", "cross")


class Graphs(Protocol):
    """Runs a graph of the table above by name."""

    def run(self, name: str, inputs: dict[str, np.ndarray]) -> list[np.ndarray]: ...

    def has(self, name: str) -> bool:
        """Whether there is such a graph."""
        ...

    def cache_shape(self) -> tuple[int, int, int]:
        """(L, H, P) of the generator's cache."""
        ...


@dataclass
class State:
    """Where a search stands: the sources as encoded, their rows as the beams need them, the beams' caches."""

    sources: dict[str, np.ndarray]  # row per source
    memory: dict[str, np.ndarray]  # row per beam
    source_of_row: np.ndarray  # [R]
    cache: np.ndarray  # [L, 2, R, H, T, P]


class Backend:
    """G step by step (a :class:`summae.decoding.search.Stepper`), R, the short-text model and the
    critic in one go.
    """

    def __init__(self, name: str, graphs: Graphs):
        self.name, self.graphs = name, graphs

    # -- generator ------------------------------------------------------------------------------------------

    def start(self, sources: Sequence[EncodedSource]) -> State:
        """Encode the sources; one row each, nothing decoded."""
        ids = padded([source.input_ids for source in sources], PAD_ID)
        known = {
            "input_ids": ids,
            "attention_mask": mask_of([len(source) for source in sources]),
            "salience_ids": padded([source.salience_ids for source in sources], 0),
            "word_starts": padded([source.word_starts for source in sources], 0),
        }
        outputs = self.graphs.run("encode", known)
        memory = {**known, **dict(zip(("hidden", "copy_keys", "cross"), outputs, strict=True))}
        layers, heads, width = self.graphs.cache_shape()
        cache = np.zeros((layers, 2, len(sources), heads, 0, width), dtype=np.float32)
        return State(memory, memory, np.arange(len(sources)), cache)

    def step(self, state: State, previous_ids: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """log p of the next piece [R, V]; row i continues old row ``rows[i]`` with ``previous_ids[i]``."""
        source_of_row = state.source_of_row[rows]
        if not np.array_equal(source_of_row, state.source_of_row):
            state.memory = {name: _take(state.sources[name], name, source_of_row) for name in _MEMORY}
        state.source_of_row = source_of_row
        inputs = {name: state.memory[name] for name in _MEMORY}
        inputs["previous"] = previous_ids[:, None].astype(np.int64)
        inputs["cache"] = _take(state.cache, "cache", rows)
        log_probs, state.cache = self.graphs.run("step", inputs)
        return log_probs

    # -- judges ---------------------------------------------------------------------------------------------

    def rebuild(self, summaries: Sequence[Ids], sources: Sequence[Ids]) -> np.ndarray:
        """log p_R(x_s | x_<s, summary) in nats, row by row: [N, S], 0 on padding. An empty summary is
        "nothing".
        """

        def run(some: list[int]) -> np.ndarray:
            ended = [[*summaries[row], END_ID] for row in some]
            inputs = {
                "summary_ids": padded(ended, PAD_ID),
                "summary_mask": mask_of([len(ids) for ids in ended]),
                "source_ids": padded([sources[row] for row in some], PAD_ID),
            }
            return self.graphs.run("rebuild", inputs)[0]

        return _by_length([len(source) for source in sources], run)

    def fluency(self, summaries: Sequence[Ids]) -> np.ndarray:
        """log p_LM(y_t | y_<t) in nats, the end piece included: [N, T], 0 on padding."""
        return self._read("fluency", summaries)

    @property
    def has_critic(self) -> bool:
        """Whether :meth:`realism` can be asked."""
        return self.graphs.has("realism")

    def realism(self, normalized: Sequence[Ids]) -> np.ndarray:
        """Log-odds that y_1 … y_t begins a real text, the end piece included: [N, T], 0 on padding."""
        return self._read("realism", normalized)

    def _read(self, graph: str, summaries: Sequence[Ids]) -> np.ndarray:
        """A graph that reads nothing but ids, the end piece added."""
        ended = [[*summary, END_ID] for summary in summaries]
        lengths = [len(ids) for ids in ended]
        return _by_length(
            lengths,
            lambda some: self.graphs.run(graph, {"ids": padded([ended[row] for row in some], PAD_ID)})[0],
        )


def padded(rows: Sequence[Ids], pad: int) -> np.ndarray:
    """Rows of different lengths as one int64 array [N, longest]."""
    out = np.full((len(rows), max(map(len, rows))), pad, dtype=np.int64)
    for place, row in enumerate(rows):
        out[place, : len(row)] = row
    return out


def mask_of(lengths: Sequence[int]) -> np.ndarray:
    """1 on the first ``lengths[n]`` places of row n: [N, longest] int64."""
    return (np.arange(max(lengths))[None, :] < np.asarray(lengths)[:, None]).astype(np.int64)


def _take(array: np.ndarray, name: str, rows: np.ndarray) -> np.ndarray:
    return np.take(array, rows, axis=2 if name in ("cross", "cache") else 0)


def _by_length(lengths: Sequence[int], run: Callable[[list[int]], np.ndarray]) -> np.ndarray:
    """``run`` on batches of rows of similar length, put together as [N, longest] with 0 on padding."""
    out = np.zeros((len(lengths), max(lengths)), dtype=np.float32)
    for some in _batches(lengths):
        values = run(some)
        kept = mask_of([lengths[row] for row in some])
        out[some, : values.shape[1]] = values * kept
    return out


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lambda row: -lengths[row]):
        if batch and (len(batch) + 1) * lengths[batch[0]] > _CELLS:
            yield batch
            batch = []
        batch.append(row)
    yield batch
