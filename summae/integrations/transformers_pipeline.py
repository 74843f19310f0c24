"""The task "unsupervised-summarization" inside Transformers: G alone, found by Transformers' own ``pipeline()``
after :func:`summae.register_with_transformers`.

A generator of ours searches as it does everywhere (length prompt, salience features, word rules, exact
budget); the salience table is read from the checkpoint that holds the generator's folder. Any other seq2seq
model answers through its ``generate()``, its output cut to the budget.
"""

# mypy: ignore-errors
# (Transformers gives the methods of Pipeline types that none of its own pipelines keeps.)
from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import Pipeline

from summae.errors import InputError
from summae.model.backends.torch_backend import backend_of
from summae.model.checkpoint import Manifest
from summae.networks import Generator, PretrainedSeq2Seq
from summae.summarizing.proposers.generator import Compressor, Job
from summae.text.encoding import EncodedSource, SourceEncoder
from summae.text.finishing import cut, finish
from summae.text.salience import DomainTables, SalienceTable
from summae.text.tokenizer import END_ID, PAD_ID, SubwordTokenizer

WORDS = 10  # at most, unless the call says
BEAMS = 4  # of the search, unless the call says
PIECES = (3, 8)  # of another model's output: so many for each word, and so many more for what it may begin and end with
INPUTS = ("input_ids", "salience_ids", "word_starts")


class UnsupervisedSummarizationPipeline(Pipeline):
    """``pipe(text, words=10, beams=4)`` → ``[{"summary_text": ...}]``; what does not fit the model is cut."""

    _load_tokenizer = True

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.own = isinstance(self.model, (Generator, PretrainedSeq2Seq))
        if self.own:
            self.compressor = self._compressor()

    def __call__(self, inputs: Any, **options: Any) -> Any:
        found = super().__call__(inputs, **options)
        return [found] if isinstance(inputs, str) else found

    def _compressor(self) -> Compressor:
        config = self.model.config
        tokenizer = SubwordTokenizer(self.tokenizer.backend_tokenizer)
        encoder = SourceEncoder(tokenizer, _salience(config), config.max_source_length)
        manifest = Manifest(max_target_length=config.max_target_length)
        return Compressor(encoder, backend_of(generator=self.model), manifest)

    def _sanitize_parameters(
        self, words: int | None = None, beams: int | None = None, **rest: Any
    ) -> tuple[dict, dict, dict]:
        for name, value in (("words", words), ("beams", beams)):
            if value is not None and (not isinstance(value, int) or value < 1):
                raise InputError(f"{name} must be a whole number from 1, got {value!r}")
        asked = {} if words is None else {"words": words}
        return asked, ({**asked} if beams is None else {**asked, "beams": beams}) | rest, asked

    def preprocess(self, inputs: str, words: int = WORDS) -> dict[str, Any]:
        if not self.own:
            encoded = self.tokenizer(inputs, truncation=True, return_tensors="pt")
            return {name: encoded[name] for name in ("input_ids", "attention_mask")}
        source = self.compressor.encoder.encode(inputs, self.compressor.prompt(words))
        tensors = {name: torch.tensor([getattr(source, name)]) for name in INPUTS}
        return {**tensors, "attention_mask": torch.ones_like(tensors["input_ids"])}

    def _forward(
        self, inputs: dict[str, Any], words: int = WORDS, beams: int = BEAMS, **generate: Any
    ) -> dict[str, Any]:
        if not self.own:
            most = PIECES[0] * words + PIECES[1]
            found = self.model.generate(**inputs, num_beams=beams, **{"max_new_tokens": most, **generate})
            return {"input_ids": inputs["input_ids"], "summary_ids": found}
        sources = [_row(inputs, row) for row in range(len(inputs["input_ids"]))]
        decode = self.compressor.encoder.tokenizer.decode
        jobs = [Job(decode(source.input_ids), words) for source in sources]
        found = self.compressor.search(sources, jobs, beams)
        rows = [[*(candidates[0].ids if candidates else ()), END_ID] for candidates in found]
        summaries = torch.full((len(rows), max(map(len, rows))), PAD_ID)
        for place, row in enumerate(rows):
            summaries[place, : len(row)] = torch.tensor(row)
        return {"input_ids": inputs["input_ids"], "summary_ids": summaries}

    def postprocess(self, outputs: dict[str, Any], words: int = WORDS) -> dict[str, str]:
        source, summary = (self._text(outputs[name][0].tolist()) for name in ("input_ids", "summary_ids"))
        text = finish(cut(summary, words), source) or cut(source, words)
        return {"summary_text": text}

    def _text(self, ids: list[int]) -> str:
        if self.own:
            return self.compressor.encoder.tokenizer.decode(ids)
        return self.tokenizer.decode(ids, skip_special_tokens=True)


def _row(inputs: dict[str, Any], row: int) -> EncodedSource:
    """One source of a padded batch."""
    length = int(inputs["attention_mask"][row].sum())
    return EncodedSource(**{name: inputs[name][row, :length].tolist() for name in INPUTS})


def _salience(config: Any) -> DomainTables:
    """The table beside the generator's folder; an empty one (all words unknown) when there is none."""
    path = Path(getattr(config, "_name_or_path", "")).parent / "salience.json"
    return DomainTables.load(path) if path.is_file() else DomainTables({"": SalienceTable({}, {})})
