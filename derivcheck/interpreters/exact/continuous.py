r"""Densities whose factors have families: their logs, what they bind, their moments."""

from __future__ import annotations

import torch

from derivcheck.interpreters.exact.conditionals import conditional, log_conditional, log_direct
from derivcheck.interpreters.exact.definitions import by_formula, expansion
from derivcheck.interpreters.exact.factors import (
    at_key,
    direct_parts,
    discrete_variable,
    whole_joint,
)
from derivcheck.interpreters.exact.keys import base_name
from derivcheck.interpreters.exact.linear import linear_joint
from derivcheck.interpreters.exact.mixed import bind_mixed, log_mixed
from derivcheck.interpreters.exact.quadrature import Binding, bind_joint
from derivcheck.interpreters.exact.slots import named, placed
from derivcheck.interpreters.exact.values import (
    ZERO,
    CannotEvaluate,
    Value,
)
from derivcheck.interpreters.exact.world import Env, World
from derivcheck.terms.term import (
    Density,
    FamilyDensity,
    Law,
    Moment,
)


def log_density(t: Density, world: World, env: Env) -> Value:
    """log of a density whose factors have families."""
    event, given, env = placed(t, world, env)
    joint = whole_joint(t.name, given, world)
    observed = discrete_variable(joint, world)
    if observed is not None and set(event) - set(given):
        return log_mixed(joint, observed, event, given, world, env)
    direct = direct_parts(joint, event, given, world)
    if direct is not None:
        return log_direct(direct, world, env)
    left = [k for k in event if k not in given]
    if not left:
        return ZERO
    lin = linear_joint(joint, world, env)
    return log_conditional(lin, tuple(left), tuple(given), world, env)


def bind_density(law: Density, world: World, env: Env) -> Binding:
    """Bind the event of a density with families, given what it is conditioned on."""
    names = named(law, world, env)
    event, given, inner = placed(law, world, env)
    event = [k for k in event if k not in given]
    joint = whole_joint(law.name, given, world)
    bind = bind_joint if discrete_variable(joint, world) is None else bind_mixed
    b = bind(joint, event, given, world, inner)
    moved = {names[k]: b.env.values[k][1] for k in event if names.get(k, k) != k}
    return b if not moved else Binding(b.env.with_values(moved), b.axes, b.weights)


def is_gaussian(law: Law, world: World, env: Env) -> bool:
    """Whether a law is a Gaussian in its event, given what it is conditioned on."""
    if isinstance(law, FamilyDensity):
        return law.family == "gaussian"
    try:
        if expansion(law, world, env) is not None or by_formula(law, world, env):
            return False
        event, given, inner = placed(law, world, env)
        joint = whole_joint(law.name, given, world)
        direct = direct_parts(joint, event, given, world)
        if direct is not None:
            return len(direct) == 1 and all(
                p.family is not None and p.family.family == "gaussian" for p in direct
            )
        lin = linear_joint(joint, world, inner)
    except CannotEvaluate:
        return False
    return all(a in given for a in lin.atoms) and all(k in lin.offsets for k in event)


def moment(t: Moment, world: World, env: Env) -> Value:
    """Mean, covariance or isotropic variance of a conditional Gaussian."""
    if isinstance(t.law, FamilyDensity):
        if t.law.family != "gaussian":
            raise CannotEvaluate(f"the moments of the family {t.law.family} are not known")
        return world.value(t.law.parameters[0 if t.kind == "mean" else 1], env)
    meaning = expansion(t.law, world, env)
    if meaning is not None and isinstance(meaning[0], Density | FamilyDensity):
        return moment(Moment(t.kind, meaning[0]), world, env.with_indices(meaning[1]))
    if meaning is not None or by_formula(t.law, world, env):
        raise CannotEvaluate(f"the moments of the law {t.law.name}, which a formula gives, are not known here")
    event, given, inner = placed(t.law, world, env)
    left = [k for k in event if k not in given]
    if not left:  # a variable given itself
        v = at_key(event[0], world, inner)
        return v if t.kind == "mean" else ZERO
    event = left
    lin = linear_joint(whole_joint(t.law.name, given, world), world, inner)
    if any(a not in given for a in lin.atoms) or any(k not in lin.offsets for k in event):
        raise CannotEvaluate("the moments of a mixture are not compared here")
    mean, cov = conditional(lin, tuple(event), tuple(given), world, inner)
    column = bool(world.shape_of_variable(base_name(event[0])))
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
