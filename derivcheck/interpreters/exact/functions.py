r"""Elementary functions on values, and random functions for names that are only declared."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from derivcheck.interpreters.exact.regular import determinant, eigenvalues, inverse, root
from derivcheck.interpreters.exact.setting import Draws
from derivcheck.interpreters.exact.values import (
    CannotEvaluate,
    ShapesDiffer,
    Value,
    elementwise,
    mapped,
    multiply,
    union,
)

_ENTRYWISE: dict[str, Callable[[Tensor], Tensor]] = {
    "exp": torch.exp,
    "sqrt": torch.sqrt,
    "sin": torch.sin,
    "cos": torch.cos,
    "tan": torch.tan,
    "tanh": torch.tanh,
    "cosh": torch.cosh,
    "sinh": torch.sinh,
    "arctan": torch.arctan,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "softplus": torch.nn.functional.softplus,
    "erf": torch.erf,
    "sign": torch.sign,
    "log": torch.log,
    "abs": torch.abs,
    "gamma": lambda x: torch.exp(torch.lgamma(x)),
    "factorial": lambda x: torch.exp(torch.lgamma(x + 1)),
}


def elementary(name: str, arguments: list[Value], default_size: int | None) -> Value:
    """An elementary function's value; entry by entry unless it is one of matrices."""
    v = arguments[0]
    if len(arguments) == 2:
        return _binary(name, v, arguments[1], default_size)
    if name in _ENTRYWISE:
        if name == "abs" and v.rank == 2:
            return Value(v.axes, determinant(_square(v)))
        if v.rank == 2 or v.iso:
            if name == "sqrt":
                return power(v, 0.5)
            if name in ("log", "exp", "gamma", "factorial"):
                raise ShapesDiffer(f"{name} of a matrix")
        return elementwise(v, _ENTRYWISE[name])
    if name == "softmax":
        if v.rank != 1:
            raise ShapesDiffer("softmax of something that is not a column")
        return v.with_data(torch.softmax(v.data, -1))
    return _of_matrix(name, v, default_size)


def _binary(name: str, a: Value, b: Value, size: int | None) -> Value:
    if name == "kron":
        return _kron(full(a, size), full(b, size))
    if name == "hadamard":
        if a.rank == 0 or b.rank == 0:
            return multiply([a, b])
        if a.shape != b.shape:
            raise ShapesDiffer(f"shapes {a.shape} and {b.shape} cannot be multiplied entry by entry")
        axes = union(a, b)
        return Value(axes, a.spread(axes) * b.spread(axes), a.rank)
    raise CannotEvaluate(f"{name} of two arguments has no value here")


def full(v: Value, size: int | None) -> Value:
    """c · I written out, if a size is known."""
    if not v.iso:
        return v
    if size is None:
        raise CannotEvaluate("the size of an identity matrix is not known here")
    eye = torch.eye(size, dtype=v.data.dtype)
    return Value(v.axes, v.data[..., None, None] * eye, 2)


def _kron(a: Value, b: Value) -> Value:
    if a.rank != 2 or b.rank != 2:
        raise ShapesDiffer("the Kronecker product of something that is not a matrix")
    axes = union(a, b)
    x, y = a.spread(axes), b.spread(axes)
    out = torch.einsum("...ij,...kl->...ikjl", x, y)
    return Value(axes, out.reshape(*out.shape[:-4], x.shape[-2] * y.shape[-2], x.shape[-1] * y.shape[-1]), 2)


def _square(v: Value) -> Tensor:
    if v.rank != 2 or v.shape[0] != v.shape[1]:
        raise ShapesDiffer(f"a square matrix is needed, here the shape is {v.shape}")
    return v.data


def _of_matrix(name: str, v: Value, size: int | None) -> Value:
    if v.rank == 0 and not v.iso and name in ("tr", "det", "vec", "diag", "lambda_min", "lambda_max"):
        return v
    v = full(v, size)
    match name:
        case "tr":
            _square(v)
            return Value(v.axes, torch.diagonal(v.data, dim1=-2, dim2=-1).sum(-1))
        case "det":
            return Value(v.axes, determinant(_square(v)))
        case "vec":  # columns stacked
            if v.rank == 1:
                return v
            data = v.data.transpose(-1, -2)
            return Value(v.axes, data.reshape(*data.shape[:-2], -1), 1)
        case "diag":
            if v.rank == 1:
                return Value(v.axes, torch.diag_embed(v.data), 2)
            return Value(v.axes, torch.diagonal(_square(v), dim1=-2, dim2=-1), 1)
        case "lambda_min" | "lambda_max":
            eig = eigenvalues(_square(v))
            return Value(v.axes, eig[..., 0 if name == "lambda_min" else -1])
        case _:
            raise CannotEvaluate(f"the function {name} is not known")


def power(base: Value, exponent: float) -> Value:
    """base ^ number: entries of scalars, squares of columns are squared norms, matrices as matrices."""
    if base.rank == 0:
        if base.iso and exponent != int(exponent):
            return base.with_data(base.data**exponent)
        return base.with_data(base.data ** (int(exponent) if exponent == int(exponent) else exponent))
    if base.rank == 1:
        if exponent == 2:
            return Value(base.axes, (base.data**2).sum(-1))
        raise ShapesDiffer(f"a column to the power {exponent}")
    data = _square(base)
    if exponent != int(exponent):
        return base.with_data(root(data, exponent))
    if exponent < 0:
        data, exponent = inverse(data), -exponent
    return base.with_data(data if exponent == 1 else torch.linalg.matrix_power(data, int(exponent)))


def random_function(
    draws: Draws, key: str, arguments: list[Value], shape: tuple[int, ...], domain: str, *, affine: bool
) -> Value:
    r"""A random smooth function f(a) = L a + c + Σ_j v_j tanh(w_j·a + b_j) of all arguments' entries.

    affine: without the tanh part. domain maps the result (`unit`: logistic, `positive`: exp; `bump`: exp, times
    exp(-|a|^2/2)).
    """
    axes = union(*arguments) if arguments else ()
    columns = [_flat(a, axes) for a in arguments]
    worlds = draws.setting.worlds
    size = math.prod(shape)
    out_shape = [worlds] + [max([1, *(c.shape[1 + i] for c in columns)]) for i in range(len(axes))]
    n = sum(c.shape[-1] for c in columns)
    c0 = draws.normal(f"{key}@c", size)
    lead = (worlds, *(1,) * len(axes))
    out = c0.reshape(*lead, size).expand(*out_shape, size)
    if n:
        a = torch.cat([c.expand(*out_shape, c.shape[-1]) for c in columns], -1)
        out = out + mapped(draws.normal(f"{key}@L", size, n) * 0.6, a)
        if not affine:
            b = draws.normal(f"{key}@b", 4).reshape(*lead, 4)
            hidden = torch.tanh(mapped(draws.normal(f"{key}@w", 4, n) * 0.6, a) + b)
            out = out + mapped(draws.normal(f"{key}@v", size, 4) * 0.8, hidden)
        if domain == "bump":
            out = out - (a**2).sum(-1, keepdim=True)
    out = into_domain(out, domain)
    return Value(axes, out.reshape(*out_shape, *shape), len(shape))


def _flat(v: Value, axes: tuple[str, ...]) -> Tensor:
    data = v.spread(axes)
    return data.reshape(*data.shape[: data.dim() - v.rank], -1)


def into_domain(u: Tensor, domain: str) -> Tensor:
    """Reals into a domain, smoothly."""
    match domain:
        case "unit":
            return torch.sigmoid(u)
        case "positive" | "nonnegative" | "bump":
            return torch.exp(0.5 * u)
        case "negative":
            return -torch.exp(0.5 * u)
        case _:
            return u
