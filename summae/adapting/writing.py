"""The adapted model on disk: a whole checkpoint, its card, its ONNX form where that can be made."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from summae.adapting.domain import Domain
from summae.adapting.report import card
from summae.adapting.selection import AdaptedGenerator
from summae.adapting.texts import Note
from summae.errors import SummaeError
from summae.files import write_atomically
from summae.model.checkpoint import PARSER, Checkpoint, assemble
from summae.model.onnx.export import export
from summae.text.salience import DomainTables
from summae.wording.table import DomainWordings


def write(
    folder: Path,
    name: str,
    start: Checkpoint,
    domain: Domain,
    networks: dict[str, Any],
    tables: DomainTables,
    wordings: DomainWordings,
    chosen: AdaptedGenerator,
    scores: str,
    note: Note,
) -> None:
    """Fill ``folder``; ``scores`` is the table for the card."""
    assemble(
        folder,
        tokenizer=start.tokenizer,
        salience=tables,
        wordings=wordings,
        parser=start.path / PARSER if start.parser else None,
        **networks,
        name=name,
        default_words=domain.default_words,
        longest_words=start.manifest.longest_words,
    )
    text = card(
        name=name,
        start=start.manifest.name,
        words=domain.default_words,
        texts={
            "passages of documents learnt from": len(domain.corpus.sources),
            "short texts learnt from, unpaired": len(domain.corpus.short_texts),
            "passages held out to judge by": len(domain.held_out),
            "short texts held out": len(domain.real),
        },
        when=f"{date.today()}",
        how=_how(chosen, start.manifest.name),
        scores=scores,
    )
    write_atomically(folder / "README.md", text)
    try:
        export(folder)
    except SummaeError as error:  # the extra is missing, or a network is borrowed
        note(f"no ONNX form written, so torch will compute (--backend torch): {error}")


def _how(chosen: AdaptedGenerator, start: str) -> str:
    if chosen.share:
        return f"The generator is {chosen.share:g} of the adapted one and {1 - chosen.share:g} of that of `{start}`."
    if chosen.own_table:
        return f"The generator is that of `{start}`; it reads the salience of the new domain."
    return f"Nothing better than `{start}` was found: networks and tables are its own."
