r"""Sums over one range, up to a shift, whose terms together do not change with the index: as often as there are terms."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

from derivcheck.laws._free import mentioned
from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import ONE, Product, add, multiply, product_of, summands
from derivcheck.laws.sums.sum_merge import whole
from derivcheck.terms.instance import instance
from derivcheck.terms.term import Add, Fold, Negate, Number, Symbol, Term

Part = tuple[Term, Fraction, Fold]  # a summand: itself, its number, its fold


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Add)
    groups: dict[tuple[tuple[Term, Fraction], ...], list[Part]] = defaultdict(list)
    for s in summands(t):
        p = product_of(s, context)
        folds = [f for f, e in p.scalars if isinstance(f, Fold) and f.kind == "sum" and e == 1]
        if len(folds) != 1 or p.letters:
            continue
        number = Fraction(1)
        outer: list[tuple[Term, Fraction]] = []
        for b, e in p.scalars:
            if isinstance(b, Number) and e.denominator == 1:
                number *= b.value ** int(e)
            elif b != folds[0]:
                outer.append((b, e))
        groups[tuple(outer)].append((s, number, folds[0]))
    for factors, parts in groups.items():
        found = _of_group(parts, context) if len(parts) > 1 else None
        if found is not None:
            gone, value = found
            return add([*(s for s in summands(t) if s not in gone), multiply([Product(factors).term, value])])
    return None


def _of_group(parts: list[Part], context: Context) -> tuple[list[Term], Term] | None:
    """Summands whose folds, moved to one range, add up to the same term each time, and what they make."""
    left = list(parts)
    while len(left) > 1:
        first = left[0][2]
        near = [(s, c, f, whole(Add((f.lower, Negate(first.lower))), context), whole(Add((f.upper, Negate(first.upper))), context)) for s, c, f in left]
        same = [(s, c, f, below) for s, c, f, below, above in near if below is not None and below == above]
        left = [p for p, n in zip(left, near, strict=True) if n[3] is None or n[3] != n[4]]
        found = _moved(same, context) if len(same) > 1 else None
        if found is not None:
            return [s for s, *_ in same], found
    return None


def _moved(same: list[tuple[Term, Fraction, Fold, int]], context: Context) -> Term | None:
    base, least = min(((f, below) for _, _, f, below in same), key=lambda p: p[1])
    letter = Symbol(base.index)
    if not context.at_least(base.upper, base.lower):
        return None
    terms: list[Term] = []
    for _, c, f, below in same:
        if f.index != base.index and letter in mentioned(f.body):
            return None
        at: Term = Add((letter, Number(Fraction(below - least)))) if below != least else letter
        body = instance(f.body, {Symbol(f.index): at}) if at != Symbol(f.index) else f.body
        terms.append(multiply([Number(c), body]))
    with context.inside(base):
        value = context.normal(add(terms))
        if context.depends(value, letter):
            return None
    return multiply([value, Add((base.upper, Negate(base.lower), ONE))])


_B = {"sequences": [r"\beta_t \in (0,1)"]}

LAW = Law(
    statement=r"\sum_{k=a}^{b} f(k) + \sum_{k=a+n}^{b+n} g(k) = \sum_{k=a}^{b} (f(k) + g(k+n)) = (b - a + 1) c \text{ where } f(k) + g(k+n) = c",
    source="Graham, Knuth & Patashnik (1994), Concrete Mathematics, eq. 2.16 and 2.17",
    on=(Add,),
    rewrite=_rewrite,
    holds=(
        Example(r"\sum_{t=1}^{T-1} \frac{\beta_t}{1 - \beta_t} - \sum_{t=1}^{T-1} \frac{1}{1 - \beta_t}", _B, "1 - T"),
        Example(r"\sum_{t=1}^{T} \frac{1}{\beta_t (1 - \beta_t)} - \sum_{t=1}^{T} \frac{1}{\beta_t} - \sum_{t=1}^{T} \frac{1}{1 - \beta_t}", _B, "0"),
    ),
)
