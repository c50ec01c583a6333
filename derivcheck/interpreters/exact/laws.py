r"""Variables bound by a law, named or their own.

On tables a variable is bound to its axis, with families to quadrature nodes; either way an expectation is a
weighted sum over the axes that the binding made.
"""

from __future__ import annotations

from dataclasses import replace

import torch

from derivcheck.interpreters.exact.continuous import bind_density
from derivcheck.interpreters.exact.definitions import by_formula, expansion
from derivcheck.interpreters.exact.densities import explicit, log_of
from derivcheck.interpreters.exact.indices import matched
from derivcheck.interpreters.exact.keys import base_name, is_integer, shown, symbol_at
from derivcheck.interpreters.exact.mentions import reached
from derivcheck.interpreters.exact.quadrature import Binding, bind_family, bounded
from derivcheck.interpreters.exact.tables import axis_weights
from derivcheck.interpreters.exact.values import (
    CannotEvaluate,
    add,
)
from derivcheck.interpreters.exact.world import Env, World
from derivcheck.terms.term import (
    Density,
    FamilyDensity,
    Law,
    Symbol,
    Term,
)


def bind_law(law: Law, over: tuple[Term, ...], world: World, env: Env) -> Binding:
    """Bind the variables `over` (or the law's own) by a law: to the same nodes wherever it stands."""
    names = reached(law, world).union(*(reached(o, world) for o in over))
    at = (law, over, env.known(names), world.polynomial)
    bindings = world.memory.bindings
    found = bindings.get(at)
    if found is None or any(a in v.axes for _, v in env.values.values() for a in found.axes):
        made = _bound(law, over, world, env)
        if found is None:
            bindings.new[at] = replace(made, env=made.env.beyond(env))
        return made
    here = env.extended(found.env)
    if any("#" in a and ".atoms#" not in a for a in found.axes):  # quadrature nodes
        bounded(world, here)
    return replace(found, env=here)


def _bound(law: Law, over: tuple[Term, ...], world: World, env: Env) -> Binding:
    if isinstance(law, FamilyDensity):
        if world.setting.kind == "tables":
            raise CannotEvaluate("a family has no value on finite tables")
        return bind_family(law, over, world, env)
    if over and not law.event:
        joint_roots = _roots(law, world)
        law = Density(law.name, over, law.given or joint_roots)
    law = explicit(law, world, env)
    if over and over != law.event:
        copies = _copies(law, over, world, env)
        if copies:
            return _independent(law, copies, world, env)
        law = _moved(law, over, world, env)
    inner = env.with_law(law)
    if world.setting.kind != "tables":
        meaning = expansion(law, world, inner)
        if meaning is not None and isinstance(meaning[0], Density | FamilyDensity):
            return bind_law(meaning[0], law.event, world, inner.with_indices(meaning[1]))
        if meaning is not None or by_formula(law, world, inner):
            raise CannotEvaluate(f"the law {law.name}, which a formula gives, has no nodes here")
        return bind_density(law, world, inner)
    keys = tuple(k for e in law.event for k in world.keys(e, env.indices))
    taken = {k for g in law.given for k in world.symbols_of(g, env.indices)}
    keys = tuple(k for k in keys if k not in taken)
    _ensure_axes(keys, world, env)
    weight = log_of(law, world, inner)
    for k in keys:
        weight = add(weight, axis_weights(world, k))
    return Binding(inner, keys, (weight.with_data(torch.exp(weight.data)),))


def _ensure_axes(keys: tuple[str, ...], world: World, env: Env) -> None:
    for k in keys:
        if k in env.values:
            raise CannotEvaluate(f"{shown(k)} is bound twice")


def _roots(law: Density, world: World) -> tuple[Term, ...]:
    try:
        return tuple(symbol_at(r) for r in world.joint(law.name).roots)
    except CannotEvaluate:
        return ()


def _copies(law: Density, over: tuple[Term, ...], world: World, env: Env) -> tuple[str, ...]:
    r"""Indexed copies z_1, z_2 of the one variable z of a law (i.i.d.), if that is what is bound."""
    if len(law.event) != 1 or not isinstance(law.event[0], Symbol):
        return ()
    name = law.event[0].name
    want = tuple(k for o in over for k in world.keys(o, env.indices))
    if name in world.slot_keys and all(base_name(k) == name and "@" in k for k in want):
        return want
    return ()


def _independent(law: Density, copies: tuple[str, ...], world: World, env: Env) -> Binding:
    out = Binding(env)
    for k in copies:
        b = bind_law(Density(law.name, (symbol_at(k),), law.given), (), world, out.env)
        out = Binding(b.env, (*out.axes, *b.axes), (*out.weights, *b.weights))
    return out


def _moved(law: Density, over: tuple[Term, ...], world: World, env: Env) -> Density:
    r"""E_{z_k \sim q(z|x)}: the law of a copy of z."""
    mine = [k for e in law.event for k in world.keys(e, env.indices)]
    want = [k for o in over for k in world.keys(o, env.indices)]
    if set(want) <= set(mine):
        return Density(law.name, over, law.given) if set(want) != set(mine) else law
    if len(mine) == len(want) == 1 and all(
        world.drawn_as.get(w) == m for w, m in zip(want, mine, strict=True)
    ):
        return Density(law.name, over, law.given)
    if len(mine) == len(want) and [base_name(k) for k in mine] == [base_name(k) for k in want]:
        return Density(law.name, over, law.given)
    raise CannotEvaluate("the expectation binds other variables than its law has")


def own_law(
    keys: tuple[str, ...], given: tuple[Term, ...], world: World, env: Env
) -> list[tuple[tuple[str, ...], Law]]:
    """The laws that the theory gives to variables: by sampling statements, else the one joint that has them."""
    out: list[tuple[tuple[str, ...], Law]] = []
    rest: list[str] = []
    for key in keys:
        declared = _sampled_law(key, world)
        if declared is not None and not given:
            out.append(((key,), declared))
        else:
            rest.append(key)
    if rest:
        names = [n for n in world.signature.densities if _holds(n, rest, world)]
        if len(names) > 1:
            # the one in which they come first: x_0 ~ q(x_0), not the end of p_θ's chain
            names = [n for n in names if _unconditioned(n, rest, world)] or names
        if len(names) > 1 and given:
            names = [n for n in names if _holds(n, [k for g in given for k in world.keys(g, env.indices)], world)] or names
        if len(names) > 1:  # q(y|x) p(x) and p(x) give x one law
            names = _same_law(names, rest, given, world) or names
        if len(names) != 1:
            raise CannotEvaluate(
                f"the law of {', '.join(shown(k) for k in rest)} is not said"
                if not names
                else f"{', '.join(shown(k) for k in rest)} has more than one law here: {', '.join(names)}"
            )
        out.append((tuple(rest), Density(names[0], tuple(symbol_at(k) for k in rest), given)))
    return out


def _same_law(names: list[str], keys: list[str], given: tuple[Term, ...], world: World) -> list[str]:
    """The one density that the others have as their factor for these variables; empty if they differ."""
    if given:
        return []
    origin: set[str] = set()
    for n in names:
        mine = [f for f in world.joint(n).factors if set(f.event) == set(keys) and not f.given]
        if len(mine) != 1:
            return []
        origin.add(mine[0].density)
    return sorted(origin & set(names)) if len(origin) == 1 else []


def _sampled_law(key: str, world: World) -> Law | None:
    """The law that a sampling statement gives to the variable at a ground key."""
    name, _, index = key.partition("@")
    for s in world.signature.samples:
        if s.variable.name != name:
            continue
        if not s.variable.index and not index:
            return s.law
        if (
            is_integer(index)
            and matched(s.variable.index, symbol_at(key).index, {}, world.fixed) is not None
        ):
            return s.law
    return None


def _unconditioned(name: str, keys: list[str], world: World) -> bool:
    """Whether the variables have a factor of their own, or are what the joint is conditioned on."""
    joint = world.joint(name)
    first = {e for f in joint.factors if not f.given for e in f.event} | set(joint.roots)
    return all(k in first or base_name(k) in first for k in keys)


def _holds(name: str, keys: list[str], world: World) -> bool:
    try:
        variables = world.joint(name).variables
    except CannotEvaluate:
        return False
    return all(k in variables or base_name(k) in variables for k in keys)
