"""Sources of the ``datasets`` library: a directory that it can load, a data set on the hub, one in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from summae.batch.formats.survey import Survey, new_digest, survey_of
from summae.batch.rows import SIZE, InputBlock, InputRow, RowBlock, TableBlock, grouped, plain
from summae.errors import InputError

if TYPE_CHECKING:
    from datasets import Dataset, IterableDataset

#: ``name:config/split``, where ``name`` may have an owner; config and split may be empty where there is only one
HUB_NAME = r"(?P<name>[\w.-]+(?:/[\w.-]+)?):(?P<config>[^/:]*)(?:/(?P<split>[\w.-]+))?"


class DatasetSource:
    def __init__(self, name: str):
        self.name, self.place = name, Path(name).absolute()  # workers may stand elsewhere

    def survey(self, column: str, typed: bool) -> Survey:
        data, schema = self.data, self.data.features.arrow_schema
        return Survey(len(data), schema.names, f"{data._fingerprint} {len(data)}", schema)

    def blocks(self, first: int) -> Iterator[InputBlock]:
        data = self.data.with_format("arrow")
        for start in range(first * SIZE, len(data), SIZE):
            yield TableBlock(start, data[start : start + SIZE])

    @cached_property
    def data(self) -> Dataset:
        """Loaded when first used; its rows stay on disk."""
        from datasets import load_dataset, load_from_disk
        from datasets.utils.logging import disable_progress_bar
        from huggingface_hub.utils.logging import set_verbosity_error

        disable_progress_bar()
        set_verbosity_error()  # or it tells of every attempt
        saved = any((self.place / file).is_file() for file in ("state.json", "dataset_dict.json"))
        with _trouble_named(self.name):
            if saved:
                return _one(load_from_disk(self.place), f"{self.name}: name one of its sub-directories")
            if self.place.is_dir():
                return _one(load_dataset(str(self.place)), self.name)
            parts = re.fullmatch(HUB_NAME, self.name)
            assert parts is not None  # or the name would not have come here
            found = load_dataset(parts["name"], parts["config"] or None, split=parts["split"])
            return _one(found, f"{self.name}: name one as '{parts['name']}:{parts['config'] or ''}/SPLIT'")


class StreamSource:
    """A stream of dicts that can be read more than once: it is for every pass."""

    def __init__(self, name: str, stream: IterableDataset):
        self.name, self.stream = name, stream

    def survey(self, column: str, typed: bool) -> Survey:
        digest = new_digest()
        return survey_of(self.name, [], grouped(self._rows(digest)), column, typed, digest)

    def blocks(self, first: int) -> Iterator[InputBlock]:
        rows = islice(self._rows(), first * SIZE, None)
        return (RowBlock(number * SIZE, some) for number, some in enumerate(grouped(rows), first))

    def _rows(self, digest: blake2b | None = None) -> Iterator[InputRow]:
        for values in self.stream:
            if digest is not None:
                digest.update(json.dumps(values, default=plain).encode() + b"\n")
            yield InputRow(None, values)


def source_of(found: Any) -> DatasetSource | StreamSource:
    """The source of a data set at hand; one that is streamed is an ``IterableDataset``."""
    from datasets import IterableDataset, IterableDatasetDict

    name = "the data set"
    if isinstance(found, IterableDatasetDict) and len(found) == 1:
        (found,) = found.values()
    if isinstance(found, IterableDataset):
        return StreamSource(name, found)
    source = DatasetSource(name)
    source.data = _one(found, name)
    return source


def _one(found: Any, name: str) -> Dataset:
    """The only split, or an error that lists all of them."""
    from datasets import Dataset, DatasetDict, IterableDatasetDict

    if isinstance(found, DatasetDict | IterableDatasetDict):
        if len(found) != 1:
            raise InputError(f"{name}: has several splits: {', '.join(found)}")
        (found,) = found.values()
    if not isinstance(found, Dataset):
        raise InputError(f"{name}: must be a path or a datasets.Dataset, got {type(found).__name__}")
    return found


@contextmanager
def _trouble_named(name: str) -> Iterator[None]:
    """Whatever ``datasets`` met (a name nobody has, no network, damage) as one line."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise InputError(f"{name}: no data set that can be loaded: {reason}") from error
