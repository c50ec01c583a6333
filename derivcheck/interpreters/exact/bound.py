r"""What an expectation binds: the variables it names, all that its law has, or those without a condition."""

from __future__ import annotations

from collections.abc import Iterable

from derivcheck.interpreters.exact.keys import base_name, is_integer, shown, symbol_at
from derivcheck.interpreters.exact.laws import bind_law, own_law
from derivcheck.interpreters.exact.mentions import free_variables, reached
from derivcheck.interpreters.exact.quadrature import Binding
from derivcheck.interpreters.exact.values import (
    CannotEvaluate,
)
from derivcheck.interpreters.exact.variables import sources_of
from derivcheck.interpreters.exact.world import Env, World
from derivcheck.terms.term import (
    Density,
    Expectation,
    Law,
    Symbol,
    SymbolRange,
    Term,
)


def bound_by(t: Expectation, world: World, env: Env, whole: Term) -> list[Binding]:
    """The bindings of an expectation, one inside the other; whole: what its body is a summand of."""
    if t.given:
        return _given(t, world, env)
    if t.law is not None:
        if isinstance(t.law, Density) and not t.law.event and not t.over:
            return [_all_of_the_law(t.law, t.body, whole, world, env)]
        return [bind_law(t.law, t.over, world, env)]
    keys = _own_keys(t, world, env)
    if not keys and not t.over and free_variables(whole, world, env) & world.free_outside - held_fixed(world, env):
        raise CannotEvaluate("all variables of an expectation without a law stand free beside it: it is not said what it is over")
    out: list[Binding] = []
    here = env
    laws = own_law(keys, (), world, env)
    for k in _shared_conditions(laws, keys, world, env):
        b = bind_law(own_law((k,), (), world, env)[0][1], (symbol_at(k),), world, here)
        here = b.env
        out.append(b)
    for some, law in laws:
        b = bind_law(law, tuple(symbol_at(k) for k in some), world, here)
        here = b.env
        out.append(b)
    return out or [Binding(env)]


def _shared_conditions(
    laws: list[tuple[tuple[str, ...], Law]],
    keys: tuple[str, ...],
    world: World,
    env: Env,
) -> list[str]:
    r"""What the laws of x_1, x_2 ~ p(x'|x) are conditioned on and nothing else binds: it is averaged over too."""
    out: dict[str, None] = {}
    for _, law in laws:
        if isinstance(law, Density):
            for g in law.given:
                for k in world.symbols_of(g, env.indices):
                    if (
                        k not in keys
                        and k not in world.free_outside
                        and k not in env.summed
                        and _has_law(k, world, env)
                    ):
                        out[k] = None
    return list(out)


def _has_law(key: str, world: World, env: Env) -> bool:
    """Whether one law is the variable's own; one with several stands free."""
    try:
        own_law((key,), (), world, env)
    except CannotEvaluate:
        return False
    return True


def _own_keys(t: Expectation, world: World, env: Env) -> tuple[str, ...]:
    """The variables an expectation without a law binds: the named ones, else all that stand free in it."""
    mentioned = free_variables(t.body, world, env)
    if not t.over:
        return tuple(
            sorted(
                _sources(mentioned, world, env)
                - world.free_outside
                - env.summed
                - held_fixed(world, env)
            )
        )
    out: list[str] = []
    for o in t.over:
        if isinstance(o, Symbol) and not o.index and o.name in env.indices:
            continue
        for k in world.keys(o, env.indices):
            copies = (
                [m for m in sorted(mentioned | _hidden(mentioned, world, env)) if base_name(m) == k != m]
                if "@" not in k
                else []
            )
            out += copies + ([k] if k in mentioned or not copies else [])
    return tuple(dict.fromkeys(out))


def beneath(axes: Iterable[str], body: Term, world: World, env: Env) -> Env:
    """Where a body stands whose axes are summed: axes of tables are marked where an expectation in it must know."""
    if body.averages or not world.facts.averages.isdisjoint(reached(body, world)):
        return env.with_axes(tuple(a for a in axes if "#" not in a))
    return env


def held_fixed(world: World, env: Env) -> frozenset[str]:
    """Variables that the theory holds at one value."""
    return frozenset(k for t in world.signature.fixed for k in world.symbols_of(t, env.indices))


def _sources(keys: frozenset[str], world: World, env: Env) -> frozenset[str]:
    """Variables with paths stand for the variables they are computed from."""
    ends = {p.variable.name for p in world.signature.paths}
    if world.setting.kind == "tables" or not ends:
        return keys
    hidden = _hidden(keys, world, env)
    known = world.free_outside | world.mentioned | env.values.keys() | held_fixed(world, env)
    for k in sorted(hidden - known):  # x_{t-1} behind x_t: nothing says what it is averaged with
        if base_name(k) in ends and sources_of(k, world, env):
            raise CannotEvaluate(f"an expectation over all of what {shown(k)} is computed from has no value here")
    return frozenset(k for k in keys | hidden if base_name(k) not in ends or not hidden)


def _hidden(keys: frozenset[str], world: World, env: Env) -> frozenset[str]:
    """The sources of the paths that end in keys."""
    out: set[str] = set()
    for p in world.signature.paths:
        for key in keys:
            if base_name(key) != p.variable.name:
                continue
            index = key.partition("@")[2]
            names = [i for x in p.variable.index for i in x.names - set(world.fixed)]
            if is_integer(index) and len(names) == 1:
                out |= free_variables(p.body, world, env.with_index(names[0], int(index)))
            elif not index:
                out |= free_variables(p.body, world, env)
    return frozenset(out - keys)


def _all_of_the_law(law: Density, body: Term, whole: Term, world: World, env: Env) -> Binding:
    """E_q without variables: all of q's joint that the bracket mentions, except what stands free outside."""
    joint = world.joint(law.name)
    mentioned = free_variables(body, world, env)
    everything = free_variables(whole, world, env)
    free = world.free_outside | env.summed
    events = [v for v in joint.variables if v not in free]
    over = [v for v in events if v in mentioned]
    if not (set(joint.variables) & everything):
        raise CannotEvaluate(f"the expectation over {law.name} mentions none of its variables")
    held = sorted(
        {v for v in joint.variables if v in everything and v in free}
        | {r for r in joint.roots if r in free}
    )
    if not over:
        return Binding(env)
    made = Density(law.name, tuple(symbol_at(v) for v in over), tuple(symbol_at(g) for g in held))
    return bind_law(made, (), world, env)


def _given(t: Expectation, world: World, env: Env) -> list[Binding]:
    """E[a | b]: the conditional law of the variables of a, given those of b."""
    given = frozenset().union(*(free_variables(g, world, env) for g in t.given))
    if not all(isinstance(g, Symbol | SymbolRange) for g in t.given):
        raise CannotEvaluate("a conditional expectation given something that is not a variable")
    mentioned = free_variables(t.body, world, env) - given - held_fixed(world, env)
    keys = tuple(sorted(mentioned - env.values.keys()))
    if not keys:
        return [Binding(env)]
    terms = tuple(symbol_at(k) for k in sorted(given))
    law = t.law
    if isinstance(law, Density):
        return [
            bind_law(Density(law.name, tuple(symbol_at(k) for k in keys), terms), (), world, env)
        ]
    ((some, found),) = own_law(keys, terms, world, env)
    return [bind_law(found, tuple(symbol_at(k) for k in some), world, env)]
