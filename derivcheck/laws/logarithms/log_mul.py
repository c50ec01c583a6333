r"""The logarithm of a product of positive numbers."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.terms.term import Add, Call, Multiply, Negate, Number, Power, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    if not isinstance(t, Call) or t.function != "log" or len(t.arguments) != 1:
        return None
    found = context.factors(t.arguments[0])
    if found is None:
        return None
    parts: list[Term] = []
    rest: list[Term] = []
    sign = 1
    for base, e in found:
        n = base.value if isinstance(base, Number) else None
        if n is None and isinstance(base, Call) and base.function == "exp":
            parts.append(_times(e, base.arguments[0]))
        elif n is None and e.denominator == 1 and not context.positive(base) and context.positive(Negate(base)):
            parts.append(_times(e, Call("log", (context.normal(Negate(base)),))))
            sign = -sign if e % 2 else sign
        elif n is not None or context.positive(base):
            if n is not None and n < 0:
                sign, n = -sign, -n
            parts += [_times(e, x) for x in (_of_number(n) if n is not None else (Call("log", (base,)),))]
        else:
            rest.append(base if e == 1 else _power(base, e))
    whole = [] if sign > 0 and not rest else [Call("log", (_product(sign, rest),))]
    if len(rest) > 1 and sign > 0 and context.met(False):
        whole = [Call("log", (x,)) for x in rest]
    if not parts and whole == [t]:
        return None
    made = Add((*parts, *whole)) if len(parts) + len(whole) != 1 else (*parts, *whole)[0]
    return None if made == t else made


def _of_number(n: Fraction) -> list[Term]:
    """log of a positive rational by primes."""
    made: list[Term] = []
    for whole, sign in ((n.numerator, 1), (n.denominator, -1)):
        left, p = whole, 2
        while left > 1:
            if p * p > left:
                p = left
            k = 0
            while left % p == 0:
                left, k = left // p, k + 1
            if k:
                made.append(_times(Fraction(k * sign), Call("log", (Number(Fraction(p)),))))
            p += 1
    return made


def _times(e: Fraction, t: Term) -> Term:
    return t if e == 1 else Multiply((Number(e), t))


def _power(base: Term, e: Fraction) -> Term:
    return Power(base, Number(e))


def _product(sign: int, rest: list[Term]) -> Term:
    factors = [*([Number(Fraction(-1))] if sign < 0 else []), *rest]
    return factors[0] if len(factors) == 1 else Multiply(tuple(factors))


_AB = {"parameters": ["a > 0", "b > 0", "c"]}

LAW = Law(
    statement=r"\log \prod_i a_i^{e_i} = \sum_i e_i \log a_i",
    condition=r"a_i > 0",
    source="Abramowitz & Stegun (1964), Handbook of Mathematical Functions, 4.1.7",
    on=(Call,),
    rewrite=_rewrite,
    holds=(
        Example(r"\log(a b)", _AB, r"\log a + \log b"),
        Example(r"\log \frac{a^2}{4 b}", _AB, r"2 \log a - 2 \log 2 - \log b"),
        Example(r"\log \frac{p(x,z)}{q(z|x)}", {"variables": ["x", "z"], "densities": ["p(x,z)", "q(z|x)"]}),
        Example(r"\log(a \exp(c))", _AB, r"\log a + c"),
    ),
    refuses=(Example(r"\log(c d)", {"parameters": ["c < 0", "d < 0"]}),),
)
