"""Samples of a mixture against its modes.

Main definitions: `mode_metrics`, `within_mode_sd`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from derivcheck.samplers.mixture import GaussianMixture


def mode_metrics(x: Tensor, law: GaussianMixture) -> dict[str, float]:
    r"""Shares of the nearest modes, and the mean distance to them over σ √(π/2), the law's own in two dimensions.

    Shapes: x (n, 2). Assumes modes far apart, all with covariance σ² I.
    """
    means = law.means.to(x.device, x.dtype)
    distance, nearest = torch.cdist(x, means).min(1)
    shares = torch.bincount(nearest, minlength=len(means)).double() / len(x)
    own = float(law.covs[0, 0, 0]) ** 0.5 * (torch.pi / 2) ** 0.5
    return {
        "smallest_mode_share": float(shares.min()),
        "largest_mode_share": float(shares.max()),
        "relative_mode_distance": float(distance.mean()) / own,
    }


def within_mode_sd(x: Tensor, law: GaussianMixture) -> float:
    r"""√(E‖x − nearest mode‖² / d) over σ, the law's own.

    Energy distances hardly see a wrong spread inside the modes; this does.
    """
    distance = torch.cdist(x, law.means.to(x.device, x.dtype)).min(1).values
    return float((distance.square().mean() / x.shape[1]).sqrt()) / float(law.covs[0, 0, 0]) ** 0.5
