"""A Hugging Face checkpoint's own tokeniser as the run's: the same pieces, every id moved up by our special pieces.

All of summae relies on the first ids (0 start, 1 pad, 2 end, 3 mask, then the length prompts) and on one vocabulary for
G, R, language model and critic. So where a part is pretrained, everybody speaks the checkpoint's pieces:

    our id = checkpoint's id + len(SPECIAL)

The text is cut into the same pieces as the checkpoint cuts it, with three departures:

1. byte-level BPE (BART) always reads a space in front of a text, as with ``add_prefix_space=True``: a word is the same
   pieces wherever it stands, so that it can be copied, and white space is squeezed (Unigram does both by itself);
2. ``word_ids`` follow the words of :mod:`summae.text.words` ("half-year" one word, the comma behind it another),
   because salience is counted on these. Byte-level merges never cross the finer cuts of the checkpoint, so its pieces
   stay; of Unigram pieces those that would run over a word's edge ("1,") are not used;
3. the checkpoint's ``<s>``, ``</s>``, … are called ``<borrowed s>``, ``<borrowed /s>``, … where ours have their names.

Free of torch and transformers. ``SubwordTokenizer.load`` reads what this has made.
"""

from __future__ import annotations

import json
from typing import Any

from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers

from summae.errors import CheckpointError
from summae.text.tokenizer import SPECIAL, SubwordTokenizer
from summae.text.words import UNSPACED, WORD_PATTERN

MOVED = len(SPECIAL)  # our id − the checkpoint's id
SPACE_MARK = "▁"  # what stands for a space in sentencepiece


def borrow(tokenizer_json: str, name: str = "this checkpoint") -> SubwordTokenizer:
    """The tokeniser of a ``tokenizer.json``, every id moved up by ``MOVED``; our special pieces come first.

    ``name`` is what errors call it.
    """
    try:
        stored = json.loads(tokenizer_json)
        stored["model"] = _moved_model(stored["model"])
        ours = [_special(piece, index) for index, piece in enumerate(SPECIAL)]
        stored["added_tokens"] = [*ours, *map(_moved_token, stored.get("added_tokens") or [])]
        stored.update(post_processor=None, padding=None, truncation=None)
        backend = Tokenizer.from_str(json.dumps(stored))
    except Exception as error:  # the library raises a bare Exception
        raise CheckpointError(f"{name}: its tokeniser cannot be borrowed ({error!r})") from error
    if backend.get_vocab_size() != max(backend.get_vocab().values()) + 1:
        raise CheckpointError(f"{name}: its tokeniser cannot be borrowed (its ids have gaps)")
    _see_words(backend, stored.get("pre_tokenizer"))
    return SubwordTokenizer(backend)


def _name(piece: str) -> str:
    return f"<borrowed {piece[1:-1]}>" if piece in SPECIAL else piece


def _moved_model(model: dict[str, Any]) -> dict[str, Any]:
    """BPE, WordPiece and WordLevel map pieces to ids; Unigram lists (piece, log p), the place being the id."""
    vocab = model["vocab"]
    if isinstance(vocab, dict):
        moved = {piece: index for index, piece in enumerate(SPECIAL)}
        return {**model, "vocab": moved | {_name(piece): index + MOVED for piece, index in vocab.items()}}
    pieces = [[piece, 0.0] for piece in SPECIAL] + [[_name(piece), score] for piece, score in vocab]
    unknown = model.get("unk_id")
    return {**model, "vocab": pieces, "unk_id": None if unknown is None else unknown + MOVED}


def _moved_token(token: dict[str, Any]) -> dict[str, Any]:
    return {**token, "id": token["id"] + MOVED, "content": _name(token["content"])}


def _special(piece: str, index: int) -> dict[str, Any]:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": index, "content": piece, "special": True, **flags}


def _see_words(backend: Tokenizer, pre_tokenizer: dict[str, Any] | None) -> None:
    """Departures 1 and 2, for the two common kinds of tokenisers; others keep their own idea of words."""
    part = pre_tokenizer or {}
    kinds = {each["type"] for each in [part, *part.get("pretokenizers", [])] if each}
    if part.get("type") == "ByteLevel" and part.get("use_regex", True):
        squeezed = [normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip(), normalizers.Prepend(" ")]
        before = [backend.normalizer] if backend.normalizer else []
        backend.normalizer = normalizers.Sequence([*before, *squeezed])
        whole_words = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        backend.pre_tokenizer = pre_tokenizers.Sequence([_split_words(" "), whole_words])
    elif "Metaspace" in kinds:
        backend.pre_tokenizer = pre_tokenizers.Sequence([backend.pre_tokenizer, _split_words(SPACE_MARK)])


def _split_words(space: str) -> pre_tokenizers.PreTokenizer:
    """Words (runs of unspaced scripts stay whole), then runs of marks, each with the space in front of it."""
    pattern = rf"{space}?(?:[{UNSPACED}]+|{WORD_PATTERN})|{space}?(?:[^\s\w{space}]|_)+|\s"
    return pre_tokenizers.Split(Regex(pattern), "isolated")
