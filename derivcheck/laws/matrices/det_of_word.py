r"""Determinants of products, transposes, inverses and multiples."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import ONE, Product, multiply, product_of, summands
from derivcheck.laws.matrices._words import dimension, letters_of, square_size
from derivcheck.terms.term import Call, Divide, Number, Power, Term, Transpose


def _rewrite(t: Term, context: Context) -> Term | None:
    if not isinstance(t, Call) or t.function not in ("det", "logdet") or len(t.arguments) != 1:
        return None
    if t.function == "logdet":
        return Call("log", (Call("det", t.arguments),))
    body = t.arguments[0]
    if context.shape(body) == ():
        return body
    size = square_size(body, context)
    if size is None or len(summands(body)) > 1:
        return None
    p = product_of(body, context)
    word = tuple(x for y in p.letters for x in letters_of(y))
    if any(square_size(x, context) is None for x in word):
        return None
    factor = Product(p.scalars).term
    made: list[Term] = [_of_letter(x) for x in word]
    if factor != ONE:
        n = dimension(size, context)
        if n is None:
            return None
        made.insert(0, Power(factor, n))
    new = multiply(made)
    return None if new == t else new


def _of_letter(x: Term) -> Term:
    match x:
        case Transpose(body):
            return _of_letter(body)
        case Power(base, Number(value)) if value == -1:
            return Divide(ONE, Call("det", (base,)))
        case _:
            return Call("det", (x,))


_A = {"matrices": [r"A \in \mathbb{R}^{n \times n}", r"S \in \mathbb{S}_{++}^{n}"], "parameters": ["c > 0"]}

LAW = Law(
    statement=r"|AB| = |A| |B|, \quad |A^\top| = |A|, \quad |A^{-1}| = |A|^{-1}, \quad |cA| = c^n |A|",
    source="Petersen & Pedersen (2012), The Matrix Cookbook, eq. 19-22",
    on=(Call,),
    rewrite=_rewrite,
    holds=(
        Example(r"|c S|", _A, r"c^n |S|"),
        Example(r"|A^\top A|", _A, r"|A|^2"),
        Example(r"\log |c S|", _A, r"n \log c + \log |S|"),
    ),
)
