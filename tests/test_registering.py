"""What a user of Transformers finds after ``summae.register_with_transformers()``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import SOURCES

import summae
from summae.integrations.registration import TASK
from summae.model.checkpoint import DEFAULT, EMBEDDED
from summae.text.words import budget_units

ROOT = Path(__file__).resolve().parents[1]
MODEL = EMBEDDED / DEFAULT
PARTS = {"generator": "Generator", "reconstructor": "Reconstructor", "language_model": "ShortTextLM"}


@pytest.fixture(autouse=True, scope="module")
def registered():
    summae.register_with_transformers()


def run(code: str) -> str:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_loads_nothing_heavy():
    heavy = "{'torch', 'transformers', 'numpy', 'onnxruntime', 'tokenizers'}"
    assert run(f"import sys, summae; print(sorted({heavy} & set(sys.modules)))") == "[]"


def test_one_call_tells_transformers_all(tiny_checkpoint):
    """In a process of its own, Transformers imported first; a second call changes nothing and warns of nothing."""
    code = f"""
from transformers import AutoConfig, AutoModel, AutoTokenizer
from transformers.pipelines import PIPELINE_REGISTRY as known
import summae
assert {TASK!r} not in known.get_supported_tasks()
summae.register_with_transformers()
summae.register_with_transformers()
place = {str(MODEL / "generator")!r}
print(AutoModel.from_pretrained(place).__class__.__name__, AutoConfig.from_pretrained(place).model_type)
print(len(AutoTokenizer.from_pretrained(place)) > 0, {TASK!r} in known.get_supported_tasks())
folder = {str(tiny_checkpoint / "critic")!r}
critic = AutoModel.from_pretrained(folder)
ids = AutoTokenizer.from_pretrained(folder)({SOURCES[0]!r}, return_tensors="pt").input_ids
print(critic.__class__.__name__, list(critic(ids).shape))
"""
    from summae.model.checkpoint import open_checkpoint

    pieces = len(open_checkpoint(tiny_checkpoint).tokenizer.encode(SOURCES[0]))
    found = run(code).splitlines()
    assert found == ["Generator summae-generator", "True True", f"SavedCritic [1, {pieces}]"]


# -- the Auto classes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", PARTS)
def test_weights(part):
    """As the file has them, which stores half precision."""
    import torch
    from safetensors.torch import load_file
    from transformers import AutoModel, AutoModelForSeq2SeqLM

    classes = [AutoModel] if part == "language_model" else [AutoModel, AutoModelForSeq2SeqLM]
    for auto in classes:
        model = auto.from_pretrained(MODEL / part, trust_remote_code=False)
        assert type(model).__name__ == PARTS[part]
        state = model.state_dict()
        for name, weight in load_file(MODEL / part / "model.safetensors").items():
            assert torch.equal(state[name], weight.to(state[name].dtype)), name


@pytest.mark.parametrize("place", ["", *PARTS])
def test_tokenizer(place, tmp_path):
    """The checkpoint's own, whichever of its folders is named."""
    from tokenizers import Tokenizer
    from transformers import AutoTokenizer

    expected = Tokenizer.from_file(str(MODEL / "tokenizer.json")).encode(SOURCES[0]).ids
    tokenizer = AutoTokenizer.from_pretrained(MODEL / place, trust_remote_code=False)
    assert tokenizer(SOURCES[0])["input_ids"] == expected
    assert (tokenizer.eos_token, tokenizer.pad_token) == ("</s>", "<pad>")
    tokenizer.save_pretrained(tmp_path)
    assert AutoTokenizer.from_pretrained(tmp_path)(SOURCES[0])["input_ids"] == expected


def test_subfolders_and_generate():
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    model = AutoModelForSeq2SeqLM.from_pretrained(MODEL, subfolder="generator")
    tokenizer = AutoTokenizer.from_pretrained(MODEL, subfolder="generator")
    inputs = tokenizer(SOURCES[:2], padding=True, return_tensors="pt")
    found = tokenizer.batch_decode(model.generate(**inputs, max_new_tokens=12), skip_special_tokens=True)
    for text, source in zip(found, SOURCES, strict=False):
        assert set(text.lower().split()) & set(source.lower().split()), "it copies words of its own source"


# -- the task -----------------------------------------------------------------------------------------------


def words_of(found: list[dict]) -> list[int]:
    return [len(budget_units(each["summary_text"])) for each in found]


def test_without_a_model_it_is_the_embedded_one():
    import transformers

    pipe = transformers.pipeline(TASK)
    assert pipe.model.config.name_or_path == str(MODEL / "generator")
    named = transformers.pipeline(TASK, model=str(MODEL / "generator"), tokenizer=str(MODEL), trust_remote_code=False)
    found = pipe(SOURCES[:3], words=8)
    assert found == named(SOURCES[:3], words=8)
    assert all(0 < count <= 8 for count in words_of(found))


def test_a_checkpoint_of_ones_own(tiny_checkpoint):
    import transformers

    pipe = transformers.pipeline(TASK, model=str(tiny_checkpoint / "generator"))
    one, many = pipe(SOURCES[0], words=5), pipe(SOURCES, words=5)
    assert one == many[:1] and pipe(SOURCES, words=5, batch_size=3) == many
    assert all(0 < count <= 5 for count in words_of(many))
    assert pipe.compressor.encoder.salience.of("").ratios, "the table beside the generator is read"


def test_any_seq2seq_model(tiny_checkpoint):
    import torch
    import transformers

    torch.manual_seed(0)
    shape = {"d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "encoder_ffn_dim": 16, "decoder_ffn_dim": 16}
    heads = {"encoder_attention_heads": 2, "decoder_attention_heads": 2, "vocab_size": 900}
    bart = transformers.BartForConditionalGeneration(transformers.BartConfig(**shape, **heads))
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_checkpoint)
    found = transformers.pipeline(TASK, model=bart, tokenizer=tokenizer)(SOURCES[0], words=5, beams=2)
    assert 0 < words_of(found)[0] <= 5
