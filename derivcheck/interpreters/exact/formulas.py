r"""Log densities of the named families at a point."""

from __future__ import annotations

import math

import torch

from derivcheck.interpreters.exact.regular import regular
from derivcheck.interpreters.exact.values import (
    CannotEvaluate,
    ShapesDiffer,
    Value,
    add,
    broadcast_lead,
    mapped,
    negative,
    union,
)
from derivcheck.interpreters.exact.world import Env, World
from derivcheck.terms.term import (
    FamilyDensity,
)


def log_family(t: FamilyDensity, point: Value, world: World, env: Env) -> Value:
    """log density of a family at a point, with its parameters evaluated here."""
    values = [world.value(p, env) for p in t.parameters]
    match t.family, len(values):
        case "gaussian", 2:
            return log_gaussian(point, values[0], values[1])
        case "bernoulli", 1:
            return _log_bernoulli(point, values[0])
        case _:
            raise CannotEvaluate(
                f"the family {t.family} with {len(values)} parameters has no density here"
            )


def log_gaussian(x: Value, mean: Value, cov: Value) -> Value:
    """log N(x; mean, cov) = -½ (d log 2π + log|cov| + (x-mean)ᵀ cov⁻¹ (x-mean)), in nats."""
    gap = add(x, negative(mean))
    if gap.rank > 1:
        raise ShapesDiffer("a Gaussian density of a matrix")
    d = gap.shape[0] if gap.rank == 1 else 1
    if cov.rank == 0:
        square = Value(gap.axes, (gap.data**2).sum(-1) if gap.rank == 1 else gap.data**2)
        axes = union(square, cov)
        v = cov.spread(axes)
        return Value(
            axes, -0.5 * (d * math.log(2 * math.pi) + d * torch.log(v) + square.spread(axes) / v)
        )
    if cov.rank != 2 or gap.rank != 1 or cov.shape != (d, d):
        raise ShapesDiffer(
            f"a Gaussian with mean of shape {gap.shape} and covariance of shape {cov.shape}"
        )
    axes, cov = union(gap, cov), cov.with_data(regular(cov.data))
    c, g = cov.spread(axes), gap.spread(axes)
    if cov.axes:
        lead = broadcast_lead(c.shape[:-2], g.shape[:-1])
        solved = torch.linalg.solve_ex(c.expand(*lead, d, d), g.expand(*lead, d)).result
    else:
        solved = mapped(torch.linalg.inv_ex(cov.data).inverse, g)
    sign, logdet = torch.linalg.slogdet(c)
    logdet = torch.where(sign > 0, logdet, torch.full_like(logdet, math.nan))
    return Value(axes, -0.5 * (d * math.log(2 * math.pi) + logdet + (g * solved).sum(-1)))


def _log_bernoulli(x: Value, p: Value) -> Value:
    axes = union(x, p)
    a, b = x.spread(axes), p.spread(axes)
    out = a * torch.log(b) + (1 - a) * torch.log1p(-b)
    return Value(axes, out.sum(-1) if max(x.rank, p.rank) == 1 else out)
