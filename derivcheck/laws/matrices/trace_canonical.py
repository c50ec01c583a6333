r"""The trace is linear and cyclic; that of a column times a row is a number."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import Product, add, multiply, product_of, summands
from derivcheck.laws.matrices._words import letters_of, trace_of
from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import Call, Integral, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    if not isinstance(t, Call) or t.function != "tr" or len(t.arguments) != 1:
        return None
    body = t.arguments[0]
    shape = context.shape(body)
    if shape == ():
        return body
    if shape is None or len(shape) != 2 or shape[0] != shape[1]:
        return None
    made: list[Term] = []
    for s in summands(body):
        p = product_of(s, context)
        word = tuple(x for y in p.letters for x in letters_of(y))
        found = _inside(word[0], context) if len(word) == 1 else None
        found = trace_of(word, shape[0], context) if found is None else found
        if found is None:
            return None
        made.append(multiply([Product(p.scalars).term, found]))
    new = add(made)
    return None if new == t else new


def _inside(letter: Term, context: Context) -> Term | None:
    """The trace of an integral of columns times rows is the integral of numbers."""
    if not isinstance(letter, Integral):
        return None
    with context.inside(letter):
        inner = context.normal(Call("tr", (letter.body,)))
    return None if any(isinstance(x, Call) and x.function == "tr" for _, x in subterms(inner)) else Integral(letter.over, inner)


_AB = {
    "matrices": [r"A \in \mathbb{R}^{n \times m}", r"B \in \mathbb{R}^{m \times n}", r"S \in \mathbb{S}_{++}^{n}"],
    "parameters": [r"v \in \mathbb{R}^n", r"w \in \mathbb{R}^n", "a"],
}

LAW = Law(
    statement=r"\operatorname{tr}(aA + bB) = a \operatorname{tr} A + b \operatorname{tr} B, \quad \operatorname{tr}(AB) = \operatorname{tr}(BA), \quad \operatorname{tr}(A^\top) = \operatorname{tr}(A), \quad \operatorname{tr}(v w^\top) = w^\top v, \quad \operatorname{tr}(I_n) = n",
    source="Petersen & Pedersen (2012), The Matrix Cookbook, eq. 13-17",
    on=(Call,),
    rewrite=_rewrite,
    holds=(
        Example(r"\operatorname{tr}(B A)", _AB, r"\operatorname{tr}(A B)"),
        Example(r"\operatorname{tr}(a v w^\top)", _AB, r"a w^\top v"),
        Example(r"\operatorname{tr}(S A B + S^{-1} S)", _AB, r"\operatorname{tr}(S A B) + n"),
        Example(r"\operatorname{tr}(B^\top A^\top S)", _AB, r"\operatorname{tr}(A B S)"),
    ),
)
