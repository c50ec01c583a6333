r"""KL, JSD, entropy, cross-entropy and total variation of two laws, in nats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

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
    Untyped,
    Value,
    add,
    negative,
)
from derivcheck.interpreters.exact.world import Env, World
from derivcheck.terms.term import (
    Add,
    Call,
    Density,
    Divergence,
    Divide,
    FamilyDensity,
    Law,
    Multiply,
    Number,
    Symbol,
    Term,
)


@final
@dataclass(frozen=True)
class Mixture:
    r"""`\frac{p + q}{2}`: densities without arguments, put together like numbers."""

    body: Term

    def at(self, event: tuple[Term, ...]) -> Term:
        """The mixture as a function of the variables."""
        return _applied(self.body, event)


def _applied(t: Term, event: tuple[Term, ...]) -> Term:
    match t:
        case Density(name, (), given, index):
            return Density(name, event, given, index)
        case Symbol(name, ()):
            return Density(name, event)
        case Add(terms):
            return Add(tuple(_applied(x, event) for x in terms))
        case Multiply(factors):
            return Multiply(tuple(_applied(x, event) for x in factors))
        case Divide(numerator, denominator):
            return Divide(_applied(numerator, event), denominator)
        case _:
            return t


def _mixed(t: Term) -> bool:
    """Whether a term is put together from densities, with numbers as their weights."""
    match t:
        case Density() | Symbol():
            return True
        case Add(terms):
            return all(_mixed(x) for x in terms)
        case Multiply(factors):
            kinds = [isinstance(x, Number) or _weight(x) for x in factors]
            return kinds.count(False) == 1 and all(k or _mixed(x) for k, x in zip(kinds, factors, strict=True))
        case Divide(numerator, denominator):
            return isinstance(denominator, Number) and _mixed(numerator)
        case _:
            return False


def _written_out(t: Term) -> bool:
    """Whether every density in a term stands with its variables: `p(u) p(v)`."""
    return bool(t.densities) and all(d.event for d in t.densities)


def _weight(t: Term) -> bool:
    return isinstance(t, Divide) and isinstance(t.numerator, Number) and isinstance(t.denominator, Number)


def divergence(t: Divergence, world: World, env: Env) -> Value:
    """KL, JSD, entropy, cross-entropy or total variation, in nats."""
    p, q = _paired(t.p, t.q, world, env)
    quadratic = world.setting.kind != "tables" and all(
        not isinstance(x, Mixture) and is_gaussian(x, world, env) for x in (p, q) if x is not None
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
            other = _need(q)
            if isinstance(other, Mixture):
                raise CannotEvaluate("a Jensen-Shannon divergence from a mixture")
            return _jsd(p, other, binding, log_p, world, env)
        case "TV":
            log_q = _log_law(_need(q), p, binding, world)
            ratio = add(log_q, negative(log_p))
            inner = ratio.with_data(0.5 * (1 - torch.exp(ratio.data)).abs())
    return binding.mean(inner)


def _need(q: Law | Mixture | None) -> Law | Mixture:
    if q is None:
        raise CannotEvaluate("a divergence needs two laws")
    return q


def _jsd(p: Law, q: Law, binding: Binding, log_p: Value, world: World, env: Env) -> Value:
    def half(a: Law, b: Law, bound: Binding) -> Value:
        log_a, log_b = _log_law(a, a, bound, world), _log_law(b, a, bound, world)
        mix = add(log_a, ZERO)
        axes_sum = add(mix, negative(log_b))
        # log a - log (a+b)/2 = -log((1 + b/a)/2)
        return bound.mean(axes_sum.with_data(-torch.log((1 + torch.exp(-axes_sum.data)) / 2)))

    other = bind_law(q, (), world, env)
    v = add(half(p, q, binding), half(q, p, other))
    return v.with_data(0.5 * v.data)


def _paired(p: Law, q: Law | None, world: World, env: Env) -> tuple[Law, Law | Mixture | None]:
    """Give a bare name the variables of the law it stands beside."""
    p = _as_law(p)
    if q is not None and isinstance(q, Add | Multiply | Divide) and (_mixed(q) or _written_out(q)):
        return (explicit(p, world, env) if isinstance(p, Density) else p), Mixture(q)
    q = None if q is None else _as_law(q)
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


def _log_law(law: Law | Mixture, base: Law, binding: Binding, world: World) -> Value:
    """log density of a law at the variables that `base` bound."""
    if isinstance(law, Mixture):
        if not isinstance(base, Density) or not base.event:
            raise CannotEvaluate("a divergence from a mixture whose variable is not said")
        mixed = world.value(law.at(base.event), binding.env)
        return mixed.with_data(torch.log(mixed.data))
    if isinstance(law, Density):
        if isinstance(base, Density) and law.event != base.event and law is not base:
            mine = {k for e in law.event for k in world.keys(e, binding.env.indices)}
            theirs = {k for e in base.event for k in world.keys(e, binding.env.indices)}
            if mine != theirs:
                raise Untyped("a divergence between laws of different variables")
        return log_of(law, world, binding.env)
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
