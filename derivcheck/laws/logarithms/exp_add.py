r"""A product of exponentials is the exponential of the sum."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import Product, add, product_of
from derivcheck.terms.term import Call, Multiply, Number, Power, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    p = product_of(t, context)
    exponentials = [(b, e) for b, e in p.scalars if isinstance(b, Call) and b.function == "exp"]
    if not exponentials or (len(exponentials) == 1 and exponentials[0][1] == 1):
        return None
    exponent = add([Multiply((Number(e), b.arguments[0])) for b, e in exponentials])
    rest = tuple(s for s in p.scalars if s not in exponentials)
    return Product((*rest, (Call("exp", (exponent,)), Fraction(1))), p.letters).term


LAW = Law(
    statement=r"\exp(a) \exp(b)^c = \exp(a + c b)",
    source="Abramowitz & Stegun (1964), Handbook of Mathematical Functions, 4.2.18 and 4.2.19",
    on=(Multiply, Power, Call),
    rewrite=_rewrite,
    holds=(
        Example(r"\exp(a) \exp(b)", {"parameters": ["a", "b"]}, r"\exp(a + b)"),
        Example(r"2 \exp(a) \left(\exp(b)\right)^2", {"parameters": ["a", "b"]}, r"2 \exp(a + 2 b)"),
    ),
)
