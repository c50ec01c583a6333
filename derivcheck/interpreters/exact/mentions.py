r"""Which variables stand free in a term, at ground keys: what an `E_q` without a law integrates, what is a path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.interpreters.exact.definitions import expansion
from derivcheck.interpreters.exact.indices import integer
from derivcheck.interpreters.exact.values import CannotEvaluate
from derivcheck.terms.term import (
    Call,
    Covariance,
    Density,
    Divergence,
    Expectation,
    FamilyDensity,
    Fold,
    Integral,
    Moment,
    Optimum,
    Symbol,
    SymbolRange,
    Term,
)

if TYPE_CHECKING:
    from derivcheck.interpreters.exact.world import Env, World

Keys = frozenset[str]
NONE: Keys = frozenset()


def free_variables(t: Term, world: World, env: Env, *, outside: bool = False) -> Keys:
    """Ground keys of the variables that stand free in t; outside: not counting inside expectations."""
    memo = world.free
    names = reached(t, world)
    laws = tuple(sorted(env.laws)) if env.laws else ()
    at = (t, env.near(names), outside, laws, world.free_by)
    found = memo.get(at)
    if found is None:
        found = memo[at] = _free(t, world, env, outside)
    return found


def reached(t: Term, world: World) -> frozenset[str]:
    """All names in t and in the meanings of those names."""
    return world.facts.reached_by(t)


def _free(t: Term, world: World, env: Env, outside: bool) -> Keys:
    def go(x: Term, e: Env = env) -> Keys:
        return free_variables(x, world, e, outside=outside)

    match t:
        case Symbol():
            return _free_symbol(t, world, env, outside)
        case SymbolRange():
            return frozenset(world.symbols_of(t, env.indices))
        case Call():
            found = _expanded(t, world, env)
            if found is not None:
                return go(found[0], env.with_indices(found[1]))
            return NONE.union(*(go(a) for a in t.arguments))
        case Density(name, event, given):
            if not event:
                law = env.laws.get(name) or world.full_laws.get(name)
                if law is not None and law.event:
                    return go(law)
                return _joint_variables(name, world)
            own = NONE.union(*(go(x) for x in (*event, *given)))
            found = _expanded(t, world, env)  # p(x_t) = q(x_t|x_0) mentions x_0
            return own if found is None else own | go(found[0], env.with_indices(found[1]))
        case Fold(_, index, lower, upper, body):
            try:
                low, high = integer(lower, env.indices), integer(upper, env.indices)
            except CannotEvaluate:
                return go(body)
            return NONE.union(*(go(body, env.with_index(index, i)) for i in range(low, high + 1)))
        case Integral(over, body):
            return go(body) - _keys(over, world, env)
        case Expectation():
            return _free_expectation(t, world, env, outside)
        case Covariance(left, right, over, law, given):
            both = free_variables(left, world, env) | free_variables(right, world, env)
            return NONE if outside else (both - _keys(over, world, env) if over else NONE) | NONE.union(*(go(g) for g in given))
        case Divergence(_, p, q):
            event = _law_event(p, q, world, env)
            inside = [_law_free(x, world, env) for x in (p, q) if x is not None]
            return NONE.union(*inside) - event
        case Moment(_, law):
            return _law_free(law, world, env) - _keys(law.event if isinstance(law, Density) else (), world, env)
        case Optimum(_, over, body):
            return go(body) - _keys(over, world, env)
        case _:
            return NONE.union(*(go(c) for c in t.children))


def _expanded(t: Symbol | Call | Density, world: World, env: Env) -> tuple[Term, dict[str, int]] | None:
    try:
        return expansion(t, world, env)
    except CannotEvaluate:
        return None


def _free_symbol(t: Symbol, world: World, env: Env, outside: bool) -> Keys:
    found = _expanded(t, world, env)
    if found is not None:
        return free_variables(found[0], world, env.with_indices(found[1]), outside=outside)
    if world.is_variable(t):
        return frozenset(world.symbols_of(t, env.indices))
    function = world.signature.functions.get(t.name)
    if function is not None and not t.index:
        return NONE.union(*(free_variables(a, world, env) for a in function.arguments))
    return NONE


def _free_expectation(t: Expectation, world: World, env: Env, outside: bool) -> Keys:
    given = NONE.union(*(free_variables(g, world, env) for g in t.given)) if t.given else NONE
    law_free = NONE
    if isinstance(t.law, Density) and t.law.event:
        law_free = NONE.union(*(free_variables(g, world, env) for g in t.law.given))
    if outside:
        return law_free | given
    body = free_variables(t.body, world, env)
    bound = _keys(t.over, world, env)
    if not t.over and isinstance(t.law, Density):
        bound = _keys(t.law.event, world, env) or frozenset(_events(t.law.name, world)) - world.free_outside
    elif not t.over and t.law is None:
        bound = body - world.free_outside
    bound |= frozenset(k for k in body for b in bound if "@" not in b and k.split("@")[0] == b)
    return (body - bound) | law_free | given


def _events(name: str, world: World) -> tuple[str, ...]:
    try:
        return world.joint(name).events
    except CannotEvaluate:
        return ()


def _joint_variables(name: str, world: World) -> Keys:
    try:
        return frozenset(world.joint(name).variables)
    except CannotEvaluate:
        return NONE


def _keys(over: tuple[Term, ...], world: World, env: Env) -> Keys:
    return frozenset(k for v in over for k in world.symbols_of(v, env.indices))


def _law_event(p: Term, q: Term | None, world: World, env: Env) -> Keys:
    for law in (p, q):
        if isinstance(law, Density) and law.event:
            return _keys(law.event, world, env)
        if isinstance(law, FamilyDensity) and isinstance(law.point, Symbol):
            return _keys((law.point,), world, env)
    return frozenset(_events(p.name, world)) if isinstance(p, Density) else NONE


def _law_free(law: Term, world: World, env: Env) -> Keys:
    return free_variables(law, world, env)
