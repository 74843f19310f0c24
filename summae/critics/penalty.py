"""The gradient penalty (Gulrajani et al. 2017), and how well real and drawn are told apart.

Legend: N rows, T summary pieces, F features of a step (vocabulary or embedding width).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

Score = Callable[[Tensor, Tensor], Tensor]  # (inputs [N, T, F], mask [N, T]) → [N]


def gradient_penalty(
    score: Score,
    real_NTF: Tensor,
    real_mask: Tensor,
    fake_NTF: Tensor,
    fake_mask: Tensor,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor]:
    """E[(‖∇_x̂ D(x̂)‖₂ − 1)²] and E[‖∇_x̂ D(x̂)‖₂], x̂ = ε·real + (1 − ε)·fake, ε ~ U[0, 1] per row.

    The norm is over all steps and features of a row. Inputs are 0 on padding; the mask is
    interpolated with them, so that ε = 1 is exactly the real row and ε = 0 exactly the drawn one,
    whatever their lengths. Surplus rows on either side sit out.
    """
    rows, steps = min(len(real_NTF), len(fake_NTF)), max(real_NTF.shape[1], fake_NTF.shape[1])
    real_NTF, fake_NTF = (_lengthened(inputs[:rows].detach(), steps) for inputs in (real_NTF, fake_NTF))
    real_NT, fake_NT = (_lengthened(mask[:rows, :, None], steps)[..., 0] for mask in (real_mask, fake_mask))
    share_N = torch.rand(rows, generator=generator, device=real_NTF.device, dtype=real_NTF.dtype)
    between_NTF = torch.lerp(fake_NTF, real_NTF, share_N[:, None, None]).requires_grad_()
    between_NT = torch.lerp(fake_NT.to(share_N.dtype), real_NT.to(share_N.dtype), share_N[:, None])
    # The penalty is differentiated again, which cuDNN's recurrent kernels do not offer.
    with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
        total = score(between_NTF, between_NT).sum()
        (slope_NTF,) = torch.autograd.grad(total, between_NTF, create_graph=True)
    # The small constant keeps the square root differentiable where the slope is exactly 0.
    norm_N = (slope_NTF.square().sum(dim=(1, 2)) + 1e-12).sqrt()
    return (norm_N - 1).square().mean(), norm_N.detach().mean()


def _lengthened(inputs_NTF: Tensor, steps: int) -> Tensor:
    return functional.pad(inputs_NTF, (0, 0, 0, steps - inputs_NTF.shape[1]))


def accuracy(real_N: Tensor, fake_N: Tensor) -> float:
    """How often a real text outscores a drawn one, over all pairs, ties half: 0.5 is chance.

    The area under the ROC curve; needs no threshold, so it means the same for every objective.
    """
    gap = real_N.detach()[:, None] - fake_N.detach()[None, :]
    return ((gap > 0).float() + 0.5 * (gap == 0).float()).mean().item()
