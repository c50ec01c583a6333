r"""Conditionals of linear joints by Schur complement (Bishop 2006, eq. 2.81-2.82), and their log densities.

A variable without a family has three random atoms in smooth worlds, which are summed out.
"""

from __future__ import annotations

import torch
from torch import Tensor

from derivcheck.interpreters.exact.factors import Part, at_key, direct_parts
from derivcheck.interpreters.exact.formulas import log_family, log_gaussian
from derivcheck.interpreters.exact.keys import base_name
from derivcheck.interpreters.exact.linear import Linear, linear_joint
from derivcheck.interpreters.exact.regular import regular
from derivcheck.interpreters.exact.tables import Joint
from derivcheck.interpreters.exact.values import (
    ZERO,
    CannotEvaluate,
    Value,
    add,
    broadcast_lead,
    mapped,
    negative,
    union,
)
from derivcheck.interpreters.exact.world import Env, World


def conditional(
    lin: Linear, event: tuple[str, ...], given: tuple[str, ...], world: World, env: Env
) -> tuple[Value, Tensor]:
    """Mean (a stacked column, over the axes of the conditions) and covariance [W, n, n] of event | given."""
    cont_given = [g for g in given if g in lin.offsets]
    mean = _mean(lin, event, world, env)
    gain, cov = _gain(lin, event, tuple(cont_given))
    if not cont_given:
        return mean, cov
    m_b = _mean(lin, tuple(cont_given), world, env)
    x_b = _stacked([at_key(k, world, env) for k in cont_given])
    gap = add(x_b, negative(m_b))
    return add(mean, Value(gap.axes, mapped(gain, gap.data), 1)), cov


def _gain(lin: Linear, event: tuple[str, ...], given: tuple[str, ...]) -> tuple[Tensor, Tensor]:
    """The matrix that maps the gap of the conditions to the mean's, and the conditional covariance."""
    found = lin.gains.get((event, given))
    if found is None:
        noise_a = torch.cat([lin.noise[k] for k in event], 1)
        cov = gain = noise_a @ noise_a.transpose(-1, -2)
        if given:
            noise_b = torch.cat([lin.noise[k] for k in given], 1)
            s_bb = noise_b @ noise_b.transpose(-1, -2)
            s_ab = noise_a @ noise_b.transpose(-1, -2)
            gain = torch.linalg.solve_ex(regular(s_bb), s_ab.transpose(-1, -2)).result.transpose(-1, -2)
            cov = cov - gain @ s_ab.transpose(-1, -2)
        found = lin.gains[event, given] = gain, cov
    return found


def _mean(lin: Linear, keys: tuple[str, ...], world: World, env: Env) -> Value:
    out = Value((), torch.cat([lin.offsets[k] for k in keys], 1), 1)
    for r in lin.roots[keys[0]]:
        a = torch.cat([lin.roots[k][r] for k in keys], 1)
        if not bool((a != 0).any()):
            continue
        x = _stacked([at_key(r, world, env)])
        out = add(out, Value(x.axes, mapped(a, x.data), 1))
    return out


def _stacked(values: list[Value]) -> Value:
    axes = union(*values)
    columns = [v.spread(axes) if v.rank == 1 else v.spread(axes).unsqueeze(-1) for v in values]
    lead = broadcast_lead(*(c.shape[:-1] for c in columns))
    return Value(axes, torch.cat([c.expand(*lead, c.shape[-1]) for c in columns], -1), 1)


def log_conditional(
    lin: Linear, event: tuple[str, ...], given: tuple[str, ...], world: World, env: Env
) -> Value:
    """log p(event | given) of a linear joint, atoms summed out."""
    present = set(event) | set(given)
    hidden = [a for a in lin.atoms if a not in present]
    if any(a in event for a in lin.atoms) or hidden:
        top = _log_with_atoms(lin, (*event, *given), world, env)
        bottom = _log_with_atoms(lin, given, world, env) if given else ZERO
        return add(top, negative(bottom))
    mean, cov = conditional(lin, event, given, world, env)
    return log_gaussian(_stacked([at_key(k, world, env) for k in event]), mean, Value((), cov, 2))


def _log_with_atoms(lin: Linear, keys: tuple[str, ...], world: World, env: Env) -> Value:
    """log p(keys), atoms that are not among the keys summed out."""
    hidden = [a for a in lin.atoms if a not in keys]
    axes: list[str] = []
    weight: Value | None = None
    for a in lin.atoms:
        if a in hidden:
            value, log_w, axis = atoms(a, lin.atoms[a], world)
            env = env.with_values({a: value})
            axes.append(axis)
        else:
            bound = env.values.get(a)
            if bound is None or not any(x.startswith(f"{a}.atoms") for x in bound[1].axes):
                raise CannotEvaluate(
                    f"the density of {a.replace('@', '_')} itself has no value at a free point"
                )
            axis = next(x for x in bound[1].axes if x.startswith(f"{a}.atoms"))
            log_w = Value((axis,), _atom_logs(a, lin.atoms[a], world))
        weight = log_w if weight is None else add(weight, log_w)
    cont = tuple(k for k in keys if k in lin.offsets)
    out = weight if weight is not None else ZERO
    if cont:
        mean, cov = conditional(lin, cont, (), world, env)
        out = add(
            out,
            log_gaussian(_stacked([at_key(k, world, env) for k in cont]), mean, Value((), cov, 2)),
        )
    for axis in axes:
        position = 1 + out.axes.index(axis)
        out = Value(tuple(x for x in out.axes if x != axis), torch.logsumexp(out.data, position))
    return out


def atoms(key: str, density: str, world: World) -> tuple[Value, Value, str]:
    """The atoms of a variable without a family: their places, the logs of their masses, their axis."""
    axis = f"{key}.atoms#{next(world.fresh)}"
    shape = world.shape_of_variable(base_name(key))
    nodes = world.draws.normal(f"{key}@atoms", 3, *shape)
    return Value((axis,), nodes, len(shape)), Value((axis,), _atom_logs(key, density, world)), axis


def _atom_logs(key: str, density: str, world: World) -> Tensor:
    """Two densities of one variable share the places of its atoms, not their masses."""
    return torch.log_softmax(world.draws.normal(f"{density}({key})@masses", 3) * 0.5, -1)


def log_of_keys(joint: Joint, event: list[str], given: list[str], world: World, env: Env) -> Value:
    """log p(event | given) of a joint of families, at ground keys."""
    direct = direct_parts(joint, event, given, world)
    if direct is not None:
        return log_direct(direct, world, env)
    return log_conditional(linear_joint(joint, world, env), tuple(event), tuple(given), world, env)


def log_direct(parts: list[Part], world: World, env: Env) -> Value:
    """log of a product of factors with families."""
    out: Value | None = None
    for p in parts:
        if p.family is None:
            raise CannotEvaluate("a factor without a family")
        (key,) = p.factor.event
        v = log_family(p.family, at_key(key, world, env), world, env.with_indices(p.indices))
        out = v if out is None else add(out, v)
    if out is None:
        raise CannotEvaluate("a density of nothing")
    return out
