r"""What a random variable is worth where it stands: a node of an axis, a random point, or the end of a path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from derivcheck.interpreters.exact.factors import discrete_variables
from derivcheck.interpreters.exact.indices import matched
from derivcheck.interpreters.exact.keys import base_name, shown, symbol_at
from derivcheck.interpreters.exact.mentions import free_variables
from derivcheck.interpreters.exact.values import (
    CannotEvaluate,
    Value,
    add,
    is_zero,
    negative,
    scale,
)
from derivcheck.interpreters.exact.world import Env
from derivcheck.terms.term import Symbol, Term

if TYPE_CHECKING:
    from derivcheck.interpreters.exact.world import World
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
    leaves = _leaves(path, found, key, world, env)
    if not leaves:  # x_0 is where the path begins
        return None
    if key in world.moving:
        return world.value(path.body, inner)
    if key not in env.values:
        _has_a_joint_law(path, key, free_variables(path.body, world, inner), leaves, world, env)
    bound = frozenset(s for s in leaves if _is_bound(s, env))
    if bound:
        noise = frozenset(s for s in leaves if _is_noise(s, world))
        if key in world.free_outside:  # it keeps its value inside a binder of another variable
            if bound & noise:
                raise CannotEvaluate(f"{shown(key)} stands free, and inside an expectation over its noise")
            return _held(path, leaves, world, inner)
        if noise - bound - world.mentioned:
            raise CannotEvaluate(f"{shown(key)} inside an expectation over what it is computed from, but not over its noise")
    elif key in env.values or not leaves <= world.mentioned:
        return None
    if world.setting.kind == "tables":
        raise CannotEvaluate("a path has no value on finite tables")
    return world.value(path.body, inner)


def _is_bound(key: str, env: Env) -> bool:
    return key in env.values or base_name(key) in env.values


def _is_noise(key: str, world: World) -> bool:
    """Whether a source of a path is drawn from a law of its own, being no variable of a joint with others."""
    if key in world.slot_keys or base_name(key) in world.slot_keys:
        joints = (world.joint(n).variables for n in world.signature.densities)
        return all(len(j) == 1 for j in joints if key in j or base_name(key) in j)
    return any(s.variable.name == base_name(key) for s in world.signature.samples)


def _held(path: PathDeclaration, leaves: frozenset[str], world: World, env: Env) -> Value | None:
    """The value of a path's end outside the binders of its sources; None if it is a point of its own there."""
    if not leaves <= world.mentioned:
        return None
    outside = {k: v for k, v in env.values.items() if k not in leaves and k not in {base_name(x) for x in leaves}}
    return world.value(path.body, Env(env.indices, outside, env.laws))


def _leaves(
    path: PathDeclaration, found: tuple[str, dict[str, int]], key: str, world: World, env: Env, *, whole: bool = False
) -> frozenset[str]:
    """What a path's end is computed from; empty where it begins.

    A source without a value of its own stands for its sources where those have one. whole: for all of them, and itself.
    """
    sources = free_variables(path.body, world, env.with_indices(found[1]))
    if key in sources or any(s.partition("@")[2].startswith("-") for s in sources):
        return frozenset()
    out: set[str] = set()
    for s in sources:
        below: frozenset[str] = frozenset()
        if whole or (s not in world.mentioned and not _is_bound(s, env)):
            for other in world.signature.paths:
                at = _ground(other, s, world)
                if at is not None:
                    below = _leaves(other, at, s, world, env, whole=whole)
                    break
        if whole:
            out |= below | {s}
        elif below <= world.mentioned or any(_is_bound(x, env) for x in below):
            out |= below or {s}
        else:
            out.add(s)
    return frozenset(out)


def sources_of(key: str, world: World, env: Env, *, whole: bool = False) -> frozenset[str]:
    """What the path that ends in a variable computes it from (whole: at any remove); empty if none does."""
    for path in world.signature.paths:
        found = _ground(path, key, world)
        if found is not None:
            return _leaves(path, found, key, world, env, whole=whole)
    return frozenset()


def is_computed(key: str, world: World, env: Env) -> bool:
    """Whether all that the path of a variable computes it from has a value."""
    leaves = sources_of(key, world, env)
    return bool(leaves) and all(s in world.mentioned or _is_bound(s, env) for s in leaves)


def one_noise(body: Term, world: World, env: Env) -> None:
    r"""Refuse an average of x_t with x_{t-1} that one \epsilon computes both: the chain's joint law is another."""
    ends = sorted(k for k in free_variables(body, world, env) if k not in env.values and "@" in k)
    seen: dict[str, str] = {}
    for key in ends:
        leaves = sources_of(key, world, env)
        for s in leaves & env.values.keys():
            other = seen.setdefault(s, key)
            if other != key and _is_noise(s, world) and base_name(other) == base_name(key) and other not in leaves:
                raise CannotEvaluate(f"{base_name(key)} at two times on a path with one noise is no joint law")


def no_path_on_tables(body: Term, bound: frozenset[str], world: World, env: Env) -> None:
    r"""Refuse, on tables, an average over \epsilon of an x_t that a path computes from it: there x_t has an axis of its own."""
    noises = frozenset(k for k in bound if _is_noise(k, world))
    if noises and any(noises & sources_of(k, world, env, whole=True) for k in free_variables(body, world, env)):
        raise CannotEvaluate("a path has no value on finite tables")


def _has_a_joint_law(
    path: PathDeclaration, key: str, sources: frozenset[str], leaves: frozenset[str], world: World, env: Env
) -> None:
    r"""x_t and x_{t-1} beside one \epsilon are not the chain's joint law: such a relation is not judged.

    Nor is one that does not mention x_0: in `x_t = \sqrt{\alpha_t} x_{t-1} + \sqrt{1-\alpha_t} \epsilon` the letter is another step's noise.
    """
    if any(_is_bound(s, env) for s in sources):
        return
    noise = (sources | leaves) & world.mentioned & _noises(world)
    for other in (world.mentioned | env.values.keys()) - sources - {key} if noise else ():
        found = _ground(path, other, world)
        if found is None:
            continue
        theirs = free_variables(path.body, world, env.with_indices(found[1]))
        shared = noise & theirs
        fresh = any(base_name(n) != path.variable.name for n in shared)  # x_T has a law too
        if other not in theirs and shared and (fresh or leaves | theirs <= world.mentioned):
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
    """Solve x = a·source + rest for a noise whose path's end is bound (not the other way round), or what else it comes from."""
    name = key.partition("@")[0]
    if name not in {s.variable.name for s in world.signature.samples}:
        return None
    for end, indices in _ends(path, world, env):
        inner = env.with_indices(indices)
        sources = free_variables(path.body, world, inner)
        if key not in sources:
            continue
        if end not in env.values:  # the posterior of x_0 moves the noise of an x_t that stands free
            if key in world.free_outside or end not in world.free_outside or not any(_is_bound(s, env) for s in sources):
                continue
        elif not _known_beside(end, sources - {key}, world, env):
            raise CannotEvaluate(f"{shown(key)} where {shown(end)} is bound, but not what else it is computed from")
        found = _noise_at(path, key, world.value(symbol_at(end), env), world, inner)
        if found is not None:
            return found
    return None


def _noise_at(path: PathDeclaration, key: str, end: Value, world: World, env: Env) -> Value | None:
    """The noise with which a path ends at a value, its other sources being what they are here; its weight is a number."""
    shape = world.shape_of_variable(base_name(key))
    zero = Value((), torch.zeros(1, *shape, dtype=torch.float64), len(shape))
    one = zero.with_data(zero.data + 1)
    rest = world.value(path.body, env.with_values({key: zero}))
    at_1 = world.value(path.body, env.with_values({key: one}))
    slope = add(at_1, negative(rest))
    slope_first = slope if slope.rank == 0 else Value(slope.axes, slope.data[..., 0])
    if is_zero(slope_first):
        return None
    gap = add(end, negative(rest))
    found = scale(slope_first.with_data(1 / slope_first.data), gap)
    miss = add(world.value(path.body, env.with_values({key: found})), negative(end)).data.detach()
    if not bool((miss.abs() <= 1e-8 * (1 + end.data.detach().abs().max())).all()):
        raise CannotEvaluate(f"{shown(key)} cannot be solved for: its weight is no number")
    return found


def noise_of(key: str, end: str, world: World, env: Env) -> Value | None:
    """The noise with which the path of a bound variable ends at its value; None if none does."""
    for path in world.signature.paths:
        found = _ground(path, end, world)
        if found is not None:
            return _noise_at(path, key, env.values[end][1], world, env.with_indices(found[1]))
    return None


def _known_beside(end: str, others: frozenset[str], world: World, env: Env) -> bool:
    """Whether what else a bound end is computed from is bound too, or is what its law is conditioned on."""
    left = {s for s in others if not _is_bound(s, env)}
    laws = [w for w in env.laws.values() if end in {k for e in w.event for k in world.symbols_of(e, env.indices)}]
    given = {k for w in laws for g in w.given for k in world.symbols_of(g, env.indices)}
    return left <= (given if laws else world.mentioned)


def _ends(path: PathDeclaration, world: World, env: Env) -> list[tuple[str, dict[str, int]]]:
    if not path.variable.index:
        return [(path.variable.name, {})]
    out: list[tuple[str, dict[str, int]]] = []
    for key in (*env.values, *sorted(world.free_outside - env.values.keys())):
        found = _ground(path, key, world)
        if found is not None:
            out.append(found)
    return out
