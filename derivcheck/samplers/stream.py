"""Where randomness comes from: a seed, a device, and functions that a user may write too.

Main definitions: `Sampler`, `best_device`, `generator`.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Sampler = Callable[[int, torch.Generator, torch.device], Tensor]
"""(n, generator, device) -> n independent draws, shape (n, *event)."""


def best_device() -> torch.device:
    """CUDA where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def generator(seed: int, device: torch.device) -> torch.Generator:
    """A generator that nothing else uses, with this seed."""
    return torch.Generator(device).manual_seed(seed)
