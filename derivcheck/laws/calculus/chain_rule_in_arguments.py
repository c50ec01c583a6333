r"""The chain rule for a function of several numbers, by its partial derivatives."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import add
from derivcheck.laws.calculus._parts import moves, of
from derivcheck.terms.term import Call, Derivative, Multiply, Symbol, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Derivative)
    f = t.body
    if not isinstance(f, Call) or t.kind not in ("gradient", "time"):
        return None
    declared = context.signature.functions.get(f.function)
    if declared is None or declared.shape or f.function in t.wrt.names or len(declared.arguments) != len(f.arguments):
        return None
    names = frozenset[str]().union(*(a.names for a in f.arguments))
    formal = declared.arguments
    if t.wrt in formal or len(set(formal)) != len(formal):
        return None  # a partial derivative already
    with context.inside(t):
        made: list[Term] = []
        for letter, a in zip(formal, f.arguments, strict=True):
            if not moves(a, t, context):
                continue
            if not isinstance(letter, Symbol) or letter.index or letter.name in names or context.shape(a) != ():
                return None
            made.append(Multiply((Derivative(f, letter, "gradient"), of(a, t))))
    return add(made) if made else None


_G = {"variables": ["x"], "functions": ["f(x)", "g(y, x)"]}

LAW = Law(
    statement=r"\frac{\partial}{\partial x} g(f(x), c) = \frac{\partial g}{\partial y}(f(x), c) \frac{\partial f}{\partial x}",
    source="Rudin (1976), Principles of Mathematical Analysis, theorem 9.15",
    on=(Derivative,),
    rewrite=_rewrite,
    holds=(
        Example(r"\frac{\partial}{\partial f(x)} g(f(x), x)", _G, r"\frac{\partial}{\partial y} g(f(x), x)"),
        Example(r"\frac{\partial}{\partial f(x)} g(f(x)^2, x)", _G),
    ),
)
