r"""An expectation averages only over the variables that its body mentions."""

from __future__ import annotations

from derivcheck.laws._free import mentioned
from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws.integrals._mentions import within
from derivcheck.terms.term import Density, Expectation, Symbol, SymbolRange, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Expectation)
    law = t.law
    if not isinstance(law, Density) or not law.event or not t.over or t.given:
        return None
    own = law.event[0]
    draws = len(law.event) == 1 and set(t.over) != set(law.event)  # independent ones, of one law
    if draws and not all(isinstance(own, Symbol) and getattr(v, "name", "") == own.name and v not in law.given for v in t.over):
        return None
    if not draws and set(t.over) != set(law.event):
        return None
    with context.inside(t):
        if any(context.hides(t.body, v) for v in t.over):
            return None
        found = _kept(t, t.over if draws else law.event, context)
    if found is None or set(found) == set(t.over):
        return None
    if not found:
        return t.body
    return Expectation(t.body, found, law if draws else Density(law.name, found, law.given, law.index))


def _kept(t: Expectation, event: tuple[Term, ...], context: Context) -> tuple[Term, ...] | None:
    """The part of the law's event that the body mentions."""
    used = mentioned(t.body)
    kept: list[Term] = []
    for u in sorted(used, key=str):
        if isinstance(u, SymbolRange):  # the bounds of a run come from a fold's
            u = SymbolRange(u.name, context.normal(u.lower), context.normal(u.upper))  # noqa: PLW2901 - in normal form
        answers = [within(u, e, context) for e in event]
        if True in answers:
            kept.append(u)
        elif None in answers:
            return None
    for i, a in enumerate(kept):
        for b in kept[i + 1 :]:
            if within(a, b, context) is not False or within(b, a, context) is not False:
                return None  # they may be one, or overlap
    order = {e: n for n, e in enumerate(event)}
    return tuple(sorted(kept, key=lambda k: (order.get(k, len(order)), str(k))))


LAW = Law(
    statement=r"\mathbb{E}_{p(a,b)}[f(a)] = \mathbb{E}_{p(a)}[f(a)]",
    source="Feller (1968), An Introduction to Probability Theory, IX.1: marginal distributions",
    on=(Expectation,),
    rewrite=_rewrite,
    holds=(
        Example(r"\mathbb{E}_{p(x,z)}[\log p(x)]", {"variables": ["x", "z"], "densities": ["p(x,z)"]}, r"\mathbb{E}_{p(x)}[\log p(x)]"),
        Example(
            r"\mathbb{E}_{q(x_{1:T}|x_0)}[\log q(x_t|x_{t-1})]",
            {"variables": ["x_t"], "densities": [r"q(x_{1:T}|x_0) = \prod_{t=1}^{T} q(x_t|x_{t-1})"]},
            r"\mathbb{E}_{q(x_{t-1},x_t|x_0)}[\log q(x_t|x_{t-1})]",
        ),
    ),
)
