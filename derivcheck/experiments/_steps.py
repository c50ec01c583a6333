r"""A few large steps of a diffusion, drawn at random, and the chain along them.

Main definitions: `random_schedule`, `small_t`, `chain_from_noise`.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from derivcheck.samplers.forward_chain import q_step
from derivcheck.samplers.schedule import Schedule, given

SMALLEST, LARGEST = 0.01, 0.6  # of β


def random_schedule(random: np.random.Generator, shortest: int = 3, longest: int = 8) -> Schedule:
    """T ≤ 8 and β in [0.01, 0.6]: there a wrong index or a missing root shows, as it does not on 1,000 small steps."""
    T = int(random.integers(shortest, longest + 1))
    return given(random.uniform(SMALLEST, LARGEST, T))


def small_t(random: np.random.Generator, schedule: Schedule) -> int:
    """t in 2 … 4: where the wrong index makes the most of a difference."""
    return int(random.integers(2, min(schedule.T, 4) + 1))


def chain_from_noise(schedule: Schedule, t: int, n: int, generator: torch.Generator) -> list[Tensor]:
    """x_0 ~ N(0, 1), then x_1 … x_t step by step, each (n,) in float32. All are N(0, 1), and so whitened already."""
    path = [torch.randn(n, generator=generator, device=generator.device)]
    for s in range(1, t + 1):
        path.append(q_step(schedule, s, path[-1], generator))
    return path
