"""``summae train``: the stages in order, each resumable, each leaving a folder that the next one reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from transformers import PreTrainedModel

from summae.config import LoopConfig, RunConfig
from summae.networks import Generator, Reconstructor, ShortTextLM
from summae.tables import look_up
from summae.training.batches import PairSource
from summae.training.build import new_language_model, new_network, new_reconstructor
from summae.training.imagine import imagine
from summae.training.journal import Journal
from summae.training.loop import Loop, Task
from summae.training.warmup import GeneratorWarmup, LanguageModelWarmup, ReconstructorWarmup
from summae.training.workspace import Workspace
from summae.yaml_tree import read_tree, to_yaml


@dataclass(frozen=True)
class Session:
    """What every stage needs: configuration, folder, device."""

    config: RunConfig
    space: Workspace
    accelerator: Accelerator
    resume: bool = True

    @property
    def device(self) -> torch.device:
        return self.accelerator.device

    def journal(self, stage: str) -> Journal:
        return Journal(
            self.space.stage(stage),
            stage,
            active=self.accelerator.is_main_process,
            tensorboard=self.config.tracker == "tensorboard",
        )

    def train(self, stage: str, task: Task, loop: LoopConfig) -> None:
        """Run ``task`` to its end, resuming what is there."""
        set_seed(self.config.seed + self.accelerator.process_index)
        runner = Loop(self.accelerator, task, loop, self.space.stage(stage), self.journal(stage))
        if self.resume:
            runner.resume()
        runner.run()

    def finish(self, stage: str, network: PreTrainedModel) -> None:
        if self.accelerator.is_main_process:
            self.space.save_network(stage, network)
        self.accelerator.wait_for_everyone()


def train(
    config_path: str | Path,
    overrides: list[str] = (),
    out: str | None = None,
    resume: bool = True,
    stage: str | None = None,
) -> Path:
    """Run all stages (or one) of a configuration; returns the run's folder."""
    config = read_tree(RunConfig, config_path, list(overrides))
    root = Path(out) if out else Path(config.out) / config.name
    accelerator = Accelerator(mixed_precision=precision(config), cpu=not torch.cuda.is_available())
    session = Session(config, Workspace(config, root), accelerator, resume)
    if accelerator.is_main_process:
        session.space.prepare()
        (root / "config.yaml").write_text(to_yaml(config), encoding="utf-8")
    accelerator.wait_for_everyone()
    names = list(STAGES) if stage is None else [stage]
    for name in names:
        look_up(STAGES, name, "stage")(session)
    return root


def precision(config: RunConfig) -> str:
    """Accelerate's name for the arithmetic: bf16 only where the device has it."""
    if config.precision == "auto":
        return "bf16" if torch.cuda.is_available() and torch.cuda.is_bf16_supported() else "no"
    return "no" if config.precision == "fp32" else config.precision


def language_model_stage(session: Session) -> None:
    if session.space.finished("language_model"):
        return
    loop = session.config.warmup.language_model
    network = new_language_model(session.config, session.space.tokenizer)
    task = LanguageModelWarmup(
        network,
        [corpus.short_texts for corpus in session.space.corpora],
        session.space.tokenizer,
        loop,
        session.config.seed,
        session.device,
        session.config.data.lower_case,
    )
    session.train("language_model", task, loop)
    session.finish("language_model", network)


def generator_stage(session: Session) -> None:
    if session.space.finished("generator"):
        return
    network = new_network(session.config.generator, session.space.tokenizer, session.config.seed)
    warmup = session.config.warmup
    _teach_generator(session, "generator", network, warmup.mixture, warmup.generator)


def refine_stage(session: Session) -> None:
    warmup = session.config.warmup
    if warmup.refine is None or session.space.finished("refine"):
        return
    network = session.space.load_network("generator", Generator)
    _teach_generator(session, "refine", network, warmup.refine_mixture, warmup.refine)


def _teach_generator(
    session: Session, stage: str, network: Generator, mixture: dict[str, float], loop: LoopConfig
) -> None:
    space = session.space
    pairs = PairSource(space.materials(imagined="imagined" in mixture), mixture, session.config.data.lower_case)
    shown = space.validation_texts(6)
    task = GeneratorWarmup(network, pairs, space.encoder, loop, session.config.seed, session.device, shown)
    session.train(stage, task, loop)
    session.finish(stage, network)


def reconstructor_stage(session: Session) -> None:
    if session.space.finished("reconstructor"):
        return
    config, space = session.config, session.space
    loop, mixture = config.warmup.reconstructor, config.warmup.rebuild_mixture
    network = new_reconstructor(config, space.tokenizer)
    pairs = PairSource(space.materials(), mixture, config.data.lower_case)
    share = config.warmup.mask_rebuilt
    task = ReconstructorWarmup(network, pairs, space.tokenizer, loop, config.seed, session.device, share)
    session.train("reconstructor", task, loop)
    session.finish("reconstructor", network)


def imagine_stage(session: Session) -> None:
    warmup, space = session.config.warmup, session.space
    if not warmup.imagined or (space.root / "imagined.jsonl").exists():
        return
    network = space.load_network("reconstructor", Reconstructor)
    accelerator = session.accelerator
    rows = imagine(
        network,
        space.corpora,
        space.tokenizer,
        count=warmup.imagined,
        temperature=warmup.imagined_temperature,
        seed=session.config.seed,
        device=session.device,
        part=(accelerator.process_index, accelerator.num_processes),
    )
    from accelerate.utils import gather_object

    gathered = gather_object(rows)
    if accelerator.is_main_process:
        space.write_pairs("imagined.jsonl", gathered)
    accelerator.wait_for_everyone()


STAGES: dict[str, Callable[[Session], None]] = {
    "language_model": language_model_stage,
    "generator": generator_stage,
    "reconstructor": reconstructor_stage,
    "imagine": imagine_stage,
    "refine": refine_stage,
}
