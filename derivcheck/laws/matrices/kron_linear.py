r"""The Kronecker product is linear in each factor."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import ZERO, Product, add, multiply, product_of, summands
from derivcheck.terms.term import Call, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    if not isinstance(t, Call) or t.function != "kron" or len(t.arguments) != 2:
        return None
    if ZERO in t.arguments:
        return ZERO
    shapes = [context.shape(a) for a in t.arguments]
    if any(s is None or len(s) != 2 for s in shapes):
        return None
    left, right = ([product_of(s, context) for s in summands(a)] for a in t.arguments)
    if any(not p.letters for p in (*left, *right)):
        return None
    made = [
        multiply([Product(p.scalars).term, Product(q.scalars).term, Call("kron", (multiply(list(p.letters)), multiply(list(q.letters))))])
        for p in left
        for q in right
    ]
    new = add(made)
    return None if new == t else new


_ABC = {"matrices": [r"A \in \mathbb{R}^{n \times m}", r"B \in \mathbb{R}^{n \times m}", r"C \in \mathbb{R}^{m \times m}"], "parameters": ["a"]}

LAW = Law(
    statement=r"(aA + bB) \otimes C = a (A \otimes C) + b (B \otimes C)",
    source="Magnus & Neudecker (1999), Matrix Differential Calculus, chapter 2",
    on=(Call,),
    rewrite=_rewrite,
    holds=(
        Example(r"(A + B) \otimes C", _ABC, r"A \otimes C + B \otimes C"),
        Example(r"C \otimes (a A)", _ABC, r"a (C \otimes A)"),
    ),
)
