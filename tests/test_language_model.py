"""The short-text language model against a re-computation in plain matrix arithmetic."""

import math

import pytest
import torch
from transformers import AutoModel

from summae.networks import ShortTextLM, ShortTextLMConfig

V, END = 60, 2


def language_model():
    torch.manual_seed(2)
    network = ShortTextLM(ShortTextLMConfig(vocab_size=V, d_model=8, layers=2, heads=2, d_ff=12, dropout=0.0))
    with torch.no_grad():  # no part at a harmless initial zero
        for parameter in network.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return network.eval()


def by_hand(network, row):
    """log p(row[t] | row[:t]), one prefix at a time, in plain matrix arithmetic (pre-norm Transformer, sinusoids)."""
    weights = {name: value.double() for name, value in network.state_dict().items()}
    width, heads, found = 8, 2, []

    def norm(x, name):
        x = (x - x.mean(-1, keepdim=True)) / (x.var(-1, unbiased=False, keepdim=True) + 1e-5).sqrt()
        return x * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def linear(x, name):
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    for end in range(len(row)):
        prefix = [0, *row[:end]]
        x = torch.stack([weights["embedding.weight"][piece] * math.sqrt(width) for piece in prefix])
        for place in range(len(prefix)):
            for i in range(width // 2):
                angle = place * 10000.0 ** (-i / (width // 2 - 1))
                x[place, i] += math.sin(angle)
                x[place, width // 2 + i] += math.cos(angle)
        for layer in ("layers.0", "layers.1"):
            normed = norm(x, f"{layer}.norm_attention")
            query = linear(normed, f"{layer}.attention.query")
            key, value = linear(normed, f"{layer}.attention.key_value").split(width, dim=-1)
            mixed = torch.zeros_like(x)
            for head in range(heads):
                part = slice(head * width // heads, (head + 1) * width // heads)
                for place in range(len(prefix)):  # a place looks at itself and at what came before
                    scores = key[: place + 1, part] @ query[place, part] / math.sqrt(width // heads)
                    mixed[place, part] = scores.softmax(0) @ value[: place + 1, part]
            x = x + linear(mixed, f"{layer}.attention.out")
            inner = torch.nn.functional.gelu(linear(norm(x, f"{layer}.norm_feed"), f"{layer}.feed.0"))
            x = x + linear(inner, f"{layer}.feed.3")
        logits = norm(x, "norm")[-1] @ weights["embedding.weight"].T + weights["output_bias"]
        found.append(float(logits.log_softmax(0)[row[end]]))
    return found


def test_language_model_likelihood_step_by_step():
    network, row = language_model(), [40, 57, 36, 36, END]
    with torch.no_grad():
        found = network.log_likelihood(torch.tensor([row]))[0].tolist()
    assert found == pytest.approx(by_hand(network, row), abs=1e-5)


def test_language_model_pads_with_zero_and_reads_one_hots():
    network, ids = language_model(), torch.tensor([[40, 41, END, 1, 1]])
    words = torch.nn.functional.one_hot(ids, V).float()
    with torch.no_grad():
        likelihood = network.log_likelihood(ids)
        torch.testing.assert_close(network.log_likelihood(ids, words), likelihood, atol=1e-5, rtol=1e-5)
        assert torch.equal(network(ids)[:, 3:], torch.zeros(1, 2))
        assert torch.equal(network(ids)[:, :3], likelihood[:, :3])


def test_language_model_on_disk(tmp_path):
    network, ids = language_model(), torch.tensor([[40, 41, END]])
    network.save_pretrained(tmp_path)
    loaded = AutoModel.from_pretrained(tmp_path).eval()
    with torch.no_grad():
        assert torch.equal(loaded.log_likelihood(ids), network.log_likelihood(ids))
