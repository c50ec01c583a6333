r"""A quadratic form of standard normals, read off a statistic itself.

Since f(w) = c + bᵀw + wᵀA w has 1 + d + d(d+1)/2 unknowns, its values at 0, ±e_i and e_i + e_j give them all. The
cumulant function so comes from what is sampled, and from no formula of the claim.
Main definitions: `coefficients`, `Statistic`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from derivcheck.statistics.sums import Array

Statistic = Callable[[Tensor], Tensor]
"""Standard normals (n, d) -> the statistic, (n, m), in the precision of its argument."""


def coefficients(statistic: Statistic, d: int) -> tuple[Array, Array, Array]:
    """A (m, d, d), b (m, d) and c (m,) of the statistic, in float64.

    Raises:
        ValueError: the statistic differs from the form at a point that did not make it.
    """
    rows, columns = np.triu_indices(d, 1)
    unit = np.eye(d)
    zero, plus, minus, pairs = np.split(
        _at(statistic, np.concatenate([np.zeros((1, d)), unit, -unit, unit[rows] + unit[columns]])),
        [1, 1 + d, 1 + 2 * d],
    )
    c, b, diagonal = zero[0], (plus - minus) / 2, (plus + minus) / 2 - zero
    matrices = np.zeros((d, d, len(c)))
    matrices[np.arange(d), np.arange(d)] = diagonal
    off = (pairs - c - b[rows] - b[columns] - diagonal[rows] - diagonal[columns]) / 2
    matrices[rows, columns] = matrices[columns, rows] = off
    _confirm(statistic, np.moveaxis(matrices, -1, 0), b.T, c)
    return np.moveaxis(matrices, -1, 0), b.T, c


def _at(statistic: Statistic, points: Array) -> Array:
    return statistic(torch.as_tensor(points, dtype=torch.float64)).detach().numpy()


def _confirm(statistic: Statistic, a: Array, b: Array, c: Array) -> None:
    points = np.random.default_rng(0).standard_normal((4, b.shape[1]))
    values = _at(statistic, points)
    form = c + points @ b.T + np.einsum("ni,mij,nj->nm", points, a, points)
    size = np.abs(c) + np.abs(points) @ np.abs(b.T) + np.einsum("ni,mij,nj->nm", abs(points), abs(a), abs(points))
    if not np.allclose(values, form, rtol=0, atol=1e-9 * float(np.max(size))):
        raise ValueError("the statistic is no quadratic form of its normals")
