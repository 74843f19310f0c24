"""The other side of benchmark.py: a plain ``BartForConditionalGeneration`` of equal size, used likewise."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import benchmark_common as common
from benchmark_common import Setup

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import BartForConditionalGeneration

START = """
import sys
from transformers import BartForConditionalGeneration, PreTrainedTokenizerFast
tokenizer = PreTrainedTokenizerFast(tokenizer_file=sys.argv[1] + "/model/tokenizer.json", pad_token="<pad>")
network = BartForConditionalGeneration.from_pretrained(sys.argv[1] + "/bart")
ids = tokenizer(sys.stdin.read(), return_tensors="pt", truncation=True, max_length=128).input_ids
said = network.generate(ids, num_beams=4, max_new_tokens=int(sys.argv[2]), min_new_tokens=int(sys.argv[2]))
print(tokenizer.decode(said[0], skip_special_tokens=True))
"""


def bart_like(generator) -> BartForConditionalGeneration:
    """A BART of G's width, depth and vocabulary; the feed-forward width makes the number of weights the same."""
    import torch
    from transformers import BartConfig, BartForConditionalGeneration

    def config(inner: int) -> BartConfig:
        ours = generator.config
        sides = {}
        for side in ("encoder", "decoder"):
            sides[f"{side}_layers"] = getattr(ours, f"{side}_layers")
            sides[f"{side}_attention_heads"], sides[f"{side}_ffn_dim"] = ours.heads, inner
        special = {"bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 0}
        places = max(ours.max_source_length, 130)
        shape = {"vocab_size": ours.vocab_size, "d_model": ours.d_model, "max_position_embeddings": places}
        return BartConfig(**shape, **sides, **special, forced_eos_token_id=None, dropout=ours.dropout)

    with torch.device("meta"):
        one, two = (common.weights(BartForConditionalGeneration(config(inner))) for inner in (1, 2))
    inner = max(1, round((common.weights(generator) - one) / (two - one)) + 1)
    torch.manual_seed(1)
    return BartForConditionalGeneration(config(inner))


class _Bart:
    """One BART of the checkpoint, its optimiser, and how both are asked."""

    def __init__(self, accelerator, setup: Setup):
        import torch

        self.accelerator, self.network = accelerator, _bart(setup)
        optimizer = torch.optim.AdamW(self.network.parameters(), lr=1e-3)
        self.prepared, self.optimizer = accelerator.prepare(self.network, optimizer)

    def log_probs(self, ids: Tensor, mask: Tensor, targets: Tensor) -> Tensor:
        """log p(targets | ids): [N, T]."""
        previous = targets.roll(1, dims=1)
        previous[:, 0] = 0
        logits = self.prepared(input_ids=ids, attention_mask=mask, decoder_input_ids=previous).logits
        return logits.log_softmax(-1).gather(-1, targets[..., None]).squeeze(-1)

    def update(self, loss: Tensor) -> None:
        self.accelerator.backward(loss)
        self.accelerator.clip_grad_norm_(self.prepared.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()


def _bart(setup: Setup) -> BartForConditionalGeneration:
    from transformers import BartForConditionalGeneration

    return BartForConditionalGeneration.from_pretrained(setup.folder / "bart")


def warm_up(setup: Setup) -> dict[str, float]:
    """Teacher forcing on the very batches of our warm-up."""
    from summae.training.batches import Pools, generator_batch

    encoder, accelerator, longest = common.encoder_of(setup), common.accelerator(), common.lengths(setup)[0]
    pools = Pools(common.pairs().draw, lambda pair: len(pair[0]), setup.batch_size, 1)
    bart, done = _Bart(accelerator, setup), [0, 0.0]
    bart.network.train()

    def step() -> None:
        batch = generator_batch(pools.batch(done[0]), encoder, longest)
        sources, targets, mask = (each.to(accelerator.device) for each in (batch.sources, batch.targets, batch.mask))
        log_probs = bart.log_probs(sources.input_ids, sources.attention_mask, targets)
        bart.update(-(log_probs * mask).sum() / mask.sum())
        done[:] = [done[0] + 1, done[1] + common.pieces_of(batch)]

    return {**common.trained(step, lambda: done[1], setup), "weights": common.weights(bart.network) / 1e6}


def adversarial(setup: Setup) -> dict[str, float]:
    """Draw, rebuild, REINFORCE with the group's mean as baseline, and R's own step; no critic, no language model."""
    import torch

    from summae.training.adversarial.batches import rollout_batch, to_device
    from summae.training.batches import Pools

    encoder, accelerator, made = common.encoder_of(setup), common.accelerator(), common.corpus()
    writer, reader = _Bart(accelerator, setup), _Bart(accelerator, setup)
    longest = common.lengths(setup)

    def draw(count: int, random) -> list[tuple[str, str, int]]:
        picked = random.integers(len(made.sources), size=(count, 2)).tolist()
        return [(made.sources[one], made.short_texts[two], common.WORDS) for one, two in picked]

    pools, done = Pools(draw, lambda item: len(item[0]), setup.batch_size, 1), [0, 0.0]

    def step() -> None:
        batch = to_device(rollout_batch(pools.batch(done[0]), encoder, *longest, 1.5), accelerator.device)
        sources, documents = batch.sources.repeat(common.GROUP), batch.documents.repeat_interleave(common.GROUP, 0)
        ids = _sampled(writer.network, sources, min(longest[0], int(1.5 * float(batch.target_length.max())) + 2))
        mask = (ids != 1).long()
        with torch.no_grad():
            rewards = reader.log_probs(ids, mask, documents).mean(1).reshape(-1, common.GROUP)
        advantages = (rewards - rewards.mean(1, keepdim=True)).flatten()
        log_probs = writer.log_probs(sources.input_ids, sources.attention_mask, ids) * mask
        writer.update(-(advantages[:, None] * log_probs).sum(1).mean())
        said, heard = ids[:: common.GROUP], mask[:: common.GROUP]
        rebuilt = reader.log_probs(said, heard, batch.documents) * batch.document_mask
        reader.update(-rebuilt.sum() / batch.document_mask.sum())
        done[:] = [done[0] + 1, done[1] + common.pieces_of(batch)]

    return common.trained(step, lambda: done[1], setup)


def _sampled(network: BartForConditionalGeneration, sources, longest: int) -> Tensor:
    network.eval()
    given = {"input_ids": sources.input_ids, "attention_mask": sources.attention_mask}
    ids = network.generate(**given, do_sample=True, top_k=0, max_new_tokens=longest)[:, 1:].clone()
    network.train()
    return ids


def summaries(setup: Setup) -> dict[str, float]:
    import torch

    from summae.training.batches import padded

    network, tokenizer = _bart(setup).eval(), common.encoder_of(setup).tokenizer
    pieces, longest = _answer_pieces(setup), network.config.max_position_embeddings

    def summarise(texts: list[str]) -> list[str]:
        ids = padded([row[:longest] for row in tokenizer.encode_batch(texts)], 1)
        options = {"num_beams": common.BEAMS, "max_new_tokens": pieces, "min_new_tokens": pieces}
        with torch.no_grad():
            said = network.generate(ids, attention_mask=(ids != 1).long(), **options)
        return [tokenizer.decode(row) for row in said.tolist()]

    return common.summaries(summarise, setup)


def _answer_pieces(setup: Setup) -> int:
    """How many pieces ``WORDS`` words have."""
    some, tokenizer = common.corpus().short_texts[:500], common.encoder_of(setup).tokenizer
    rate = sum(map(len, tokenizer.encode_batch(some))) / sum(len(text.split()) for text in some)
    return min(round(rate * common.WORDS) + 1, common.lengths(setup)[0])


def start(setup: Setup) -> dict[str, float]:
    return common.started_by([sys.executable, "-c", START, str(setup.folder), str(_answer_pieces(setup))], setup)
