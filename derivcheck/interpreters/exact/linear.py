r"""Joints of declared Gaussian factors as affine maps of standard noises.

A joint whose factors are N(affine, constant) is kept as  v = b + Σ_r A_r r + Σ_e L_e e  (r: what it is
conditioned on, e: standard noises), from which every conditional follows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import final

import torch
from torch import Tensor

from derivcheck.interpreters.exact.factors import Part, dimension, parts_of
from derivcheck.interpreters.exact.keys import base_name
from derivcheck.interpreters.exact.mentions import free_variables
from derivcheck.interpreters.exact.regular import regular
from derivcheck.interpreters.exact.tables import Joint
from derivcheck.interpreters.exact.values import (
    CannotEvaluate,
    ShapesDiffer,
    Value,
    is_zero,
)
from derivcheck.interpreters.exact.world import Env, World


@final
@dataclass(frozen=True)
class Linear:
    """v = b_v + Σ_r A_{v,r} r + L_v e for every continuous variable v of a joint."""

    name: str
    offsets: dict[str, Tensor]  # [W, d]
    roots: dict[str, dict[str, Tensor]]  # v -> r -> [W, d, d_r]
    noise: dict[str, Tensor]  # v -> [W, d, n]
    atoms: dict[str, str]  # roots with a law of their own (atoms), and the density that it is of
    gains: dict[object, tuple[Tensor, Tensor]] = field(default_factory=dict)  # conditionals: by (event, given)


def linear_joint(joint: Joint, world: World, env: Env) -> Linear:
    """The affine form of a joint, or CannotEvaluate if a mean is not affine."""
    names = world.reach.get(joint.name, frozenset({joint.name})).union(base_name(k) for k in joint.variables)
    world = world.home(names)
    memo = world.linear_joints
    tokens = tuple(
        sorted((k, v[0]) for k, v in env.values.items() if base_name(k) not in world.variable_names)
    )
    said = () if _by_itself(joint, world, env) else world.on_paths(names, env)
    at = joint, (*tokens, *said)
    if at not in memo:
        memo[at] = _linear(joint, world, env)
    return memo[at]


def _by_itself(joint: Joint, world: World, env: Env) -> bool:
    """Whether the factors' parameters hang on what the factors are given and on no other variable that has a path."""
    at = joint, env.standing
    found = world.by_themselves.get(at)
    if found is None:
        found = world.by_themselves[at] = not any(
            key not in p.factor.given and not world.facts.ends.isdisjoint(world.reach.get(base_name(key), frozenset({base_name(key)})))
            for p in parts_of(joint, world)
            if p.family is not None
            for x in p.family.parameters
            for key in free_variables(x, world, env.with_indices(p.indices))
        )
    return found


def _linear(joint: Joint, world: World, env: Env) -> Linear:
    parts = parts_of(joint, world)
    w = world.setting.worlds
    smooth = world.setting.kind == "smooth"
    bare = [p.factor for p in parts if p.family is None and not p.factor.given and smooth]
    atoms = {k: f.density for f in bare for k in f.event}
    events = [k for p in parts for k in p.factor.event if k not in atoms]
    dims = {k: dimension(k, world) for k in joint.variables}
    total = sum(dims[k] for k in events)
    roots = [*joint.roots, *atoms]
    lin = Linear(joint.name, {}, {}, {}, atoms)
    place = 0
    for p in parts:
        for key in p.factor.event:
            if key in atoms:
                continue
            d = dims[key]
            c, maps, chol = _affine(p, key, dims, world, env)
            offset, noise = c, torch.zeros(w, d, total, dtype=torch.float64)
            noise[:, :, place : place + d] = chol
            of_roots = {r: torch.zeros(w, d, dims[r], dtype=torch.float64) for r in roots}
            for g, a in maps.items():
                if g in roots:
                    of_roots[g] = of_roots[g] + a
                    continue
                offset = offset + (a @ lin.offsets[g].unsqueeze(-1)).squeeze(-1)
                noise = noise + a @ lin.noise[g]
                for r in roots:
                    of_roots[r] = of_roots[r] + a @ lin.roots[g][r]
            lin.offsets[key], lin.noise[key], lin.roots[key] = offset, noise, of_roots
            place += d
    return lin


def _affine(
    p: Part, key: str, dims: dict[str, int], world: World, env: Env
) -> tuple[Tensor, dict[str, Tensor], Tensor]:
    """Offset, maps and a root of the covariance of one factor."""
    w, d = world.setting.worlds, dims[key]
    if p.family is None:
        if p.factor.given:
            raise CannotEvaluate(
                f"{key.replace('@', '_')} has no family, so its conditionals are not known here"
            )
        own = f"{p.factor.density}({key})"  # two densities of one variable are two laws
        a = world.draws.normal(f"{own}@root", d, d) * 0.3 + 0.8 * torch.eye(d, dtype=torch.float64)
        return world.draws.normal(f"{own}@offset", d), {}, a
    if p.family.family != "gaussian":
        raise CannotEvaluate(f"the family {p.family.family} has no linear form")
    here = env.with_indices(p.indices)
    zeros = {
        g: _filled(torch.zeros(1, 1, dims[g], dtype=torch.float64), g, world)
        for g in p.factor.given
    }
    mean_0 = _column(world.value(p.family.parameters[0], here.with_values(zeros)), d, w)
    maps: dict[str, Tensor] = {}
    for g in p.factor.given:
        probe = torch.cat(
            [
                torch.eye(dims[g], dtype=torch.float64),
                torch.full((1, dims[g]), 0.7, dtype=torch.float64),
            ]
        ).unsqueeze(0)
        at = world.value(
            p.family.parameters[0], here.with_values({**zeros, g: _filled(probe, g, world)})
        )
        columns = _column(at, d, w, basis=dims[g] + 1) - mean_0.unsqueeze(1)  # [W, d_g + 1, d]
        a = columns[:, :-1].transpose(1, 2)
        if not torch.allclose(columns[:, -1], a.sum(-1) * 0.7, rtol=1e-9, atol=1e-10):
            raise CannotEvaluate(
                f"the mean of {p.factor.density} is not linear, so its conditionals are not known here"
            )
        maps[g] = a
    cov = world.value(p.family.parameters[1], here.with_values(zeros))
    return mean_0, maps, cholesky(_covariance(cov, d, w))


def _filled(data: Tensor, key: str, world: World) -> Value:
    """Probe points [1, k, d] as a value over the axis of probes."""
    if world.shape_of_variable(base_name(key)):
        return Value(("*basis",), data, 1)
    return Value(("*basis",), data.squeeze(-1))


def _column(v: Value, d: int, worlds: int, basis: int = 1) -> Tensor:
    """[W, d] or [W, basis, d]."""
    if set(v.axes) - {"*basis"}:
        raise CannotEvaluate(
            "a mean that varies with a variable that the density does not condition on"
        )
    data = v.data if "*basis" in v.axes else v.data.unsqueeze(1)
    if v.rank == 0:
        data = (
            data.unsqueeze(-1).expand(*data.shape, d)
            if d == 1 or is_zero(v)
            else data.unsqueeze(-1)
        )
    out = data.expand(worlds, basis, d)
    return out[:, 0] if basis == 1 else out


def _covariance(cov: Value, d: int, worlds: int) -> Tensor:
    if set(cov.axes) - {"*basis"}:
        raise CannotEvaluate("a covariance that varies with a variable")
    data = cov.data.select(1, 0) if "*basis" in cov.axes else cov.data
    if cov.rank == 0:
        return (data[..., None, None] * torch.eye(d, dtype=torch.float64)).expand(worlds, d, d)
    if cov.shape != (d, d):
        raise ShapesDiffer(f"a covariance of shape {cov.shape} for {d} coordinates")
    return data.expand(worlds, d, d)


def cholesky(cov: Tensor) -> Tensor:
    """A root of a covariance; not a number where it has none."""
    root, info = torch.linalg.cholesky_ex(regular(cov))
    return torch.where((info == 0)[:, None, None], root, torch.full_like(root, math.nan))
