r"""What moves in proportion to itself grows or decays exponentially."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import Product, product_of, summands
from derivcheck.terms.term import Add, Call, Derivative, Multiply, Number, Symbol, Term

TIME = Symbol("t")
ZERO = Number(Fraction(0))


def _rewrite(t: Term, context: Context) -> Term | None:
    if isinstance(t, Derivative):
        return Number(Fraction(1)) if t.kind == "time" and t.body == TIME and t.wrt == TIME else None
    if not isinstance(t, Symbol) or t.index or t in context.variables or context.bound(t):
        return None
    found = [f.velocity for f in context.signature.flows if f.name == t.name]
    declared = context.signature.symbols.get(t.name)
    if len(found) != 1 or declared is None or any(d.head == t for d in context.signature.definitions):
        return None
    rate = _rate(found[0], t, context)
    if rate is None:
        return None
    return Multiply((Call("exp", (Multiply((rate, TIME)),)), Call(t.name, (ZERO,))))


def _rate(velocity: Term, t: Symbol, context: Context) -> Term | None:
    """k of the velocity k C, k a number that is constant in time."""
    if not _plain(velocity, context):
        return None
    rates: list[Term] = []
    for s in summands(velocity):
        p = product_of(s, context)
        factors = [*((b, e) for b, e in p.scalars), *((x, Fraction(1)) for x in p.letters)]
        if factors.count((t, Fraction(1))) != 1 or sum(t.name in b.names for b, _ in factors) != 1 or len(p.letters) > 1:
            return None
        rates.append(Product(tuple(s for s in p.scalars if s[0] != t)).term)
    return Add(tuple(rates)) if len(rates) > 1 else rates[0]


def _plain(t: Term, context: Context) -> bool:
    """Whether every name is declared, and only one of them may move."""
    signature = context.signature
    names = [n for n in t.names if n in signature.symbols]
    moving = [n for n in names if signature.symbols[n].time_dependent or any(f.name == n for f in signature.flows)]
    heads = {getattr(d.head, "name", getattr(d.head, "function", "")) for d in signature.definitions}
    return len(names) == len(t.names) and len(moving) <= 1 and not heads & t.names


_FLOW = {"matrices": [r"C \in \mathbb{S}^{n}"], "parameters": [r"\eta > 0", "a"], "time_dependent": ["C"], "flows": [r"\dot C = -\eta C"]}

LAW = Law(
    statement=r"\dot C = k C \implies C(t) = e^{k t} C(0)",
    source="Arnold (1992), Ordinary Differential Equations, section 1 (the equation of normal reproduction); Coddington & Levinson (1955), Theory of Ordinary Differential Equations, chapter 3",
    on=(Symbol, Derivative),
    rewrite=_rewrite,
    holds=(
        Example(r"C(t)", _FLOW, r"e^{-\eta t} C(0)"),
        Example(r"\|C(t)\|_F^2", _FLOW, r"e^{-2 \eta t} \|C(0)\|_F^2"),
    ),
)
