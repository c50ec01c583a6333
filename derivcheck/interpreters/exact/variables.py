r"""What a random variable is worth where it stands: a node of an axis, a random point, or the end of a path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from derivcheck.interpreters.exact.factors import discrete_variables
from derivcheck.interpreters.exact.indices import matched
from derivcheck.interpreters.exact.mentions import free_variables
from derivcheck.interpreters.exact.values import CannotEvaluate, Value, add, is_zero, scale
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
    if bound or (key not in env.values and sources and sources <= world.mentioned):
        if world.setting.kind == "tables":
            raise CannotEvaluate("a path has no value on finite tables")
        if not bound:
            _unshared(path, key, sources, world, env)
        return world.value(path.body, inner)
    return None


def _unshared(path: PathDeclaration, key: str, sources: frozenset[str], world: World, env: Env) -> None:
    r"""x_t and x_{t-1} on one path with one \epsilon are not the chain's joint law: such a relation is not judged."""
    noise = {s for s in sources if s.split("@")[0] in {x.variable.name for x in world.signature.samples}}
    for other in world.mentioned | env.values.keys():
        if other == key or other.split("@")[0] != path.variable.name or other in sources:
            continue
        found = _ground(path, other, world)
        if found is None:
            continue
        theirs = free_variables(path.body, world, env.with_indices(found[1]))
        if other not in theirs and noise & theirs and theirs <= world.mentioned:
            raise CannotEvaluate(f"{path.variable.name} at two times on a path with one noise is no joint law")


def sharing_a_noise(world: World, env: Env) -> tuple[frozenset[str], frozenset[str]]:
    """The ends of paths that a relation mentions at several times with one noise, and these noises."""
    drawn = {s.variable.name for s in world.signature.samples}
    ends, noises = set[str](), set[str]()
    for path in world.signature.paths:
        found = {key: _ground(path, key, world) for key in world.mentioned}
        sources = {key: free_variables(path.body, world, env.with_indices(at[1])) for key, at in found.items() if at is not None}
        sources = {key: s for key, s in sources.items() if key not in s and s <= world.mentioned}
        for noise in {n for s in sources.values() for n in s if n.split("@")[0] in drawn}:
            having = {key for key, s in sources.items() if noise in s}
            if len(having) > 1:
                ends |= having
                noises.add(noise)
    return frozenset(ends), frozenset(noises)


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
        slope = add(at_1, rest.with_data(-rest.data))
        slope_first = slope if slope.rank == 0 else Value(slope.axes, slope.data[..., 0])
        gap = add(env.values[end][1], rest.with_data(-rest.data))
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
