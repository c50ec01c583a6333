r"""Test functions h(x) = sin(⟨u, x⟩ + φ): bounded by 1, smooth, and with an exact mean under any Gaussian mixture.

E sin(⟨u, x⟩ + φ) = Σ_k w_k e^{−½ uᵀC_k u} sin(⟨u, m_k⟩ + φ), the imaginary part of the characteristic function.
Main definitions: `Waves`, `random_waves`, `random_mixture`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from torch import Tensor

from derivcheck.experiments._gaussian import random_covariance
from derivcheck.samplers.mixture import GaussianMixture
from derivcheck.samplers.stream import real


@final
@dataclass(frozen=True)
class Waves:
    """H of them, on R^d.   Shapes: directions (H, d), phases (H,), float64 on the CPU."""

    directions: Tensor
    phases: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        """sin(⟨u_h, x⟩ + φ_h).   Shapes: x (n, d); result (n, H), float64."""
        u, phi = self.directions.to(x.device), self.phases.to(x.device)
        return torch.sin(x.to(torch.float64) @ u.T + phi)

    def mean(self, law: GaussianMixture) -> Tensor:
        """E h_h(x), shape (H,)."""
        u = self.directions
        fading = torch.exp(-0.5 * torch.einsum("hi,kij,hj->hk", u, law.covs, u))
        return (fading * torch.sin(u @ law.means.T + self.phases[:, None])) @ law.weights

    def mean_square(self, law: GaussianMixture) -> Tensor:
        """E h_h(x)², by sin² a = ½ (1 − sin(2a + π/2)), shape (H,)."""
        return 0.5 * (1 - Waves(2 * self.directions, 2 * self.phases + math.pi / 2).mean(law))


def random_waves(random: np.random.Generator, count: int, d: int) -> Waves:
    """Wave lengths of about the data's size, any phase."""
    return Waves(real(random.normal(0, 1, (count, d))), real(random.uniform(0, 2 * math.pi, count)))


def random_mixture(random: np.random.Generator, d: int, components: int = 3) -> GaussianMixture:
    """Modes about 1.5 from the origin with standard deviations of 0.2 to 0.7: apart, but not by much."""
    weights = random.dirichlet(np.full(components, 4.0))
    covs = [random_covariance(random, d, (0.2, 0.7)) for _ in range(components)]
    return GaussianMixture(
        weights=real(weights / weights.sum()),
        means=real(random.normal(0, 1.5, (components, d))),
        covs=real(np.stack([(C + C.T) / 2 for C in covs])),
    )
