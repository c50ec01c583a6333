"""What a probability family is: parameters in the order of the page, support, draws, log density, moments.

Main definitions: `Family`, `Parameter`, `Values`, `OutsideDomain`, `ShapesDiffer`, and what parameters may be required to be.
All parameters of a call have one leading axis: of length 1 (one law for all draws) or n (a law for each draw).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from typing import final

import numpy as np
import torch
from torch import Tensor

Values = tuple[Tensor, ...]
"""One tensor for each parameter, in the order of the page: shape (1 or n, *event of the parameter)."""


class OutsideDomain(ValueError):
    """A parameter that its family does not allow."""


class ShapesDiffer(ValueError):
    """Parameters or points whose shapes do not fit one another."""


@final
@dataclass(frozen=True)
class Parameter:
    """One parameter: its letter on the page, what it must be, and whether it is, over its event axes.

    ndims: how many event axes it may have (a mean: 0 or 1). holds: (b, *event) -> (b,), true where it may be.
    """

    letter: str
    must: str
    holds: Callable[[Tensor], Tensor]
    ndims: tuple[int, ...] = (0,)


@final
@dataclass(frozen=True)
class Family:
    """A declared family. Shapes: values as in `Values`; x (n, *event); log_prob (n,); everything in nats.

    name: as `notation.ways.family` calls it. support: LaTeX. discrete: its density is by the counting measure.
    contains: (values, x) -> (n,), whether x is in the support. mean: (b, *event). variance: (b,), or the
    covariance (b, d, d) of a vector. event: the shape of one draw. random_instance: values with b = 1, chosen to be no special case.
    """

    _: KW_ONLY
    name: str
    latex: str
    parameters: tuple[Parameter, ...]
    support: str
    source: str
    draw: Callable[[Values, int, torch.Generator], Tensor]
    log_density: Callable[[Values, Tensor], Tensor]
    contains: Callable[[Values, Tensor], Tensor]
    mean: Callable[[Values], Tensor]
    variance: Callable[[Values], Tensor]
    random_instance: Callable[[np.random.Generator], Values]
    fits: Callable[[Values], bool] = lambda _: True
    event: Callable[[Values], tuple[int, ...]] = lambda _: ()
    discrete: bool = False

    def sample(self, values: Values, n: int, generator: torch.Generator, device: torch.device) -> Tensor:
        """n draws, shape (n, *event), in the parameters' type.

        Raises:
            OutsideDomain, ShapesDiffer: as `check`, and if there are laws for another number of draws.
        """
        self.check(values)
        rows = {len(v) for v in values} - {1, n}
        if rows:
            raise ShapesDiffer(f"{self.latex}: parameters for {max(rows)} draws, but n = {n}: give 1 or {n} rows")
        return self.draw(tuple(v.to(device) for v in values), n, generator)

    def log_prob(self, values: Values, x: Tensor) -> Tensor:
        """log density at x in nats, shape (n,): −∞ outside the support.

        Raises:
            OutsideDomain, ShapesDiffer: as `check`, and if x has not the event's shape.
        """
        self.check(values)
        event = self.event(values)
        if x.ndim == 0 or tuple(x.shape[1:]) != event:
            raise ShapesDiffer(f"{self.latex}: points of shape {tuple(x.shape)}: wanted (n{''.join(f', {k}' for k in event)})")
        placed = tuple(v.to(x.device) for v in values)
        point = x.to(placed[0].dtype)
        # outside the support the formula may be anything, NaN too
        return torch.where(self.contains(placed, point), self.log_density(placed, point), -torch.inf)

    def check(self, values: Values) -> None:
        """Look at parameters.

        Raises:
            ShapesDiffer: not as many as the family has, or shapes that do not fit.
            OutsideDomain: one is not what it must be (a NaN is nothing).
        """
        letters = ", ".join(p.letter for p in self.parameters)
        if len(values) != len(self.parameters):
            raise ShapesDiffer(f"{self.latex}: {len(values)} parameters: it has {letters}")
        for parameter, value in zip(self.parameters, values, strict=True):
            if value.ndim - 1 not in parameter.ndims:
                axes = " or ".join(map(str, parameter.ndims))
                raise ShapesDiffer(
                    f"{self.latex}: {parameter.letter} has shape {tuple(value.shape)}: "
                    f"wanted one leading axis (1 or n) and {axes} more"
                )
            if not bool(parameter.holds(value).all()):
                raise OutsideDomain(f"{self.latex}: {parameter.letter} must be {parameter.must}")
        if not self.fits(values):
            shapes = ", ".join(str(tuple(v.shape)) for v in values)
            raise ShapesDiffer(f"{self.latex}: {letters} of shapes {shapes} do not fit one another")


def real(value: Tensor) -> Tensor:
    """Finite, in every entry."""
    return torch.isfinite(value).reshape(len(value), -1).all(1)


def positive(value: Tensor) -> Tensor:
    """In (0, ∞), in every entry."""
    return ((value > 0) & torch.isfinite(value)).reshape(len(value), -1).all(1)


def probability(value: Tensor) -> Tensor:
    """In [0, 1]."""
    return (value >= 0) & (value <= 1)


def simplex(value: Tensor) -> Tensor:
    """Not negative, with sum 1 over the last axis."""
    return (value >= 0).all(-1) & ((value.sum(-1) - 1).abs() <= 1e-6)


def whole(x: Tensor, least: float = 0.0) -> Tensor:
    """Whether x is a whole number, at least `least`: the support of counts."""
    return (x >= least) & (x == x.round()) & torch.isfinite(x)


def spread(value: Tensor, n: int) -> Tensor:
    """The value for each of n draws, shape (n, *event)."""
    return value.expand(n, *value.shape[1:])


def one(*numbers: float | list[float] | np.ndarray) -> Values:  # type: ignore[type-arg]
    """Parameters of one law, float64, each with its leading axis of length 1."""
    return tuple(torch.as_tensor(x, dtype=torch.float64)[None] for x in numbers)
