r"""The factors of a joint with their families, and the products of them that need no integral."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import final

from derivcheck.interpreters.exact.indices import matched
from derivcheck.interpreters.exact.keys import base_name, is_integer, symbol_at
from derivcheck.interpreters.exact.slots import placed
from derivcheck.interpreters.exact.tables import GroundFactor, Joint
from derivcheck.interpreters.exact.values import (
    CannotEvaluate,
    Value,
)
from derivcheck.interpreters.exact.world import Env, World
from derivcheck.terms.term import (
    Density,
    FamilyDensity,
    Number,
    Symbol,
    Term,
)


@final
@dataclass(frozen=True)
class Part:
    """One ground factor with its family at these indices."""

    factor: GroundFactor
    family: FamilyDensity | None
    indices: dict[str, int]


def whole_joint(name: str, given: list[str], world: World) -> Joint:
    """The joint of a density; roots that nothing gives a value get a random law of their own."""
    joint = world.joint(name)
    if set(joint.roots) <= set(given):
        return joint
    return Joint(
        joint.name, (*(GroundFactor(joint.name, (r,), ()) for r in joint.roots), *joint.factors)
    )


def parts_of(joint: Joint, world: World) -> tuple[Part, ...]:
    """The factors of a joint in an order in which conditions come first."""
    found = world.parts.get(joint)
    if found is not None:
        return found
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
    world.parts[joint] = found = tuple(out)
    return found


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


def _matched_keys(
    pattern: tuple[Term, ...], keys: tuple[str, ...], fixed: dict[str, int]
) -> dict[str, int] | None:
    if len(pattern) != len(keys):
        return None
    out: dict[str, int] = {}
    for p, key in zip(pattern, keys, strict=True):
        name, _, index = key.partition("@")
        if not isinstance(p, Symbol) or p.name != name:
            return None
        if not p.index and not index:
            continue
        if not is_integer(index):
            return None
        found = matched(p.index, (Number(Fraction(int(index))),), {}, {**fixed, **out})
        if found is None:
            return None
        out.update(found)
    return out


def direct_parts(
    joint: Joint, event: list[str], given: list[str], world: World
) -> list[Part] | None:
    """The factors whose product the conditional is, if nothing has to be integrated or inverted."""
    parts = parts_of(joint, world)
    order = [k for p in parts for k in p.factor.event]
    wanted = set(event) - set(given)
    mine = [p for p in parts if set(p.factor.event) & wanted]
    if not mine or any(
        not set(p.factor.event) <= wanted or not set(p.factor.given) <= wanted | set(given)
        for p in mine
    ):
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
        event, given, _ = placed(t, world, env)
    except CannotEvaluate:
        return []
    found = direct_parts(whole_joint(t.name, given, world), event, given, world)
    return [p.factor for p in found] if found is not None else []


def discrete_variable(joint: Joint, world: World) -> str | None:
    r"""The one variable of a joint that has no family and is conditioned on ones that have: x of `p(x|z) p(z)`.

    In smooth worlds it has finitely many nodes, with probabilities that are smooth functions of the others.
    """
    if world.setting.kind != "smooth":
        return None
    try:
        parts = parts_of(joint, world)
    except CannotEvaluate:
        return None
    bare = [p for p in parts if p.family is None and p.factor.given]
    rest = [p for p in parts if p not in bare]
    if (
        len(bare) != 1
        or len(bare[0].factor.event) != 1
        or any(p.family is None for p in rest)
        or not rest
    ):
        return None
    (key,) = bare[0].factor.event
    return key if not any(key in p.factor.given for p in rest) else None


def discrete_variables(world: World) -> frozenset[str]:
    """Variables with finitely many nodes in a world of families."""
    if world.discrete is None:
        found: set[str] = set()
        for name in world.signature.densities:
            try:
                key = discrete_variable(world.joint(name), world)
            except CannotEvaluate:
                continue
            if key is not None:
                found.add(key)
        world.discrete = frozenset(found)
    return world.discrete


def joint_of(joint: Joint, factors: list[GroundFactor]) -> Joint:
    """A joint of some of the factors."""
    return Joint(joint.name, tuple(factors))


def at_key(key: str, world: World, env: Env) -> Value:
    """The value of the variable at a ground key."""
    if key in env.values:
        return env.values[key][1]
    return world.value(symbol_at(key), env)


def dimension(key: str, world: World) -> int:
    """How many coordinates a variable has."""
    shape = world.shape_of_variable(base_name(key))
    return shape[0] if shape else 1
