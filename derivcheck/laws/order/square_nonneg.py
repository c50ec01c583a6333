r"""A squared norm is never negative."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import ZERO
from derivcheck.terms.term import Multiply, Norm, Number, Power, Term, Transpose


def _rewrite(t: Term, context: Context) -> Term | None:
    match t:
        case Power(base, Number(value)) if value.denominator == 1 and value % 2 == 0 and context.shape(base) == ():
            return ZERO
        case Power(Norm(), Number(value)) if value > 0:
            return ZERO
        case Multiply((Transpose(a), b)) if a == b and len(context.shape(a) or ()) == 1:
            return ZERO
        case _:
            return None


LAW = Law(
    statement=r"\|v\|^2 \geq 0",
    source="Rudin (1976), Principles of Mathematical Analysis, theorem 1.37",
    on=(Power, Multiply),
    rewrite=_rewrite,
    sign=">=",
    holds=(
        Example(r"x^T x", {"parameters": [r"x \in \mathbb{R}^d"]}, "0"),
        Example(r"(a - b)^2", {"parameters": ["a", "b"]}, "0"),
    ),
)
