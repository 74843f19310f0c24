"""The unsupervised validation score: no reference summaries, so the best checkpoint may be chosen by it.

    recovered = 1 − L(x | y) / L(x | ∅)     share of the source's (idf-weighted) nats that R rebuilds better
    fluent    = min(1, exp(f − f_real))     f: mean log p_LM per piece of ours; f_real: of real short texts
    score     = recovered · fluent          in [0, 1]

A copy of everything is not fluent; a headline about nothing recovers nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from summae.networks import AnyGenerator, AnyReconstructor, ShortTextLM
from summae.records import Draw
from summae.training.adversarial.batches import RolloutBatch
from summae.training.adversarial.rollout import empty_summary, rebuild
from summae.training.policy import sample


@dataclass(frozen=True, kw_only=True)
class Validation:
    score: float
    recovered: float
    fluent: float
    #: not in the score, but to be looked at beside it: much of one thing may be had by giving up another
    pieces: float  # mean length of a summary, end piece included
    distinct: float  # different summaries per summary, (0, 1]

    def figures(self) -> dict[str, float]:
        return {f"valid/{name}": value for name, value in vars(self).items()}


@torch.no_grad()
def validate(
    generator: AnyGenerator, reconstructor: AnyReconstructor, language_model: ShortTextLM, batches: list[RolloutBatch]
) -> Validation:
    """Greedy summaries of held-out sources, judged without references."""
    networks: tuple[nn.Module, ...] = (generator, reconstructor, language_model)
    modes = [network.training for network in networks]
    for network in networks:
        network.eval()
    sums = torch.zeros(6, dtype=torch.float64)
    said: Counter[tuple[int, ...]] = Counter()
    for batch in batches:
        ids, mask = sample(generator, batch.sources, temperature=0.0, longest=generator.config.max_target_length)
        sums += torch.stack(_sums(ids, mask, reconstructor, language_model, batch)).double().cpu()
        said.update(tuple(row[: int(length)]) for row, length in zip(ids.tolist(), mask.sum(1).tolist(), strict=True))
    for network, mode in zip(networks, modes, strict=True):
        network.train(mode)
    with_summary, without, ours, pieces, real, real_pieces = sums.tolist()
    recovered = 1 - with_summary / min(without, -1e-9)
    fluent = min(1.0, float(torch.tensor(ours / max(pieces, 1) - real / max(real_pieces, 1)).exp()))
    return Validation(
        score=max(recovered, 0.0) * fluent,
        recovered=recovered,
        fluent=fluent,
        pieces=pieces / max(said.total(), 1),
        distinct=len(said) / max(said.total(), 1),
    )


def _sums(ids: Tensor, mask: Tensor, reconstructor, language_model, batch: RolloutBatch) -> list[Tensor]:
    draw = Draw(ids=ids, mask=mask, log_probs=mask)
    weights = batch.document_weights * batch.document_mask
    with_summary = rebuild(reconstructor, draw, batch.documents, batch.documents)
    without = rebuild(reconstructor, empty_summary(draw), batch.documents, batch.documents)
    ours, real = language_model.log_likelihood(ids), language_model.log_likelihood(batch.real)
    return [
        (with_summary * weights).sum(),
        (without * weights).sum(),
        (ours * mask).sum(),
        mask.sum(),
        (real * batch.real_mask).sum(),
        batch.real_mask.sum(),
    ]
