"""AdamW and its learning-rate schedule."""

from __future__ import annotations

import math

import torch
from torch import nn

from summae.training.schedule import OptimizerConfig


def make_optimizer(network: nn.Module, config: OptimizerConfig) -> torch.optim.AdamW:
    """AdamW (Loshchilov & Hutter 2019); vectors (biases, norms) are not decayed."""
    parameters = [p for p in network.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": config.weight_decay},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=config.learning_rate, betas=config.betas)


def learning_rate(config: OptimizerConfig, step: int, progress: float) -> float:
    """Linear warm-up over ``warmup_steps``, cosine decay to ``floor`` at progress 1 (progress in [0, 1])."""
    rise = min(1.0, (step + 1) / max(config.warmup_steps, 1))
    decay = config.floor + (1 - config.floor) * 0.5 * (1 + math.cos(math.pi * min(max(progress, 0.0), 1.0)))
    return config.learning_rate * rise * decay
