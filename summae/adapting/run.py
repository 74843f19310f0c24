"""``summae adapt``: from documents and short texts to a checkpoint that is no worse than the one it began with."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed

from summae.adapting.clock import Clock
from summae.adapting.config import AdaptConfig
from summae.adapting.domain import Domain, make_domain
from summae.adapting.domain_salience import closest, domain_table
from summae.adapting.report import BeforeAfter, sample_table, score_table
from summae.adapting.selection import AdaptedGenerator, HeldOutJudge, best
from summae.adapting.stages import AdaptingStages
from summae.adapting.texts import Note, find_short_texts
from summae.adapting.writing import write
from summae.data.examples import Material
from summae.errors import InputError
from summae.files import new_directory
from summae.model.backends.torch_backend import load_networks
from summae.model.checkpoint import Checkpoint, open_checkpoint
from summae.summarizing.summarizer import Summarizer
from summae.text.encoding import SourceEncoder
from summae.text.salience import DomainTables, SalienceTable
from summae.training.blend import blended
from summae.wording.table import DomainWordings

SAMPLES = 10  # documents shown
FEWEST_WORDS = 3  # pseudo-summaries are no shorter


@dataclass(frozen=True, kw_only=True)
class Adapted:
    """A finished run; ``after`` is ``before`` where nothing better was found."""

    path: Path
    before: AdaptedGenerator
    after: AdaptedGenerator
    pieces_per_word: float
    samples: list[BeforeAfter]

    def to_markdown(self) -> str:
        """The scores and the samples, as two tables."""
        return f"{score_table(self.before, self.after, self.pieces_per_word)}\n{sample_table(self.samples)}"


def adapt(
    documents: Sequence[str],
    short_texts: Sequence[str] | None,
    out: str | Path,
    *,
    model: str | Path | None = None,
    note: Note = lambda line: None,
    progress: bool = False,
    **options: Any,
) -> Adapted:
    """Teach ``model`` (default: the one that comes with summae) the domain of ``documents``; write it to ``out``.

    ``short_texts``: unpaired texts of 2 to 15 words in the wanted style; ``None``: first sentences of the documents.
    ``note`` hears what the user should know; ``progress`` shows a bar on standard error. ``options`` are the fields of
    :class:`~summae.adapting.config.AdaptConfig`: ``minutes`` that the whole run may take, ``seed``, …
    Raises :class:`SummaeError`, one line, when an option is wrong, ``out`` is in use or there is too little to learn.
    """
    config = AdaptConfig(**options)
    _require_new(out)
    with closing(Clock(config.minutes, progress)) as clock, tempfile.TemporaryDirectory(prefix="summae-") as scratch:
        note = clock.beside(note)
        clock.show("reading")
        set_seed(config.seed)
        start = open_checkpoint(model)
        if short_texts is None:
            short_texts = find_short_texts(documents, (), note)
        domain = make_domain(documents, short_texts, start, config, note)
        nearest, name = closest(start.salience, domain.held_out), Path(out).name
        table = domain_table(domain.corpus, start.salience.domains[nearest])
        tables = DomainTables({**start.salience.domains, name: table})
        wordings = DomainWordings({**start.wordings.domains, name: start.wordings.of(nearest)})
        stages = AdaptingStages(
            accelerator=Accelerator(cpu=not torch.cuda.is_available()),
            clock=clock,
            folder=Path(scratch),
            domain=domain,
            material=_material(domain, table, start, config.threshold),
            encoder=SourceEncoder(start.tokenizer, tables, start.manifest.max_source_length),
            config=config,
        )
        outcome = _learn(stages, start)
        if outcome.after is outcome.before:
            note("nothing better than the model it began with was found: its networks and tables are kept")
            tables, wordings = start.salience, start.wordings
        clock.show("writing")
        scores = score_table(outcome.before, outcome.after, outcome.pieces_per_word)
        with new_directory(out) as folder:
            write(folder, name, start, domain, outcome.networks, tables, wordings, outcome.after, scores, note)
            clock.show("showing")
            samples = _samples(start.path, folder, domain)
    return Adapted(
        path=Path(out),
        before=outcome.before,
        after=outcome.after,
        pieces_per_word=outcome.pieces_per_word,
        samples=samples,
    )


def _require_new(out: str | Path) -> None:
    path = Path(out)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise InputError(f"out must be a new directory, got '{out}', which is in use")


def _material(domain: Domain, table: SalienceTable, start: Checkpoint, threshold: tuple[float, float]) -> Material:
    """For pseudo-summaries as long as the short texts, and up to the start's own length, which it is not to forget."""
    words = max(domain.words[0], FEWEST_WORDS), max(domain.words[1], start.manifest.default_words)
    return Material.of(domain.corpus, table, threshold=threshold, pseudo_words=words, fluent=True)


@dataclass(frozen=True)
class _Outcome:
    before: AdaptedGenerator
    after: AdaptedGenerator
    networks: dict[str, Any]  # part → network of the finished model
    pieces_per_word: float


def _learn(stages: AdaptingStages, start: Checkpoint) -> _Outcome:
    """All stages, and the best generator of those they lead to: with the start itself, the start's networks."""
    old: dict[str, Any] = load_networks(start)
    generator = old["generator"].to(stages.accelerator.device)
    judges: dict[str, Any] = {
        "language_model": stages.language_model(old["language_model"]),
        "reconstructor": stages.reconstructor(old["reconstructor"]),
    }
    clock, encoders = stages.clock, {False: start.encoder, True: stages.encoder}
    clock.show("judging")
    judge = HeldOutJudge(**judges, domain=stages.domain, encoders=encoders, longest=start.manifest.max_target_length)
    begun = clock.elapsed
    before = AdaptedGenerator(share=0.0, own_table=False, found=judge.judge(generator, own_table=False))
    candidates = [AdaptedGenerator(share=0.0, own_table=True, found=judge.judge(generator))]
    seconds = (clock.elapsed - begun) / 2
    old_weights = copy.deepcopy(generator.state_dict())
    new_weights = stages.generator(generator, candidates[0].found, judge.judge, seconds)
    clock.show("averaging")
    for share in stages.config.shares:
        generator.load_state_dict(blended(old_weights, new_weights, share))
        candidates.append(AdaptedGenerator(share=share, own_table=True, found=judge.judge(generator)))
    after = best(before, candidates, judge.wanted_pieces, stages.config)
    generator.load_state_dict(blended(old_weights, new_weights, after.share))
    stages.accelerator.free_memory()
    networks = old if after is before else {**old, **judges, "generator": generator}
    return _Outcome(before, after, networks, judge.pieces_per_word)


def _samples(before: Path, after: Path, domain: Domain) -> list[BeforeAfter]:
    """What two models say of documents that were held out."""
    texts = domain.documents[:SAMPLES]
    said = [Summarizer.load(path).summarize(texts, words=domain.default_words) for path in (before, after)]
    return [BeforeAfter(text, old.text, new.text) for text, old, new in zip(texts, *said, strict=True)]
