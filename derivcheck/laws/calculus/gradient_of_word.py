r"""Gradients of quadratic and linear words: of traces by a matrix, of inner products by a column."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import add, multiply
from derivcheck.laws.calculus._parts import MINUS_ONE, moves
from derivcheck.laws.matrices._words import is_column, letters_of
from derivcheck.terms.term import (
    Call,
    Derivative,
    Identity,
    Multiply,
    Negate,
    Power,
    Term,
    Transpose,
)


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Derivative)
    shape = context.shape(t.wrt)
    if t.kind != "gradient" or not shape:
        return None
    with context.inside(t):
        word = _word(t.body, context)
        if word is None:
            return None
        made: list[Term] = []
        for i, x in enumerate(word):
            if not moves(x, t, context):
                continue
            rest = (*word[i + 1 :], *word[:i])
            found = _by_column(x, rest, t, context) if len(shape) == 1 else _by_matrix(x, rest, t, shape)
            if found is None:
                return None
            made.append(found)
    return add(made) if made else None


def _word(body: Term, context: Context) -> tuple[Term, ...] | None:
    """The letters of a trace or of a product that closes to a number."""
    match body:
        case Call("tr", (Multiply(factors),)):
            pass
        case Call("tr", (one,)):
            factors = (one,)
        case Multiply(factors) if context.shape(body) == ():
            pass
        case _:
            return None
    word = tuple(x for y in factors for x in letters_of(y))
    return word if all(context.shape(x) not in ((), None) for x in word) else None


def _by_matrix(x: Term, rest: tuple[Term, ...], t: Derivative, shape: tuple[str, ...]) -> Term | None:
    """The gradient of tr(x R) by the matrix that x is, or whose transpose or inverse it is."""
    r: Term = multiply(list(rest)) if rest else Identity(shape[0])
    w = t.wrt
    inverse = Power(w, MINUS_ONE)
    if x == w:
        return Transpose(r)
    if x == Transpose(w):
        return r
    if x == inverse:
        return Negate(Transpose(Multiply((inverse, r, inverse))))
    if x == Transpose(inverse):
        return Negate(Multiply((Transpose(inverse), r, Transpose(inverse))))
    return None


def _by_column(x: Term, rest: tuple[Term, ...], t: Derivative, context: Context) -> Term | None:
    """The gradient of x R = R x by a column: of a column x that moves with it, or a row."""
    if not rest:
        return None
    column = x.body if isinstance(x, Transpose) else x
    if not is_column(column, context):
        return None
    jacobian = Transpose(Derivative(column, t.wrt, "jacobian"))
    r = multiply(list(rest))
    return Multiply((jacobian, r)) if isinstance(x, Transpose) else Multiply((jacobian, Transpose(r)))


_WV = {
    "matrices": [r"W \in \mathbb{R}^{n \times m}", r"A \in \mathbb{R}^{n \times n}", r"B \in \mathbb{R}^{m \times n}", r"P \in \mathbb{R}^{n \times n}"],
    "parameters": [r"v \in \mathbb{R}^n", r"w \in \mathbb{R}^n"],
}

LAW = Law(
    statement=r"\nabla_v (v^\top A v) = (A + A^\top) v, \quad \frac{\partial}{\partial W} \operatorname{tr}(W B) = B^\top, \quad \frac{\partial}{\partial W} \operatorname{tr}(W^\top A W B) = A W B + A^\top W B^\top, \quad \frac{\partial}{\partial W} \operatorname{tr}(A W^{-1}) = -(W^{-1} A W^{-1})^\top",
    source="Petersen & Pedersen (2012), The Matrix Cookbook, sections 2.4.1, 2.4.2 and 2.5 (eq. 69-71, 81, 100-103, 124)",
    on=(Derivative,),
    rewrite=_rewrite,
    holds=(
        Example(r"\nabla_v (v^\top A v)", _WV, r"(A + A^\top) v"),
        Example(r"\frac{\partial}{\partial W} \operatorname{tr}(W B)", _WV, r"B^\top"),
        Example(r"\frac{\partial}{\partial W} \operatorname{tr}(W^\top A W)", _WV, r"(A + A^\top) W"),
        Example(r"\frac{\partial}{\partial P} v^\top P w", _WV, r"v w^\top"),
    ),
)
