r"""Densities with declared families: direct formulas, conditionals by Schur complement, quadrature.

A joint whose factors are N(affine, constant) is kept as  v = b + Σ_r A_r r + Σ_e L_e e  (r: what it is
conditioned on, e: standard noises), from which every conditional follows (Bishop 2006, eq. 2.81-2.82).
A variable without a family has atoms (smooth worlds) or a random Gaussian law (linear worlds).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, final

import numpy as np
import torch
from torch import Tensor

from derivcheck.interpreters.exact.indices import matched
from derivcheck.interpreters.exact.values import (
    CannotEvaluate,
    ShapesDiffer,
    Value,
    add,
    broadcast_lead,
    is_zero,
    rename,
    scale,
    sum_over,
    union,
)
from derivcheck.terms.term import Density, FamilyDensity, Moment, Number, Symbol, SymbolRange, Term

if TYPE_CHECKING:
    from derivcheck.interpreters.exact.probability import Binding
    from derivcheck.interpreters.exact.tables import GroundFactor, Joint
    from derivcheck.interpreters.exact.world import Env, World

MAX_POINTS = 1_000_000


# --- families at a point -----------------------------------------------------------------------------


def log_family(t: FamilyDensity, point: Value, world: World, env: Env) -> Value:
    """log density of a family at a point, with its parameters evaluated here."""
    values = [world.value(p, env) for p in t.parameters]
    match t.family, len(values):
        case "gaussian", 2:
            return log_gaussian(point, values[0], values[1])
        case "bernoulli", 1:
            return _log_bernoulli(point, values[0])
        case _:
            raise CannotEvaluate(f"the family {t.family} with {len(values)} parameters has no density here")


def log_gaussian(x: Value, mean: Value, cov: Value) -> Value:
    """log N(x; mean, cov) = -½ (d log 2π + log|cov| + (x-mean)ᵀ cov⁻¹ (x-mean)), in nats."""
    gap = add(x, mean.with_data(-mean.data))
    if gap.rank > 1:
        raise ShapesDiffer("a Gaussian density of a matrix")
    d = gap.shape[0] if gap.rank == 1 else 1
    if cov.rank == 0:
        square = Value(gap.axes, (gap.data**2).sum(-1) if gap.rank == 1 else gap.data**2)
        axes = union(square, cov)
        v = cov.spread(axes)
        return Value(axes, -0.5 * (d * math.log(2 * math.pi) + d * torch.log(v) + square.spread(axes) / v))
    if cov.rank != 2 or gap.rank != 1 or cov.shape != (d, d):
        raise ShapesDiffer(f"a Gaussian with mean of shape {gap.shape} and covariance of shape {cov.shape}")
    axes = union(gap, cov)
    c, g = cov.spread(axes), gap.spread(axes)
    lead = broadcast_lead(c.shape[:-2], g.shape[:-1])
    solved = torch.linalg.solve(c.expand(*lead, d, d), g.expand(*lead, d))
    sign, logdet = torch.linalg.slogdet(c)
    logdet = torch.where(sign > 0, logdet, torch.full_like(logdet, math.nan))
    return Value(axes, -0.5 * (d * math.log(2 * math.pi) + logdet + (g * solved).sum(-1)))


def _log_bernoulli(x: Value, p: Value) -> Value:
    axes = union(x, p)
    a, b = x.spread(axes), p.spread(axes)
    out = a * torch.log(b) + (1 - a) * torch.log1p(-b)
    return Value(axes, out.sum(-1) if max(x.rank, p.rank) == 1 else out)


# --- joints --------------------------------------------------------------------------------------------


@final
@dataclass(frozen=True)
class Part:
    """One ground factor with its family at these indices."""

    factor: GroundFactor
    family: FamilyDensity | None
    indices: dict[str, int]


def _joint(name: str, given: list[str], world: World) -> Joint:
    """The joint of a density; roots that nothing gives a value get a random law of their own."""
    from derivcheck.interpreters.exact.tables import GroundFactor, Joint

    joint = world.joint(name)
    if set(joint.roots) <= set(given):
        return joint
    return Joint(joint.name, (*(GroundFactor(joint.name, (r,), ()) for r in joint.roots), *joint.factors))


def _parts(joint: Joint, world: World) -> tuple[Part, ...]:
    """The factors of a joint in an order in which conditions come first."""
    memo = world.__dict__.setdefault("*parts", {})
    if joint in memo:
        return memo[joint]
    out: list[Part] = []
    left = list(joint.factors)
    known = set(joint.roots)
    while left:
        ready = [f for f in left if set(f.given) <= known]
        if not ready:
            raise CannotEvaluate(f"the factors of {joint.name} go round in a circle")
        for f in ready:
            family, indices = _family_of(f, world)
            out.append(Part(f, family, indices))
            known.update(f.event)
            left.remove(f)
    memo[joint] = tuple(out)
    return memo[joint]


def _family_of(f: GroundFactor, world: World) -> tuple[FamilyDensity | None, dict[str, int]]:
    fixed = world.fixed
    for declared in world.signature.families:
        if declared.density.name != f.density:
            continue
        found = _matched_keys(declared.density.event, f.event, fixed)
        if found is not None and len(declared.density.event) == len(f.event):
            given = _matched_keys(declared.density.given, f.given, {**fixed, **found})
            if given is not None:
                return declared.family, {**found, **given}
    return None, {}


def _matched_keys(pattern: tuple[Term, ...], keys: tuple[str, ...], fixed: dict[str, int]) -> dict[str, int] | None:
    from fractions import Fraction

    if len(pattern) != len(keys):
        return None
    out: dict[str, int] = {}
    for p, key in zip(pattern, keys, strict=True):
        name, _, index = key.partition("@")
        if not isinstance(p, Symbol) or p.name != name:
            return None
        if not p.index and not index:
            continue
        if not index.lstrip("-").isdigit():
            return None
        found = matched(p.index, (Number(Fraction(int(index))),), {}, {**fixed, **out})
        if found is None:
            return None
        out.update(found)
    return out


def log_density(t: Density, world: World, env: Env) -> Value:
    """log of a density whose factors have families."""
    event, given, env = _ground(t, world, env)
    joint = _joint(t.name, given, world)
    observed = discrete_variable(joint, world)
    if observed is not None and set(event) - set(given):
        return _log_mixed(joint, observed, event, given, world, env)
    direct = _direct(joint, event, given, world)
    if direct is not None:
        return _log_direct(direct, world, env)
    left = [k for k in event if k not in given]
    if not left:
        return Value((), torch.zeros(1, dtype=torch.float64))
    lin = linear_joint(joint, world, env)
    return _log_conditional(lin, tuple(left), tuple(given), world, env)


def _ground(t: Density, world: World, env: Env) -> tuple[list[str], list[str], Env]:
    """Slots of the event and conditions; terms that are not variables are bound to their slots."""
    variables = world.joint(t.name).variables
    bound: dict[str, Value] = {}
    out: list[list[str]] = [[], []]
    for side, terms in enumerate((t.event, t.given)):
        for x in terms:
            if isinstance(x, Symbol | SymbolRange):
                for key in world.keys(x, env.indices):
                    slot = key if key in variables else key.split("@")[0]
                    if slot not in variables:
                        if len(variables) != 1 or len(terms) != 1:
                            raise CannotEvaluate(f"the density {t.name} is not declared over {key.replace('@', '_')}")
                        slot = variables[0]
                    if slot != key:
                        bound[slot] = world.value(x, env)
                    out[side].append(slot)
            elif side == 0 and len(t.event) == 1 and len(world.joint(t.name).events) == 1:
                slot = world.joint(t.name).events[0]
                bound[slot] = world.value(x, env)
                out[side].append(slot)
            else:
                raise CannotEvaluate(f"{t.name} at something other than its variables has no value here")
    return out[0], out[1], env.with_values(bound) if bound else env


def discrete_variable(joint: Joint, world: World) -> str | None:
    r"""The one variable of a joint that has no family and is conditioned on ones that have: x of `p(x|z) p(z)`.

    In smooth worlds it has finitely many nodes, with probabilities that are smooth functions of the others.
    """
    if world.setting.kind != "smooth":
        return None
    try:
        parts = _parts(joint, world)
    except CannotEvaluate:
        return None
    bare = [p for p in parts if p.family is None and p.factor.given]
    rest = [p for p in parts if p not in bare]
    if len(bare) != 1 or len(bare[0].factor.event) != 1 or any(p.family is None for p in rest) or not rest:
        return None
    (key,) = bare[0].factor.event
    return key if not any(key in p.factor.given for p in rest) else None


def _log_mixed(joint: Joint, observed: str, event: list[str], given: list[str], world: World, env: Env) -> Value:
    """log of a marginal or conditional of p(x|z) p(z): the z that are not named are integrated out."""
    top = _log_marginal(joint, observed, [k for k in (*event, *given)], world, env)
    if not given:
        return top
    bottom = _log_marginal(joint, observed, list(given), world, env)
    return add(top, bottom.with_data(-bottom.data))


def _log_marginal(joint: Joint, observed: str, keys: list[str], world: World, env: Env) -> Value:
    parts = _parts(joint, world)
    bare = next(p for p in parts if observed in p.factor.event)
    continuous = _joint_of(joint, [p.factor for p in parts if p is not bare])
    names = [k for k in continuous.events if k in keys]
    hidden = [k for k in continuous.events if k not in keys]
    if observed not in keys:
        if not names:
            return Value((), torch.zeros(1, dtype=torch.float64))
        return _log_of_keys(continuous, names, [], world, env)
    if not hidden:
        log_x = _log_softmax(bare, world, env)
        return add(log_x, _log_of_keys(continuous, names, [], world, env)) if names else log_x
    b = _bind_ground_joint(continuous, hidden, names, world, env)
    log_x = _log_softmax(bare, world, b.env)
    v = scale(b.weight, log_x.with_data(torch.exp(log_x.data)))
    for axis in b.axes:
        v = sum_over(v, axis, None, 1)
    out = v.with_data(torch.log(v.data))
    return add(out, _log_of_keys(continuous, names, [], world, env)) if names else out


def _joint_of(joint: Joint, factors: list[GroundFactor]) -> Joint:
    """A joint of some of the factors."""
    return type(joint)(joint.name, tuple(factors))


def _log_of_keys(joint: Joint, event: list[str], given: list[str], world: World, env: Env) -> Value:
    direct = _direct(joint, event, given, world)
    if direct is not None:
        return _log_direct(direct, world, env)
    return _log_conditional(linear_joint(joint, world, env), tuple(event), tuple(given), world, env)


def _log_softmax(part: Part, world: World, env: Env) -> Value:
    """log p(x | z) on the nodes of x, over the axis of x: a softmax of random smooth functions of z."""
    from derivcheck.interpreters.exact.functions import random_function
    from derivcheck.interpreters.exact.tables import axis_weights

    (key,) = part.factor.event
    inputs = [_at(g, world, env) for g in part.factor.given]
    logits = random_function(world.draws, f"{part.factor.density}@softmax({key})", inputs, (world.nodes,), "real", affine=False)
    log_p = torch.log_softmax(logits.data, -1)
    laid = rename(Value((*logits.axes, "*softmax"), log_p), {"*softmax": key})  # the diagonal if z depends on x
    order = tuple(sorted(laid.axes))
    weights = axis_weights(world, key)
    return add(Value(order, laid.spread(order)), weights.with_data(-weights.data))


def _direct(joint: Joint, event: list[str], given: list[str], world: World) -> list[Part] | None:
    """The factors whose product the conditional is, if nothing has to be integrated or inverted."""
    parts = _parts(joint, world)
    order = [k for p in parts for k in p.factor.event]
    wanted = set(event) - set(given)
    mine = [p for p in parts if set(p.factor.event) & wanted]
    if not mine or any(not set(p.factor.event) <= wanted or not set(p.factor.given) <= wanted | set(given) for p in mine):
        return None
    last = max((order.index(g) for g in given if g in order), default=-1)
    first = min(order.index(k) for k in wanted)
    if last > first:
        return None
    return mine if all(p.family is not None for p in mine) else None


def direct_factors(t: Density, world: World, env: Env) -> list[GroundFactor]:
    """The factors that a density is the product of as it stands (`q(x_{1:T}|x_0)`); empty if it is none."""
    if not t.event:
        return []
    try:
        event, given, _ = _ground(t, world, env)
    except CannotEvaluate:
        return []
    found = _direct(_joint(t.name, given, world), event, given, world)
    return [p.factor for p in found] if found is not None else []


def _log_direct(parts: list[Part], world: World, env: Env) -> Value:
    out: Value | None = None
    for p in parts:
        if p.family is None:
            raise CannotEvaluate("a factor without a family")
        (key,) = p.factor.event
        v = log_family(p.family, _at(key, world, env), world, env.with_indices(p.indices))
        out = v if out is None else add(out, v)
    if out is None:
        raise CannotEvaluate("a density of nothing")
    return out


def _at(key: str, world: World, env: Env) -> Value:
    """The value of the variable at a ground key."""
    from fractions import Fraction

    if key in env.values:
        return env.values[key][1]
    name, _, index = key.partition("@")
    return world.value(Symbol(name, (Number(Fraction(int(index))),) if index else ()), env)


# --- linear joints -------------------------------------------------------------------------------------


@final
@dataclass(frozen=True)
class Linear:
    """v = b_v + Σ_r A_{v,r} r + L_v e for every continuous variable v of a joint."""

    name: str
    offsets: dict[str, Tensor]  # [W, d]
    roots: dict[str, dict[str, Tensor]]  # v -> r -> [W, d, d_r]
    noise: dict[str, Tensor]  # v -> [W, d, n]
    atoms: tuple[str, ...]  # roots with a law of their own (atoms)


def linear_joint(joint: Joint, world: World, env: Env) -> Linear:
    """The affine form of a joint, or CannotEvaluate if a mean is not affine."""
    memo = world.__dict__.setdefault("*linear", {})
    tokens = tuple(sorted((k, v[0]) for k, v in env.values.items() if k.split("@")[0] not in world.variable_names))
    if (joint, tokens) not in memo:
        memo[joint, tokens] = _linear(joint, world, env)
    return memo[joint, tokens]


def _dimension(key: str, world: World) -> int:
    shape = world.shape_of_variable(key.split("@")[0])
    return shape[0] if shape else 1


def _linear(joint: Joint, world: World, env: Env) -> Linear:
    parts = _parts(joint, world)
    w = world.setting.worlds
    smooth = world.setting.kind == "smooth"
    atoms = tuple(k for p in parts if p.family is None and not p.factor.given for k in p.factor.event) if smooth else ()
    events = [k for p in parts for k in p.factor.event if k not in atoms]
    dims = {k: _dimension(k, world) for k in joint.variables}
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


def _affine(p: Part, key: str, dims: dict[str, int], world: World, env: Env) -> tuple[Tensor, dict[str, Tensor], Tensor]:
    """Offset, maps and a root of the covariance of one factor."""
    w, d = world.setting.worlds, dims[key]
    if p.family is None:
        if p.factor.given:
            raise CannotEvaluate(f"{key.replace('@', '_')} has no family, so its conditionals are not known here")
        a = world.draws.normal(f"{key}@root", d, d) * 0.3 + 0.8 * torch.eye(d, dtype=torch.float64)
        return world.draws.normal(f"{key}@offset", d), {}, a
    if p.family.family != "gaussian":
        raise CannotEvaluate(f"the family {p.family.family} has no linear form")
    here = env.with_indices(p.indices)
    zeros = {g: _filled(torch.zeros(1, 1, dims[g], dtype=torch.float64), g, world) for g in p.factor.given}
    mean_0 = _column(world.value(p.family.parameters[0], here.with_values(zeros)), d, w)
    maps: dict[str, Tensor] = {}
    for g in p.factor.given:
        probe = torch.cat([torch.eye(dims[g], dtype=torch.float64), torch.full((1, dims[g]), 0.7, dtype=torch.float64)]).unsqueeze(0)
        at = world.value(p.family.parameters[0], here.with_values({**zeros, g: _filled(probe, g, world)}))
        columns = _column(at, d, w, basis=dims[g] + 1) - mean_0.unsqueeze(1)  # [W, d_g + 1, d]
        a = columns[:, :-1].transpose(1, 2)
        if not torch.allclose(columns[:, -1], a.sum(-1) * 0.7, rtol=1e-9, atol=1e-10):
            raise CannotEvaluate(f"the mean of {p.factor.density} is not linear, so its conditionals are not known here")
        maps[g] = a
    cov = world.value(p.family.parameters[1], here.with_values(zeros))
    return mean_0, maps, _root(_covariance(cov, d, w))


def _filled(data: Tensor, key: str, world: World) -> Value:
    """Probe points [1, k, d] as a value over the axis of probes."""
    if world.shape_of_variable(key.split("@")[0]):
        return Value(("*basis",), data, 1)
    return Value(("*basis",), data.squeeze(-1))


def _column(v: Value, d: int, worlds: int, basis: int = 1) -> Tensor:
    """[W, d] or [W, basis, d]."""
    if set(v.axes) - {"*basis"}:
        raise CannotEvaluate("a mean that varies with a variable that the density does not condition on")
    data = v.data if "*basis" in v.axes else v.data.unsqueeze(1)
    if v.rank == 0:
        data = data.unsqueeze(-1).expand(*data.shape, d) if not is_zero(v) and d == 1 or is_zero(v) else data.unsqueeze(-1)
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


def _root(cov: Tensor) -> Tensor:
    root, info = torch.linalg.cholesky_ex(cov)
    return torch.where((info == 0)[:, None, None], root, torch.full_like(root, math.nan))


def _conditional(lin: Linear, event: tuple[str, ...], given: tuple[str, ...], world: World, env: Env) -> tuple[Value, Tensor]:
    """Mean (a stacked column, over the axes of the conditions) and covariance [W, n, n] of event | given."""
    cont_given = [g for g in given if g in lin.offsets]
    noise_a = torch.cat([lin.noise[k] for k in event], 1)
    mean = _mean(lin, event, world, env)
    cov = noise_a @ noise_a.transpose(-1, -2)
    if not cont_given:
        return mean, cov
    noise_b = torch.cat([lin.noise[k] for k in cont_given], 1)
    s_bb = noise_b @ noise_b.transpose(-1, -2)
    s_ab = noise_a @ noise_b.transpose(-1, -2)
    gain = torch.linalg.solve(s_bb, s_ab.transpose(-1, -2)).transpose(-1, -2)
    m_b = _mean(lin, tuple(cont_given), world, env)
    x_b = _stack([_at(k, world, env) for k in cont_given])
    gap = add(x_b, m_b.with_data(-m_b.data))
    lead = (gain.shape[0], *(1,) * len(gap.axes))
    moved = Value(gap.axes, (gain.reshape(*lead, *gain.shape[1:]) @ gap.data.unsqueeze(-1)).squeeze(-1), 1)
    return add(mean, moved), cov - gain @ s_ab.transpose(-1, -2)


def _mean(lin: Linear, keys: tuple[str, ...], world: World, env: Env) -> Value:
    out = Value((), torch.cat([lin.offsets[k] for k in keys], 1), 1)
    for r in lin.roots[keys[0]]:
        a = torch.cat([lin.roots[k][r] for k in keys], 1)
        if not bool((a != 0).any()):
            continue
        x = _stack([_at(r, world, env)])
        lead = (a.shape[0], *(1,) * len(x.axes))
        out = add(out, Value(x.axes, (a.reshape(*lead, *a.shape[1:]) @ x.data.unsqueeze(-1)).squeeze(-1), 1))
    return out


def _stack(values: list[Value]) -> Value:
    axes = union(*values)
    columns = [v.spread(axes) if v.rank == 1 else v.spread(axes).unsqueeze(-1) for v in values]
    lead = broadcast_lead(*(c.shape[:-1] for c in columns))
    return Value(axes, torch.cat([c.expand(*lead, c.shape[-1]) for c in columns], -1), 1)


def _log_conditional(lin: Linear, event: tuple[str, ...], given: tuple[str, ...], world: World, env: Env) -> Value:
    present = set(event) | set(given)
    hidden = [a for a in lin.atoms if a not in present]
    if any(a in event for a in lin.atoms) or hidden:
        top = _log_with_atoms(lin, (*event, *given), world, env)
        bottom = _log_with_atoms(lin, given, world, env) if given else Value((), torch.zeros(1, dtype=torch.float64))
        return add(top, bottom.with_data(-bottom.data))
    mean, cov = _conditional(lin, event, given, world, env)
    return log_gaussian(_stack([_at(k, world, env) for k in event]), mean, Value((), cov, 2))


def _log_with_atoms(lin: Linear, keys: tuple[str, ...], world: World, env: Env) -> Value:
    """log p(keys), atoms that are not among the keys summed out."""
    hidden = [a for a in lin.atoms if a not in keys]
    axes: list[str] = []
    weight: Value | None = None
    for a in lin.atoms:
        if a in hidden:
            value, log_w, axis = _atoms(a, world)
            env = env.with_values({a: value})
            axes.append(axis)
        else:
            bound = env.values.get(a)
            if bound is None or not any(x.startswith(f"{a}.atoms") for x in bound[1].axes):
                raise CannotEvaluate(f"the density of {a.replace('@', '_')} itself has no value at a free point")
            axis = next(x for x in bound[1].axes if x.startswith(f"{a}.atoms"))
            log_w = Value((axis,), _atom_logs(a, world))
        weight = log_w if weight is None else add(weight, log_w)
    cont = tuple(k for k in keys if k in lin.offsets)
    out = weight if weight is not None else Value((), torch.zeros(1, dtype=torch.float64))
    if cont:
        mean, cov = _conditional(lin, cont, (), world, env)
        out = add(out, log_gaussian(_stack([_at(k, world, env) for k in cont]), mean, Value((), cov, 2)))
    for axis in axes:
        position = 1 + out.axes.index(axis)
        out = Value(tuple(x for x in out.axes if x != axis), torch.logsumexp(out.data, position))
    return out


def _atoms(key: str, world: World) -> tuple[Value, Value, str]:
    axis = f"{key}.atoms#{next(world.fresh)}"
    shape = world.shape_of_variable(key.split("@")[0])
    nodes = world.draws.normal(f"{key}@atoms", 3, *shape)
    return Value((axis,), nodes, len(shape)), Value((axis,), _atom_logs(key, world)), axis


def _atom_logs(key: str, world: World) -> Tensor:
    return torch.log_softmax(world.draws.normal(f"{key}@masses", 3) * 0.5, -1)


# --- binding and quadrature ----------------------------------------------------------------------------


@lru_cache(maxsize=32)
def _rule(kind: str, m: int) -> tuple[Tensor, Tensor]:
    """Standard nodes and probabilities: Gauss-Hermite, or the trapezoid on ± 7 sd."""
    if kind == "hermite":
        x, w = np.polynomial.hermite_e.hermegauss(m)
        return torch.tensor(x), torch.tensor(w / w.sum())
    x = np.linspace(-7.0, 7.0, m)
    w = np.exp(-0.5 * x * x)
    return torch.tensor(x), torch.tensor(w / w.sum())


def quadrature(world: World, dims: int, *, polynomial: bool = False) -> tuple[Tensor, Tensor]:
    """Nodes for one coordinate out of `dims` that are bound at once."""
    refine = world.setting.refine
    if world.polynomial or polynomial:
        return _rule("hermite", 3 + 2 * refine)
    if world.setting.kind == "linear":
        return _rule("hermite", 4 + 3 * refine)
    counts = {1: 41, 2: 25, 3: 17}
    if dims not in counts:
        raise CannotEvaluate(f"{dims} continuous coordinates at once are too many to integrate")
    return _rule("trapezoid", counts[dims] + (16 * refine))


def bind_family(law: FamilyDensity, over: tuple[Term, ...], world: World, env: Env) -> Binding:
    """Bind a variable by an explicit law: E_{ε ~ N(0, I)}."""
    keys = [k for o in over for k in world.keys(o, env.indices)]
    if not keys and isinstance(law.point, Symbol):
        keys = list(world.keys(law.point, env.indices))
    if law.family != "gaussian":
        raise CannotEvaluate(f"expectations under the family {law.family} are not evaluated")
    shape = world.shape_of_variable(keys[0].split("@")[0]) if keys else ()
    mean, cov = (world.value(p, env) for p in law.parameters)
    size = shape[0] if shape else max((v.shape[0] for v in (mean, cov) if v.rank), default=1)
    if not shape and max(mean.rank, cov.rank) > 0:
        shape = (size,)
    data = mean.data
    if mean.rank == 0:
        if shape and not is_zero(mean):
            raise ShapesDiffer("a scalar mean for a column")
        data = mean.data.unsqueeze(-1).expand(*mean.data.shape, size)
    root = _root_value(cov, size, world)
    return _bind_normal(keys or ["*point"], Value(mean.axes, data, 1), root, {k: (0, size, bool(shape)) for k in keys or ["*point"]}, world, env)


def _root_value(cov: Value, size: int, world: World) -> Value:
    if cov.rank == 0:
        eye = torch.eye(size, dtype=torch.float64)
        return Value(cov.axes, torch.sqrt(cov.data)[..., None, None] * eye, 2)
    return Value(cov.axes, torch.linalg.cholesky(cov.data), 2)


def _bind_normal(keys: list[str], mean: Value, root: Value, places: dict[str, tuple[int, int, bool]], world: World, env: Env, *, polynomial: bool = False) -> Binding:
    """Nodes x = mean + root·u for a stacked column, each coordinate of u an axis."""
    from derivcheck.interpreters.exact.probability import Binding

    n = mean.shape[0]
    u, w = quadrature(world, n, polynomial=polynomial)
    tag = next(world.fresh)
    axes = tuple(f"{keys[0]}.{i}#{tag:09d}" for i in range(n))
    _bounded(world, env, len(u), n)
    bound: dict[str, Value] = {}
    lead = union(mean, root)
    all_axes = tuple(sorted((*lead, *axes)))
    for key, (start, d, column) in places.items():
        block = Value(mean.axes, mean.data[..., start : start + d], 1)
        for i in range(min(start + d, n)):
            coordinate = Value((axes[i],), u.unsqueeze(0))
            block = add(block, scale(coordinate, Value(root.axes, root.data[..., start : start + d, i], 1)))
        bound[key] = block if column else Value(block.axes, block.data.squeeze(-1))
    weight = Value((axes[0],), w.unsqueeze(0))
    for a in axes[1:]:
        weight = scale(weight, Value((a,), w.unsqueeze(0)))
    del all_axes
    return Binding(env.with_values(bound), axes, weight)


def is_gaussian(law: Density | FamilyDensity, world: World, env: Env) -> bool:
    """Whether a law is a Gaussian in its event, given what it is conditioned on."""
    if isinstance(law, FamilyDensity):
        return law.family == "gaussian"
    try:
        event, given, inner = _ground(law, world, env)
        joint = _joint(law.name, given, world)
        direct = _direct(joint, event, given, world)
        if direct is not None:
            return len(direct) == 1 and all(p.family is not None and p.family.family == "gaussian" for p in direct)
        lin = linear_joint(joint, world, inner)
    except CannotEvaluate:
        return False
    return all(a in given for a in lin.atoms) and all(k in lin.offsets for k in event)


def _bounded(world: World, env: Env, m: int, n: int) -> None:
    sizes: dict[str, int] = {}
    for _, v in env.values.values():
        sizes.update(zip(v.axes, v.data.shape[1:], strict=False))
    total = world.setting.worlds * m**n * math.prod(sizes.values())
    if total > MAX_POINTS:
        raise CannotEvaluate("too many continuous coordinates at once to integrate")


def bind_density(law: Density, world: World, env: Env) -> Binding:
    """Bind the event of a density with families, given what it is conditioned on."""
    from derivcheck.interpreters.exact.definitions import expansion

    found = expansion(law, world, env)
    if found is not None and isinstance(found[0], Density | FamilyDensity):
        from derivcheck.interpreters.exact.probability import bind_law

        return bind_law(found[0], law.event, world, env.with_indices(found[1]))
    names = {slot: key for slot, key in _named(law, world, env)}
    event, given, inner = _ground(law, world, env)
    event = [k for k in event if k not in given]
    b = _bind_ground(law.name, event, given, world, inner)
    moved = {names[k]: b.env.values[k][1] for k in event if names.get(k, k) != k}
    return b if not moved else type(b)(b.env.with_values(moved), b.axes, b.weight)


def _named(law: Density, world: World, env: Env) -> list[tuple[str, str]]:
    variables = world.joint(law.name).variables
    out: list[tuple[str, str]] = []
    for e in law.event:
        for key in world.symbols_of(e, env.indices):
            slot = key if key in variables else key.split("@")[0]
            out.append((slot if slot in variables or len(variables) != 1 else variables[0], key))
    return out


def _bind_ground(name: str, event: list[str], given: list[str], world: World, env: Env) -> Binding:
    joint = _joint(name, given, world)
    if discrete_variable(joint, world) is not None:
        return _bind_mixed(joint, event, given, world, env)
    return _bind_ground_joint(joint, event, given, world, env)


def _bind_mixed(joint: Joint, event: list[str], given: list[str], world: World, env: Env) -> Binding:
    """Bind variables of p(x|z) p(z): z by its own law, weighted to its law given x; x by its nodes."""
    from derivcheck.interpreters.exact.probability import Binding
    from derivcheck.interpreters.exact.tables import axis_weights

    observed = discrete_variable(joint, world)
    assert observed is not None
    parts = _parts(joint, world)
    continuous = _joint_of(joint, [p.factor for p in parts if observed not in p.factor.event])
    here = [k for k in event if k != observed]
    known = [k for k in given if k != observed]
    b = _bind_ground_joint(continuous, here, known, world, env) if here else Binding(env, (), Value((), torch.ones(1, dtype=torch.float64)))
    if observed not in event and observed not in given:
        return b
    top = _log_marginal(joint, observed, [*event, *given], world, b.env)
    base = _log_of_keys(continuous, here, known, world, b.env) if here else None
    bottom = _log_marginal(joint, observed, list(given), world, b.env) if given else None
    ratio = top
    for v in (base, bottom):
        if v is not None:
            ratio = add(ratio, v.with_data(-v.data))
    axes = b.axes
    if observed in event:
        ratio = add(ratio, axis_weights(world, observed))
        axes = (*axes, observed)
    return Binding(b.env, axes, scale(b.weight, ratio.with_data(torch.exp(ratio.data))))


def _bind_ground_joint(joint: Joint, event: list[str], given: list[str], world: World, env: Env) -> Binding:
    """Bind continuous variables (and atoms) of a joint."""
    from derivcheck.interpreters.exact.probability import Binding

    parts = _parts(joint, world)
    roots = [k for p in parts if p.family is None and not p.factor.given for k in p.factor.event]
    binding = Binding(env, (), Value((), torch.ones(1, dtype=torch.float64)))
    if world.setting.kind == "smooth" and not set(given) - set(roots):
        for k in [k for k in roots if k in event]:
            value, log_w, axis = _atoms(k, world)
            weight = scale(binding.weight, log_w.with_data(torch.exp(log_w.data)))
            binding = Binding(binding.env.with_values({k: value}), (*binding.axes, axis), weight)
        hidden = [k for k in roots if k not in event and k not in given]
        for k in hidden:
            value, log_w, axis = _atoms(k, world)
            weight = scale(binding.weight, log_w.with_data(torch.exp(log_w.data)))
            binding = Binding(binding.env.with_values({k: value}), (*binding.axes, axis), weight)
        given = [*given, *[k for k in roots if k in event], *hidden]
        event = [k for k in event if k not in roots]
        if not event:
            return binding
    direct = _direct(joint, event, given, world)
    if direct is not None and all(p.family is not None and p.family.family == "gaussian" for p in direct):
        for p in direct:
            more = bind_family(p.family, tuple(_sym(k) for k in p.factor.event), world, binding.env.with_indices(p.indices))  # type: ignore[arg-type]
            binding = _joined(binding, more, env)
        return binding
    lin = linear_joint(joint, world, binding.env)
    if any(k not in lin.offsets for k in event):
        raise CannotEvaluate(f"the law of {', '.join(event)} under {joint.name} has no closed form here")
    mean, cov = _conditional(lin, tuple(event), tuple(given), world, binding.env)
    places: dict[str, tuple[int, int, bool]] = {}
    start = 0
    for k in event:
        d = _dimension(k, world)
        places[k] = (start, d, bool(world.shape_of_variable(k.split("@")[0])))
        start += d
    return _joined(binding, _bind_normal(event, mean, Value((), _root(cov), 2), places, world, binding.env), env)


def _joined(first: Binding, second: Binding, env: Env) -> Binding:
    from derivcheck.interpreters.exact.world import Env as Environment

    here = Environment(env.indices, second.env.values, second.env.laws)
    return type(first)(here, (*first.axes, *second.axes), scale(first.weight, second.weight))


def _sym(key: str) -> Symbol:
    from fractions import Fraction

    name, _, index = key.partition("@")
    return Symbol(name, (Number(Fraction(int(index))),) if index else ())


# --- moments and integrals -----------------------------------------------------------------------------


def moment(t: Moment, world: World, env: Env) -> Value:
    """Mean, covariance or isotropic variance of a conditional Gaussian."""
    if isinstance(t.law, FamilyDensity):
        if t.law.family != "gaussian":
            raise CannotEvaluate(f"the moments of the family {t.law.family} are not known")
        return world.value(t.law.parameters[0 if t.kind == "mean" else 1], env)
    event, given, inner = _ground(t.law, world, env)
    left = [k for k in event if k not in given]
    if not left:  # a variable given itself
        v = _at(event[0], world, inner)
        return v if t.kind == "mean" else Value((), torch.zeros(1, dtype=torch.float64))
    event = left
    lin = linear_joint(_joint(t.law.name, given, world), world, inner)
    if any(a not in given for a in lin.atoms) or any(k not in lin.offsets for k in event):
        raise CannotEvaluate("the moments of a mixture are not compared here")
    mean, cov = _conditional(lin, tuple(event), tuple(given), world, inner)
    column = bool(world.shape_of_variable(event[0].split("@")[0]))
    match t.kind:
        case "mean":
            return mean if column else Value(mean.axes, mean.data.squeeze(-1))
        case "covariance":
            return Value((), cov, 2) if column else Value((), cov[:, 0, 0])
        case "variance":
            eye = torch.eye(cov.shape[-1], dtype=torch.float64)
            if not torch.allclose(cov, cov[:, :1, :1] * eye, atol=1e-9):
                raise CannotEvaluate("a variance of a law that is not isotropic")
            return Value((), cov[:, 0, 0])


def integral(body: Term, keys: tuple[str, ...], world: World, env: Env) -> Value:
    """∫ body over keys, on the nodes of the first law in it that has them."""
    from derivcheck.interpreters.exact.probability import bind_law, log_of
    from derivcheck.terms.substitute import subterms

    reasons: list[str] = []
    for _, t in subterms(body):
        law: Density | FamilyDensity
        if isinstance(t, Density) and t.event:
            mine = {k for e in t.event for k in world.symbols_of(e, env.indices)}
        elif isinstance(t, FamilyDensity) and isinstance(t.point, Symbol):
            mine = set(world.symbols_of(t.point, env.indices))
        else:
            continue
        if mine != set(keys):
            continue
        law = t
        try:
            b = bind_law(law, (), world, env)
            log_r = log_of(law, world, b.env) if isinstance(law, Density) else log_family(law, world.value(law.point, b.env), world, b.env)  # type: ignore[arg-type]
        except CannotEvaluate as why:
            reasons.append(str(why))
            continue
        v = scale(b.weight, world.value(body, b.env))
        v = scale(log_r.with_data(torch.exp(-log_r.data)), v)
        for axis in b.axes:
            v = sum_over(v, axis, None, 1)
        return v
    if reasons:
        raise CannotEvaluate(reasons[0])
    return _over_the_line(body, keys, world, env)


def _over_the_line(body: Term, keys: tuple[str, ...], world: World, env: Env) -> Value:
    """∫ body over R or R², by the trapezoid rule on a wide grid that refinement widens further."""
    dims = sum(_dimension(k, world) for k in keys)
    if dims > 2:
        raise CannotEvaluate("an integral over more than two real coordinates")
    n = (161 if dims == 1 else 81) + 80 * world.setting.refine
    u = torch.linspace(-1.0, 1.0, n, dtype=torch.float64) * (14.0 + 4.0 * world.setting.refine)
    step = float(u[1] - u[0])
    _bounded(world, env, n, dims)
    tag = next(world.fresh)
    bound: dict[str, Value] = {}
    axes: list[str] = []
    for k in keys:
        d = _dimension(k, world)
        column = bool(world.shape_of_variable(k.split("@")[0]))
        here = [f"{k}.{i}#{tag:09d}" for i in range(d)]
        axes += here
        if not column:
            bound[k] = Value((here[0],), u.unsqueeze(0))
            continue
        grid = torch.stack(torch.meshgrid(*([u] * d), indexing="ij"), -1).unsqueeze(0)
        bound[k] = Value(tuple(here), grid, 1)
    v = world.value(body, env.with_values(bound))
    if v.rank == 0 and set(axes) <= set(v.axes):
        for a in axes:  # what has not fallen off at the ends is not a convergent integral on this grid
            edge = v.data.select(1 + v.axes.index(a), 0).abs().amax() + v.data.select(1 + v.axes.index(a), -1).abs().amax()
            if not float(edge) <= 1e-10 * (1e-300 + float(v.data.abs().amax())):
                raise CannotEvaluate("an integral that does not converge on the grid")
    for a in axes:
        v = sum_over(v, a, None, n)
        v = v.with_data(v.data * step)
    return v
