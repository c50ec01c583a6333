r"""Tensors with named axes: what a term is worth on a batch of worlds.

Main definitions: `Value`. data has shape [W, *axes, *shape]: worlds first, then one dimension for every
named axis (the nodes of a random variable), then the mathematical shape: () scalar, (n,) column,
(m, n) matrix. `iso` marks a scalar that stands for scalar · I of a size that its neighbours tell.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import final

import torch
from torch import Tensor

_tokens = itertools.count(1)


class CannotEvaluate(Exception):
    """A term has no value on this kind of world; the message says why, for the report."""


class Untyped(CannotEvaluate):
    """What stands there has no type (a divergence between laws of different variables): not read as it was meant."""


class ShapesDiffer(Untyped):
    """Two values do not fit together, so the text was not read as it was meant."""


@final
@dataclass(frozen=True, eq=False)
class Value:
    """A batch of scalars, columns or matrices over named axes (see the head of this file)."""

    axes: tuple[str, ...]
    data: Tensor
    rank: int = 0
    iso: bool = False

    @cached_property
    def token(self) -> int:
        """A number of its own: what tells two bindings apart in the memory of a world."""
        return next(_tokens)

    @property
    def shape(self) -> tuple[int, ...]:
        """The mathematical shape."""
        return tuple(self.data.shape[1 + len(self.axes) :])

    def spread(self, axes: tuple[str, ...]) -> Tensor:
        """data laid out over `axes` (a superset, in that order), missing axes of size one."""
        if axes == self.axes:
            return self.data
        k = len(self.axes)
        own = [a for a in axes if a in self.axes]
        data = self.data
        order = [self.axes.index(a) for a in own]
        if order != list(range(k)):
            tail = range(1 + k, data.dim())
            data = data.permute(0, *(1 + i for i in order), *tail)
        for position, axis in enumerate(axes):
            if axis not in self.axes:
                data = data.unsqueeze(1 + position)
        return data

    def with_data(self, data: Tensor) -> Value:
        """The same axes and rank with other numbers."""
        return Value(self.axes, data, self.rank, self.iso)


ZERO = Value((), torch.zeros(1, dtype=torch.float64))
ONE = Value((), torch.ones(1, dtype=torch.float64))


def broadcast_lead(*shapes: tuple[int, ...] | torch.Size) -> tuple[int, ...]:
    """The common shape of several (torch's own function would import SymPy)."""
    n = max(len(s) for s in shapes)
    padded = [(1,) * (n - len(s)) + tuple(s) for s in shapes]
    return tuple(max(sizes) if 0 not in sizes else 0 for sizes in zip(*padded, strict=True))


def union(*values: Value) -> tuple[str, ...]:
    """All axes of the values, sorted."""
    first = values[0].axes
    for v in values:
        if v.axes != first:
            break
    else:
        return first
    return tuple(sorted({a for v in values for a in v.axes}))


def scalar(data: Tensor) -> Value:
    """A batch of scalars without axes; data [W]."""
    return Value((), data)


def _ranked(data: Tensor, have: int, want: int) -> Tensor:
    for _ in range(want - have):
        data = data.unsqueeze(-1)
    return data


def negative(v: Value) -> Value:
    """-v."""
    return v.with_data(-v.data)


def is_zero(v: Value) -> bool:
    """Whether a scalar is the number zero everywhere (fits every shape)."""
    return v.rank == 0 and not v.data.requires_grad and bool((v.data == 0).all())


def add(left: Value, right: Value) -> Value:
    """left + right of one shape; c·I and 0 fit every square and every shape."""
    if left.axes == right.axes and left.rank == right.rank == 0 and left.iso == right.iso:
        return Value(left.axes, left.data + right.data, 0, left.iso)
    axes = union(left, right)
    a, b = left.spread(axes), right.spread(axes)
    if left.iso != right.iso and not (left.iso and is_zero(right)) and not (right.iso and is_zero(left)):
        matrix, c = (b, a) if left.iso else (a, b)
        other = right if left.iso else left
        if other.rank != 2 or other.shape[0] != other.shape[1]:
            if set(other.shape) <= {1}:  # in one dimension I is 1
                flat = matrix.reshape(matrix.shape[: matrix.dim() - other.rank])
                return Value(axes, flat + c, 0)
            raise ShapesDiffer(f"a multiple of I cannot be added to a value of shape {other.shape}")
        eye = torch.eye(other.shape[0], dtype=a.dtype, device=a.device)
        return Value(axes, matrix + c[..., None, None] * eye, 2)
    if left.rank == right.rank:
        if left.shape != right.shape:
            raise ShapesDiffer(f"shapes {left.shape} and {right.shape} cannot be added")
        return Value(axes, a + b, left.rank, left.iso or right.iso)
    if is_zero(left):
        return Value(axes, a.reshape(a.shape + (1,) * right.rank) + b, right.rank, right.iso)
    if is_zero(right):
        return Value(axes, a + b.reshape(b.shape + (1,) * left.rank), left.rank, left.iso)
    one = {tuple(s for s in v.shape if s != 1) for v in (left, right)}
    if one == {()}:  # a 1×1 matrix, a column of one entry and a scalar are one thing
        flat = [x.reshape(x.shape[: x.dim() - v.rank]) for x, v in ((a, left), (b, right))]
        return Value(axes, flat[0] + flat[1])
    raise ShapesDiffer(f"shapes {left.shape} and {right.shape} cannot be added")


def scale(factor: Value, v: Value) -> Value:
    """scalar · anything."""
    if factor.axes == v.axes and v.rank == 0:
        return Value(v.axes, factor.data * v.data, 0, v.iso or factor.iso)
    axes = union(factor, v)
    return Value(axes, _ranked(factor.spread(axes), 0, v.rank) * v.spread(axes), v.rank, v.iso or factor.iso)


def mapped(matrix: Tensor, columns: Tensor) -> Tensor:
    """matrix [W, n, m] times columns [W, *axes, m], as one product of matrices a world however large the grid."""
    flat = columns.reshape(columns.shape[0], -1, columns.shape[-1])
    out = torch.matmul(flat, matrix.transpose(-1, -2))
    return out.reshape(out.shape[0], *columns.shape[1:-1], matrix.shape[-2])


def dot(left: Value, right: Value) -> Value:
    """The inner product of two columns."""
    axes = union(left, right)
    return Value(axes, (left.spread(axes) * right.spread(axes)).sum(-1))


def product(left: Value, right: Value) -> Value | None:
    """left · right by the rules of matrices (columns are n × 1), or None if the shapes do not fit."""
    if left.rank == 0 or right.rank == 0:
        return scale(left, right) if left.rank == 0 else scale(right, left)
    axes = union(left, right)
    a, b = left.spread(axes), right.spread(axes)
    if left.rank == 1 and right.rank == 1:
        return None
    if left.rank == 1:  # column (n × 1) · matrix: only a row fits
        return Value(axes, a.unsqueeze(-1) * b, 2) if right.shape[0] == 1 else None
    if left.shape[1] != right.shape[0]:
        return None
    if right.rank == 1:
        out = torch.matmul(a, b.unsqueeze(-1)).squeeze(-1) if left.axes or not right.axes else mapped(left.data, b)
        if left.shape[0] == 1:
            return Value(axes, out.squeeze(-1))
        return Value(axes, out, 1)
    out = torch.matmul(a, b)
    if out.shape[-1] == 1 and out.shape[-2] == 1:
        return Value(axes, out[..., 0, 0])
    return Value(axes, out, 2)


def multiply(values: list[Value], *, dots: bool = True) -> Value:
    """An ordered product; where reading from the left does not fit, row·column pairs bind first.

    dots: two columns of one size that nothing else joins are their inner product (`x_t x_{t-1}`), as people
    write who do not write transposes.
    """
    scalars = [v for v in values if v.rank == 0]
    rest = [v for v in values if v.rank > 0]
    out = _chain(rest, dots)
    if out is None:
        raise ShapesDiffer("shapes " + " · ".join(str(v.shape) for v in rest) + " cannot be multiplied")
    for s in scalars:
        out = s if out == [] else scale(s, out)  # type: ignore[arg-type]
    return out  # type: ignore[return-value]


def _chain(values: list[Value], dots: bool) -> Value | list[Value] | None:
    if not values:
        return []
    if len(values) == 1:
        return values[0]
    for first in range(len(values) - 1):  # the leftmost grouping that fits all
        joined = product(values[first], values[first + 1])
        if joined is None:
            continue
        if joined.rank == 0:
            rest = values[:first] + values[first + 2 :]
            if not rest:
                return joined
            out = _chain(rest, dots)
            if isinstance(out, Value):
                return scale(joined, out)
            continue
        out = _chain([*values[:first], joined, *values[first + 2 :]], dots)
        if isinstance(out, Value):
            return out
    for first in range(len(values) - 1 if dots else 0):
        a, b = values[first], values[first + 1]
        if a.rank == 1 and b.rank == 1 and a.shape == b.shape:
            rest = values[:first] + values[first + 2 :]
            out = _chain(rest, dots)
            return dot(a, b) if not rest else scale(dot(a, b), out) if isinstance(out, Value) else None
    return None


def transpose(v: Value) -> Value:
    """The transpose; a column becomes a 1 × n row."""
    if v.rank == 0:
        return v
    if v.rank == 1:
        return Value(v.axes, v.data.unsqueeze(-2), 2)
    out = v.data.transpose(-1, -2)
    if v.shape[0] == 1:
        return Value(v.axes, out.squeeze(-1), 1)
    return Value(v.axes, out, 2)


def elementwise(v: Value, f: object) -> Value:
    """f applied to every entry."""
    return v.with_data(f(v.data))  # type: ignore[operator]


def sum_over(v: Value, axis: str, weights: Value | None, size: int) -> Value:
    """Σ over one axis, weighted; a value that does not vary on the axis is multiplied by the mass."""
    if weights is not None:
        v = scale(weights, v)
    if axis not in v.axes:
        return v.with_data(v.data * size)
    position = 1 + v.axes.index(axis)
    axes = tuple(a for a in v.axes if a != axis)
    return Value(axes, v.data.sum(position), v.rank, v.iso)


def logsumexp_over(v: Value, axis: str) -> Value:
    """log Σ exp over one axis of a scalar value."""
    if axis not in v.axes:
        raise CannotEvaluate(f"no axis {axis} to sum over")
    position = 1 + v.axes.index(axis)
    return Value(tuple(a for a in v.axes if a != axis), torch.logsumexp(v.data, position))


def rename(v: Value, names: dict[str, str]) -> Value:
    """The value with axes renamed; two axes that get one name become its diagonal."""
    new = [names.get(a, a) for a in v.axes]
    if len(set(new)) == len(new):
        return Value(tuple(new), v.data, v.rank, v.iso)
    data, axes = v.data, new
    i = 0
    while i < len(axes):
        if axes[i] in axes[i + 1 :]:
            j = axes.index(axes[i], i + 1)
            data = torch.diagonal(data, dim1=1 + i, dim2=1 + j)
            kept = axes[i]
            axes = [a for k, a in enumerate(axes) if k not in (i, j)]
            data = data.movedim(-1, 1)
            axes = [kept, *axes]
            i = 0
        else:
            i += 1
    # movedim put the diagonal first among the axes, before the shape
    return Value(tuple(axes), data, v.rank, v.iso)
