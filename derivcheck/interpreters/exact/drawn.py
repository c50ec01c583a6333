r"""Drawn quantities: a random value in the domain that a name was declared with."""

from __future__ import annotations

import torch
from torch import Tensor

from derivcheck.interpreters.exact.functions import into_domain
from derivcheck.interpreters.exact.setting import Draws
from derivcheck.interpreters.exact.values import Value
from derivcheck.terms.signature import SymbolDeclaration


def drawn(
    key: str, declared: SymbolDeclaration | None, shape: tuple[int, ...], draws: Draws
) -> Value:
    """A random scalar, column or matrix in its domain; a real scalar if undeclared."""
    setting = draws.setting
    domain = declared.domain if declared else "real"
    if domain in ("symmetric", "positive_definite", "orthogonal", "diagonal") and len(shape) == 2:
        return Value((), _matrix(draws.normal(key, shape[0], shape[0]), domain), 2)
    if domain == "unit" and not shape:
        u = draws.uniform(key)
        return Value((), u if setting.simple else 0.08 + 0.6 * u)
    if domain == "natural":
        return Value((), torch.full((1,), float(2 + setting.group % 2), dtype=torch.float64))
    if setting.simple and domain in ("positive", "nonnegative"):
        return Value((), 2.0 ** torch.round(draws.normal(key, *shape)).clamp(-1, 1), len(shape))
    return Value((), into_domain(draws.normal(key, *shape), domain), len(shape))


def _matrix(a: Tensor, domain: str) -> Tensor:
    n = a.shape[-1]
    match domain:
        case "symmetric":
            return (a + a.transpose(-1, -2)) / 2
        case "positive_definite":
            eye = torch.eye(n, dtype=torch.float64)
            return a @ a.transpose(-1, -2) / n + 0.4 * eye
        case "diagonal":
            return torch.diag_embed(torch.diagonal(a, dim1=-2, dim2=-1))
        case _:
            return torch.linalg.qr(a)[0]
