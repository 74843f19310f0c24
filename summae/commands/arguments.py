"""Arguments that several commands have, and the types of arguments."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from typing import Any

from summae.errors import InputError
from summae.summarizing.length import KINDS, NAMED, Length
from summae.summarizing.style import AUTO, HEADLINE, SENTENCE, STYLES

BEAMS = 4  # the default of Summarizer.summarize, whose module would import numpy


def is_file(action: argparse.Action) -> argparse.Action:
    """Lets a shell complete names of files (and folders, on the way to them)."""
    return _completed(action, "file")


def is_folder(action: argparse.Action) -> argparse.Action:
    """Lets a shell complete names of folders."""
    return _completed(action, "directory")


def _completed(action: argparse.Action, kind: str) -> argparse.Action:
    """``kind``: a key of ``shtab.CHOICE_FUNCTIONS``. Only ``summae completion`` pays for importing that."""
    action.complete = kind  # type: ignore[attr-defined]
    return action


def add_model_argument(parser: argparse.ArgumentParser, help: str = "a model directory", **options: Any) -> None:
    text = f"{help} (default: the one that comes with summae)"
    is_folder(parser.add_argument("--model", metavar="DIR", help=text, **options))


def add_beams_argument(parser: argparse.ArgumentParser, default: int | None = BEAMS) -> None:
    text = f"how many drafts the search keeps at a time: more is slower and a little better (default: {BEAMS})"
    parser.add_argument("--beams", type=whole_number(), default=default, metavar="N", help=text)


def add_backend_argument(parser: argparse.ArgumentParser) -> None:
    choices = ("auto", "onnx", "torch")
    parser.add_argument("--backend", choices=choices, default="auto", help="what computes (default: auto)")


def add_errors_argument(parser: argparse.ArgumentParser) -> None:
    choices = ("strict", "replace")
    parser.add_argument("--errors", choices=choices, default="strict", help="what to do with broken UTF-8")


def add_style_argument(parser: argparse.ArgumentParser) -> None:
    styles = "; ".join(f"{name}: {style.help}" for name, style in STYLES.items())
    usual = f"{SENTENCE} for a length in sentences, {HEADLINE} for another"
    parser.add_argument("--style", choices=[AUTO, *STYLES], default=AUTO, help=f"{styles} (default: {usual})")


def add_length_arguments(parser: argparse.ArgumentParser) -> None:
    """``--words``, ``--sentences``, ``--ratio``, ``--chars`` and ``--length``, of which at most one may be given."""
    named = ", ".join(f"{name} {count}" for name, count in NAMED.items())
    helps = {
        "words": "at most N words; characters in scripts without spaces (default: the model's own length)",
        "sentences": "at most N sentences of the text, whole or without their asides",
        "ratio": "at most this share of the text's words: 20%% or 0.2",
        "chars": "at most N characters, spaces and marks included",
    }
    group = parser.add_argument_group("length", "never exceeded; a text no longer than that comes back as it is")
    add = group.add_mutually_exclusive_group().add_argument
    for kind, text in helps.items():
        metavar = "SHARE" if kind == "ratio" else "N"
        add(f"--{kind}", dest="length_asked", type=partial(_length, kind), metavar=metavar, help=text)
    by_name = f"a number of sentences by name: {named}"
    add("--length", dest="length_asked", action=_NamedLength, choices=tuple(NAMED), help=by_name)


def length_of(args: argparse.Namespace) -> Length | None:
    """The length asked for by one of these arguments; ``None``: the model's own."""
    return args.length_asked


def whole_number(what: str = "a whole number", least: int = 1, most: int | None = None) -> Callable[[str], int]:
    """An argument's type: ``what``, from ``least`` up to ``most``."""

    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < least or (most is not None and int(text) > most):
            bounds = f"from {least}" + (f" to {most}" if most is not None else "")
            raise argparse.ArgumentTypeError(f"must be {what} {bounds}, got '{text}'")
        return int(text)

    return read


class _NamedLength(argparse.Action):
    def __call__(
        self, parser: argparse.ArgumentParser, args: argparse.Namespace, name: Any, option: str | None = None
    ) -> None:
        setattr(args, self.dest, Length.named(name))


def _length(kind: str, text: str) -> Length:
    try:
        return Length.parse(kind, text)
    except InputError:
        raise argparse.ArgumentTypeError(f"must be {KINDS[kind]}, got '{text}'") from None
