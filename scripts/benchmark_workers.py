"""The processes of benchmark.py: ``benchmark_workers.py NAME OPTIONS`` prints a JSON object of figures.

Each function of ``WORKERS`` is one process. Imports stand inside, so that a process holds only what it needs.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import benchmark_bart
import benchmark_common as common
from benchmark_common import Setup


def prepare(setup: Setup) -> dict[str, Any]:
    """The checkpoint with its ONNX form, and a BART of equal size; what machine this is."""
    import torch
    import transformers

    from summae.model.onnx.export import export
    from summae.networks import Generator

    model = setup.folder / "model"
    if setup.model:
        shutil.copytree(setup.model, model)
    else:
        _assemble(setup, model)
    if not (model / "onnx").exists():
        export(model)
    benchmark_bart.bart_like(Generator.from_pretrained(model / "generator")).save_pretrained(setup.folder / "bart")
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else f"CPU, {torch.get_num_threads()} threads"
    return {"device": device, "torch": torch.__version__, "transformers": transformers.__version__}


def _assemble(setup: Setup, model: Path) -> None:
    """A checkpoint of random weights, but for G's pointer, which copies and goes on where it is: a G that is sure of
    nothing, as no trained one is, would have the search look at hundreds of words that the rules forbid."""
    import torch

    from summae.model.checkpoint import assemble
    from summae.text.salience import DomainTables, SalienceTable
    from summae.text.tokenizer import SubwordTokenizer
    from summae.training.build import new_language_model, new_network, new_reconstructor

    made, config = common.corpus(), common.configuration(setup)
    tokenizer = SubwordTokenizer.train([*made.sources, *made.short_texts], common.VOCABULARY[setup.size])
    generator = new_network(config.generator, tokenizer, 1)
    with torch.no_grad():
        generator.pointer.gate.bias.fill_(-9.0)
        generator.pointer.distance_bias[generator.pointer.reach + 1] = 4.0
    assemble(
        model,
        tokenizer=tokenizer,
        salience=DomainTables({"made": SalienceTable.count(made.sources, made.short_texts)}),
        generator=generator,
        reconstructor=new_reconstructor(config, tokenizer),
        language_model=new_language_model(config, tokenizer),
        name="benchmark",
    )


# -- ours ---------------------------------------------------------------------------------------------------


def _networks(setup: Setup, *parts: str) -> dict[str, Any]:
    """Networks of the checkpoint, to be trained on."""
    import torch

    from summae.networks import Generator, Reconstructor, ShortTextLM

    kinds = {"generator": Generator, "reconstructor": Reconstructor, "language_model": ShortTextLM}
    folder = setup.folder / "model"
    return {part: kinds[part].from_pretrained(folder / part, dtype=torch.float32) for part in parts}


def _run(task, loop_config, accelerator, setup: Setup) -> dict[str, float]:
    """Steps of the real loop; the task's batches are counted as they are made."""
    from summae.training.loop import Loop
    from summae.training.train_logger import TrainLogger

    loop = Loop(accelerator, task, loop_config, setup.folder / "run", TrainLogger(setup.folder, "", active=False))
    made, done, waited = task.batch, [0.0], []

    def batch(number: int):
        found = made(number)
        done[0] += common.pieces_of(found)
        return found

    def step() -> None:
        loop.step()
        loop.state.step += 1
        waited.append(loop.waiting)

    task.batch = batch
    found = common.trained(step, lambda: done[0], setup)
    return {**found, "waiting": (waited[-1] - waited[0]) / found["elapsed"]}


def warm_up(setup: Setup) -> dict[str, float]:
    from summae.training.schedule import LoopConfig
    from summae.training.warmup import GeneratorWarmup

    encoder, accelerator = common.encoder_of(setup), common.accelerator()
    network = _networks(setup, "generator")["generator"]
    loop = LoopConfig(steps=10**9, batch_size=setup.batch_size)
    task = GeneratorWarmup(network, common.pairs(), encoder, loop, 1, accelerator.device)
    return {**_run(task, loop, accelerator, setup), "weights": common.weights(network) / 1e6}


def adversarial(setup: Setup) -> dict[str, float]:
    from summae.text.tokenizer import PAD_ID
    from summae.training.adversarial.task import AdversarialTask, make_critic

    encoder, accelerator = common.encoder_of(setup), common.accelerator()
    config = common.configuration(setup).adversarial
    task = AdversarialTask(
        config=config,
        **_networks(setup, "generator", "reconstructor", "language_model"),
        critic=make_critic(config, encoder.tokenizer.vocab_size, PAD_ID, 1),
        corpora=[common.corpus()],
        encoder=encoder,
        held_out=[],
        seed=1,
        device=accelerator.device,
        best_file=setup.folder / "best.safetensors",
    )
    return _run(task, config.loop, accelerator, setup)


def ours(setup: Setup, backend: str) -> dict[str, float]:
    from summae.summarizing.summarizer import Summarizer

    summarizer = Summarizer.load(setup.folder / "model", backend=backend)
    return common.summaries(lambda some: summarizer.summarize(some, words=common.WORDS, beams=common.BEAMS), setup)


def start(setup: Setup) -> dict[str, float]:
    options = ["--words", str(common.WORDS), "--model", str(setup.folder / "model")]
    return common.started_by([sys.executable, "-m", "summae", "summarize", *options], setup)


WORKERS: dict[str, Callable[[Setup], dict[str, Any]]] = {
    "prepare": prepare,
    "warm_up": warm_up,
    "bart_warm_up": benchmark_bart.warm_up,
    "adversarial": adversarial,
    "bart_adversarial": benchmark_bart.adversarial,
    "onnx": lambda setup: ours(setup, "onnx"),
    "torch": lambda setup: ours(setup, "torch"),
    "bart_summaries": benchmark_bart.summaries,
    "start": start,
    "bart_start": benchmark_bart.start,
}


if __name__ == "__main__":
    options = json.loads(sys.argv[2])
    print(json.dumps(WORKERS[sys.argv[1]](Setup(**{**options, "folder": Path(options["folder"])}))))
