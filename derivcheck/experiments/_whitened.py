r"""Whitening: what has the claimed law becomes N(0, I), so that T0 assumes nothing that is not claimed.

Main definitions: `whitened_trial`.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from derivcheck.samplers.stream import Sampler, generator
from derivcheck.statistics.claim import claim
from derivcheck.statistics.sums import Sums
from derivcheck.statistics.tier import Tier
from derivcheck.statistics.tiers.exact_gaussian import KnownMean, KnownVariance
from derivcheck.statistics.tiers.gaussian_slope import KnownResidual
from derivcheck.statistics.tiers.joint import Joint
from derivcheck.statistics.trial import Trial

Indices = NDArray[np.intp]


def whitened_trial(latex: str, z: Sampler, d: int, tolerance: float, device: torch.device) -> Trial:
    """z ~ N(0, I): all means 0, all variances 1, all slopes of a coordinate on an earlier one 0, each ± tolerance.

    Shapes: z (n, d).
    """
    later, earlier = np.tril_indices(d, -1)
    pairs = len(later)

    def draw(seed: int, n: int) -> Sums:
        values = z(n, generator(seed, device), device)
        return _sums(values, later, earlier)

    one = np.ones(d)
    parts: tuple[Tier, ...] = (KnownVariance(one), KnownMean(one))
    tier = Joint(parts, (d, d))
    if pairs:
        tier = Joint((*parts, KnownResidual(np.ones(pairs), np.ones(pairs))), (d, d, pairs))
    value = np.concatenate([np.zeros(d), one, np.zeros(pairs)])
    said = claim(latex, value, relative=tolerance, scale=np.ones(len(value)))
    return Trial(said, tier, draw)


def _sums(values: Tensor, later: Indices, earlier: Indices) -> Sums:
    z = values.to(torch.float64)
    gram = (z.T @ z).cpu().numpy()
    return Sums(
        len(values),
        {
            "first": z.sum(0).cpu().numpy(),
            "second": np.diag(gram).copy(),
            "cross": gram[later, earlier],
            "square": np.diag(gram)[earlier],
        },
    )
