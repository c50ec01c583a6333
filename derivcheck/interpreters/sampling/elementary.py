"""Elementary functions, powers and norms of values on rows.

Main definitions: `elementary`, `power`, `norm`, `LINEAR`.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from derivcheck.interpreters.sampling.drawn import CannotSample, Drawn, written_out

ENTRYWISE: dict[str, Callable[[Tensor], Tensor]] = {
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "abs": torch.abs,
    "sin": torch.sin,
    "cos": torch.cos,
    "tan": torch.tan,
    "tanh": torch.tanh,
    "cosh": torch.cosh,
    "sinh": torch.sinh,
    "arctan": torch.arctan,
    "sigmoid": torch.sigmoid,
    "softplus": torch.nn.functional.softplus,
    "relu": torch.relu,
    "erf": torch.erf,
    "sign": torch.sign,
}
OF_SCALARS = frozenset({"log", "exp", "sqrt", "abs"})  # of a column or matrix the page means something else
LINEAR = frozenset({"tr"})  # an average may be taken before or after them


def elementary(name: str, arguments: list[Drawn], size: Callable[[], int]) -> Drawn:
    """The value of an elementary function.

    Raises:
        CannotSample: the function has no value here, or none at this shape.
    """
    if len(arguments) != 1:
        raise CannotSample(f"{name} of {len(arguments)} arguments has no value in draws")
    (v,) = arguments
    f = ENTRYWISE.get(name)
    if f is not None:
        if v.iso or v.rank == 2 or (v.rank and name in OF_SCALARS):
            raise CannotSample(f"{name} of a value of shape {v.shape}")
        return v.of(f(v.data))
    if name in ("tr", "det"):
        if v.rank == 0 and not v.iso:
            return v
        v = written_out(v, size() if v.iso else 0)
        if v.rank != 2 or v.shape[0] != v.shape[1]:
            raise CannotSample(f"{name} of a value of shape {v.shape}")
        return v.of(torch.diagonal(v.data, dim1=-2, dim2=-1).sum(-1) if name == "tr" else torch.linalg.det(v.data))
    raise CannotSample(f"{name} has no value in draws")


def power(base: Drawn, exponent: Drawn) -> Drawn:
    """base ^ exponent; the square of a column is its squared norm, A^{-1} the inverse."""
    if exponent.rank or exponent.iso:
        raise CannotSample("an exponent that is no number")
    if base.rank == 0 and not base.iso:
        whole = exponent.data if exponent.data.numel() > 1 else exponent.data.round() if bool((exponent.data == exponent.data.round()).all()) else exponent.data
        return base.of(base.data**whole)
    if exponent.data.numel() != 1:
        raise CannotSample("a matrix or column to a power that is drawn")
    x = float(exponent.data.reshape(()))
    if base.iso:
        return base.of(base.data**x)
    if base.rank == 1 and x == 2:
        return base.of(base.data.square().sum(-1))
    if base.rank == 2 and x == int(x) and abs(x) <= 8 and base.shape[0] == base.shape[1]:
        data = torch.linalg.inv(base.data) if x < 0 else base.data
        return base.of(torch.linalg.matrix_power(data, int(abs(x))))
    raise CannotSample(f"a value of shape {base.shape} to the power {x:g}")


def norm(v: Drawn, order: str) -> Drawn:
    """The norm of a column, or the Frobenius norm of a matrix."""
    if v.iso:
        raise CannotSample("the norm of an identity of unsaid size")
    if v.rank == 0:
        return v.of(v.data.abs())
    dims = tuple(range(1, v.data.dim()))
    match order:
        case "1" if v.rank == 1:
            return v.of(v.data.abs().sum(dims))
        case "inf" if v.rank == 1:
            return v.of(v.data.abs().amax(dims))
        case "2" if v.rank == 1:
            return v.of(v.data.square().sum(dims).sqrt())
        case "F":
            return v.of(v.data.square().sum(dims).sqrt())
        case _:
            raise CannotSample(f"a matrix norm of order {order}")
