r"""Square matrices that have an inverse, a root or a determinant to rounding: elsewhere they are not a number.

A product such as W^T W of a wide W has no inverse, but rounding gives it one; a world on which that happens lies
outside the relation's domain.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

CONDITION = 1e10  # beyond it an inverse is made of rounding
ROUNDING = 1e-13  # a smallest singular value below this share of the largest is zero


def _spread(data: Tensor) -> Tensor:
    """The smallest singular value over the largest; 0 for the zero matrix and for what is not finite."""
    a = data.detach()
    finite = torch.isfinite(a).flatten(-2).all(-1)
    s = torch.linalg.svdvals(torch.where(finite[..., None, None], a, torch.zeros_like(a)))
    top = s.amax(-1)
    return torch.where(top > 0, s.amin(-1) / top.clamp_min(1e-300), torch.zeros_like(top))


def _plainly_regular(a: Tensor) -> bool:
    """Whether a bound says without singular values that all matrices are far from the limit.

    σ_min ≥ |det A| ((n - 1) / ‖A‖²)^((n - 1)/2) in the Frobenius norm, which is no less than σ_max.

    Source: Yu & Gu (1997), A note on a lower bound for the smallest singular value, Linear Algebra Appl. 253.
    """
    n = a.shape[-1]
    if n == 1:
        return bool(((a != 0) & torch.isfinite(a)).all())
    square = (a * a).sum((-2, -1))
    least = torch.linalg.det(a).abs() * ((n - 1) / square) ** ((n - 1) / 2)
    return bool((least > 10 / CONDITION * square.sqrt()).all())


def regular(data: Tensor) -> Tensor:
    """The matrices themselves, not a number (nor differentiable) where their condition is beyond 1e10."""
    if _plainly_regular(data.detach()):
        return data
    bad = _spread(data) < 1 / CONDITION
    return data if not bool(bad.any()) else data * _mask(bad)[..., None, None]


def inverse(data: Tensor) -> Tensor:
    """The inverse, where there is one."""
    return torch.linalg.inv_ex(regular(data)).inverse


def determinant(data: Tensor) -> Tensor:
    """The determinant: 0 of a singular matrix, not a number where rounding decides."""
    share = _spread(data)
    if bool((share >= 1 / CONDITION).all()):
        return torch.linalg.det(data)
    singular = (share <= ROUNDING) & torch.isfinite(data.detach()).flatten(-2).all(-1)
    out = torch.linalg.det(regular(data))
    return out if data.requires_grad else torch.where(singular, torch.zeros_like(out), out)


def _not_symmetric(data: Tensor) -> Tensor:
    """Where eigenvalues of the lower triangle are not those of the matrix."""
    a = data.detach()
    gap = (a - a.transpose(-1, -2)).abs().amax((-2, -1))
    return ~(gap <= 1e-9 * a.abs().amax((-2, -1))) | ~torch.isfinite(a).flatten(-2).all(-1)


def eigenvalues(data: Tensor) -> Tensor:
    """The eigenvalues of symmetric matrices in rising order."""
    bad = _not_symmetric(data)
    eye = torch.eye(data.shape[-1], dtype=data.dtype).expand_as(data)
    found = torch.linalg.eigvalsh(torch.where(bad[..., None, None], eye, data))
    return found if not bool(bad.any()) else found * _mask(bad)[..., None]


def root(data: Tensor, exponent: float) -> Tensor:
    """A real power of a symmetric matrix by its eigenvalues, where it has one."""
    bad = _not_symmetric(data)
    eye = torch.eye(data.shape[-1], dtype=data.dtype).expand_as(data)
    values, vectors = torch.linalg.eigh(torch.where(bad[..., None, None], eye, data))
    top = values.detach().abs().amax(-1, keepdim=True)
    small = values.detach().abs() <= ROUNDING * top
    values = torch.where(small, torch.zeros_like(values), values)
    bad = bad | (values.detach() < 0).any(-1)  # not in place: the derivative reads the first
    if exponent < 0:
        bad = bad | (values.detach() < top / CONDITION).any(-1)
    made = vectors @ torch.diag_embed(values**exponent) @ vectors.transpose(-1, -2)
    return made if not bool(bad.any()) else made * _mask(bad)[..., None, None]


def _mask(bad: Tensor) -> Tensor:
    """1, or not a number where `bad`: a factor, so that derivatives are none there either."""
    return torch.where(bad, torch.full(bad.shape, math.nan, dtype=torch.float64), torch.ones((), dtype=torch.float64))
