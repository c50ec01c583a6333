r"""Integrals: over finite axes by their weights, over Gaussian variables by the nodes of their law."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import torch

from derivcheck.interpreters.exact.bound import beneath
from derivcheck.interpreters.exact.densities import log_of, log_of_family
from derivcheck.interpreters.exact.factors import dimension
from derivcheck.interpreters.exact.keys import base_name, symbol_at
from derivcheck.interpreters.exact.laws import bind_law
from derivcheck.interpreters.exact.measures import is_factor, needs_the_line
from derivcheck.interpreters.exact.mentions import free_variables
from derivcheck.interpreters.exact.quadrature import bounded
from derivcheck.interpreters.exact.tables import axis_weights
from derivcheck.interpreters.exact.values import (
    CannotEvaluate,
    Value,
    add,
    scale,
    sum_over,
)
from derivcheck.interpreters.exact.world import Env, World
from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import (
    Add,
    Density,
    FamilyDensity,
    Integral,
    Symbol,
    Term,
)

MOST_ON_THE_LINE = 2  # real coordinates


def integral(t: Integral, world: World, env: Env) -> Value:
    """∫ body over the base measure of the variables."""
    keys = tuple(k for o in t.over for k in world.keys(o, env.indices))
    if world.setting.kind != "tables":
        return _by_a_law(t, keys, world, env)
    for o in t.over:
        if isinstance(o, Symbol) and o.name in env.indices and not o.index:
            raise CannotEvaluate(f"an integral over the index {o.name}")
    if needs_the_line(t):
        raise CannotEvaluate("a plain integral over the real line has no value on finite tables")
    env = beneath(keys, t.body, world, _unbound(keys, env))
    v = world.value(t.body, env)
    for k in keys:
        w = axis_weights(world, k)
        v = sum_over(v, k, w.with_data(torch.exp(w.data)), 1)
    return v


def _by_a_law(whole: Integral, keys: tuple[str, ...], world: World, env: Env) -> Value:
    """∫ body over keys, on the nodes of the first law in it that has them."""
    reasons: list[str] = []
    body = whole.body
    inner = _bound_within(body, world, env)
    parts = [x for _, x in subterms(body)]
    sure = _factors(body)
    if sum(dimension(k, world) for k in keys) <= MOST_ON_THE_LINE:
        if not sure and isinstance(body, Add) and all(_factors(x) for x in body.terms):
            return _summed([world.value(Integral(whole.over, x), env) for x in body.terms])
        parts = list(sure)  # nodes of another law may miss where the integrand is
    for t in (*_posteriors(whole, keys, inner, world, env, frozenset(sure)), *parts):
        if isinstance(t, Density) and t.event:
            law = _without(t, whole, keys, inner, world, env)
            mine = {k for e in law.event for k in world.symbols_of(e, env.indices)}
        elif isinstance(t, FamilyDensity) and isinstance(t.point, Symbol):
            law = t
            mine = set(world.symbols_of(t.point, env.indices))
        else:
            continue
        if mine != set(keys):
            continue
        try:
            b = bind_law(law, (), world, env)
            log = (
                log_of(law, world, b.env)
                if isinstance(law, Density)
                else log_of_family(law, world, b.env)
            )
        except CannotEvaluate as why:
            reasons.append(str(why))
            continue
        with world.memory.scope():
            v = scale(log.with_data(torch.exp(-log.data)), world.value(body, beneath(b.axes, body, world, b.env)))
            return b.mean(v)
    if reasons:
        raise CannotEvaluate(reasons[0])
    return _over_the_line(body, keys, world, env)


@lru_cache(maxsize=1024)
def _factors(body: Term) -> tuple[Term, ...]:
    """The densities on whose nodes an integrand is not too large anywhere."""
    return tuple(x for _, x in subterms(body) if isinstance(x, Density | FamilyDensity) and is_factor(x, body))


def _summed(values: list[Value]) -> Value:
    out = values[0]
    for v in values[1:]:
        out = add(out, v)
    return out


def _bound_within(body: Term, world: World, env: Env) -> frozenset[str]:
    """The variables that integrals and expectations in the body bind: they have no value outside."""
    found: set[str] = set()
    for _, x in subterms(body):
        if isinstance(x, Integral):
            found.update(k for o in x.over for k in world.symbols_of(o, env.indices))
    return frozenset(found)


def _without(
    t: Density, whole: Integral, keys: tuple[str, ...], inner: frozenset[str], world: World, env: Env
) -> Density:
    """A density as a law of `keys` alone: what the body binds within is integrated out, the rest is given."""

    def of(x: Term) -> set[str]:
        return set(world.symbols_of(x, env.indices))

    event = {k for e in t.event for k in of(e)}
    lost = any(of(g) & inner for g in t.given)
    if not set(keys) <= event or (event == set(keys) and not lost):
        return t
    rest = tuple(e for e in t.event if not of(e) & set(keys) and not of(e) & inner)
    kept = tuple(g for g in t.given if not of(g) & inner)
    if lost:  # x_t given x_0 where x_{t-1} is integrated within: nodes near where the integrand is
        said = {k for g in (*rest, *kept) for k in of(g)} | set(keys) | inner
        known = set(world.joint(t.name).variables) & free_variables(whole.body, world, env)
        kept = (*kept, *(symbol_at(k) for k in sorted(known - said)))
    return Density(t.name, whole.over, (*rest, *kept), t.index)


def _posteriors(
    t: Integral, keys: tuple[str, ...], inner: frozenset[str], world: World, env: Env, factors: frozenset[Term]
) -> list[Density]:
    """The laws under which `q(y|x) p(x)` is a polynomial in x: where one joint has both, x given y."""
    if world.setting.kind != "linear":
        return []
    known_of_keys: set[Term] = set()  # what else the laws of x are conditioned on
    prior = False
    for _, x in subterms(t.body):
        if isinstance(x, Density) and {k for e in x.event for k in world.symbols_of(e, env.indices)} & set(keys):
            prior |= x in factors
            known_of_keys.update(g for g in x.given if not set(world.symbols_of(g, env.indices)) & (inner | set(keys)))
    if not prior and sum(dimension(k, world) for k in keys) <= MOST_ON_THE_LINE:
        return []
    out: list[Density] = []
    for _, x in subterms(t.body):
        if not isinstance(x, Density) or not x.event or not x.given:
            continue
        if any(set(world.symbols_of(e, env.indices)) & inner for e in (*x.event, *x.given)):
            continue  # what an integral within binds has no value here
        conditions = {g: set(world.symbols_of(g, env.indices)) for g in x.given}
        if not set(keys) <= set().union(*conditions.values()):
            continue
        kept = tuple(g for g, mine in conditions.items() if not mine & set(keys))
        try:
            known = set(world.joint(x.name).events)
        except CannotEvaluate:
            continue
        if set(keys) <= known:
            more = sorted(known_of_keys - {*x.event, *kept}, key=repr)
            out.append(Density(x.name, t.over, (*x.event, *kept, *more)))
    return out


def _over_the_line(body: Term, keys: tuple[str, ...], world: World, env: Env) -> Value:
    """∫ body over R or R², by the trapezoid rule on a wide grid that refinement widens further."""
    dims = sum(dimension(k, world) for k in keys)
    if dims > MOST_ON_THE_LINE:
        raise CannotEvaluate("an integral over more than two real coordinates")
    finer = max(world.setting.refine, 0)
    n = (161 if dims == 1 else 81) + 80 * finer
    u = torch.linspace(-1.0, 1.0, n, dtype=torch.float64) * (14.0 + 4.0 * finer)
    step = float(u[1] - u[0])
    bounded(world, env, n, dims)
    tag = next(world.fresh)
    bound: dict[str, Value] = {}
    axes: list[str] = []
    for k in keys:
        d = dimension(k, world)
        column = bool(world.shape_of_variable(base_name(k)))
        here = [f"{k}.{i}#{tag:09d}" for i in range(d)]
        axes += here
        if not column:
            bound[k] = Value((here[0],), u.unsqueeze(0))
            continue
        grid = torch.stack(torch.meshgrid(*([u] * d), indexing="ij"), -1).unsqueeze(0)
        bound[k] = Value(tuple(here), grid, 1)
    v = world.value(body, env.with_values(bound))
    v = _converging(v, axes)
    for a in axes:
        v = sum_over(v, a, None, n)
        v = v.with_data(v.data * step)
    return v


def _converging(v: Value, axes: list[str]) -> Value:
    """An integrand without a value in the worlds where it has not fallen off at the ends of the grid.

    Raises:
        CannotEvaluate: it has not in any world.
    """
    size = v.data.detach().abs().nan_to_num(0.0).reshape(v.data.shape[0], -1).amax(-1)
    good = torch.ones_like(size, dtype=torch.bool)
    for a in axes:
        if a in v.axes:
            ends = (v.data.detach().select(1 + v.axes.index(a), i).abs().reshape(v.data.shape[0], -1).amax(-1) for i in (0, -1))
            good &= sum(ends, torch.zeros_like(size)) <= 1e-10 * (1e-300 + size)
        elif bool(v.data.detach().any()):  # a constant, not 0
            good &= False
    if not bool(good.any()):
        raise CannotEvaluate("an integral that does not converge on the grid")
    if bool(good.all()):
        return v
    return v.with_data(torch.where(good.reshape(-1, *(1,) * (v.data.dim() - 1)), v.data, torch.nan))


def _unbound(keys: tuple[str, ...], env: Env) -> Env:
    if not env.values.keys() & set(keys):
        return env
    return replace(env, values={k: v for k, v in env.values.items() if k not in keys})
