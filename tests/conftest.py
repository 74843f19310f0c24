"""A whole checkpoint, tiny and random, made once per run: tokeniser, salience, networks, a critic; its ONNX form."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import websites
from filelock import FileLock

os.environ.setdefault("OMP_NUM_THREADS", "1")  # for ONNX Runtime: tiny graphs gain nothing from threads

SOURCES = [
    "The central bank said on Monday that it would cut its main interest rate by 0.5 percent next month.",
    "A storm closed schools in the north of the country, and thousands of homes lost power, officials said.",
    "Police in London arrested a man on Tuesday after a fire at a half-year-old factory near the river.",
    "The U.S.-led talks with Iran on its nuclear programme ended without a deal, diplomats said.",
    "Shares of the company rose 7% after it reported a profit of $1,000 million for the first quarter.",
    "我国经济的增长在今年第一季度很快，政府说，银行的利率不会改变。",
    "中国的科学家说，他们在南海发现了一种新的鱼，这种鱼生活在很深的海水里。",
]
SHORT = [
    "Central bank to cut interest rate",
    "Storm closes schools, thousands lose power",
    "Man arrested after factory fire in London",
    "Nuclear talks with Iran end without deal",
    "Shares rise after company reports profit",
    "我国经济增长很快",
    "科学家在南海发现新的鱼",
]


def build(folder: Path, critic: bool = True) -> Path:
    """The checkpoint: every weight is random, so that no part hides behind a harmless initial zero."""
    import torch

    from summae.model.checkpoint import assemble
    from summae.model.critic import SavedCritic, SavedCriticConfig
    from summae.networks import (
        Generator,
        GeneratorConfig,
        Reconstructor,
        ReconstructorConfig,
        ShortTextLM,
        ShortTextLMConfig,
    )
    from summae.text.salience import DomainTables, SalienceTable
    from summae.text.tokenizer import SubwordTokenizer

    tokenizer = SubwordTokenizer.train([*SOURCES, *SHORT] * 3, 700)
    torch.manual_seed(4)
    shape = {"vocab_size": tokenizer.vocab_size, "d_model": 16, "heads": 2, "d_ff": 24, "dropout": 0.0}
    networks = (
        Generator(GeneratorConfig(**shape, **_layers(1, 2), max_source_length=64, max_target_length=20)),
        Reconstructor(ReconstructorConfig(**shape, **_layers(1, 1), max_source_length=20, max_target_length=40)),
        ShortTextLM(ShortTextLMConfig(**shape, layers=1)),
        SavedCritic(SavedCriticConfig(vocab_size=tokenizer.vocab_size, embedding=12, hidden=10, layers=2)),
    )
    with torch.no_grad():
        for network in networks:
            for parameter in network.parameters():
                parameter.add_(0.3 * torch.randn_like(parameter))
            if isinstance(network, (Generator, Reconstructor)):
                network.piece_starts.copy_(torch.tensor(tokenizer.piece_starts, dtype=torch.long))
    salience = DomainTables({"all": SalienceTable.count(SOURCES, SHORT, at_least=1)})
    generator, reconstructor, language_model, judge = networks
    assemble(
        folder,
        tokenizer=tokenizer,
        salience=salience,
        generator=generator,
        reconstructor=reconstructor,
        language_model=language_model,
        critic=judge if critic else None,
        name="tiny",
        default_words=6,
        longest_words=8,
    )
    return folder


def _layers(encoder: int, decoder: int) -> dict[str, int]:
    return {"encoder_layers": encoder, "decoder_layers": decoder}


def once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder ``name`` that ``make`` fills: once a run, whichever process of pytest-xdist comes first."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / name
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            making = folder.with_name(f"{name}.making")
            make(making)
            making.rename(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint without ONNX files; read only, as all tests share it."""
    return once(tmp_path_factory, "tiny", build)


@pytest.fixture(scope="session")
def exported_checkpoint(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with ONNX files in 32-bit floats; read only."""
    from summae.model.onnx.export import export

    def make(folder: Path) -> None:
        export(shutil.copytree(tiny_checkpoint, folder), quantize=False)

    return once(tmp_path_factory, "exported", make)


#: Files whose tests take longest: begun first, so that no worker is left alone with one of them.
LONGEST = ("test_toy.py", "test_processes.py", "test_readme.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[websites.Site]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with websites.opened() as server:
        yield server
