r"""The trace of a matrix times a positive definite one times its transpose is never negative."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import ZERO
from derivcheck.terms.term import Call, Multiply, Symbol, Term, Transpose


def _rewrite(t: Term, context: Context) -> Term | None:
    match t:
        case Call("tr", (Multiply((a, Symbol(name), Transpose(b))),)) if a == b:
            declared = context.signature.symbols.get(name)
            return ZERO if context.met(declared is not None and declared.domain == "positive_definite") else None
        case Call("tr", (Multiply((a, Transpose(b))),)) if a == b:
            return ZERO
        case _:
            return None


_A = {"matrices": [r"A \in \mathbb{R}^{m \times n}", r"M \in \mathbb{S}_{++}^{n}"]}

LAW = Law(
    statement=r"\operatorname{tr}(A M A^\top) \geq 0",
    condition=r"M \succ 0 \text{ (or the identity)}",
    source="Horn & Johnson (2013), Matrix Analysis, observation 7.1.8",
    on=(Call,),
    rewrite=_rewrite,
    sign=">=",
    holds=(
        Example(r"\operatorname{tr}(A M A^\top)", _A, "0"),
        Example(r"\operatorname{tr}(A A^\top)", _A, "0"),
    ),
    refuses=(Example(r"\operatorname{tr}(A S A^\top)", {"matrices": [r"A \in \mathbb{R}^{m \times n}", r"S \in \mathbb{S}^{n}"]}),),
)
