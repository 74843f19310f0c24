"""Tokens as rows of the checkpoint's subword pieces: what the parser's encoder reads.

Sizes: B sentences, H positions of the longest (the root, then its tokens), P pieces of a token.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from summae.text.tokenizer import PAD_ID, START_ID, SubwordTokenizer

#: A token's first three pieces, then its last, which tells its ending.
PIECES = 4
#: Tokens whose pieces are remembered.
_REMEMBERED = 50_000


class TokenPieces:
    """The pieces of every token, each looked up once."""

    def __init__(self, tokenizer: SubwordTokenizer):
        self._tokenizer = tokenizer
        self._known: dict[str, tuple[int, ...]] = {}

    def of_token(self, token: str) -> tuple[int, ...]:
        """``PIECES`` ids; a short token is padded between its first pieces and its last."""
        if token not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            ids = self._tokenizer.encode(token[:100]) or [PAD_ID]
            first = ids[: PIECES - 1]
            self._known[token] = (*first, *[PAD_ID] * (PIECES - 1 - len(first)), ids[-1])
        return self._known[token]

    def of_batch(self, sentences: Sequence[Sequence[str]]) -> np.ndarray:
        """Ids ``[B, H, P]``: the start piece for the root, then the tokens; padding is ``PAD_ID`` throughout."""
        ids = np.full((len(sentences), 1 + max(map(len, sentences)), PIECES), PAD_ID, dtype=np.int64)
        ids[:, 0] = START_ID
        for row, tokens in enumerate(sentences):
            ids[row, 1 : len(tokens) + 1] = [self.of_token(token) for token in tokens]
        return ids
