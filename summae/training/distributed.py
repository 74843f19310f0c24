"""What several processes must agree on, or they would wait for each other forever."""

from __future__ import annotations

import torch
from accelerate import Accelerator
from torch import distributed


def mean_over_processes(value: float, device: torch.device) -> float:
    """The mean of a figure over all processes, the same on each; every one of them must ask at the same place."""
    if not (distributed.is_available() and distributed.is_initialized()):
        return value
    total = torch.tensor(value, device=device)
    distributed.all_reduce(total)
    return float(total) / distributed.get_world_size()


def destroy_process_group(accelerator: Accelerator) -> None:
    """End the process group for good: nothing of it may outlive this call.

    ``DistributedDataParallel`` keeps a group's worker threads alive after the group was destroyed; one that lets go of
    a tensor while Python shuts down aborts the process ("terminate called without an active exception"). So the
    prepared networks go first.
    """
    accelerator.free_memory()
    accelerator.end_training()
