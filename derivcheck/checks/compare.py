r"""Two values on one batch of worlds: equal to rounding, clearly different, or in between.

The unit is the largest number in play (64·u·κ in the words of the error analysis): differences below 1e-9
of it are rounding, above 1e-6 of it they are not; with quadrature 1e-7 and 1e-4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from derivcheck.checks.evidence import Counterexample
from derivcheck.interpreters.exact.setting import Setting
from derivcheck.interpreters.exact.values import (
    CannotEvaluate,
    ShapesDiffer,
    Untyped,
    Value,
    is_zero,
    union,
)
from derivcheck.terms.term import Add, Negate, Term

FLOOR = 1e-12


class SidesDiffer(ShapesDiffer):
    """Both sides have a shape, but not the same one."""


def untyped(why: CannotEvaluate) -> bool:
    """Whether a side has no type, so that the relation was not read as it was meant."""
    return isinstance(why, Untyped) and not isinstance(why, SidesDiffer)


@final
@dataclass(frozen=True)
class Comparison:
    """For every world: the largest difference, the unit, and whether both sides were inside their domains.

    resolved: whether a difference is no fault of the quadrature.
    """

    difference: Tensor  # [W]
    unit: Tensor  # [W]
    usable: Tensor  # [W] bool
    left: Tensor
    right: Tensor
    rounding: float
    clear: float
    resolved: bool = True

    @property
    def equal(self) -> Tensor:
        """Worlds on which the sides agree to rounding."""
        return self.usable & (self.difference <= self.rounding * self.unit + FLOOR)

    @property
    def different(self) -> Tensor:
        """Worlds on which they differ by far more than the error bound."""
        return self.apart if self.resolved else torch.zeros_like(self.usable)

    @property
    def apart(self) -> Tensor:
        """Worlds on which they differ, be it by a fault of the quadrature."""
        return self.usable & (self.difference > self.clear * self.unit + 1e3 * FLOOR)

    def counterexample(self, setting: Setting, world: int) -> Counterexample:
        """The entry of this world at which the sides are farthest apart."""
        at = int((self.left[world] - self.right[world]).abs().nan_to_num(0.0).argmax())
        bound = float(self.clear * self.unit[world])
        return Counterexample(setting, world, self.left[world, at], self.right[world, at], float(self.difference[world]), bound)


def aligned(left: Value, right: Value) -> tuple[Tensor, Tensor, tuple[str, ...]]:
    """Both sides over one set of axes and one shape; a scalar 0 fits every shape."""
    axes = union(left, right)
    a, b = left.spread(axes), right.spread(axes)
    if left.iso != right.iso:
        matrix, c, scalar = (left, b, right) if right.iso else (right, a, left)
        if matrix.rank == 2 and matrix.shape[0] == matrix.shape[1]:
            full = c[..., None, None] * torch.eye(matrix.shape[0], dtype=c.dtype)
            a, b = (a, full) if right.iso else (full, b)
        elif not is_zero(scalar) and matrix.rank != 0:
            raise SidesDiffer("a multiple of I is compared with something that is not a square matrix")
    elif left.rank != right.rank or left.shape != right.shape:
        if is_zero(right):
            b = b.reshape(b.shape + (1,) * left.rank)
        elif is_zero(left):
            a = a.reshape(a.shape + (1,) * right.rank)
        elif {s for v in (left, right) for s in v.shape} <= {1}:
            a, b = a.reshape(a.shape[: a.dim() - left.rank]), b.reshape(b.shape[: b.dim() - right.rank])
        else:
            raise SidesDiffer(f"the sides have different shapes: {_said(left)} and {_said(right)}")
    a, b = torch.broadcast_tensors(a.detach(), b.detach())
    return a, b, axes


def _said(v: Value) -> str:
    return {0: "a scalar", 1: f"a column of {v.shape[0]}" if v.rank == 1 else "", 2: f"a {'×'.join(map(str, v.shape))} matrix"}[v.rank]


def compare(left: Value, right: Value, worlds: int, magnitude: Tensor | None = None, *, quadrature: bool = False) -> Comparison:
    """How far two values are apart, world by world."""
    a, b, _ = aligned(left, right)
    a = a.expand(worlds, *a.shape[1:]).reshape(worlds, -1)
    b = b.expand(worlds, *b.shape[1:]).reshape(worlds, -1)
    good = torch.isfinite(a) & torch.isfinite(b)
    zero = torch.zeros((), dtype=a.dtype)
    gap = torch.where(good, (a - b).abs(), zero)
    size = torch.where(good, torch.maximum(a.abs(), b.abs()), zero)
    unit = size.amax(-1)
    if magnitude is not None:
        unit = torch.maximum(unit, magnitude)
    clear, rounding = (1e-4, 1e-7) if quadrature else (1e-6, 1e-9)
    return Comparison(gap.amax(-1), unit, good.any(-1), a, b, rounding, clear)


def summands(t: Term) -> list[Term]:
    """The terms whose sizes bound the rounding of a sum."""
    match t:
        case Add(terms):
            return [s for x in terms for s in summands(x)]
        case Negate(body):
            return summands(body)
        case _:
            return [t]


def magnitude(values: list[Value], worlds: int) -> Tensor | None:
    """The largest finite number among the values, world by world."""
    if not values:
        return None
    out = torch.zeros(worlds, dtype=torch.float64)
    for v in values:
        flat = v.data.detach().abs()
        flat = torch.where(torch.isfinite(flat), flat, torch.zeros((), dtype=flat.dtype))
        out = torch.maximum(out, flat.reshape(flat.shape[0], -1).amax(-1).expand(worlds))
    return out
