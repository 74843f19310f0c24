"""``summae train``: the stages in order, each resumable, each leaving a folder that the next one reads."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from transformers import PreTrainedModel

from summae.data.corpora import read_pairs
from summae.data.mining import mine
from summae.model.checkpoint import Checkpoint, assemble
from summae.model.critic import SavedCritic
from summae.networks import AnyGenerator, Generator, Reconstructor, ShortTextLM
from summae.summarizing.summarizer import Summarizer
from summae.tables import look_up
from summae.text.stems import Stems
from summae.text.tokenizer import PAD_ID
from summae.training.adversarial.batches import PairedTexts
from summae.training.adversarial.task import AdversarialTask, make_critic
from summae.training.batches import PairSource
from summae.training.blend import blended
from summae.training.build import new_language_model, new_network, new_reconstructor
from summae.training.config import RunConfig
from summae.training.critic.stage import train_critic
from summae.training.distributed import destroy_process_group
from summae.training.imagine import imagine
from summae.training.label import label
from summae.training.schedule import LoopConfig
from summae.training.session import Session
from summae.training.start import take_over, warmed_generator
from summae.training.warmup import GeneratorWarmup, LanguageModelWarmup, ReconstructorWarmup
from summae.training.yaml_tree import read_tree, to_yaml

SHOWN = 6  # samples in the log of a warm-up


def train(
    config_path: str | Path,
    overrides: Sequence[str] = (),
    out: str | None = None,
    resume: bool = True,
    stage: str | None = None,
) -> Path:
    """Run all stages (or one) of a configuration; returns the run's folder.

    An earlier run in that folder is taken up where it stopped, unless ``resume`` is false: then it is deleted.
    """
    config = read_tree(RunConfig, config_path, list(overrides))
    stages = list(STAGES.values()) if stage is None else [look_up(STAGES, stage, "stage")]
    root = Path(out) if out else Path(config.out) / config.name
    session = Session.begun(config, root)
    accelerator = session.accelerator
    if accelerator.is_main_process:
        if not resume:
            shutil.rmtree(root, ignore_errors=True)
        if config.start is not None:
            take_over(session.space, Path(config.start))
        session.space.prepare()
        (root / "config.yaml").write_text(to_yaml(config), encoding="utf-8")
    accelerator.wait_for_everyone()
    for run_stage in stages:
        run_stage(session)
    destroy_process_group(accelerator)
    return root


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
    _train_generator(session, "generator", network, warmup.mixture, warmup.generator)


def refine_stage(session: Session) -> None:
    warmup = session.config.warmup
    if warmup.refine is None or session.space.finished("refine"):
        return
    network = session.space.load_network("generator", Generator)
    _train_generator(session, "refine", network, warmup.refine_mixture, warmup.refine)


def _train_generator(
    session: Session, stage: str, network: AnyGenerator, mixture: dict[str, float], loop: LoopConfig
) -> None:
    space = session.space
    pairs = PairSource(space.materials(mixture), mixture, session.config.data.lower_case)
    shown = space.validation_texts(SHOWN)
    task = GeneratorWarmup(network, pairs, space.encoder, loop, session.config.seed, session.device, shown)
    session.train(stage, task, loop)
    session.finish(stage, network)


def reconstructor_stage(session: Session) -> None:
    if session.space.finished("reconstructor"):
        return
    config, space = session.config, session.space
    loop, mixture = config.warmup.reconstructor, config.warmup.rebuild_mixture
    network = new_reconstructor(config, space.tokenizer)
    pairs = PairSource(space.materials(mixture), mixture, config.data.lower_case)
    shares = config.warmup.mask_rebuilt, config.warmup.masked_batches
    task = ReconstructorWarmup(network, pairs, space.tokenizer, loop, config.seed, session.device, *shares)
    session.train("reconstructor", task, loop)
    session.finish("reconstructor", network)


def imagine_stage(session: Session) -> None:
    warmup, space = session.config.warmup, session.space
    if not warmup.imagined or (space.root / "imagined.jsonl").exists():
        return
    network = space.load_network("reconstructor", Reconstructor)
    rows = imagine(
        network,
        space.corpora,
        space.tokenizer,
        count=warmup.imagined,
        temperature=warmup.imagined_temperature,
        kept=warmup.imagined_kept,
        seed=session.config.seed,
        device=session.device,
        part=session.part,
    )
    session.write_together("imagined.jsonl", rows)


def mine_stage(session: Session) -> None:
    warmup, space = session.config.warmup, session.space
    if "mined" not in warmup.refine_mixture or (space.root / "mined.jsonl").exists():
        return
    if session.accelerator.is_main_process:
        rows = []
        for corpus in space.corpora:
            stem = Stems.of(text for side in (corpus.sources, corpus.short_texts) for text in side)
            pairs = mine(corpus.sources, corpus.short_texts, stem, least=warmup.mined_coverage)
            rows += [{"corpus": corpus.name, "source": source, "target": target} for source, target in pairs]
        space.write_pairs("mined.jsonl", rows)
    session.accelerator.wait_for_everyone()


def label_stage(session: Session) -> None:
    warmup, space = session.config.warmup, session.space
    if not warmup.labelled or (space.root / "labelled.jsonl").exists():
        return
    rows = label(
        Summarizer.load(warmup.teacher),
        space.corpora,
        count=warmup.labelled,
        words=warmup.labelled_words,
        seed=session.config.seed,
        part=session.part,
    )
    session.write_together("labelled.jsonl", rows)


def adversarial_stage(session: Session) -> None:
    config, space = session.config, session.space
    if config.adversarial is None or space.finished("adversarial"):
        return
    tokenizer = space.tokenizer
    generator = space.load_network(warmed_generator(space), Generator)
    reconstructor = space.load_network("reconstructor", Reconstructor)
    task = AdversarialTask(
        config=config.adversarial,
        generator=generator,
        reconstructor=reconstructor,
        language_model=cast(ShortTextLM, space.load_network("language_model", ShortTextLM)),
        critic=make_critic(config.adversarial, tokenizer.vocab_size, PAD_ID, config.seed),
        corpora=space.corpora,
        encoder=space.encoder,
        held_out=space.validation_texts(config.adversarial.validation_sources),
        seed=config.seed,
        device=session.device,
        best_file=space.stage("adversarial") / "best.safetensors",
        lower_case=config.data.lower_case,
        paired=read_paired(config),
    )
    task.finish(session.train("adversarial", task, config.adversarial.loop))
    if session.accelerator.is_main_process:
        space.save_network("adversarial/reconstructor", reconstructor)
    session.finish("adversarial", generator)


def read_paired(config: RunConfig) -> PairedTexts | None:
    """The pairs of a semi-supervised run."""
    if config.paired is None:
        return None
    part, path = config.paired, Path(config.data.root) / config.paired.file.path
    pairs = read_pairs(path, field=part.file.field, summary_field=part.summary_field, limit=part.limit)
    return PairedTexts(pairs, part.interval, config.seed)


def finished_generator(session: Session, adversarial: bool) -> AnyGenerator:
    """The warmed-up generator; after the ``adversarial`` stage, its weights averaged with those of that one."""
    space = session.space
    warm = space.load_network(warmed_generator(space), Generator)
    if not adversarial:
        return warm
    generator, config = space.load_network("adversarial", Generator), session.config.adversarial
    share = config.blend if config else 1.0
    generator.load_state_dict(blended(warm.state_dict(), generator.state_dict(), share))
    return generator


def critic_stage(session: Session) -> None:
    """A critic of the finished model, which is put together for it without one."""
    if session.config.critic is None or session.space.finished("critic"):
        return
    with tempfile.TemporaryDirectory(prefix="summae-") as folder:
        model = Summarizer.load(_assembled(session, Path(folder) / "model").path)
        train_critic(session, model, session.space.corpora)


def assemble_stage(session: Session) -> None:
    """All parts of the finished model in one folder, ``model/``."""
    space = session.space
    if session.accelerator.is_main_process:
        critic = space.load_network("critic", SavedCritic) if space.finished("critic") else None
        _assembled(session, space.root / "model", critic)
    session.accelerator.wait_for_everyone()


def _assembled(session: Session, folder: Path, critic: PreTrainedModel | None = None) -> Checkpoint:
    space = session.space
    adversarial = space.finished("adversarial")
    return assemble(
        folder,
        tokenizer=space.tokenizer,
        salience=space.salience,
        generator=finished_generator(session, adversarial),
        reconstructor=space.load_network(
            "adversarial/reconstructor" if adversarial else "reconstructor", Reconstructor
        ),
        language_model=space.load_network("language_model", ShortTextLM),
        critic=critic,
        wordings=space.wordings,
        name=session.config.name,
    )


STAGES: dict[str, Callable[[Session], None]] = {
    "language_model": language_model_stage,
    "generator": generator_stage,
    "reconstructor": reconstructor_stage,
    "imagine": imagine_stage,
    "mine": mine_stage,
    "label": label_stage,
    "refine": refine_stage,
    "adversarial": adversarial_stage,
    "critic": critic_stage,
    "assemble": assemble_stage,
}
