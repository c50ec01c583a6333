r"""A finite product or sum whose bounds are numbers is written out; a product to t + c is one to t - 1 and the rest."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._replacing import replaced
from derivcheck.laws._structure import ONE, ZERO, add, multiply, summands
from derivcheck.terms.term import Add, Divide, Fold, Negate, Number, Symbol, Term

MOST = 12  # terms that are written out


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Fold)
    length = context.normal(Add((t.upper, Negate(t.lower), ONE)))
    if isinstance(length, Number):
        if length.value.denominator != 1 or not 0 <= length.value <= MOST:
            return None
        terms = _values(t, [Add((t.lower, Number(Fraction(k)))) for k in range(int(length.value))])
        if terms is None:
            return None
        if t.kind == "sum":
            return add(terms) if terms else ZERO
        return multiply(terms) if terms else ONE
    if t.kind != "prod":
        return None
    offset = _offset(t.upper)
    if offset is None or offset == -1:
        return None
    base = context.normal(Add((t.upper, Number(-offset - 1))))  # t - 1, for a bound t + offset
    if not context.met(context.at_least(Add((base, ONE)), t.lower) and context.at_least(Add((t.upper, ONE)), t.lower)):
        return None
    head = Fold(t.kind, t.index, t.lower, base, t.body)
    start = base if offset > -1 else t.upper
    rest = _values(t, [Add((start, Number(Fraction(k)))) for k in range(1, int(abs(offset + 1)) + 1)])
    if rest is None:
        return None
    if offset > -1:
        return multiply([head, *rest])
    return Divide(head, multiply(rest)) if context.met(all(context.positive(b) for b in rest)) else None


def _values(t: Fold, at: list[Term]) -> list[Term] | None:
    found = [replaced(t.body, {Symbol(t.index): a}) for a in at]
    kept = [f for f in found if f is not None]
    return kept if len(kept) == len(found) else None


def _offset(bound: Term) -> Fraction | None:
    """c of a bound t + c with one letter t."""
    parts = summands(bound)
    letters = [p for p in parts if not isinstance(p, Number | Negate)]
    numbers = [p.value for p in parts if isinstance(p, Number)]
    numbers += [-p.body.value for p in parts if isinstance(p, Negate) and isinstance(p.body, Number)]
    if len(letters) != 1 or len(letters) + len(numbers) != len(parts) or not isinstance(letters[0], Symbol):
        return None
    c = sum(numbers, Fraction(0))
    return c if c.denominator == 1 and abs(c) <= MOST else None


_BETA = {"sequences": [r"\beta_t \in (0,1)"], "conventions": {"t": "2..T-1"}}

LAW = Law(
    statement=r"\prod_{s=m}^{t} a_s = a_t \prod_{s=m}^{t-1} a_s, \quad \sum_{s=m}^{m} a_s = a_m",
    condition=r"t \ge m",
    source="Graham, Knuth & Patashnik (1994), Concrete Mathematics, section 2.3, eq. 2.24 (perturbation)",
    on=(Fold,),
    rewrite=_rewrite,
    holds=(
        Example(r"\prod_{s=1}^{t} \beta_s", _BETA, r"\beta_t \prod_{s=1}^{t-1} \beta_s"),
        Example(r"\prod_{s=1}^{2} \beta_s", _BETA, r"\beta_1 \beta_2"),
        Example(r"\sum_{s=1}^{3} s^2", _BETA, "14"),
    ),
    refuses=(Example(r"\prod_{s=1}^{t-3} \beta_s", _BETA),),
)
