r"""Densities as values, on tables and with families."""

from __future__ import annotations

import torch

from derivcheck.interpreters.exact import optima, pushforward, tables
from derivcheck.interpreters.exact.continuous import log_density
from derivcheck.interpreters.exact.definitions import expansion
from derivcheck.interpreters.exact.formulas import log_family
from derivcheck.interpreters.exact.keys import symbol_at
from derivcheck.interpreters.exact.slots import slots
from derivcheck.interpreters.exact.values import (
    CannotEvaluate,
    Value,
    rename,
)
from derivcheck.interpreters.exact.world import Env, World
from derivcheck.terms.term import (
    Density,
    FamilyDensity,
)


def density(t: Density, world: World, env: Env) -> Value:
    """The value of a density where it stands."""
    v = log_of(t, world, env)
    return v.with_data(torch.exp(v.data))


def log_of(t: Density, world: World, env: Env) -> Value:
    """log of a density's value."""
    t = explicit(t, world, env)
    found = expansion(t, world, env)
    if found is not None:
        v = world.value(found[0], env.with_indices(found[1]))
        return v.with_data(torch.log(v.data))
    if any(o.name == t.name for o in world.signature.optima):
        return optima.log_optimal_density(t, world, env)
    if world.setting.kind != "tables":
        return log_density(t, world, env)
    return on_table(t, world, env)


def explicit(t: Density, world: World, env: Env) -> Density:
    """A bare name with the variables it has here: by the expectation it stands in, or its full mention."""
    if t.event:
        return t
    law = env.laws.get(t.name) or world.full_laws.get(t.name)
    if law is not None and law.event:
        return law
    if t.name not in world.signature.densities:
        world.unbound.add(t.name)
    joint = world.joint(t.name)
    if len(joint.events) == 1:
        return Density(
            t.name, (symbol_at(joint.events[0]),), tuple(symbol_at(r) for r in joint.roots)
        )
    raise CannotEvaluate(f"the variables of the bare density {t.name} are not said")


def on_table(t: Density, world: World, env: Env) -> Value:
    """A density on finite axes."""
    image = pushforward.law_of(t.name, world)
    if image is not None and not t.given:
        return pushforward.on_axis(t, image, world, env)
    joint = world.joint(t.name)
    event = slots(t.name, t.event, world, env)
    given = slots(t.name, t.given, world, env, conditions=True)
    if t.name in world.member_tables:
        if set(event) != set(joint.events) or set(given) != set(joint.roots):
            raise CannotEvaluate(f"only the whole density {t.name.split('#')[0]} has a value here")
        return rename(world.member_tables[t.name][0], {**event, **given})
    return tables.log_density(
        world, joint, {s: a for s, a in event.items() if given.get(s) != a}, given
    )


def log_of_family(t: FamilyDensity, world: World, env: Env) -> Value:
    """log density of a named family at its point."""
    if t.point is None:
        raise CannotEvaluate("a law stands where a number is needed")
    if world.setting.kind == "tables":
        raise CannotEvaluate("a family has no value on finite tables")
    return log_family(t, world.value(t.point, env), world, env)
