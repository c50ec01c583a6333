r"""Densities as values, on tables and with families."""

from __future__ import annotations

import torch

from derivcheck.interpreters.exact import optima, pushforward, tables
from derivcheck.interpreters.exact.continuous import log_density
from derivcheck.interpreters.exact.definitions import (
    by_formula,
    definitions_of,
    expansion,
    keys_of_all,
)
from derivcheck.interpreters.exact.formulas import log_family
from derivcheck.interpreters.exact.keys import symbol_at
from derivcheck.interpreters.exact.slots import slots
from derivcheck.interpreters.exact.values import (
    CannotEvaluate,
    Value,
    add,
    negative,
    rename,
)
from derivcheck.interpreters.exact.world import Env, World
from derivcheck.terms.term import (
    Density,
    FamilyDensity,
    Integral,
    Symbol,
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
    if by_formula(t, world, env):
        return _from_formula(t, world, env)
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


def _from_formula(t: Density, world: World, env: Env) -> Value:
    """log of a marginal or conditional of a density that a definition gives as a whole."""
    event, given = keys_of_all(t.event, world, env), keys_of_all(t.given, world, env)
    event -= given
    for d in definitions_of(world, t.name):
        head = d.head
        if not isinstance(head, Density) or any(not isinstance(x, Symbol) for x in (*head.event, *head.given)):
            continue
        own, known = keys_of_all(head.event, world, env), keys_of_all(head.given, world, env)
        if not known <= given or not event | given <= own | known:
            continue
        whole = Density(head.name, head.event, head.given)

        def log_marginal(keys: frozenset[str], head: Density = head, whole: Density = whole) -> Value:
            hidden = tuple(x for x in head.event if not set(world.keys(x, env.indices)) <= keys)
            v = world.value(Integral(hidden, whole) if hidden else whole, env)
            return v.with_data(torch.log(v.data))

        out = log_marginal(event | given)
        return add(out, negative(log_marginal(given))) if given & own else out
    raise CannotEvaluate(f"what this density is by the definition of {t.name} is not known")


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
