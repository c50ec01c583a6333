r"""A sum or product over a range: its letter, its offset, ranges of one or no index."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._free import mentioned
from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import ONE, ZERO, add, multiply
from derivcheck.laws.sums._indices import at_index, indices_in, offset_from
from derivcheck.terms.instance import instance
from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import Add, Fold, Negate, Number, Symbol, Term

LETTERS = ("i", "k", "j", "r", "s", "l", "m")
LONGEST = 8


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Fold)
    count = context.normal(Add((t.upper, Negate(t.lower), ONE)))
    if isinstance(count, Number) and count.value.denominator == 1 and count.value <= LONGEST:
        terms = [at_index(t, Add((t.lower, Number(Fraction(n))))) for n in range(int(count.value))]
        return (add if t.kind == "sum" else multiply)(terms) if terms else (ZERO if t.kind == "sum" else ONE)
    if isinstance(count, Negate) and isinstance(count.body, Number):
        return ZERO if t.kind == "sum" else ONE
    if t.body == ONE and t.kind == "sum" and context.at_least(t.upper, Add((t.lower, Number(Fraction(-1))))):
        return count
    return _shifted(t, context)


def _shifted(t: Fold, context: Context) -> Term | None:
    """The same with the greatest offset in an index at 0, and the letter of its depth (k innermost)."""
    letter = Symbol(t.index)
    offsets = [o for o in (offset_from(i, letter, context) for i in indices_in(t.body, t.index)) if o is not None]
    shift = max(offsets) if offsets else _shift_of_bounds(t, letter, context)
    name = LETTERS[min(_height(t.body), len(LETTERS) - 1)]
    taken = {x.name for x in mentioned(t.body) if x != letter} | t.lower.names | t.upper.names
    if name in taken:
        name = t.index
    if shift == 0 and name == t.index:
        return None
    new = Symbol(name)
    value: Term = Add((new, Number(-shift))) if shift else new
    bounds = [context.normal(Add((b, Number(shift)))) if shift else b for b in (t.lower, t.upper)]
    return Fold(t.kind, name, bounds[0], bounds[1], instance(t.body, {letter: value}))


def _shift_of_bounds(t: Fold, letter: Symbol, context: Context) -> Fraction:
    """The greatest offset in the upper bounds of folds below, where no such fold is then one of nothing."""
    folds = [x for _, x in subterms(t.body) if isinstance(x, Fold) and letter.name in x.upper.names]
    offsets = [offset_from(x.upper, letter, context) for x in folds]
    shift = max((o for o in offsets if o is not None), default=Fraction(0))
    low = context.normal(Add((t.lower, Number(shift))))
    return shift if all(context.at_least(low, x.lower) for x in folds) else Fraction(0)


def _height(t: Term) -> int:
    """How many folds stand in one another."""
    below = max((_height(c) for c in t.children), default=0)
    return below + 1 if isinstance(t, Fold) else below


_B = {"sequences": [r"\beta_t \in (0,1)"], "conventions": {"K": "3..5"}}

LAW = Law(
    statement=r"\sum_{k=a}^{b} f(k) = \sum_{k=a+c}^{b+c} f(k-c), \quad \sum_{k=a}^{a} f(k) = f(a), \quad \sum_{k=a}^{b} 1 = b - a + 1",
    source="Graham, Knuth & Patashnik (1994), Concrete Mathematics, section 2.2 and eq. 2.17",
    on=(Fold,),
    rewrite=_rewrite,
    holds=(
        Example(r"\sum_{k=2}^{K} \beta_{k-1}", _B, r"\sum_{k=1}^{K-1} \beta_k"),
        Example(r"\prod_{k=1}^{1} \beta_k", _B, r"\beta_1"),
        Example(r"\sum_{k=1}^{K} \log 2", _B, r"K \log 2"),
    ),
)
