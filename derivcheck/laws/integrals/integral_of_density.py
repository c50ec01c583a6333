r"""What occurs in no other factor than one density is integrated out: marginalisation and normalisation."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import ONE, Product, product_of
from derivcheck.laws.probability._joint import kernels
from derivcheck.terms.term import Density, Integral, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Integral)
    body = product_of(t.body, context)
    for v in t.over:
        found = _without(v, body, context)
        if found is not None:
            over = tuple(o for o in t.over if o != v)
            return Integral(over, found) if over else found
    return None


def _without(v: Term, body: Product, context: Context) -> Term | None:
    """The integrand after v has been integrated out, if v stands in densities of one joint only."""
    holding = [(f, e) for f, e in body.scalars if context.depends(f, v)]
    if not holding or any(context.depends(x, v) for x in body.letters):
        return None
    if not all(isinstance(f, Density) and e == Fraction(1) for f, e in holding):
        return None
    parts = [f for f, _ in holding if isinstance(f, Density)]
    names = {p.name for p in parts}
    if any(x != v and context.depends(x, v) for p in parts for x in (*p.event, *p.given)):
        return None  # v stands inside something else there
    if len(parts) == 1 and parts[0].event == (v,) and v not in parts[0].given:
        made: Term = ONE
    else:
        joint = _joint(parts, context) if len(names) == 1 else None
        if joint is None or v not in joint.event:
            return None
        event = tuple(e for e in joint.event if e != v)
        made = Density(joint.name, event, joint.given, joint.index) if event else ONE
    rest = tuple(s for s in body.scalars if s not in holding)
    return Product((*rest, (made, Fraction(1))), body.letters).term


def _joint(parts: list[Density], context: Context) -> Density | None:
    """The conditional density that a product of kernels is, if it is one."""
    events = tuple(e for p in parts for e in p.event)
    given = tuple(dict.fromkeys(g for p in parts for g in p.given if g not in events))
    if len(set(events)) != len(events):
        return None
    made = Density(parts[0].name, events, given, parts[0].index)
    if len(parts) == 1:
        return made
    found = kernels(made, context)
    if found is None or found.below or set(found.above) != set(parts) or len(found.above) != len(parts):
        return None
    return made


_CHAIN = {"variables": ["x_t"], "densities": [r"q(x_{1:T}|x_0) = \prod_{t=1}^{T} q(x_t|x_{t-1})"]}

LAW = Law(
    statement=r"\int p(a, b | c) \, db = p(a | c), \quad \int p(b | c) \, db = 1",
    source="Kolmogorov (1933), Grundbegriffe der Wahrscheinlichkeitsrechnung, IV.3; for chains Chapman & Kolmogorov",
    on=(Integral,),
    rewrite=_rewrite,
    holds=(
        Example(r"\int p(x,z) dz", {"variables": ["x", "z"], "densities": ["p(x,z)"]}, "p(x)"),
        Example(r"\int q(x_t|x_{t-1}) q(x_{t-1}|x_0) dx_{t-1}", _CHAIN, "q(x_t|x_0)"),
        Example(r"\int p(x|z) p(z) dx", {"variables": ["x", "z"], "densities": ["p(x,z) = p(x|z) p(z)"]}, "p(z)"),
    ),
)
