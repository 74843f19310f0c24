"""From a source text to the four feature rows that the generator reads (no torch: plain lists)."""

from __future__ import annotations

from dataclasses import dataclass

from summae.text.salience import DomainTables, SalienceTable
from summae.text.tokenizer import SubwordTokenizer, length_prompt_id


@dataclass(frozen=True, kw_only=True)
class EncodedSource:
    """Feature rows of one source, all of the same length S; position 0 is the length prompt."""

    input_ids: list[int]
    salience_ids: list[int]  # level of the word that the piece belongs to, 0 = unknown or a mark
    word_starts: list[int]  # 1 where a word (or mark) begins

    def __len__(self) -> int:
        return len(self.input_ids)


@dataclass(frozen=True)
class SourceEncoder:
    """Tokeniser and salience table together; ``max_length`` pieces, prompt included."""

    tokenizer: SubwordTokenizer
    salience: SalienceTable | DomainTables
    max_length: int

    def domain(self, text: str) -> str:
        """The name of the domain that ``text`` belongs to; "" where there is one table for all."""
        return self.salience.domain(text) if isinstance(self.salience, DomainTables) else ""

    def encode(self, text: str, words: int) -> EncodedSource:
        """``text`` with the request for a summary of ``words`` words in front."""
        return self.encode_batch([text], [words])[0]

    def encode_batch(self, texts: list[str], lengths: list[int]) -> list[EncodedSource]:
        """One :class:`EncodedSource` per text; pieces past ``max_length`` are cut (callers split before)."""
        encodings = self.tokenizer.backend.encode_batch(texts, add_special_tokens=False)
        return [
            self._encoded(text, encoding, length_prompt_id(length))
            for text, encoding, length in zip(texts, encodings, lengths, strict=True)
        ]

    def _encoded(self, text: str, encoding, prompt: int) -> EncodedSource:
        room = self.max_length - 1
        word_ids, offsets = encoding.word_ids[:room], encoding.offsets[:room]
        spans: dict[int, tuple[int, int]] = {}
        for word, (begin, end) in zip(encoding.word_ids, encoding.offsets, strict=True):
            spans[word] = (min(begin, spans[word][0]), end) if word in spans else (begin, end)
        table = self.salience.of(text)
        levels = {word: table.level(text[begin:end].strip()) for word, (begin, end) in spans.items()}
        starts = [int(i == 0 or word != word_ids[i - 1]) for i, word in enumerate(word_ids)]
        return EncodedSource(
            input_ids=[prompt, *encoding.ids[: len(offsets)]],
            salience_ids=[0, *(levels[word] for word in word_ids)],
            word_starts=[0, *starts],
        )
