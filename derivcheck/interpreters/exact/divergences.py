r"""KL, JSD, entropy, cross-entropy and total variation of two laws, in nats."""

from __future__ import annotations

import torch

from derivcheck.interpreters.exact.continuous import is_gaussian
from derivcheck.interpreters.exact.densities import explicit, log_of
from derivcheck.interpreters.exact.formulas import log_family
from derivcheck.interpreters.exact.keys import symbol_at
from derivcheck.interpreters.exact.laws import bind_law
from derivcheck.interpreters.exact.quadrature import Binding
from derivcheck.interpreters.exact.values import (
    ZERO,
    CannotEvaluate,
    Value,
    add,
    negative,
    scale,
    sum_over,
)
from derivcheck.interpreters.exact.world import Env, World
from derivcheck.terms.term import (
    Call,
    Density,
    Divergence,
    FamilyDensity,
    Law,
    Symbol,
    Term,
)


def divergence(t: Divergence, world: World, env: Env) -> Value:
    """KL, JSD, entropy, cross-entropy or total variation, in nats."""
    p, q = _paired(t.p, t.q, world, env)
    quadratic = world.setting.kind != "tables" and all(
        is_gaussian(x, world, env) for x in (p, q) if x is not None
    )
    if quadratic and t.kind != "JSD":  # log densities are quadratic in what is bound: few nodes do
        with world.few_nodes():
            binding = bind_law(p, (), world, env)
    else:
        binding = bind_law(p, (), world, env)
    log_p = _log_law(p, p, binding, world)
    match t.kind:
        case "KL":
            inner = add(log_p, negative(_log_law(_need(q), p, binding, world)))
        case "entropy":
            inner = negative(log_p)
        case "cross_entropy":
            inner = negative(_log_law(_need(q), p, binding, world))
        case "JSD":
            return _jsd(p, _need(q), binding, log_p, world, env)
        case "TV":
            log_q = _log_law(_need(q), p, binding, world)
            ratio = add(log_q, negative(log_p))
            inner = ratio.with_data(0.5 * (1 - torch.exp(ratio.data)).abs())
    return _summed(inner, binding)


def _summed(v: Value, binding: Binding) -> Value:
    v = scale(binding.weight, v)
    for axis in binding.axes:
        v = sum_over(v, axis, None, 1)
    return v


def _need(q: Law | None) -> Law:
    if q is None:
        raise CannotEvaluate("a divergence needs two laws")
    return q


def _jsd(p: Law, q: Law, binding: Binding, log_p: Value, world: World, env: Env) -> Value:
    def half(a: Law, b: Law, bound: Binding) -> Value:
        log_a, log_b = _log_law(a, a, bound, world), _log_law(b, a, bound, world)
        mix = add(log_a, ZERO)
        axes_sum = add(mix, negative(log_b))
        # log a - log (a+b)/2 = -log((1 + b/a)/2)
        return _summed(axes_sum.with_data(-torch.log((1 + torch.exp(-axes_sum.data)) / 2)), bound)

    other = bind_law(q, (), world, env)
    v = add(half(p, q, binding), half(q, p, other))
    return v.with_data(0.5 * v.data)


def _paired(p: Law, q: Law | None, world: World, env: Env) -> tuple[Law, Law | None]:
    """Give a bare name the variables of the law it stands beside."""
    p, q = _as_law(p), None if q is None else _as_law(q)
    if isinstance(p, Density) and not p.event and isinstance(q, Density) and q.event:
        p = _beside(p, q, world, env)
    if isinstance(q, Density) and not q.event and isinstance(p, Density) and p.event:
        q = _beside(q, p, world, env)
    if isinstance(p, Density):
        p = explicit(p, world, env)
        if isinstance(q, Density) and not q.event:
            q = _beside(q, p, world, env)
    return p, q


def _as_law(t: Term) -> Law:
    """A law; a name applied to variables is one even where it was not declared as a density."""
    if isinstance(t, Call):
        return Density(t.function, t.arguments)
    if isinstance(t, Symbol) and not t.index:
        return Density(t.name)
    if not isinstance(t, Density | FamilyDensity):
        raise CannotEvaluate("a divergence from something that is no law")
    return t


def _beside(bare: Density, full: Density, world: World, env: Env) -> Density:
    known = env.laws.get(bare.name) or world.full_laws.get(bare.name)
    if known is not None and known.event == full.event:
        return known
    try:
        joint = world.joint(bare.name)
    except CannotEvaluate:
        return Density(bare.name, full.event)
    event = {k for e in full.event for k in world.keys(e, env.indices)}
    given = tuple(symbol_at(r) for r in joint.roots if r not in event)
    return Density(bare.name, full.event, given)


def _log_law(law: Law, base: Law, binding: Binding, world: World) -> Value:
    """log density of a law at the variables that `base` bound."""
    if isinstance(law, Density):
        if isinstance(base, Density) and law.event != base.event and law is not base:
            mine = {k for e in law.event for k in world.keys(e, binding.env.indices)}
            theirs = {k for e in base.event for k in world.keys(e, binding.env.indices)}
            if mine != theirs:
                raise CannotEvaluate("a divergence between laws of different variables")
        return log_of(law, world, binding.env)
    if not isinstance(law, FamilyDensity):
        raise CannotEvaluate("a divergence from something that is no law")
    point = law.point
    if point is None:
        events = base.event if isinstance(base, Density) else ()
        at = events[0] if len(events) == 1 else None
        value = (
            world.value(at, binding.env)
            if at is not None
            else binding.env.values.get("*point", (0, None))[1]
        )
        if value is None:
            raise CannotEvaluate("a divergence between laws without a variable")
        return log_family(law, value, world, binding.env)
    return log_family(law, world.value(point, binding.env), world, binding.env)
