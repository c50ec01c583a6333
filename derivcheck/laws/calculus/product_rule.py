r"""The product rule and the power rule."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import Product, add, multiply, product_of, summands
from derivcheck.laws.calculus._parts import leibniz, moves, of, scalar_kind
from derivcheck.terms.term import Derivative, Number, Term, Transpose


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Derivative)
    if t.kind not in ("gradient", "jacobian", "time") or len(summands(t.body)) > 1:
        return None
    with context.inside(t):
        p = product_of(t.body, context)
        if len(p.scalars) + len(p.letters) < 2 and all(e == 1 for _, e in p.scalars):
            return _of_one_letter(p, t, context)
        by_number = scalar_kind(t, context)
        if p.letters and not by_number and not _column_by_column(t, context):
            return None
        made = [_scalar_part(p, i, t, context, by_number=by_number) for i, (b, _) in enumerate(p.scalars) if moves(b, t, context)]
        rest = Product(p.scalars).term
        if by_number:
            made += [multiply([rest, x]) for x in leibniz(p.letters, t, context)]
        elif p.letters:
            if any(moves(x, t, context) for x in p.letters[:-1]):
                return None
            if moves(p.letters[-1], t, context):
                made.append(multiply([rest, *p.letters[:-1], of(p.letters[-1], t)]))
        return add(made)


def _of_one_letter(p: Product, t: Derivative, context: Context) -> Term | None:
    if not p.letters or not scalar_kind(t, context):
        return None
    made = add(leibniz(p.letters, t, context))
    return None if made == t else made


def _column_by_column(t: Derivative, context: Context) -> bool:
    body, wrt = context.shape(t.body), context.shape(t.wrt)
    return body is not None and wrt is not None and len(body) == 1 and len(wrt) == 1


def _scalar_part(p: Product, i: int, t: Derivative, context: Context, *, by_number: bool) -> Term:
    """The summand in which one scalar factor a^e is differentiated: e a^{e-1} ∂a times the rest."""
    base, e = p.scalars[i]
    rest = (*p.scalars[:i], (base, e - 1), *p.scalars[i + 1 :])
    outer = multiply([Number(e), Product(tuple(s for s in rest if s[1] != Fraction(0))).term])
    inner = Derivative(base, t.wrt, "gradient" if t.kind == "jacobian" else t.kind)
    if not p.letters or by_number:
        return multiply([outer, inner, *p.letters])
    return multiply([outer, *p.letters, Transpose(inner)])


_AB = {"parameters": [r"v \in \mathbb{R}^n", "a > 0", "b > 0"], "matrices": [r"A \in \mathbb{R}^{n \times n}", r"B \in \mathbb{R}^{n \times n}"]}
_FLOW = {"matrices": [r"W \in \mathbb{R}^{n \times m}"], "time_dependent": ["W"], "flows": [r"\dot W = -W"]}

LAW = Law(
    statement=r"\frac{\partial}{\partial x} (f g) = \frac{\partial f}{\partial x} g + f \frac{\partial g}{\partial x}, \quad \frac{\partial}{\partial x} f^e = e f^{e-1} \frac{\partial f}{\partial x}",
    source="Rudin (1976), Principles of Mathematical Analysis, theorem 5.3; Petersen & Pedersen (2012), The Matrix Cookbook, eq. 37 and 40",
    on=(Derivative,),
    rewrite=_rewrite,
    holds=(
        Example(r"\frac{\partial}{\partial a} (a^2 \log a)", _AB),
        Example(r"\frac{\partial}{\partial a} \frac{b}{a}", _AB, r"-\frac{b}{a^2}"),
        Example(r"\frac{d}{dt} (W W^\top)", _FLOW, r"\dot W W^\top + W \dot W^\top"),
    ),
)
