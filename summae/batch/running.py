"""A batch from beginning to end: look at the input, do what is missing, write the output."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import file_digest
from pathlib import Path
from typing import Any

from summae.batch.batch_options import BatchOptions, BatchReport
from summae.batch.engines import ENGINES
from summae.batch.formats import Source, Writer, open_source, output_format
from summae.batch.formats.survey import Survey, new_digest
from summae.batch.journal import BatchJournal
from summae.batch.outcome import Failure
from summae.batch.progress_bar import BatchProgress
from summae.batch.rows import SIZE
from summae.batch.worker import WorkerSettings
from summae.batch.workplace import check_may_begin, clear, errors_of, workplace
from summae.errors import InputError
from summae.files import put_in_place
from summae.summarizing.length import Length
from summae.tables import look_up

NAMED = 5  # bad rows that are named on the way; the errors file names all


def run(options: BatchOptions, *, quiet: bool = True) -> BatchReport:
    """Do what ``options`` asks; with ``quiet=False`` progress and notes go to standard error.

    A row that cannot be summarised is left out of ``out`` and named in ``out.errors.jsonl``. An interrupt,
    or ``strict`` at the first bad row, leaves what is done in ``out.parts`` for ``resume``.
    Raises :class:`InputError` and its siblings, one line each.
    """
    out = Path(options.out)
    kind, source = output_format(out), open_source(options.source)
    look_up(ENGINES, options.engine, "engine")
    if isinstance(options.source, str | Path) and out.exists() and out.samefile(options.source):
        raise InputError(f"{out}: is the input too; write to another file")
    check_may_begin(options)
    stamp = _stamp(options.source)
    survey = source.survey(options.column, kind.typed)
    _check_columns(options, source, survey)
    with workplace(options, _settings(options, survey)) as place:
        with BatchJournal(place / "journal.jsonl", -(-survey.rows // SIZE)) as journal:
            with _errors_written(journal, place, out):
                _do_what_is_missing(options, source, survey, journal, quiet)
            _check_unchanged(options.source, stamp)
            _write(kind.write(place / out.name, survey, options.summary_column), source, journal)
            _check_unchanged(options.source, stamp)
        put_in_place(place / out.name, out)
        clear(out)
    return BatchReport(survey.rows, journal.failed, errors_of(out) if journal.failed else None)


def _check_columns(options: BatchOptions, source: Source, survey: Survey) -> None:
    names = ", ".join(survey.columns)
    twice = next((name for place, name in enumerate(survey.columns) if name in survey.columns[:place]), None)
    if twice is not None:
        raise InputError(f"{source.name}: has two columns '{twice}'; every name must be there once")
    if survey.columns and options.column not in survey.columns:
        raise InputError(f"{source.name}: has no column '{options.column}', its columns are {names}")
    if options.summary_column in survey.columns and not options.replace_column:
        raise InputError(
            f"{source.name}: has a column '{options.summary_column}' already; "
            "name another with --summary-column, or replace it with --replace-column"
        )


def _settings(options: BatchOptions, survey: Survey) -> dict[str, Any]:
    """What must be the same for a batch to go on; what only says who computes may change."""
    return {
        "version": 1,
        "input": survey.fingerprint,
        "column": options.column,
        "summary_column": options.summary_column,
        "length": _length(options),
        "style": options.style,
        "model": _fingerprint_of_model(options.model),
        "backend": options.backend,
        "rows_of_a_chunk": SIZE,
    }


def _length(options: BatchOptions) -> str | None:
    """Such as ``8 words``, also for the number 8; ``None``: the model's own."""
    if options.words is None:
        return None
    length = Length.of(options.words)
    return f"{length.amount} {length.kind}"


def _fingerprint_of_model(model: str | None) -> str:
    from summae.model.checkpoint import open_checkpoint

    checkpoint, digest = open_checkpoint(model), new_digest()
    for name in sorted(checkpoint.manifest.files):
        with (checkpoint.path / name).open("rb") as stream:
            digest.update(name.encode() + file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def _do_what_is_missing(
    options: BatchOptions, source: Source, survey: Survey, journal: BatchJournal, quiet: bool
) -> None:
    model = _where(options.model)
    settings = WorkerSettings(source, options.column, options.words, model, options.backend, options.style)
    if options.strict and journal.failed:
        raise _first_bad(source, next(journal.failures()))
    with BatchProgress(survey.rows, journal.rows, quiet) as progress:
        try:
            for outcome in ENGINES[options.engine](settings, journal.missing(), options.workers):
                if options.strict and outcome.failures:
                    raise _first_bad(source, outcome.failures[0])
                for failure in outcome.failures[: max(NAMED - journal.failed, 0)]:
                    progress.note(f"{source.name}: {failure}: left out")
                journal.add(outcome)
                progress.advance(len(outcome.summaries), journal.failed)
        except KeyboardInterrupt:
            progress.note(f"interrupted: {journal.rows} of {survey.rows} rows are done; --resume goes on with the rest")
            raise


def _where(model: str | None) -> str | None:
    """The same for workers that stand in another directory; the name of an embedded model is no path."""
    from summae.model.checkpoint import open_checkpoint

    is_path = model is not None and open_checkpoint(model).path == Path(model)
    return str(Path(model).absolute()) if model is not None and is_path else model


def _first_bad(source: Source, failure: Failure) -> InputError:
    return InputError(f"{source.name}: {failure}; --resume without --strict goes on and leaves it out")


@contextmanager
def _errors_written(journal: BatchJournal, place: Path, out: Path) -> Iterator[None]:
    """Whatever happens inside, the errors file names the rows that have failed so far."""
    try:
        yield
    finally:
        if journal.failed:
            with (place / "errors.jsonl").open("w", encoding="utf-8") as stream:
                for failure in journal.failures():
                    stream.write(json.dumps(failure.to_dict(), ensure_ascii=False) + "\n")
            put_in_place(place / "errors.jsonl", errors_of(out))
        else:
            errors_of(out).unlink(missing_ok=True)


def _write(writer: Writer, source: Source, journal: BatchJournal) -> None:
    """Input and journal side by side."""
    with closing(writer):
        for chunk, block in enumerate(source.blocks(0)):
            writer.write(block, journal.outcome(chunk).summaries)


def _stamp(source: Any) -> tuple[int, int] | None:
    """What tells that a file has changed: its size, and when it was written."""
    if not isinstance(source, str | Path) or not Path(source).is_file():
        return None
    found = Path(source).stat()
    return found.st_size, found.st_mtime_ns


def _check_unchanged(source: Any, stamp: tuple[int, int] | None) -> None:
    if _stamp(source) != stamp:
        raise InputError(f"{source}: has changed while it was read; begin anew with --overwrite")
