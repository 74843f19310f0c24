"""Reconstruction: how well the source is rebuilt from the summary.

r = Σ_s w_s (log p_R(x_s | x_<s, y) − log p_R(x_s | x_<s, ∅)) / Σ_s w_s, in nats per weighted piece.

With ``relative=False`` and ``weighted=False`` it is minus the reconstruction loss of Wang & Lee
(2018). The second term is what the reconstructor says from an empty summary: pieces that the
language alone predicts pay nothing, and a summary that helps with nothing is paid 0. The weights
w (idf-like) aim it at content words. ``exp_scale`` σ shapes it to exp(r / σ), MSRP's exp(−L/σ):
in (0, 1] when not relative, around 1 when relative.

Relations: ``retrieval`` asks the same question contrastively, ``coverage`` without a model.
"""

from __future__ import annotations

from torch import Tensor

from summae.options import Flag, Options, Positive, options
from summae.records import Episode
from summae.rewards.reward import required, source_weights, weighted_mean


@options
class ReconstructionReward(Options):
    relative: Flag = True  # subtract what is rebuilt from an empty summary
    weighted: Flag = True  # weight source pieces by Episode.source_weights
    exp_scale: Positive | None = None  # σ in nats; None: nats as they are

    @property
    def needs(self) -> frozenset[str]:
        optional = {"rebuilt_from_nothing": self.relative, "source_weights": self.weighted}
        return frozenset({"rebuilt"} | {name for name, read in optional.items() if read})

    def __call__(self, episode: Episode) -> Tensor:
        gain_NS = required(episode, "rebuilt")
        if self.relative:
            gain_NS = gain_NS - required(episode, "rebuilt_from_nothing").detach()
        nats_N = weighted_mean(gain_NS, source_weights(episode, self.weighted))
        return nats_N if self.exp_scale is None else (nats_N / self.exp_scale).exp()
