"""A critic for a finished model: as a stage of its run, or for a checkpoint whose run is long gone."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Sequence
from pathlib import Path

from summae.data.corpora import Corpus
from summae.errors import ConfigError, InputError
from summae.files import write_atomically
from summae.model.checkpoint import Checkpoint, open_checkpoint, put_critic
from summae.model.critic import SavedCritic
from summae.summarizing.summarizer import Summarizer
from summae.training.config import RunConfig
from summae.training.critic.drafts import draw_drafts
from summae.training.critic.task import CriticTask, new_critic
from summae.training.distributed import destroy_process_group
from summae.training.session import Session
from summae.training.train_logger import TrainLogger
from summae.training.yaml_tree import read_tree, to_yaml

DRAFTS = "judged.jsonl"


def add_critic(
    model: str | Path,
    config_path: str | Path,
    overrides: Sequence[str] = (),
    out: str | None = None,
    resume: bool = True,
) -> Path:
    """Train a critic for the finished checkpoint ``model`` and write it there, as ``critic/``; the run's folder.

    ``critic`` and ``data`` of the configuration say how and by what texts; that run takes the folder ``out``, and
    is taken up where it stopped unless ``resume`` is false: then it is deleted.
    """
    config = read_tree(RunConfig, config_path, list(overrides))
    if config.critic is None:
        raise ConfigError(["critic must be given to train one, got null"], str(config_path))
    checkpoint = open_checkpoint(model)
    root = Path(out) if out else Path(config.out) / f"{config.name}-critic"
    session = Session.begun(config, root)
    if session.accelerator.is_main_process:
        if not resume:
            shutil.rmtree(root, ignore_errors=True)
        _claim(root, checkpoint)
        write_atomically(root / "config.yaml", to_yaml(config))
    session.accelerator.wait_for_everyone()
    if not session.space.finished("critic"):
        train_critic(session, Summarizer.load(checkpoint.path), session.space.read_corpora())
    if session.accelerator.is_main_process:
        network = session.space.load_network("critic", SavedCritic)
        put_critic(checkpoint.path, network)
        note = "has a critic now; 'summae export' writes the ONNX form of it"
        TrainLogger(session.space.stage("critic"), "critic", tensorboard=False).note(f"{checkpoint.path} {note}")
    destroy_process_group(session.accelerator)
    return root


def _claim(root: Path, checkpoint: Checkpoint) -> None:
    """A run's drafts and critic are those of one generator; raises :class:`InputError` for another."""
    weights = sorted((checkpoint.path / "generator").iterdir())
    found, mark = f"{zlib.crc32(b''.join(file.read_bytes() for file in weights)):08x}\n", root / "generator.crc32"
    if mark.exists() and mark.read_text(encoding="utf-8") != found:
        what = f"holds a critic of another model than {checkpoint.path}"
        raise InputError(f"{root}: {what}; name another folder (--out), or begin anew (--fresh)")
    write_atomically(mark, found)


def train_critic(session: Session, model: Summarizer, corpora: Sequence[Corpus]) -> None:
    """Leaves ``critic/network``. Its pairs and steps are kept on the way, so that a second call goes on."""
    config, space = session.config.critic, session.space
    assert config is not None
    if not (space.root / DRAFTS).exists():
        rows = draw_drafts(
            model,
            corpora,
            count=config.sources,
            each=config.drafts,
            beams=config.beams,
            seed=session.config.seed,
            part=session.part,
        )
        session.write_together(DRAFTS, rows)
    task = CriticTask(
        new_critic(config, model.encoder.tokenizer, session.config.seed),
        space.read_pairs(DRAFTS),
        corpora,
        model.encoder.tokenizer,
        config,
        seed=session.config.seed,
        device=session.device,
        best_file=space.stage("critic") / "best.safetensors",
    )
    state = session.train("critic", task, config.loop)
    figures = task.finish(state)
    active = session.accelerator.is_main_process
    logger = TrainLogger(space.stage("critic"), "critic", active=active, tensorboard=False)
    logger.figures(state.step, figures, state.seconds)
    logger.note(", ".join(f"{name} {value:.3f}" for name, value in figures.items()))
    session.finish("critic", task.network)
