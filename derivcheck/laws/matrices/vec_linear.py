r"""Stacking the columns of a matrix is linear."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import Product, add, multiply, product_of, summands
from derivcheck.terms.term import Call, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    if not isinstance(t, Call) or t.function != "vec" or len(t.arguments) != 1:
        return None
    body = t.arguments[0]
    shape = context.shape(body)
    if shape is None or len(shape) != 2:
        return body if shape is not None and len(shape) < 2 else None
    made: list[Term] = []
    for s in summands(body):
        p = product_of(s, context)
        if not p.letters:
            return None
        made.append(multiply([Product(p.scalars).term, Call("vec", (multiply(list(p.letters)),))]))
    new = add(made)
    return None if new == t else new


_AB = {"matrices": [r"A \in \mathbb{R}^{n \times m}", r"B \in \mathbb{R}^{n \times m}"], "parameters": ["a"]}

LAW = Law(
    statement=r"\operatorname{vec}(aA + bB) = a \operatorname{vec}(A) + b \operatorname{vec}(B)",
    source="Magnus & Neudecker (1999), Matrix Differential Calculus, chapter 2",
    on=(Call,),
    rewrite=_rewrite,
    holds=(
        Example(r"\operatorname{vec}(a A)", _AB, r"a \operatorname{vec}(A)"),
        Example(r"\operatorname{vec}(A - 2 B)", _AB, r"\operatorname{vec}(A) - 2 \operatorname{vec}(B)"),
    ),
)
