r"""The exponential of logarithms is a product of powers; that of a number's multiple stays."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import ZERO, add, multiply, product_of, summands
from derivcheck.terms.term import Call, Number, Power, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Call)
    if t.function != "exp" or len(t.arguments) != 1:
        return None
    if t.arguments[0] == ZERO:
        return Number(Fraction(1))
    powers: list[Term] = []
    rest: list[Term] = []
    for s in summands(t.arguments[0]):
        found = _log_of(s, context)
        if found is None:
            rest.append(s)
        else:
            powers.append(Power(found[0], Number(found[1])))
    if not powers:
        return None
    return multiply([*powers, *([Call("exp", (add(rest),))] if rest else [])])


def _log_of(s: Term, context: Context) -> tuple[Term, Fraction] | None:
    """a and c where the summand is c log a."""
    c = Fraction(1)
    inside: Term | None = None
    for base, e in product_of(s, context).scalars:
        if isinstance(base, Number) and e.denominator == 1:
            c *= base.value ** int(e)
        elif isinstance(base, Call) and base.function == "log" and e == 1 and inside is None:
            inside = base.arguments[0]
        else:
            return None
    if inside is None or c.denominator not in (1, 2):
        return None
    return inside, c


LAW = Law(
    statement=r"\exp\left(\sum_i c_i \log a_i + b\right) = \exp(b) \prod_i a_i^{c_i}",
    source="Abramowitz & Stegun (1964), Handbook of Mathematical Functions, 4.2.1 and 4.2.18",
    on=(Call,),
    rewrite=_rewrite,
    holds=(
        Example(r"\exp(2 \log a + c)", {"parameters": ["a > 0", "c"]}, r"a^2 \exp(c)"),
        Example(r"\exp(\log a - \log b)", {"parameters": ["a > 0", "b > 0"]}, r"\frac{a}{b}"),
    ),
)
