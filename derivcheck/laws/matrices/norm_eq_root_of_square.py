r"""Norms that come from an inner product."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.terms.term import Call, Multiply, Norm, Term, Transpose


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Norm)
    shape = context.shape(t.body)
    if shape is None or t.order not in ("2", "F"):
        return None
    if not shape:
        return Call("abs", (t.body,))
    if len(shape) == 1:
        return Call("sqrt", (Multiply((Transpose(t.body), t.body)),))
    if t.order == "F":
        return Call("sqrt", (Call("tr", (Multiply((Transpose(t.body), t.body)),)),))
    return None


LAW = Law(
    statement=r"\|v\|_2 = \sqrt{v^\top v}, \quad \|A\|_F = \sqrt{\operatorname{tr}(A^\top A)}",
    source="Golub & Van Loan (2013), Matrix Computations, sections 2.2 and 2.3",
    on=(Norm,),
    rewrite=_rewrite,
    holds=(
        Example(r"\|v\|_2^2", {"parameters": [r"v \in \mathbb{R}^n"]}, r"v^\top v"),
        Example(r"\|A\|_F^2", {"matrices": [r"A \in \mathbb{R}^{n \times m}"]}, r"\operatorname{tr}(A^\top A)"),
    ),
)
