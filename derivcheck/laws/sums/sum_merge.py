r"""Sums of one body over ranges that differ at the ends: telescoping."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import product_of, summands
from derivcheck.laws.sums._indices import at_index
from derivcheck.terms.substitute import substitute
from derivcheck.terms.term import Add, Fold, Negate, Number, Term

ONE = Number(Fraction(1))


def _rewrite(t: Term, context: Context) -> Term | None:
    folds: list[Fold] = []
    for s in summands(t):
        p = product_of(s, context)
        folds += [f for f, e in p.scalars if isinstance(f, Fold) and f.kind == "sum" and e == 1]
        folds += [x for x in p.letters if isinstance(x, Fold) and x.kind == "sum"]
    for i, a in enumerate(folds):
        for b in folds[i + 1 :]:
            if a.body == b.body and a.index == b.index and (a.lower, a.upper) != (b.lower, b.upper):
                found = _as_range_of(a, b, context) or _as_range_of(b, a, context)
                if found is not None:
                    return substitute(t, {found[0]: found[1]}, {})
    return None


def _as_range_of(a: Fold, b: Fold, context: Context) -> tuple[Term, Term] | None:
    """Sum a written with the range of b: terms at the ends added or taken away."""
    below = whole(Add((b.lower, Negate(a.lower))), context)
    above = whole(Add((a.upper, Negate(b.upper))), context)
    if below is None or above is None or abs(below) > 4 or abs(above) > 4:
        return None
    if not context.at_least(b.upper, Add((b.lower, Number(Fraction(-1))))) or not context.at_least(a.upper, Add((a.lower, Number(Fraction(-1))))):
        return None
    parts: list[Term] = [b]
    parts += _between(a, a.lower, below, context) if below > 0 else [Negate(x) for x in _between(a, b.lower, -below, context)]
    parts += _between(a, Add((b.upper, ONE)), above, context) if above > 0 else [Negate(x) for x in _between(a, Add((a.upper, ONE)), -above, context)]
    return a, Add(tuple(parts))


def _between(a: Fold, start: Term, count: int, context: Context) -> list[Term]:
    return [at_index(a, context.normal(Add((start, Number(Fraction(n)))))) for n in range(count)]


def whole(t: Term, context: Context) -> int | None:
    """A difference of indices as a number, if it is one."""
    n = context.normal(t)
    sign = 1
    if isinstance(n, Negate):
        sign, n = -1, n.body
    return sign * int(n.value) if isinstance(n, Number) and n.value.denominator == 1 else None


_B = {"sequences": [r"\beta_t \in (0,1)"]}

LAW = Law(
    statement=r"\sum_{k=a}^{b} f(k) - \sum_{k=a+1}^{b+1} f(k) = f(a) - f(b+1)",
    source="Graham, Knuth & Patashnik (1994), Concrete Mathematics, section 2.6",
    on=(Add,),
    rewrite=_rewrite,
    holds=(
        Example(r"\sum_{t=1}^{T-1} \beta_t - \sum_{t=2}^{T} \beta_t", _B, r"\beta_1 - \beta_T"),
        Example(r"\sum_{t=1}^{T} \log \beta_t - \sum_{t=2}^{T} \log \beta_t", _B, r"\log \beta_1"),
    ),
)
