r"""Transposing goes into integrals, sums and Kronecker products: of M and its transpose one is written."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.terms.term import Call, Expectation, Fold, Integral, Term, Transpose


def _rewrite(t: Term, context: Context) -> Term | None:
    shape = context.shape(t)
    if shape is None or len(shape) != 2 or (isinstance(t, Fold) and t.kind != "sum"):
        return None
    other = _transposed(t, context)
    if other is None or other == t:
        return None
    is_row = shape[0] == "1"
    return Transpose(other) if is_row or (len(str(other)), str(other)) < (len(str(t)), str(t)) else None


def _transposed(t: Term, context: Context) -> Term | None:
    match t:
        case Call("kron", (a, b)):
            return Call("kron", (context.normal(Transpose(a)), context.normal(Transpose(b))))
        case Integral(over, body):
            with context.inside(t):
                return Integral(over, context.normal(Transpose(body)))
        case Expectation(body, over, law, given):
            with context.inside(t):
                return Expectation(context.normal(Transpose(body)), over, law, given)
        case Fold(kind, index, lower, upper, body):
            with context.inside(t):
                return Fold(kind, index, lower, upper, context.normal(Transpose(body)))
        case _:
            return None


LAW = Law(
    statement=r"\left(\int M\right)^\top = \int M^\top, \quad (A \otimes B)^\top = A^\top \otimes B^\top",
    source="Horn & Johnson (1991), Topics in Matrix Analysis, section 4.2 (Kronecker products); sums and integrals by entries",
    on=(Integral, Expectation, Fold, Call),
    rewrite=_rewrite,
    holds=(
        Example(r"A^\top \otimes B^\top", {"matrices": [r"A \in \mathbb{R}^{n \times m}", r"B \in \mathbb{R}^{m \times n}"]}, r"(A \otimes B)^\top"),
        Example(r"\mathbb{E}_{p(x)}[x^\top]", {"variables": [r"x \in \mathbb{R}^d"], "densities": ["p(x)"]}, r"\mathbb{E}_{p(x)}[x]^\top"),
    ),
)
