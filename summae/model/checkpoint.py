"""A whole model on disk: everything that turns a text into a summary, and a list of what must be there.

    model.json              format, name, lengths, and the size of every other file
    tokenizer.json, tokenizer_config.json     (``AutoTokenizer.from_pretrained`` reads them)
    salience.json
    wording.json            how short texts word things, if that was learnt (:mod:`summae.wording.table`)
    generator/, reconstructor/, language_model/     ``save_pretrained`` folders, safetensors
    critic/                 another such folder, if the model has a critic (:mod:`summae.model.critic`)
    parser/                 a dependency parser, if the model has one: graph and labels (:mod:`summae.syntax.parser`)
    onnx/                   the same networks in int8, written by :mod:`summae.model.onnx.export`
    README.md               the model card, if there is one

Weights are stored in half precision and computed in single precision: the networks of the embedded model
take 23 MB instead of 46, so that with the ONNX files (15 MB) and the tables (4 MB) the whole has 42 MB,
not 65, where 60 are allowed. The rounding (2⁻¹¹ of each weight) is far below that of int8.
``config.json`` says float32, so Transformers, too, loads them as such.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from summae.errors import CheckpointError
from summae.files import new_directory, write_atomically
from summae.text.encoding import SourceEncoder
from summae.text.salience import DomainTables
from summae.text.tokenizer import END, MASK, PAD, START, SubwordTokenizer
from summae.wording.table import DomainWordings, Wording

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from summae.syntax.optionality import Optionality
    from summae.syntax.parser import Parser

FORMAT = "summae-1"
#: Checkpoints that come with the package, by name.
EMBEDDED = Path(__file__).parents[1] / "checkpoints"
DEFAULT = "default"
PARTS = ("generator", "reconstructor", "language_model")
CRITIC, PARSER = "critic", "parser"  # parts that a model may lack
OPTIONALITY = "optionality.json"
PARSER_FILES = ("parser.json", "parser.onnx")
_MANIFEST = "model.json"
_NEEDED = (
    "tokenizer.json",
    "tokenizer_config.json",
    "salience.json",
    *(f"{part}/config.json" for part in PARTS),
)


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """``model.json``. Lengths are what the networks have been trained on; beyond them they guess."""

    format: str = FORMAT
    summae: str = ""  # version that wrote it
    name: str = ""
    default_words: int = 10  # budget when none is asked for
    longest_words: int = 15  # words of the longest summary that G can be asked for
    max_source_length: int = 128  # pieces that G reads, length prompt included
    max_target_length: int = 32  # pieces that G writes, end piece included
    max_summary_length: int = 32  # pieces that R reads, end piece included
    max_rebuilt_length: int = 80  # pieces that R rebuilds, end piece included
    files: dict[str, int] = field(default_factory=dict)  # relative path → bytes


@dataclass(frozen=True)
class Checkpoint:
    """An opened checkpoint: all files are there and have the right size."""

    path: Path
    manifest: Manifest

    @property
    def exported(self) -> bool:
        return "onnx/step.onnx" in self.manifest.files

    @property
    def parts(self) -> tuple[str, ...]:
        """The folders of its networks."""
        return (*PARTS, CRITIC) if f"{CRITIC}/config.json" in self.manifest.files else PARTS

    @cached_property
    def tokenizer(self) -> SubwordTokenizer:
        return SubwordTokenizer.load(self.path / "tokenizer.json")

    @cached_property
    def salience(self) -> DomainTables:
        return DomainTables.load(self.path / "salience.json")

    @cached_property
    def wordings(self) -> DomainWordings:
        return DomainWordings.load(self.path / "wording.json")

    @cached_property
    def parser(self) -> Parser | None:
        """``None``: a model without one."""
        folder = self.path / PARSER
        if not folder.exists():
            return None
        from summae.syntax.parser import Parser

        return Parser.load(folder, tokenizer=self.path / "tokenizer.json")

    @cached_property
    def optionality(self) -> dict[str, Optionality]:
        """Domain → what heads lose without their dependents; of domains that nothing was counted of there is none."""
        from summae.syntax.optionality import Optionality

        path = self.path / PARSER / OPTIONALITY
        return Optionality.load_all(path) if path.exists() else {}

    def wording_of(self, text: str) -> Wording:
        """The wording of the domain that ``text`` belongs to."""
        return self.wordings.of(self.salience.domain(text)) if self.wordings.domains else Wording()

    @cached_property
    def encoder(self) -> SourceEncoder:
        return SourceEncoder(self.tokenizer, self.salience, self.manifest.max_source_length)


# -- reading ------------------------------------------------------------------------------------------------


def open_checkpoint(name_or_path: str | Path | None = None) -> Checkpoint:
    """The checkpoint in a folder, or an embedded one by name; ``None`` is the default that comes with summae.

    :class:`CheckpointError`, one line, names the file that is missing, cut off or damaged, or what would be
    right.
    """
    path = _find(name_or_path)
    manifest = _read_manifest(path / _MANIFEST)
    for name in (*_NEEDED, *manifest.files):
        if not (path / name).is_file():
            raise CheckpointError(f"{path}: '{name}' is missing; copy the checkpoint again")
    for name, size in manifest.files.items():
        found = (path / name).stat().st_size
        if found != size:
            raise CheckpointError(f"{path}: '{name}' must have {size} bytes, got {found}; copy the checkpoint again")
    return Checkpoint(path, manifest)


def embedded_names() -> list[str]:
    """Names of the checkpoints that come with the package."""
    return sorted(path.parent.name for path in EMBEDDED.glob(f"*/{_MANIFEST}"))


def _find(name_or_path: str | Path | None) -> Path:
    embedded = EMBEDDED / (DEFAULT if name_or_path is None else str(name_or_path))
    if name_or_path is not None and (Path(name_or_path) / _MANIFEST).is_file():
        return Path(name_or_path)
    if (name_or_path is None or re.fullmatch(r"[\w-]+", str(name_or_path))) and (embedded / _MANIFEST).is_file():
        return embedded
    if name_or_path is None:
        raise CheckpointError(f"no embedded model in {EMBEDDED}: name a model directory (--model DIR)")
    names = ", ".join(f"'{name}'" for name in embedded_names()) or "none"
    what = f"has no {_MANIFEST}" if Path(name_or_path).is_dir() else "no such directory"
    raise CheckpointError(
        f"model must be a directory that 'summae train' has written or an embedded name ({names}), "
        f"got '{name_or_path}' ({what})"
    )


def _read_manifest(path: Path) -> Manifest:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if stored["format"] != FORMAT:
            raise CheckpointError(f"{path}: format must be '{FORMAT}', got '{stored['format']}'; update summae")
        known = {name: stored[name] for name in Manifest.__dataclass_fields__ if name in stored}
        manifest = Manifest(**known)
        if not all(isinstance(size, int) for size in manifest.files.values()):
            raise TypeError("'files' must map names to sizes")
        for name in manifest.files:
            if Path(name).is_absolute() or ".." in Path(name).parts:
                raise ValueError(f"'{name}' leads out of the checkpoint")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{path}: no usable model description ({error!r})") from error
    return manifest


# -- writing ------------------------------------------------------------------------------------------------


def assemble(
    directory: str | Path,
    *,
    tokenizer: SubwordTokenizer,
    salience: DomainTables,
    generator: PreTrainedModel,
    reconstructor: PreTrainedModel,
    language_model: PreTrainedModel,
    critic: PreTrainedModel | None = None,
    wordings: DomainWordings | None = None,
    parser: Path | None = None,
    name: str,
    default_words: int = 10,
    longest_words: int = 15,
) -> Checkpoint:
    """Write a whole checkpoint, at once or not at all, and open it. The networks stay as they are; ``parser``: the
    folder of one, which is copied.
    """
    import summae

    with new_directory(directory) as folder:
        tokenizer.save(folder / "tokenizer.json")
        write_atomically(folder / "tokenizer_config.json", _tokenizer_config(generator.config.max_source_length))
        salience.save(folder / "salience.json")
        if wordings is not None and wordings.domains:
            wordings.save(folder / "wording.json")
        for part, network in zip(PARTS, (generator, reconstructor, language_model), strict=True):
            _save_halved(network, folder / part)
        if critic is not None:
            _save_halved(critic, folder / CRITIC)
        if parser is not None:
            shutil.copytree(parser, folder / PARSER)
        manifest = Manifest(
            summae=summae.__version__,
            name=name,
            default_words=default_words,
            longest_words=longest_words,
            max_source_length=generator.config.max_source_length,
            max_target_length=generator.config.max_target_length,
            max_summary_length=reconstructor.config.max_source_length,
            max_rebuilt_length=reconstructor.config.max_target_length,
            files=_sizes(folder),
        )
        _write_manifest(folder, manifest)
    return open_checkpoint(directory)


def put_critic(directory: str | Path, critic: PreTrainedModel) -> Checkpoint:
    """Give a finished checkpoint a critic, or another one, and open it.

    Whole or not at all: while it is written, ``model.json`` lists none. The graph of an earlier one goes;
    :mod:`summae.model.onnx.export` writes that of the new one.
    """
    checkpoint, graph = open_checkpoint(directory), "onnx/realism.onnx"
    manifest = list_files(checkpoint.path, checkpoint.manifest, without=(f"{CRITIC}/", graph))
    (checkpoint.path / graph).unlink(missing_ok=True)
    with new_directory(checkpoint.path / CRITIC) as folder:
        _save_halved(critic, folder)
    list_files(checkpoint.path, manifest)
    return open_checkpoint(checkpoint.path)


def put_parser(directory: str | Path, parser: Path) -> Checkpoint:
    """Give a finished checkpoint a parser (the folder that ``scripts/export_parser.py`` writes), or another one."""
    checkpoint = open_checkpoint(directory)
    manifest = list_files(checkpoint.path, checkpoint.manifest, without=(f"{PARSER}/",))
    with new_directory(checkpoint.path / PARSER) as folder:
        for name in PARSER_FILES:
            shutil.copy(parser / name, folder / name)
        if (parser / OPTIONALITY).exists():
            shutil.copy(parser / OPTIONALITY, folder / OPTIONALITY)
    list_files(checkpoint.path, manifest)
    return open_checkpoint(checkpoint.path)


def list_files(path: Path, manifest: Manifest, *, without: tuple[str, ...] = ()) -> Manifest:
    """Write ``model.json`` anew from the files that lie in ``path``, but those whose names begin with one of
    ``without``.
    """
    sizes = {name: size for name, size in _sizes(path).items() if not name.startswith(without)}
    manifest = Manifest(**{**asdict(manifest), "files": sizes})
    _write_manifest(path, manifest)
    return manifest


def _write_manifest(path: Path, manifest: Manifest) -> None:
    write_atomically(path / _MANIFEST, json.dumps(asdict(manifest), indent=2, ensure_ascii=False) + "\n")


def _sizes(folder: Path) -> dict[str, int]:
    """Every file below ``folder`` but the manifest, hidden ones and the model card (which may be edited)."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden and name not in (_MANIFEST, "README.md"):
            found[name] = path.stat().st_size
    return found


def _save_halved(network: PreTrainedModel, folder: Path) -> None:
    """``save_pretrained`` with every float tensor in half precision, and float32 as the precision to load."""
    import torch

    state = {
        key: value.detach().to("cpu", torch.float16 if value.is_floating_point() else value.dtype)
        for key, value in network.state_dict().items()
    }
    with no_progress_bars():
        network.save_pretrained(folder, state_dict=state)
    config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["dtype"] = "float32"
    write_atomically(folder / "config.json", json.dumps(config, indent=2, sort_keys=True) + "\n")
    for path in folder.iterdir():
        path.chmod(0o644)  # safetensors writes for the owner only; an installed package has other readers


@contextmanager
def no_progress_bars() -> Iterator[None]:
    """Standard error is for what a user asked to hear."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _tokenizer_config(max_length: int) -> str:
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": START,
        "pad_token": PAD,
        "eos_token": END,
        "mask_token": MASK,
        "model_max_length": max_length,
        "model_input_names": ["input_ids", "attention_mask"],
        "clean_up_tokenization_spaces": False,
    }
    return json.dumps(config, indent=2) + "\n"
