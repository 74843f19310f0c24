"""The best weights that a stage has met: the one place where they are kept, and put back from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import load_file, save
from torch import Tensor, nn

from summae.files import write_atomically
from summae.training.state import StageState

SCORE = "best_score"  # in the figures of the stage's state, so that a resumed stage knows it


@dataclass(frozen=True)
class BestWeights:
    """Of ``network``, in ``file``; the best are those with the highest score."""

    network: nn.Module
    file: Path
    start: float | None = None  # score of the weights as they are now, where these count (in a stage never resumed)

    def __post_init__(self) -> None:
        if self.start is not None:
            self._keep()

    def offer(self, score: float, state: StageState) -> bool:
        """Keep the weights as they are now if none had such a score; whether they were kept."""
        before = state.figures.get(SCORE, self.start)
        if before is not None and score <= before:
            return False
        state.figures[SCORE] = score
        self._keep()
        return True

    def _keep(self) -> None:
        tensors = {name: value.detach().cpu().contiguous() for name, value in self.network.state_dict().items()}
        write_atomically(self.file, save(tensors))

    def weights(self) -> dict[str, Tensor]:
        """What is kept."""
        return load_file(self.file)

    def put_back(self) -> None:
        """The network as it was at its best, if any weights were kept."""
        if self.file.exists():
            self.network.load_state_dict(self.weights())
