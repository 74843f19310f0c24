"""A run's folder: what each stage leaves and the next one reads.

prepared/     tokenizer.json, salience.json, wording.json, <corpus>.{sources.txt, short.txt}
language_model/, reconstructor/, generator/, refine/, adversarial/, critic/   one folder a stage
    state/    the resumable state           network/   the finished network (save_pretrained)
imagined.jsonl    (imagined source, real short text) pairs
mined.jsonl       (source, short text of another document that says nearly the same) pairs
judged.jsonl      (source, draft of its summary by the finished model) pairs, for the critic
model/        the assembled checkpoint
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from transformers import AutoModel, PreTrainedModel

import summae.model.critic  # noqa: F401 - registers the critic with AutoModel
from summae.data.corpora import Corpus, clean_short_texts, read_texts
from summae.data.examples import Material, Pair
from summae.errors import CheckpointError, InputError, SummaeError
from summae.files import new_directory, write_atomically
from summae.networks.pretrained import PretrainedSeq2Seq
from summae.text.encoding import SourceEncoder
from summae.text.salience import DomainTables, SalienceTable
from summae.text.tokenizer import SubwordTokenizer
from summae.text.windows import drawn_windows
from summae.training.build import borrowed_tokenizer
from summae.training.config import RunConfig, TextFile
from summae.wording.abbreviations import learn_wording
from summae.wording.table import DomainWordings, Wording

Network = TypeVar("Network", bound=PreTrainedModel)


def _lines(path: Path) -> list[str]:
    """The lines of a file; only a line feed ends one (``splitlines`` would also cut at U+0085 or U+2028 inside)."""
    return [line for line in path.read_text(encoding="utf-8").split("\n") if line]


MADE = ("imagined", "mined", "labelled")  # pairs that stages write, for mixtures of later ones


@dataclass(frozen=True)
class Workspace:
    """Paths and loaders of one run."""

    config: RunConfig
    root: Path

    @property
    def prepared(self) -> Path:
        return self.root / "prepared"

    def stage(self, name: str) -> Path:
        return self.root / name

    def finished(self, name: str) -> bool:
        return (self.root / name / "network" / "config.json").exists()

    # -- preparation ----------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Read the corpora, learn the tokeniser, count salience, learn the wording; all of it written once.

        Sources are written as G reads them: in that wording. Salience is that of the texts as they were: how much more
        usual a word is in short texts than where nobody has shortened anything.
        """
        if self.prepared.exists():
            return
        corpora = self.read_corpora()
        with new_directory(self.prepared) as folder:
            tables, wordings = {}, {}
            for corpus in corpora:
                wording = self._wording(corpus)
                sources = map(wording.shortened, corpus.sources)
                (folder / f"{corpus.name}.sources.txt").write_text("\n".join(sources) + "\n", encoding="utf-8")
                (folder / f"{corpus.name}.short.txt").write_text("\n".join(corpus.short_texts) + "\n", encoding="utf-8")
                tables[corpus.name] = SalienceTable.count(corpus.sources, corpus.short_texts)
                wordings[corpus.name] = wording
            DomainTables(tables).save(folder / "salience.json")
            DomainWordings(wordings).save(folder / "wording.json")
            self._train_tokenizer(corpora).save(folder / "tokenizer.json")

    def _wording(self, corpus: Corpus) -> Wording:
        return learn_wording(corpus.sources, corpus.short_texts) if self.config.data.wording else Wording()

    def _read_file(self, file: TextFile) -> list[str]:
        path = Path(self.config.data.root) / file.path
        return read_texts(path, field=file.field, limit=file.limit, every=file.every, offset=file.offset)

    def read_corpora(self) -> list[Corpus]:
        """The corpora from the configured files; a run has them in ``prepared/`` later on (:attr:`corpora`)."""
        return [self._read_corpus(name) for name in self.config.data.corpora]

    def _read_corpus(self, name: str) -> Corpus:
        data, config = self.config.data, self.config.data.corpora[name]

        def read(files: list[TextFile]) -> Iterator[str]:
            for file in files:
                yield from self._read_file(file)

        sources = drawn_windows(read(config.sources), data.window_words, self.config.seed)
        short = clean_short_texts(read(config.short_texts), data.short_words, config.strip_prefix)
        for what, found in (("sources", sources), ("short_texts", short)):
            if not found:
                raise InputError(f"data.corpora.{name}.{what}: no usable text within the configured lengths")
        return Corpus(name=name, sources=sources, short_texts=short, weight=config.weight)

    def _train_tokenizer(self, corpora: list[Corpus]) -> SubwordTokenizer:
        if (borrowed := borrowed_tokenizer(self.config)) is not None:
            return borrowed
        share = self.config.tokenizer.texts // (2 * len(corpora))

        def texts() -> Iterator[str]:
            for corpus in corpora:
                for side in (corpus.sources, corpus.short_texts):
                    for text in side[:: max(1, len(side) // max(share, 1))]:
                        yield text
                        if self.config.data.lower_case:
                            yield text.lower()

        return SubwordTokenizer.train(texts(), self.config.tokenizer.vocab_size)

    # -- loaders --------------------------------------------------------------------------------------------

    @cached_property
    def tokenizer(self) -> SubwordTokenizer:
        return SubwordTokenizer.load(self.prepared / "tokenizer.json")

    @cached_property
    def salience(self) -> DomainTables:
        return DomainTables.load(self.prepared / "salience.json")

    @cached_property
    def wordings(self) -> DomainWordings:
        return DomainWordings.load(self.prepared / "wording.json")

    @cached_property
    def encoder(self) -> SourceEncoder:
        return SourceEncoder(self.tokenizer, self.salience, self.config.generator.max_source_length)

    @cached_property
    def corpora(self) -> list[Corpus]:
        return [
            Corpus(
                name=name,
                sources=_lines(self.prepared / f"{name}.sources.txt"),
                short_texts=_lines(self.prepared / f"{name}.short.txt"),
                weight=config.weight,
            )
            for name, config in self.config.data.corpora.items()
        ]

    def materials(self, mixture: Collection[str]) -> dict[str, tuple[Material, float]]:
        """What the makers named in ``mixture`` draw from, by corpus, with the corpus weights."""
        made = {name: self.read_pairs(f"{name}.jsonl") if name in mixture else {} for name in MADE}
        return {
            corpus.name: (
                Material.of(
                    corpus,
                    self.salience.domains[corpus.name],
                    threshold=self.config.warmup.threshold,
                    pseudo_words=self.config.warmup.pseudo_words,
                    fluent="fluent" in mixture,
                    **{name: pairs.get(corpus.name, []) for name, pairs in made.items()},
                ),
                corpus.weight,
            )
            for corpus in self.corpora
        }

    def read_pairs(self, name: str) -> dict[str, list[Pair]]:
        """Pairs written by :meth:`write_pairs`, by corpus."""
        pairs: dict[str, list[Pair]] = {}
        for line in _lines(self.root / name):
            row = json.loads(line)
            pairs.setdefault(row["corpus"], []).append((row["source"], row["target"]))
        return pairs

    def write_pairs(self, name: str, rows: list[dict[str, str]]) -> None:
        write_atomically(self.root / name, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))

    def validation_texts(self, limit: int) -> list[str]:
        """Held-out sources, as G reads them; without any configured, the last sources of every corpus."""
        files = self.config.data.valid
        if not files:
            share = max(1, limit // len(self.corpora))
            return [text for corpus in self.corpora for text in corpus.sources[-share:]][:limit]
        texts: list[str] = []
        for file in files:
            found = self._read_file(file)
            texts.extend(drawn_windows(found, self.config.data.window_words) or found)
        chosen = texts[:: max(1, len(texts) // limit)][:limit]
        return [self.wordings.of(self.salience.domain(text)).shortened(text) for text in chosen]

    # -- networks -------------------------------------------------------------------------------------------

    def save_network(self, stage: str, network: PreTrainedModel) -> None:
        with new_directory(self.root / stage / "network") as folder:
            network.save_pretrained(folder)

    def load_network(self, stage: str, kind: type[Network]) -> Network | PretrainedSeq2Seq:
        """What ``stage`` left: a ``kind``, or the checkpoint that took its place (config.json says which)."""
        folder = self.root / stage / "network"
        if not folder.exists():
            raise SummaeError(f"stage '{stage}' has not been run in {self.root}: run it first, or leave out --stage")
        network = AutoModel.from_pretrained(folder)
        if not isinstance(network, (kind, PretrainedSeq2Seq)):
            raise CheckpointError(f"{folder}: must hold a {kind.__name__}, got a {type(network).__name__}")
        return network
