r"""The ends of a range that meet something fixed are split off; products run to one common bound."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws.sums._indices import at_index, indices_in, offset_from
from derivcheck.terms.term import Add, Fold, Multiply, Number, Power, Symbol, Term

ONE = Number(Fraction(1))


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Fold)
    if t.kind == "prod" and not t.body.densities:
        return _last(t, context)
    return _first(t, context)


def _first(t: Fold, context: Context) -> Term | None:
    """The terms whose least index is 0 or below stand alone: they meet x_0, which is given, not drawn."""
    if not isinstance(t.lower, Number) or not context.met(context.at_least(t.upper, t.lower)):
        return None
    letter = Symbol(t.index)
    offsets = [o for o in (offset_from(i, letter, context) for i in indices_in(t.body, t.index)) if o is not None]
    if not offsets or len(set(offsets)) < 2 or t.lower.value + min(offsets) > 0:
        return None
    rest = Fold(t.kind, t.index, Number(t.lower.value + 1), t.upper, t.body)
    return (Add if t.kind == "sum" else Multiply)((at_index(t, t.lower), rest))


def _last(t: Fold, context: Context) -> Term | None:
    r"""\prod up to t + c as \prod up to t - 1 times or over what lies between; up to T + c as up to T."""
    names = sorted(t.upper.names)
    if len(names) != 1 or not isinstance(t.lower, Number):
        return None
    letter = Symbol(names[0])
    offset = offset_from(t.upper, letter, context)
    if offset is None:
        return None
    base = Fraction(0 if names[0] in ("T", "K", "N") else -1)
    if offset == base or offset.denominator != 1 or abs(offset - base) > 4:
        return None
    upper: Term = Add((letter, Number(base))) if base else letter
    least = Add((t.lower, Number(Fraction(-1))))
    if not context.at_least(upper, least) or not context.at_least(t.upper, least):
        return None
    parts: list[Term] = [Fold("prod", t.index, t.lower, context.normal(upper), t.body)]
    step = 1 if offset > base else -1
    for n in range(int(abs(offset - base))):
        at = base + 1 + n if step > 0 else base - n
        value = at_index(t, Add((letter, Number(at))))
        if step < 0 and not context.positive(value):
            return None
        parts.append(value if step > 0 else Power(value, Number(Fraction(-1))))
    return Multiply(tuple(parts))


_A = {"sequences": [r"\alpha_t \in (0,1)"], "conventions": {"t": "2..T-1"}}
_CHAIN = {"variables": ["x_t"], "densities": [r"q(x_{1:T}|x_0) = \prod_{t=1}^{T} q(x_t|x_{t-1})"]}

LAW = Law(
    statement=r"\prod_{k=a}^{b} f(k) = f(b) \prod_{k=a}^{b-1} f(k), \quad \sum_{k=a}^{b} f(k) = f(a) + \sum_{k=a+1}^{b} f(k)",
    condition=r"b \geq a",
    source="Graham, Knuth & Patashnik (1994), Concrete Mathematics, eq. 2.6 and section 2.6",
    on=(Fold,),
    rewrite=_rewrite,
    holds=(
        Example(r"\prod_{s=1}^{t} \alpha_s", _A, r"\alpha_t \prod_{s=1}^{t-1} \alpha_s"),
        Example(r"\sum_{t=1}^{T} \log q(x_t|x_{t-1})", _CHAIN, r"\log q(x_1|x_0) + \sum_{t=2}^{T} \log q(x_t|x_{t-1})"),
    ),
    refuses=(Example(r"\sum_{t=1}^{T-T} \log q(x_t|x_{t-1})", _CHAIN),),
)
