r"""Gaussian variables bound to quadrature nodes.

Main definitions: `Binding`, `bind_family`, `bind_joint`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import final

import numpy as np
import torch
from torch import Tensor

from derivcheck.interpreters.exact.conditionals import atoms, conditional, log_of_keys
from derivcheck.interpreters.exact.factors import dimension, direct_parts, parts_of
from derivcheck.interpreters.exact.keys import base_name, symbol_at
from derivcheck.interpreters.exact.linear import cholesky, linear_joint
from derivcheck.interpreters.exact.tables import Joint
from derivcheck.interpreters.exact.values import (
    ONE,
    CannotEvaluate,
    ShapesDiffer,
    Value,
    add,
    is_zero,
    scale,
    sum_over,
)
from derivcheck.interpreters.exact.world import Env, World
from derivcheck.terms.term import (
    FamilyDensity,
    Symbol,
    Term,
)

MAX_POINTS = 1_000_000


@final
@dataclass(frozen=True)
class Binding:
    """Variables bound by a law or a measure: where they stand, the axes to sum, the weights.

    weights: factors of the weight (no logarithms), so that each axis is summed with what lies on it.
    """

    env: Env
    axes: tuple[str, ...] = ()
    weights: tuple[Value, ...] = ()

    @property
    def weight(self) -> Value:
        """The weight in one piece."""
        return _multiplied(self.weights)

    def mean(self, v: Value) -> Value:
        """Σ weight · v over the bound axes."""
        return weighted_sum(v, self.weights, self.axes)


def _multiplied(factors: Sequence[Value]) -> Value:
    out = factors[0] if factors else ONE
    for f in factors[1:]:
        out = scale(out, f)
    return out


def weighted_sum(v: Value, weights: Sequence[Value], axes: Sequence[str]) -> Value:
    """Σ over axes of the product of the weights and v, one axis after the other.

    A factor is multiplied in when an axis of its own is summed: no grid is larger than it must be.
    """
    left = list(weights)
    for axis in axes:
        mine = [w for w in left if axis in w.axes]
        left = [w for w in left if axis not in w.axes]
        if axis in v.axes:
            v = sum_over(scale(_multiplied(mine), v) if mine else v, axis, None, 1)
        elif mine:
            left.append(sum_over(_multiplied(mine), axis, None, 1))
    for w in left:
        v = scale(w, v)
    return v


@lru_cache(maxsize=32)
def _rule(kind: str, m: int) -> tuple[Tensor, Tensor]:
    """Standard nodes and probabilities: Gauss-Hermite, or the trapezoid on ± 7 sd and more with more nodes."""
    if kind == "hermite":
        x, w = np.polynomial.hermite_e.hermegauss(m)
        return torch.tensor(x), torch.tensor(w / w.sum())
    reach = 7.0 + max(0, m - 41) / 12.0
    x = np.linspace(-reach, reach, m)
    w = np.exp(-0.5 * x * x)
    return torch.tensor(x), torch.tensor(w / w.sum())


def nodes_of(world: World, dims: int, *, polynomial: bool = False) -> tuple[Tensor, Tensor]:
    """Nodes for one coordinate out of `dims` that are bound at once."""
    refine = world.setting.refine
    if world.polynomial or polynomial:
        return _rule("hermite", 3 + 2 * refine if refine >= 0 else 6 + refine)
    if world.setting.kind == "linear" and (refine <= 0 or dims > 2):  # exact for polynomials
        return _rule("hermite", 4 + 3 * refine if refine >= 0 else 9 + 3 * refine)
    counts = {1: 41, 2: 25, 3: 17}
    if dims not in counts:
        raise CannotEvaluate(f"{dims} continuous coordinates at once are too many to integrate")
    return _rule("trapezoid", counts[dims] + (16 * max(refine, 0)))


def bind_family(law: FamilyDensity, over: tuple[Term, ...], world: World, env: Env) -> Binding:
    """Bind a variable by an explicit law: E_{ε ~ N(0, I)}."""
    keys = [k for o in over for k in world.keys(o, env.indices)]
    if not keys and isinstance(law.point, Symbol):
        keys = list(world.keys(law.point, env.indices))
    if law.family != "gaussian":
        raise CannotEvaluate(f"expectations under the family {law.family} are not evaluated")
    shape = world.shape_of_variable(base_name(keys[0])) if keys else ()
    mean, cov = (world.value(p, env) for p in law.parameters)
    size = shape[0] if shape else max((v.shape[0] for v in (mean, cov) if v.rank), default=1)
    if not shape and max(mean.rank, cov.rank) > 0:
        shape = (size,)
    data = mean.data
    if mean.rank == 0:
        if shape and size > 1 and not is_zero(mean):
            raise ShapesDiffer("a scalar mean for a column")
        data = mean.data.unsqueeze(-1).expand(*mean.data.shape, size)
    root = _root_value(cov, size, world)
    return _bind_normal(
        keys or ["*point"],
        Value(mean.axes, data, 1),
        root,
        {k: (0, size, bool(shape)) for k in keys or ["*point"]},
        world,
        env,
    )


def _root_value(cov: Value, size: int, world: World) -> Value:
    if cov.rank == 0:
        eye = torch.eye(size, dtype=torch.float64)
        return Value(cov.axes, torch.sqrt(cov.data)[..., None, None] * eye, 2)
    return Value(cov.axes, torch.linalg.cholesky(cov.data), 2)


def _bind_normal(
    keys: list[str],
    mean: Value,
    root: Value,
    places: dict[str, tuple[int, int, bool]],
    world: World,
    env: Env,
    *,
    polynomial: bool = False,
) -> Binding:
    """Nodes x = mean + root·u for a stacked column, each coordinate of u an axis."""
    n = mean.shape[0]
    u, w = nodes_of(world, n, polynomial=polynomial)
    tag = next(world.fresh)
    axes = tuple(f"{keys[0]}.{i}#{tag:09d}" for i in range(n))
    bounded(world, env, len(u), n)
    bound: dict[str, Value] = {}
    for key, (start, d, column) in places.items():
        block = Value(mean.axes, mean.data[..., start : start + d], 1)
        for i in range(min(start + d, n)):
            column_i = root.data[..., start : start + d, i]
            if i < start and not bool(column_i.any()):  # independent of what stands before it
                continue
            coordinate = Value((axes[i],), u.unsqueeze(0))
            block = add(block, scale(coordinate, Value(root.axes, column_i, 1)))
        bound[key] = block if column else Value(block.axes, block.data.squeeze(-1))
    weights = tuple(Value((a,), w.unsqueeze(0)) for a in axes)
    return Binding(env.with_values(bound), axes, weights)


def bounded(world: World, env: Env, m: int = 1, n: int = 0) -> None:
    """Refuse a grid of m nodes in n coordinates that would be too large beside what is bound already."""
    sizes: dict[str, int] = {}
    for _, v in env.values.values():
        sizes.update(zip(v.axes, v.data.shape[1:], strict=False))
    total = world.setting.worlds * m**n * math.prod(sizes.values())
    if total > MAX_POINTS:
        raise CannotEvaluate("too many continuous coordinates at once to integrate")


def bind_joint(joint: Joint, event: list[str], given: list[str], world: World, env: Env) -> Binding:
    """Bind continuous variables (and atoms) of a joint: those of the event, and no others."""
    bound = _bind_with_atoms(joint, event, given, world, env)
    others = set(joint.variables) - set(event)
    if all(env.values.get(k) is bound.env.values.get(k) for k in others):
        return bound
    values = {k: v for k, v in bound.env.values.items() if k not in others}
    values.update({k: env.values[k] for k in others if k in env.values})
    return Binding(Env(bound.env.indices, values, bound.env.laws), bound.axes, bound.weights)


def _bind_with_atoms(joint: Joint, event: list[str], given: list[str], world: World, env: Env) -> Binding:
    parts = parts_of(joint, world)
    roots = {
        k: p.factor.density
        for p in parts
        if p.family is None and not p.factor.given
        for k in p.factor.event
    }
    binding = Binding(env)
    still_open = [k for k in roots if k not in given]
    if direct_parts(joint, event, given, world) is not None:  # a kernel needs no law of x_0
        still_open = []
    if world.setting.kind == "smooth" and still_open:
        binding = _bind_atoms(joint, roots, given, world, env)
        given = [*given, *still_open]
        event = [k for k in event if k not in roots]
    if not event:  # a variable given itself has nothing to bind
        return binding
    direct = direct_parts(joint, event, given, world)
    if direct is not None and all(p.family and p.family.family == "gaussian" for p in direct):
        for p in direct:
            assert p.family is not None
            over = tuple(symbol_at(k) for k in p.factor.event)
            more = bind_family(p.family, over, world, binding.env.with_indices(p.indices))
            binding = _joined(binding, more, env)
        return binding
    lin = linear_joint(joint, world, binding.env)
    if any(k not in lin.offsets for k in event):
        raise CannotEvaluate(
            f"the law of {', '.join(event)} under {joint.name} has no closed form here"
        )
    mean, cov = conditional(lin, tuple(event), tuple(given), world, binding.env)
    places: dict[str, tuple[int, int, bool]] = {}
    start = 0
    for k in event:
        d = dimension(k, world)
        places[k] = (start, d, bool(world.shape_of_variable(base_name(k))))
        start += d
    return _joined(
        binding,
        _bind_normal(event, mean, Value((), cholesky(cov), 2), places, world, binding.env),
        env,
    )


def _bind_atoms(joint: Joint, roots: Mapping[str, str], given: list[str], world: World, env: Env) -> Binding:
    """Bind the variables without a family to their atoms, weighted by what is known of the others."""
    binding = Binding(env)
    for k in [k for k in roots if k not in given]:
        value, log_w, axis = atoms(k, roots[k], world)
        weights = (*binding.weights, log_w.with_data(torch.exp(log_w.data)))
        binding = Binding(binding.env.with_values({k: value}), (*binding.axes, axis), weights)
    known = [k for k in given if k not in roots]
    if not known:
        return binding
    likelihood = log_of_keys(joint, known, list(roots), world, binding.env)
    joint_weight = scale(binding.weight, likelihood.with_data(torch.exp(likelihood.data)))
    total = joint_weight
    for axis in binding.axes:
        total = sum_over(total, axis, None, 1)
    weights = (total.with_data(1 / total.data), joint_weight)
    return Binding(binding.env, binding.axes, weights)


def _joined(first: Binding, second: Binding, env: Env) -> Binding:
    here = Env(env.indices, second.env.values, second.env.laws)
    return Binding(here, (*first.axes, *second.axes), (*first.weights, *second.weights))
