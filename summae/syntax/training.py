"""Training a parser's network on trees: of a treebank, and of a teacher.

One loop for teacher and student: AdamW, a linear warm-up, then a cosine to zero. The run writes itself to its
directory as it goes; called again with the same options, it goes on where it was.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from summae.errors import NonFiniteError
from summae.files import new_directory
from summae.syntax.batching import Example, endless, gold_tensors
from summae.syntax.bucketing import by_length
from summae.syntax.decoding import best_heads
from summae.syntax.labels import LabelSet
from summae.syntax.network import Scores, parsing_loss
from summae.syntax.scoring import Attachment, attachment
from summae.syntax.tokens import token_spans
from summae.syntax.tree import Token, Tree

#: Tokens in a batch that is only read.
_READING_TOKENS = 2000
_NETWORK, _OPTIMIZER = "network/", "optimizer/"  # how the tensors of a run's file are called


class ParsingNetwork(Protocol):
    """What :func:`fit` and :func:`read_trees` need: the teacher and the student have it."""

    def inputs(self, sentences: Sequence[Sequence[str]]) -> tuple[Tensor, ...]: ...

    def parameter_groups(self) -> list[dict]: ...

    def __call__(self, *inputs: Tensor) -> Scores: ...


@dataclass(frozen=True, kw_only=True)
class FitOptions:
    """How a network is fitted to trees."""

    steps: int  # updates in all
    batch_tokens: int = 640  # of one update, padding counted
    warmup: float = 0.1  # share of the steps in which the learning rate rises
    weight_decay: float = 0.01
    clip: float = 1.0  # longest gradient
    seed: int = 1
    save_minutes: float = 4.0  # between two writings of the run
    score_every: int = 0  # steps between two readings of the development trees; 0: at the end only


def fit(
    network: Any,  # a Student or a Teacher
    examples: Sequence[Example],
    options: FitOptions,
    directory: Path,
    score: Callable[[], str],
    say: Callable[[str], None] = print,
) -> None:
    """Fit ``network`` to ``examples``; ``score`` reads the development trees and says how well it went."""
    groups = network.parameter_groups()
    optimizer = torch.optim.AdamW(groups, weight_decay=options.weight_decay, betas=(0.9, 0.98), fused=True)
    rates = [group["lr"] for group in optimizer.param_groups]
    run = _Run(directory, network, optimizer, options)
    done = run.resume()
    batches = endless(examples, options.batch_tokens, options.seed, skip=done)
    started, saved, total, tokens = time.monotonic(), time.monotonic(), 0.0, 0
    for step in range(done, options.steps):
        torch.manual_seed(options.seed * 1_000_003 + step)  # dropout of a step is the same in a run that goes on
        batch = next(batches)
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * learning_rate_share(step, options)
        total += _update(network, batch, optimizer, options, step)
        tokens += sum(len(example.tokens) for example in batch)
        if (step + 1) % 20 == 0:
            seconds = time.monotonic() - started
            say(f"step {step + 1}/{options.steps}  loss {total / 20:.4f}  {tokens / seconds:.0f} tokens/s")
            total = 0.0
        if options.score_every and (step + 1) % options.score_every == 0 and step + 1 < options.steps:
            say(f"step {step + 1}: {score()}")
        if time.monotonic() - saved > 60 * options.save_minutes:
            run.save(step + 1)
            saved = time.monotonic()
    run.save(options.steps)
    say(f"step {options.steps}: {score()}")


def learning_rate_share(step: int, options: FitOptions) -> float:
    """``step / warm-up`` at first, then half a cosine down to zero."""
    warmup = max(1, round(options.warmup * options.steps))
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warmup) / max(1, options.steps - warmup))))


def _update(
    network: Any, batch: list[Example], optimizer: torch.optim.Optimizer, options: FitOptions, step: int
) -> float:
    network.train()
    loss = parsing_loss(network(*network.inputs([example.tokens for example in batch])), gold_tensors(batch))
    optimizer.zero_grad()
    loss.backward()
    length = nn.utils.clip_grad_norm_(network.parameters(), options.clip)
    if not torch.isfinite(loss) or not torch.isfinite(length):
        raise NonFiniteError(f"parser, step {step + 1}: loss {loss.item()}, gradient {length.item()} must be finite")
    optimizer.step()
    return loss.item()


def saved_weights(directory: Path) -> dict[str, Tensor]:
    """The weights of the network that a run has got to so far."""
    tensors = load_file(directory / "state" / "run.safetensors")
    return {name.removeprefix(_NETWORK): value for name, value in tensors.items() if name.startswith(_NETWORK)}


class _Run:
    """What a run writes to its directory, whole or not at all: tensors and, beside them, step and options."""

    def __init__(self, directory: Path, network: nn.Module, optimizer: torch.optim.Optimizer, options: FitOptions):
        self._folder = Path(directory) / "state"
        self._network, self._optimizer = network, optimizer
        self._options = json.loads(json.dumps(asdict(options)))

    def resume(self) -> int:
        """Steps already made, their state restored; 0 for a fresh run or one with other options."""
        if not (self._folder / "run.json").exists():
            return 0
        record = json.loads((self._folder / "run.json").read_text(encoding="utf-8"))
        if record["options"] != self._options:
            return 0
        self._network.load_state_dict(saved_weights(self._folder.parent))
        slots: dict[int, dict[str, Tensor]] = {}
        for name, value in load_file(self._folder / "run.safetensors").items():
            if name.startswith(_OPTIMIZER):
                index, slot = name.removeprefix(_OPTIMIZER).split("/")
                slots.setdefault(int(index), {})[slot] = value
        groups = self._optimizer.state_dict()["param_groups"]
        self._optimizer.load_state_dict({"state": slots, "param_groups": groups})
        return record["step"]

    def save(self, step: int) -> None:
        tensors = {f"{_NETWORK}{name}": value for name, value in self._network.state_dict().items()}
        for index, slots in self._optimizer.state_dict()["state"].items():
            tensors |= {f"{_OPTIMIZER}{index}/{slot}": torch.as_tensor(value) for slot, value in slots.items()}
        with new_directory(self._folder) as folder:
            save_file({name: value.contiguous().clone() for name, value in tensors.items()}, folder / "run.safetensors")
            record = json.dumps({"step": step, "options": self._options}, indent=1)
            (folder / "run.json").write_text(record, encoding="utf-8")


@torch.inference_mode()
def read_trees(network: Any, trees: Sequence[Tree], labels: LabelSet) -> list[Tree]:
    """The tokens of ``trees`` with the heads, relations, tags and features that ``network`` reads, in their order."""
    network.eval()
    found: dict[int, Tree] = {}
    for places in by_length([len(tree) for tree in trees], _READING_TOKENS):
        scores = network(*network.inputs([[token.text for token in trees[place].tokens] for place in places]))
        relations, bundles = scores.all_relations().numpy(), scores.bundles_BNM.argmax(-1).numpy()
        for row, place in enumerate(places):
            count = len(trees[place])
            heads = best_heads(scores.arcs_BNH[row, :count, : count + 1].numpy())
            found[place] = labelled(trees[place], heads, relations[row], bundles[row], labels)
    return [found[place] for place in range(len(trees))]


def labelled(tree: Tree, heads: Sequence[int], relations_NH, bundles_N, labels: LabelSet) -> Tree:
    """``tree`` with these heads, and the relations and bundles that were read."""
    tokens = []
    for index, (token, head) in enumerate(zip(tree.tokens, heads, strict=True)):
        tag, features = labels.unbundled[bundles_N[index]]
        relation = labels.relations[relations_NH[index, head + 1]]
        tokens.append(Token(token.text, token.start, token.end, head, relation, tag, features))
    return Tree(tree.text, tuple(tokens))


def untagged(text: str) -> Tree:
    """The tokens of a raw sentence, each headed by the one before it: what :func:`read_trees` reads anew."""
    spans = token_spans(text)
    tokens = (Token(text[a:b], a, b, index - 1, "dep", "X") for index, (a, b) in enumerate(spans))
    return Tree(text, tuple(tokens))


def score_trees(network: Any, gold: Sequence[Tree], labels: LabelSet) -> Attachment:
    """How well ``network`` reads ``gold``'s tokens."""
    return attachment(read_trees(network, gold, labels), gold)
