"""The byte-complete, cased subword tokeniser.

Byte-level BPE (Sennrich et al. 2016; Radford et al. 2019) trained by the ``tokenizers`` library. Pre-tokens are the
words of :mod:`summae.text.words`, so no piece ever crosses a word boundary. Ids: 0 start, 1 pad (beam
search pads with ``pad_token_id or eos``, so it must not be 0), 2 end, 3 mask, then the length prompts.

torch and transformers stay out of this module: the command line loads it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from summae.errors import CheckpointError
from summae.files import write_atomically
from summae.text.words import PRETOKEN_PATTERN, UNSPACED_CHARACTER

START, PAD, END, MASK = "<s>", "<pad>", "</s>", "<mask>"
START_ID, PAD_ID, END_ID, MASK_ID = 0, 1, 2, 3
LONGEST_PROMPT = 32
LENGTH_PROMPTS = [f"<{count}>" for count in range(1, LONGEST_PROMPT + 1)]
SPECIAL = [START, PAD, END, MASK, *LENGTH_PROMPTS]


class SubwordTokenizer:
    """A trained tokeniser and what the networks need to know of its pieces."""

    def __init__(self, backend: Tokenizer):
        self.backend = backend
        self.backend.encode_special_tokens = True  # "</s>" in a text is plain text, not the end piece

    @classmethod
    def train(cls, texts: Iterable[str], vocab_size: int) -> SubwordTokenizer:
        """Learn at most ``vocab_size`` pieces (256 bytes and the special pieces included) from ``texts``."""
        backend = Tokenizer(models.BPE())
        backend.normalizer = normalizers.Sequence(
            [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip(), normalizers.Prepend(" ")]
        )
        backend.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(PRETOKEN_PATTERN), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
        backend.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=vocab_size,
            special_tokens=SPECIAL,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        backend.train_from_iterator(texts, trainer)
        return cls(backend)

    @classmethod
    def load(cls, path: str | Path) -> SubwordTokenizer:
        """Read ``tokenizer.json``; :class:`CheckpointError` when it is missing or damaged."""
        try:
            return cls(Tokenizer.from_str(Path(path).read_text(encoding="utf-8")))
        except Exception as error:  # the library raises a bare Exception
            raise CheckpointError(f"{path}: no usable tokeniser ({error})") from error

    def save(self, path: str | Path) -> None:
        write_atomically(path, self.backend.to_str())

    @property
    def vocab_size(self) -> int:
        return self.backend.get_vocab_size()

    def encode(self, text: str) -> list[int]:
        """Piece ids, without start or end."""
        return self.backend.encode(text, add_special_tokens=False).ids

    def encode_batch(self, texts: list[str]) -> list[list[int]]:
        return [encoding.ids for encoding in self.backend.encode_batch_fast(texts, add_special_tokens=False)]

    def decode(self, ids: Iterable[int]) -> str:
        """Text of ``ids``, special pieces left out."""
        return self.backend.decode(list(ids), skip_special_tokens=True).strip()

    @cached_property
    def piece_bytes(self) -> list[bytes | None]:
        """The bytes of every piece, ``None`` for a special one."""
        found: list[bytes | None] = [None] * self.vocab_size
        special = {index for index, token in self.backend.get_added_tokens_decoder().items() if token.special}
        for piece, index in self.backend.get_vocab().items():
            if index not in special:
                found[index] = _spelt(piece, self.backend.decoder)
        return found

    @cached_property
    def piece_starts(self) -> list[bool]:
        """For every id: does the piece begin a word (or is it a mark), rather than go on inside one?"""
        return [_begins_word(piece) if piece else False for piece in self.piece_bytes]


def _byte_level_alphabet() -> dict[str, int]:
    """Character → byte: printable Latin-1 bytes stand for themselves, the others for U+0100 and up."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = (byte for byte in range(256) if byte not in plain)
    return {chr(byte): byte for byte in plain} | {chr(256 + place): byte for place, byte in enumerate(others)}


_BYTES = _byte_level_alphabet()


def _spelt(piece: str, decoder: decoders.Decoder) -> bytes:
    """The bytes that a piece stands for; borrowed pieces (:mod:`summae.text.borrowed`) may not be byte-level."""
    if isinstance(decoder, decoders.ByteLevel) and all(character in _BYTES for character in piece):
        return bytes(_BYTES[character] for character in piece)
    if isinstance(decoder, decoders.WordPiece):
        return (piece[2:] if piece.startswith("##") else f" {piece}").encode()
    return piece.replace("▁", " ").encode()


def _begins_word(piece: bytes) -> bool:
    """As far as the piece alone can tell: a space in front, a mark on its own, or a script without spaces."""
    if piece[0] & 0xC0 == 0x80:  # goes on inside a character
        return False
    text = piece.decode("utf-8", "ignore")
    if not text:  # the first bytes of a character: of Latin-1's and most other marks, Han and kana, but no letters
        return piece[0] in (0xC2, *range(0xE2, 0xEA), 0xEF, 0xF0)
    return text[0] == " " or bool(UNSPACED_CHARACTER.match(text)) or (len(text) == 1 and not text.isalnum())


def length_prompt_id(words: int) -> int:
    """Id of the prompt that asks for ``words`` words (the longest prompt stands for all above it)."""
    return len(SPECIAL) - LONGEST_PROMPT + min(max(words, 1), LONGEST_PROMPT) - 1
