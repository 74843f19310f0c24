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

from summae.adapting.domain import CHARACTERS, Domain, make_domain
from summae.adapting.progress import Clock
from summae.adapting.report import Sample, sample_table, score_table
from summae.adapting.salience import closest, domain_table
from summae.adapting.selection import SHARES, Candidate, Referee, best
from summae.adapting.stages import Training
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
THRESHOLD = (-2.7, -1.7)  # bits of salience, for telegrams: chosen on e-mails, see docs/adapt.md
FEWEST_WORDS = 3  # telegrams are no shorter


@dataclass(frozen=True, kw_only=True)
class Adapted:
    """A finished run; ``after`` is ``before`` where nothing better was found."""

    path: Path
    before: Candidate
    after: Candidate
    pieces_per_word: float
    samples: list[Sample]

    def to_markdown(self) -> str:
        """The scores and the samples, as two tables."""
        return f"{score_table(self.before, self.after, self.pieces_per_word)}\n{sample_table(self.samples)}"


def adapt(
    documents: Sequence[str],
    short_texts: Sequence[str] | None,
    out: str | Path,
    *,
    model: str | Path | None = None,
    minutes: float = 10.0,
    steps: int | None = None,
    seed: int = 1,
    note: Note = lambda line: None,
    progress: bool = False,
) -> Adapted:
    """Teach ``model`` (default: the one that comes with summae) the domain of ``documents``; write it to ``out``.

    ``short_texts``: unpaired texts of 2 to 15 words in the wanted style; ``None``: first sentences of the documents.
    ``minutes`` is what the whole run may take, about; ``steps``: so many in each stage instead.
    ``note`` hears what the user should know; ``progress`` shows a bar on standard error.
    Raises :class:`SummaeError`, one line, when there is too little to learn from or ``out`` is in use.
    """
    _require(out, minutes)
    with closing(Clock(minutes, progress)) as clock, tempfile.TemporaryDirectory(prefix="summae-") as scratch:
        note = clock.beside(note)
        clock.show("reading")
        set_seed(seed)
        start = open_checkpoint(model)
        if short_texts is None:
            short_texts = find_short_texts(documents, (), note)
        characters = int(CHARACTERS * max(minutes, 1))
        domain = make_domain(documents, short_texts, start, characters=characters, seed=seed, note=note)
        nearest, name = closest(start.salience, domain.held_out), Path(out).name
        table = domain_table(domain.corpus, start.salience.domains[nearest])
        tables = DomainTables({**start.salience.domains, name: table})
        wordings = DomainWordings({**start.wordings.domains, name: start.wordings.of(nearest)})
        training = Training(
            accelerator=Accelerator(cpu=not torch.cuda.is_available()),
            clock=clock,
            folder=Path(scratch),
            domain=domain,
            material=_material(domain, table, start),
            encoder=SourceEncoder(start.tokenizer, tables, start.manifest.max_source_length),
            seed=seed,
            steps=steps,
        )
        outcome = _learn(training, start)
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


def _require(out: str | Path, minutes: float) -> None:
    path = Path(out)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise InputError(f"out must be a new directory, got '{out}', which is in use")
    if not minutes > 0:
        raise InputError(f"minutes must be above 0, got {minutes}")


def _material(domain: Domain, table: SalienceTable, start: Checkpoint) -> Material:
    """Telegrams as long as the short texts, and up to the start's own length, which it is not to forget."""
    words = max(domain.words[0], FEWEST_WORDS), max(domain.words[1], start.manifest.default_words)
    return Material.of(domain.corpus, table, threshold=THRESHOLD, pseudo_words=words, fluent=True)


@dataclass(frozen=True)
class _Outcome:
    before: Candidate
    after: Candidate
    networks: dict[str, Any]  # part → network of the finished model
    pieces_per_word: float


def _learn(training: Training, start: Checkpoint) -> _Outcome:
    """All stages, and the best generator of those they lead to: with the start itself, the start's networks."""
    old: dict[str, Any] = load_networks(start)
    generator = old["generator"].to(training.accelerator.device)
    judges: dict[str, Any] = {
        "language_model": training.language_model(old["language_model"]),
        "reconstructor": training.reconstructor(old["reconstructor"]),
    }
    clock, encoders = training.clock, {False: start.encoder, True: training.encoder}
    clock.show("judging")
    referee = Referee(**judges, domain=training.domain, encoders=encoders, longest=start.manifest.max_target_length)
    begun = clock.elapsed
    before = Candidate(share=0.0, own_table=False, found=referee.judge(generator, own_table=False))
    candidates = [Candidate(share=0.0, own_table=True, found=referee.judge(generator))]
    seconds = (clock.elapsed - begun) / 2
    old_weights = copy.deepcopy(generator.state_dict())
    new_weights = training.generator(generator, candidates[0].found, referee.judge, seconds)
    clock.show("averaging")
    for share in SHARES:
        generator.load_state_dict(blended(old_weights, new_weights, share))
        candidates.append(Candidate(share=share, own_table=True, found=referee.judge(generator)))
    after = best(before, candidates, referee.wanted_pieces)
    generator.load_state_dict(blended(old_weights, new_weights, after.share))
    training.accelerator.free_memory()
    networks = old if after is before else {**old, **judges, "generator": generator}
    return _Outcome(before, after, networks, referee.pieces_per_word)


def _samples(before: Path, after: Path, domain: Domain) -> list[Sample]:
    """What two models say of documents that were kept apart."""
    texts = domain.documents[:SAMPLES]
    said = [Summarizer.load(path).summarize(texts, words=domain.default_words) for path in (before, after)]
    return [Sample(text, old.text, new.text) for text, old, new in zip(texts, *said, strict=True)]
