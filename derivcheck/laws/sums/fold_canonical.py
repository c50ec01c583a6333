r"""A sum or product over a range: its letter, its offset, ranges of one or no index."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._free import mentioned
from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._replacing import replaced
from derivcheck.laws._structure import ONE, ZERO, add, multiply
from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import Add, Fold, Negate, Node, Number, Symbol, SymbolRange, Term

LETTERS = ("i", "k", "j", "r", "s", "l", "m")
LONGEST = 8


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Fold)
    if not writable(t):
        return None
    count = context.normal(Add((t.upper, Negate(t.lower), ONE)))
    if isinstance(count, Number) and count.value.denominator == 1 and count.value <= LONGEST:
        terms = [_at(t, Add((t.lower, Number(Fraction(n))))) for n in range(int(count.value))]
        return (add if t.kind == "sum" else multiply)(terms) if terms else (ZERO if t.kind == "sum" else ONE)
    if isinstance(count, Negate) and isinstance(count.body, Number):
        return ZERO if t.kind == "sum" else ONE
    if t.body == ONE and t.kind == "sum" and context.at_least(t.upper, Add((t.lower, Number(Fraction(-1))))):
        return count
    return _shifted(t, context)


def _at(t: Fold, value: Term) -> Term:
    found = replaced(t.body, {Symbol(t.index): value})
    assert found is not None, "asked of a fold that is writable"
    return found


def writable(t: Fold) -> bool:
    """Whether terms of a fold can be written out: no binder below catches its letter."""
    letter = Symbol(t.index)
    return all(replaced(t.body, {letter: v}) is not None for v in (t.lower, t.upper))


def _shifted(t: Fold, context: Context) -> Term | None:
    """The same with the greatest offset in an index at 0, and the letter of its depth (k innermost)."""
    letter = Symbol(t.index)
    offsets = [o for o in (_offset(i, letter, context) for i in _indices(t.body)) if o is not None]
    shift = max(offsets) if offsets else _shift_of_bounds(t, letter, context)
    taken = {x.name for x in mentioned(t.body) if x != letter} | t.lower.names | t.upper.names
    for name in (LETTERS[min(_height(t.body), len(LETTERS) - 1)], t.index, *LETTERS):
        if name in taken and name != t.index:
            continue
        if shift == 0 and name == t.index:
            return None
        new = Symbol(name)
        value: Term = Add((new, Number(-shift))) if shift else new
        body = replaced(t.body, {letter: value})
        if body is not None:
            bounds = [context.normal(Add((b, Number(shift)))) if shift else b for b in (t.lower, t.upper)]
            return Fold(t.kind, name, bounds[0], bounds[1], body)
    return None


def _shift_of_bounds(t: Fold, letter: Symbol, context: Context) -> Fraction:
    """The greatest offset in the upper bounds of folds below, where no such fold is then one of nothing."""
    folds = [x for _, x in subterms(t.body) if isinstance(x, Fold) and letter.name in x.upper.names]
    offsets = [_offset(x.upper, letter, context) for x in folds]
    shift = max((o for o in offsets if o is not None), default=Fraction(0))
    low = context.normal(Add((t.lower, Number(shift))))
    return shift if all(context.at_least(low, x.lower) for x in folds) else Fraction(0)


def _height(t: Term) -> int:
    """How many folds stand in one another."""
    below = max((_height(c) for c in t.children), default=0)
    return below + 1 if isinstance(t, Fold) else below


def _indices(t: Term) -> list[Term]:
    own: list[Term] = []
    index = getattr(t, "index", ())
    if isinstance(index, tuple):
        own += [i for i in index if isinstance(i, Node)]  # type: ignore[misc]
    if isinstance(t, SymbolRange):
        own += [t.lower, t.upper]
    for c in t.children:
        own += _indices(c)
    return own


def _offset(index: Term, letter: Symbol, context: Context) -> Fraction | None:
    if letter.name not in index.names:
        return None
    rest = context.normal(Add((index, Negate(letter))))
    if isinstance(rest, Number):
        return rest.value
    if isinstance(rest, Negate) and isinstance(rest.body, Number):
        return -rest.body.value
    return None


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
