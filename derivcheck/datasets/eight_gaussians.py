"""Eight Gaussians on a ring of radius 2, each with standard deviation 0.2 in both directions."""

from __future__ import annotations

import math

import torch

from derivcheck.datasets._dataset import Dataset
from derivcheck.samplers.mixture import GaussianMixture

MODES, RADIUS, SD = 8, 2.0, 0.2


def _law() -> GaussianMixture:
    angles = 2 * math.pi * torch.arange(MODES, dtype=torch.float64) / MODES
    return GaussianMixture(
        weights=torch.full((MODES,), 1 / MODES, dtype=torch.float64),
        means=RADIUS * torch.stack([angles.cos(), angles.sin()], 1),
        covs=(SD**2 * torch.eye(2, dtype=torch.float64)).expand(MODES, 2, 2),
    )


DATASET = Dataset(
    title="Ring of eight Gaussians",
    source='Metz et al. 2017, "Unrolled Generative Adversarial Networks", section 3.1 (radius and sd are ours)',
    law=_law,
)
