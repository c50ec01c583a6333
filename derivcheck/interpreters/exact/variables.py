r"""What a random variable is worth where it stands: a node of an axis, a random point, or the end of a path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from derivcheck.interpreters.exact.factors import discrete_variables
from derivcheck.interpreters.exact.indices import matched
from derivcheck.interpreters.exact.keys import base_name
from derivcheck.interpreters.exact.mentions import free_variables
from derivcheck.interpreters.exact.values import (
    CannotEvaluate,
    Value,
    add,
    is_zero,
    negative,
    scale,
)
from derivcheck.terms.term import Symbol

if TYPE_CHECKING:
    from derivcheck.interpreters.exact.world import Env, World
    from derivcheck.terms.signature import PathDeclaration


def variable(t: Symbol, key: str, world: World, env: Env) -> Value:
    """The value of a variable that is not bound at this place."""
    through = _by_path(key, world, env)
    if through is not None:
        return through
    if world.setting.kind == "tables" or key in discrete_variables(world):
        return world.coordinates(key, world.shape_of_variable(t.name))
    return point(key, world)


def point(key: str, world: World) -> Value:
    """A free variable of a world with families: a random point."""
    if key not in world.points:
        shape = world.shape_of_variable(key.split("@", maxsplit=1)[0])
        world.points[key] = Value((), world.draws.normal(f"{key}@point", *shape), len(shape))
    return world.points[key]


def _by_path(key: str, world: World, env: Env) -> Value | None:
    """A variable from the others of its path, where the relation mentions all of them or some are bound."""
    name = key.split("@", maxsplit=1)[0]
    for path in world.signature.paths:
        found = _ground(path, key, world)
        if found is not None and key == found[0]:
            return _forward(path, found, key, world, env)
        if name in path.body.names and name != path.variable.name:
            solved = _backward(path, key, world, env)
            if solved is not None:
                return solved
    return None


def _ground(path: PathDeclaration, key: str, world: World) -> tuple[str, dict[str, int]] | None:
    """The path's variable at the index at which `key` is it."""
    name, _, index = key.partition("@")
    if name != path.variable.name:
        return None
    if not path.variable.index:
        return (key, {}) if not index else None
    from fractions import Fraction

    from derivcheck.terms.term import Number

    if not index.lstrip("-").isdigit():
        return None
    bound = matched(path.variable.index, (Number(Fraction(int(index))),), {}, world.fixed)
    return (key, bound) if bound is not None else None


def _forward(path: PathDeclaration, found: tuple[str, dict[str, int]], key: str, world: World, env: Env) -> Value | None:
    inner = env.with_indices(found[1])
    sources = free_variables(path.body, world, inner)
    if key in sources:  # x_0 is where the path begins
        return None
    bound = {s for s in sources if s in env.values or s.split("@")[0] in env.values}
    if not bound and key not in env.values:
        _has_a_joint_law(path, key, sources, world, env)
    if bound or (key not in env.values and sources and sources <= world.mentioned):
        if world.setting.kind == "tables":
            raise CannotEvaluate("a path has no value on finite tables")
        return world.value(path.body, inner)
    return None


def _has_a_joint_law(path: PathDeclaration, key: str, sources: frozenset[str], world: World, env: Env) -> None:
    r"""x_t and x_{t-1} beside one \epsilon are not the chain's joint law: such a relation is not judged.

    Nor is one that does not mention x_0: in `x_t = \sqrt{\alpha_t} x_{t-1} + \sqrt{1-\alpha_t} \epsilon` the letter is another step's noise.
    """
    noise = sources & world.mentioned & _noises(world)
    for other in (world.mentioned | env.values.keys()) - sources - {key} if noise else ():
        found = _ground(path, other, world)
        if found is None:
            continue
        theirs = free_variables(path.body, world, env.with_indices(found[1]))
        shared = noise & theirs
        fresh = any(base_name(n) != path.variable.name for n in shared)  # x_T has a law too
        if other not in theirs and shared and (fresh or sources | theirs <= world.mentioned):
            raise CannotEvaluate(f"{path.variable.name} at two times on a path with one noise is no joint law")


def _noises(world: World) -> frozenset[str]:
    """The mentioned variables that have a declared law."""
    drawn = {s.variable.name for s in world.signature.samples}
    return frozenset(k for k in world.mentioned if base_name(k) in drawn)


def sharing_a_noise(world: World, env: Env) -> tuple[frozenset[str], frozenset[str]]:
    """The ends of paths that a relation mentions at several times beside a noise of theirs, and these noises."""
    ends, noises = set[str](), set[str]()
    for path in world.signature.paths:
        found = {key: _ground(path, key, world) for key in world.mentioned}
        sources = {key: free_variables(path.body, world, env.with_indices(at[1])) for key, at in found.items() if at is not None}
        having = {key for key, s in sources.items() if key not in s}
        if len(having) > 1:
            ends |= having
            noises |= {n for key in having for n in sources[key] & _noises(world) if base_name(n) != path.variable.name}
    return (frozenset(ends), frozenset(noises)) if noises else (frozenset(), frozenset())


def _backward(path: PathDeclaration, key: str, world: World, env: Env) -> Value | None:
    """Solve x = a·source + rest for a noise whose path's end is bound (not the other way round)."""
    name = key.partition("@")[0]
    if name not in {s.variable.name for s in world.signature.samples}:
        return None
    for end, indices in _ends(path, world, env):
        if end not in env.values:
            continue
        inner = env.with_indices(indices)
        if key not in free_variables(path.body, world, inner):
            continue
        shape = world.shape_of_variable(name)
        zero = Value((), torch.zeros(1, *shape, dtype=torch.float64), len(shape))
        one = zero.with_data(zero.data + 1)
        rest = world.value(path.body, inner.with_values({key: zero}))
        at_1 = world.value(path.body, inner.with_values({key: one}))
        slope = add(at_1, negative(rest))
        slope_first = slope if slope.rank == 0 else Value(slope.axes, slope.data[..., 0])
        gap = add(env.values[end][1], negative(rest))
        if is_zero(slope_first):
            continue
        return scale(slope_first.with_data(1 / slope_first.data), gap)
    return None


def _ends(path: PathDeclaration, world: World, env: Env) -> list[tuple[str, dict[str, int]]]:
    if not path.variable.index:
        return [(path.variable.name, {})]
    out: list[tuple[str, dict[str, int]]] = []
    for key in env.values:
        found = _ground(path, key, world)
        if found is not None:
            out.append(found)
    return out
