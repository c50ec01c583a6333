r"""The forward process of the diffusion experiments: its noise schedule, and its chain drawn step by step.

Legend: beta -> β_t, alpha -> α_t = 1 − β_t, alpha_bar -> ᾱ_t = ∏_{s≤t} α_s; arrays have the place 0 for t = 0.
Main definitions: `Steps`, `random_steps`, `forward`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from torch import Tensor

from derivcheck.statistics.sums import Array


@final
@dataclass(frozen=True)
class Steps:
    """β_1 … β_T, at the places 1 … T of `beta`; β_0 = 0, so that α_0 = ᾱ_0 = 1. Shapes: (T + 1,)."""

    beta: Array

    @property
    def last(self) -> int:
        """T."""
        return len(self.beta) - 1

    @property
    def alpha(self) -> Array:
        """α_t = 1 − β_t."""
        return 1 - self.beta

    @property
    def alpha_bar(self) -> Array:
        """ᾱ_t = ∏_{s=1}^t α_s."""
        return np.cumprod(self.alpha)

    @property
    def beta_tilde(self) -> Array:
        """β̃_t = β_t (1 − ᾱ_{t−1}) / (1 − ᾱ_t), 0 at the places 0 and 1."""
        kept = self.alpha_bar
        result = np.zeros_like(self.beta)
        result[1:] = self.beta[1:] * (1 - kept[:-1]) / (1 - kept[1:])
        return result


def random_steps(random: np.random.Generator, shortest: int = 3, longest: int = 8) -> Steps:
    """A few large steps, β in [0.01, 0.6]: a wrong index or a missing root shows, as it does not on 1,000 small ones."""
    count = int(random.integers(shortest, longest + 1))
    return Steps(np.concatenate([[0.0], random.uniform(0.01, 0.6, count)]))


def forward(x_0: Tensor, steps: Steps, t: int, generator: torch.Generator) -> list[Tensor]:
    r"""x_0, x_1, …, x_t with x_s = √α_s x_{s−1} + √β_s ε_s, as the process is defined.

    Shapes: x_0 and every result (n, *event), in the dtype of x_0; the noise is drawn in float32.
    """
    path = [x_0]
    for s in range(1, t + 1):
        noise = torch.randn(x_0.shape, generator=generator, device=x_0.device)
        path.append(float(steps.alpha[s]) ** 0.5 * path[-1] + float(steps.beta[s]) ** 0.5 * noise)
    return path


def standard_normal(n: int, *event: int, generator: torch.Generator) -> Tensor:
    """Draws of N(0, I), drawn in float32, to be computed with in float64. Shapes: (n, *event)."""
    drawn = torch.randn(n, *event, generator=generator, device=generator.device)
    return drawn.to(torch.float64)
