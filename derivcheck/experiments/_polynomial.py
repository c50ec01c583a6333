r"""Exact moments of a polynomial of standard normals: what T3 needs to know of a statistic, by no sample.

Gauss-Hermite quadrature with r nodes a dimension is exact to degree 2r − 1; f² of a polynomial f of degree k has
degree 2k, so r = k + 1 nodes give mean and variance to rounding.
Main definitions: `moments`, `polynomial_trial`.   Source: Abramowitz & Stegun 1964, 25.4.46.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from derivcheck.experiments._trials import varied_trial
from derivcheck.statistics.claim import Claim
from derivcheck.statistics.sums import Array
from derivcheck.statistics.trial import Trial

AGREE = 1e-8  # of the second moment: what rounding may cost


def moments(statistic: Callable[[Tensor], Tensor], d: int, degree: int) -> tuple[Array, Array]:
    """Mean and variance of the statistic of w ~ N(0, I) of d dimensions, a polynomial of this degree at most.

    Shapes: statistic (n, d) -> (n, m); results (m,).

    Raises:
        ValueError: one node more gives another variance, so that the degree is higher.
    """
    mean, variance = _moments(statistic, d, degree + 1)
    _, again = _moments(statistic, d, degree + 2)
    if not np.allclose(variance, again, rtol=0, atol=AGREE * float(np.max(variance + mean**2))):
        raise ValueError(f"the statistic is no polynomial of degree {degree}")
    return mean, variance


def _moments(statistic: Callable[[Tensor], Tensor], d: int, nodes: int) -> tuple[Array, Array]:
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    grid = np.stack(np.meshgrid(*[points] * d, indexing="ij"), axis=-1).reshape(-1, d)
    mass = np.stack(np.meshgrid(*[weights / math.sqrt(2 * math.pi)] * d, indexing="ij"), axis=-1)
    share = mass.reshape(-1, d).prod(-1)
    values = statistic(torch.as_tensor(grid, dtype=torch.float64)).detach().numpy()
    mean = share @ values
    return mean, share @ (values - mean) ** 2


def polynomial_trial(
    statistic: Callable[[Tensor], Tensor], d: int, degree: int, device: torch.device
) -> Callable[[Claim], Trial]:
    """The way from a claim about E f(w), f a polynomial of this degree at most, to its trial, by T3.

    Raises:
        ValueError: f has a higher degree.
    """
    _, variance = moments(statistic, d, degree)
    because = f"it is that of a polynomial of degree {degree} in {d} standard normals, by exact quadrature"

    def values(n: int, random: torch.Generator) -> Tensor:
        return statistic(torch.randn(n, d, generator=random, device=device))

    return lambda said: varied_trial(said, values, variance, because, device)
