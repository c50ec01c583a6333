"""A mixture of two Gaussians on the line: 0.4 N(−1.5, 0.5²) + 0.6 N(1, 0.7²)."""

from __future__ import annotations

import torch

from derivcheck.datasets._dataset import Dataset
from derivcheck.samplers.mixture import GaussianMixture


def _law() -> GaussianMixture:
    return GaussianMixture(
        weights=torch.tensor([0.4, 0.6], dtype=torch.float64),
        means=torch.tensor([[-1.5], [1.0]], dtype=torch.float64),
        covs=torch.tensor([0.5**2, 0.7**2], dtype=torch.float64)[:, None, None],
    )


DATASET = Dataset(title="Two Gaussians on the line", source="ours", law=_law)
