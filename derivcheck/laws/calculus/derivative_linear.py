r"""Derivatives are linear; that of a constant is 0."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import ONE, ZERO, Product, add, multiply, product_of, summands
from derivcheck.laws.calculus._parts import moves, of, scalar_kind, vanishes
from derivcheck.terms.term import Derivative, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Derivative)
    if t.kind == "differential":
        return None
    with context.inside(t):
        if not moves(t.body, t, context):
            return ZERO if vanishes(t.body, t, context) else None
        parts = summands(t.body)
        if len(parts) > 1:
            return add([of(p, t) for p in parts])
        return _constants_out(t, context)


def _constants_out(t: Derivative, context: Context) -> Term | None:
    p = product_of(t.body, context)
    fixed = tuple(s for s in p.scalars if not moves(s[0], t, context))
    moving = tuple(s for s in p.scalars if moves(s[0], t, context))
    first = next((i for i, x in enumerate(p.letters) if moves(x, t, context)), len(p.letters))
    left: tuple[Term, ...] = ()
    right: tuple[Term, ...] = ()
    letters = p.letters
    if first < len(letters):
        if not moving or scalar_kind(t, context):
            left, letters = letters[:first], letters[first:]
        if scalar_kind(t, context):
            last = max(i for i, x in enumerate(letters) if moves(x, t, context))
            letters, right = letters[: last + 1], letters[last + 1 :]
    elif scalar_kind(t, context) and moving:
        letters, right = (), letters
    if (not fixed and not left and not right) or (left and t.kind == "divergence"):
        return None
    inner = Product(moving, letters).term
    return multiply([Product(fixed).term, *left, of(inner, t) if inner != ONE else ZERO, *right])


_V = {"parameters": [r"v \in \mathbb{R}^n", r"a", "b > 0"], "matrices": [r"A \in \mathbb{R}^{n \times n}"]}

LAW = Law(
    statement=r"\frac{\partial}{\partial x} (a f + b g) = a \frac{\partial f}{\partial x} + b \frac{\partial g}{\partial x}, \quad \frac{\partial}{\partial x} a = 0",
    source="Rudin (1976), Principles of Mathematical Analysis, theorem 5.3; Petersen & Pedersen (2012), The Matrix Cookbook, eq. 33-35",
    on=(Derivative,),
    rewrite=_rewrite,
    holds=(
        Example(r"\frac{\partial}{\partial b} (a \log b + a)", _V, r"a \frac{\partial}{\partial b} \log b"),
        Example(r"\frac{\partial}{\partial v} (v^\top A v + a)", _V),
    ),
)
