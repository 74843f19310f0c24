"""Networks against hand enumeration, a plain re-computation, and Transformers' own ``generate()``."""

import itertools

import pytest
import torch
from transformers import AutoModelForSeq2SeqLM

from summae.networks import Generator, GeneratorConfig, Reconstructor, ReconstructorConfig
from summae.networks.seq2seq import shifted
from summae.records import Sources

V = 60  # 36 special pieces, then 24 that can be copied
END = 2


def shaken(network, seed):
    """Every parameter random, so that no part is at a harmless initial zero."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return network.eval()


def generator(kind=Generator, **fields):
    config = {Generator: GeneratorConfig, Reconstructor: ReconstructorConfig}[kind]
    shape = {"d_model": 16, "heads": 2, "d_ff": 24, "encoder_layers": 2, "decoder_layers": 2}
    network = shaken(kind(config(**{"vocab_size": V, "dropout": 0.0, **shape, **fields})), seed=1)
    network.piece_starts.copy_(torch.arange(network.config.vocab_size) % 3 > 0)
    return network


def sources(rows, length=9, seed=3, vocab=V, first=36):
    """Random sources; row ``n`` has a prompt and ``length − 1 − n`` pieces, the rest is padding."""
    random = torch.Generator().manual_seed(seed)
    ids = torch.randint(first, vocab, (rows, length), generator=random)
    ids[:, 0] = first - 1
    mask = (torch.arange(length)[None, :] < length - torch.arange(rows)[:, None]).long()
    starts = torch.randint(0, 2, (rows, length), generator=random) * mask
    starts[:, 1] = 1
    salience = torch.randint(0, 17, (rows, length), generator=random) * mask
    return Sources(
        input_ids=torch.where(mask > 0, ids, 1), attention_mask=mask, salience_ids=salience, word_starts=starts
    )


def as_inputs(given):
    return {name: getattr(given, name) for name in ("input_ids", "attention_mask", "salience_ids", "word_starts")}


@torch.no_grad()
def distributions(network, given, ids):
    memory, previous = network.encode(given), shifted(ids, network.config.decoder_start_token_id)
    return network.log_distribution(network.decode(previous, memory), memory, previous).exp()


# -- one distribution ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_a_distribution_sums_to_one(seed):
    given, ids = sources(4, seed=seed), torch.randint(0, V, (4, 6), generator=torch.Generator().manual_seed(seed))
    probs = distributions(generator(), given, ids)
    assert probs.shape == (4, 6, V) and bool((probs > 0).all())
    torch.testing.assert_close(probs.sum(-1), torch.ones(4, 6))


@pytest.mark.parametrize("what", ["only a prompt", "nothing at all", "only the inside of a word"])
def test_where_nothing_may_be_copied_all_is_written(what):
    """… and the distribution is the softmax over the vocabulary alone."""
    network, ids = generator(), torch.tensor([[40, 41, 42]])
    row = torch.tensor([[35, 50, 51]]) if what == "only the inside of a word" else torch.tensor([[35, 1, 1]])
    mask = torch.ones_like(row) if what == "only the inside of a word" else (row == 35).long()
    mask = mask * 0 if what == "nothing at all" else mask
    zeros = torch.zeros_like(row)
    given = Sources(input_ids=row, attention_mask=mask, salience_ids=zeros, word_starts=zeros)
    with torch.no_grad():
        memory = network.encode(given)
        hidden = network.decode(torch.tensor([[0, 40, 41]]), memory)
        written = network.vocabulary_logits(hidden).softmax(-1)
    torch.testing.assert_close(distributions(network, given, ids), written, atol=1e-7, rtol=1e-5)


# Three words, 40·41·42, 40·43 and 44, behind a prompt; then padding. Worked out by hand: what may come next?
COPYABLE = {
    0: {40, 44},  # at the start: the first piece of any word
    40: {40, 44, 41, 43},  # … or a piece that stands right behind a 40
    41: {40, 44, 42},
    42: {40, 44},  # behind 42 a new word begins
    43: {40, 44},
    44: {40, 44},  # behind 44 there is padding
    50: {40, 44},  # written, not in the source
    5: {40, 44},  # the prompt: what follows it begins a word anyway
}


@pytest.mark.parametrize("previous", COPYABLE)
def test_inside_a_word_only_what_follows_the_piece_just_said_is_copied(previous):
    network = generator()
    with torch.no_grad():  # a gate that always copies: what is left is the pointer
        network.pointer.gate.weight.zero_()
        network.pointer.gate.bias.fill_(-40.0)
    given = Sources(
        input_ids=torch.tensor([[5, 40, 41, 42, 40, 43, 44, 1]]),
        attention_mask=torch.tensor([[1, 1, 1, 1, 1, 1, 1, 0]]),
        salience_ids=torch.zeros(1, 8, dtype=torch.long),
        word_starts=torch.tensor([[0, 1, 0, 0, 1, 0, 1, 0]]),
    )
    with torch.no_grad():
        memory, before = network.encode(given), torch.tensor([[previous]])
        probs = network.log_distribution(network.decode(before, memory), memory, before).exp()[0, 0]
    assert set(torch.nonzero(probs > 1e-9).flatten().tolist()) == COPYABLE[previous]


def test_the_probability_of_given_targets_is_the_one_in_the_distribution():
    network, given = generator(), sources(4)
    targets = torch.randint(0, V, (4, 7), generator=torch.Generator().manual_seed(5))
    targets[:, 2:5] = given.input_ids[:, 1:4]  # some that are copied
    expected = distributions(network, given, targets).log().gather(-1, targets[..., None]).squeeze(-1)
    with torch.no_grad():
        found = network.log_likelihood(given, targets)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_padding_changes_no_likelihood():
    network, given = generator(), sources(4)
    targets = torch.randint(36, V, (4, 6), generator=torch.Generator().manual_seed(6))
    with torch.no_grad():
        together = network.log_likelihood(given, targets)
        for row in range(4):
            alone = given.map(lambda tensor, row=row: tensor[row : row + 1, : 9 - row])
            steps = 6 - row
            found = network.log_likelihood(alone, targets[row : row + 1, :steps])
            torch.testing.assert_close(found, together[row : row + 1, :steps], atol=1e-5, rtol=1e-5)


def test_ids_and_their_one_hots_are_the_same_words():
    network, given = generator(), sources(3)
    targets = torch.randint(36, V, (3, 5), generator=torch.Generator().manual_seed(7))
    words = torch.nn.functional.one_hot(given.input_ids, V).float().requires_grad_()
    ours = network.log_likelihood(given, targets, source_words_NSV=words)
    with torch.no_grad():
        torch.testing.assert_close(ours, network.log_likelihood(given, targets), atol=1e-5, rtol=1e-5)
        memory = network.encode(given)
        previous = torch.nn.functional.one_hot(targets, V).float()
        relaxed = network.decode(targets, memory, words_NTV=previous)
        torch.testing.assert_close(relaxed, network.decode(targets, memory), atol=1e-5, rtol=1e-5)
    ours.sum().backward()
    assert bool((words.grad[given.attention_mask > 0].abs().sum(-1) > 0).all())


# -- Transformers' generate() -------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [{"num_beams": 1}, {"num_beams": 3}, {"do_sample": True}], ids=str)
def test_generating_with_a_cache_is_generating_without(how):
    network, given = generator(), sources(4)
    said = []
    for use_cache in (True, False):
        torch.manual_seed(11)
        said.append(network.generate(**as_inputs(given), max_new_tokens=8, use_cache=use_cache, **how))
    assert said[0].shape[1] > 4 and torch.equal(*said)


def test_several_steps_after_cached_ones():
    network, given = generator(), sources(2)
    ids = torch.randint(36, V, (2, 7), generator=torch.Generator().manual_seed(8))
    with torch.no_grad():
        memory, past, parts = network.encode(given), network.new_past(), []
        for steps in (ids[:, :1], ids[:, 1:4], ids[:, 4:]):
            parts.append(network.decode(steps, memory, past))
            past.advance(steps.shape[1])
        torch.testing.assert_close(torch.cat(parts, dim=1), network.decode(ids, memory), atol=1e-5, rtol=1e-5)


def test_greedy_generation_takes_the_most_probable_piece_each_time():
    network, given = generator(), sources(3)
    said = network.generate(**as_inputs(given), max_new_tokens=6)[:, 1:]
    best = distributions(network, given, said).argmax(-1)
    ended = (said == END).int().cumsum(1) - (said == END).int()
    assert torch.equal(torch.where(ended > 0, 1, best), said)


def test_samples_have_the_frequencies_of_the_distribution():
    network, given = generator(), sources(1)
    torch.manual_seed(12)
    drawn = network.generate(**as_inputs(given), do_sample=True, top_k=0, num_return_sequences=4000, max_new_tokens=1)[
        :, 1
    ]
    share = torch.bincount(drawn, minlength=V) / 4000
    expected = distributions(network, given, torch.tensor([[0]]))[0, 0]
    sigma = (expected * (1 - expected) / 4000).sqrt()
    assert bool(((share - expected).abs() <= 5 * sigma + 1e-3).all())


def test_beams_find_what_an_exhaustive_search_finds():
    """Words {4, 5, 6} and the end: 3 + 3² + 3³ + … sequences of at most three pieces, every one of them scored."""
    network = generator(vocab_size=7, special_pieces=4)
    given = sources(1, length=5, vocab=7, first=4)
    scores = {}
    for length in (1, 2, 3):
        for row in itertools.product((2, 4, 5, 6), repeat=length):
            if 2 in row[:-1] or (length < 3 and row[-1] != 2):
                continue
            with torch.no_grad():
                scores[row] = float(network.log_likelihood(given, torch.tensor([row])).sum())
    assert len(scores) == 1 + 3 + 9 + 27
    best = sorted(scores, key=scores.get, reverse=True)[:5]
    found = network.generate(
        **as_inputs(given),
        max_new_tokens=3,
        num_beams=16,
        num_return_sequences=5,
        early_stopping="never",
        length_penalty=0.0,
        suppress_tokens=[0, 1, 3],
        return_dict_in_generate=True,
        output_scores=True,
    )
    assert [tuple(piece for piece in row if piece != 1) for row in found.sequences[:, 1:].tolist()] == best
    assert found.sequences_scores.tolist() == pytest.approx([scores[row] for row in best], abs=1e-4)


# -- on disk ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Generator, Reconstructor])
def test_saved_and_loaded_by_the_auto_class(kind, tmp_path):
    network, given = generator(kind), sources(2)
    network.save_pretrained(tmp_path)
    loaded = AutoModelForSeq2SeqLM.from_pretrained(tmp_path)
    assert type(loaded) is kind
    assert torch.equal(loaded.piece_starts, torch.arange(V).remainder(3).gt(0).long())
    assert {name for name, _ in loaded.named_parameters()} == {name for name, _ in network.named_parameters()}
    ids = given.input_ids[:, 1:5]
    assert torch.equal(distributions(loaded.eval(), given, ids), distributions(network, given, ids))
    files = {file.name for file in tmp_path.rglob("*") if file.is_file()}
    assert "model.safetensors" in files
    assert {name.rsplit(".", 1)[-1] for name in files} <= {"safetensors", "json"}  # nothing that could hold a pickle
