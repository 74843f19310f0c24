"""The tokeniser of a network's folder: that of the checkpoint around it, which its networks share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerFast

_FILE = "tokenizer.json"


class SharedTokenizer(PreTrainedTokenizerFast):
    """``AutoTokenizer``'s way in; what it makes is an ordinary :class:`PreTrainedTokenizerFast`."""

    @classmethod
    def from_pretrained(  # type: ignore[override] # with what AutoTokenizer hands over, whatever it is
        cls, pretrained_model_name_or_path: str | Path, *inputs: Any, **options: Any
    ) -> PreTrainedTokenizerFast:
        place = Path(pretrained_model_name_or_path, options.pop("subfolder", None) or "")
        if not (place / _FILE).is_file() and (place.parent / _FILE).is_file():
            place = place.parent
        return PreTrainedTokenizerFast.from_pretrained(place, *inputs, **options)
