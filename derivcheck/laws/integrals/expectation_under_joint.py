r"""An expectation under a bare name averages over the variables of its joint that it mentions."""

from __future__ import annotations

from derivcheck.laws._free import mentioned
from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws.integrals._mentions import within
from derivcheck.terms.substitute import substitute
from derivcheck.terms.term import Density, Expectation, Symbol, SymbolRange, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Expectation)
    law = t.law
    if not isinstance(law, Density) or t.given:
        return None
    if law.event:
        return Expectation(t.body, law.event, law) if not t.over else None
    declared = context.signature.densities.get(law.name)
    if declared is None or t.over:
        return None
    events = [e for f in declared.factors for e in (f.event if f.index is None else _run(f))]
    with context.inside(Expectation(t.body, tuple(events), law)):
        if any(context.hides(t.body, e) for e in events):
            return None
    roots = [g for f in declared.factors for g in f.given if f.index is None]
    event: list[Term] = []
    given: list[Term] = [r for r in roots if all(within(r, e, context) is False for e in events)]
    for u in sorted(mentioned(t.body), key=str):
        answers = [within(u, e, context) for e in events]
        if context.bound(u):
            return None  # whether it averages over what is averaged over already is not said
        if True in answers:
            (given if context.free_outside(u) else event).append(u)
        elif None in answers:
            return None
    if _overlap([*event, *given], context):  # all of them, then; what is not mentioned leaves again
        event = [e for e in events if not context.free_outside(e)]
        given = [*given, *(e for e in events if context.free_outside(e))]
        if any(isinstance(g, SymbolRange) for g in given) or _overlap([*event, *given], context):
            return None
    if not event:
        return None
    return Expectation(t.body, tuple(event), Density(law.name, tuple(event), tuple(dict.fromkeys(given)), law.index))


def _overlap(items: list[Term], context: Context) -> bool:
    """Whether two of the variables may be one."""
    return any(within(a, b, context) is not False for i, a in enumerate(items) for j, b in enumerate(items) if i != j and a != b)


def _run(f: object) -> tuple[Term, ...]:
    """The variables of a chain's factor over all its index: a run."""
    e = f.event[0]  # type: ignore[attr-defined]
    letter = Symbol(f.index)  # type: ignore[attr-defined]
    bounds = [substitute(e.index[0], {letter: b}, {}) for b in (f.lower, f.upper)]  # type: ignore[attr-defined]
    return (SymbolRange(e.name, bounds[0], bounds[1]),)


LAW = Law(
    statement=r"\mathbb{E}_p[f(a)] = \mathbb{E}_{p(a)}[f(a)]",
    source="the convention of Ho, Jain & Abbeel (2020), Denoising Diffusion Probabilistic Models, eq. 3",
    on=(Expectation,),
    rewrite=_rewrite,
    holds=(
        Example(r"\mathbb{E}_{q}[\log p(z)]", {"variables": ["x", "z"], "densities": ["p(x,z) = p(x|z)p(z)", "q(z)"]}, r"\mathbb{E}_{q(z)}[\log p(z)]"),
        Example(r"\mathbb{E}_{f}[\log g(x)]", {"variables": ["x"], "densities": ["f(x)", "g(x)"]}, r"\int f(x) \log g(x) dx"),
    ),
)
