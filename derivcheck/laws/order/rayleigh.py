r"""A quadratic form of a symmetric matrix is at least its least eigenvalue times the squared norm."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.terms.term import Call, Multiply, Symbol, Term, Transpose

SYMMETRIC = frozenset({"symmetric", "positive_definite", "diagonal"})


def _rewrite(t: Term, context: Context) -> Term | None:
    match t:
        case Multiply((Transpose(v), Symbol() as m, w)) if v == w and context.met(is_symmetric(m, context)):
            return Multiply((Call("lambda_min", (m,)), Transpose(v), v))
        case _:
            return None


def is_symmetric(m: Term, context: Context) -> bool:
    """Whether a matrix is declared to equal its transpose."""
    declared = context.signature.symbols.get(m.name) if isinstance(m, Symbol) else None
    return declared is not None and declared.domain in SYMMETRIC


LAW = Law(
    statement=r"v^\top M v \geq \lambda_{min}(M) \, v^\top v, \quad \operatorname{tr}(A M A^\top) \geq \lambda_{min}(M) \operatorname{tr}(A A^\top) \text{ for symmetric } M",
    source="Horn & Johnson (2013), Matrix Analysis, theorem 4.2.2 (Rayleigh)",
    on=(Multiply,),
    rewrite=_rewrite,
    sign=">=",
    holds=(
        Example(r"v^\top M v", {"parameters": [r"v \in \mathbb{R}^n"], "matrices": [r"M \in \mathbb{S}^{n}"]}, r"\lambda_{min}(M) \, v^\top v"),
        Example(r"v^\top H v", {"parameters": [r"v \in \mathbb{R}^n"], "matrices": [r"H \in \mathbb{S}_{++}^{n}"]}),
    ),
)
