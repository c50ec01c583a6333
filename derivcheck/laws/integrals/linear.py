r"""Sums, integrals and expectations are linear; what does not vary leaves them."""

from __future__ import annotations

from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import ONE, ZERO, Product, add, multiply, product_of, summands
from derivcheck.terms.term import Expectation, Fold, Integral, Symbol, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    if isinstance(t, Fold) and t.kind != "sum":
        return None
    assert isinstance(t, Fold | Integral | Expectation)
    bound = (Symbol(t.index),) if isinstance(t, Fold) else t.over
    if not bound:
        return None
    if t.body == ZERO:
        return ZERO
    parts = summands(t.body)
    with context.inside(t):
        split = [_split(p, bound, context) for p in parts]
    if len(parts) == 1:
        left, inner, right = split[0]
        if not left.scalars and not left.letters and not right.letters:
            return None
        if isinstance(t, Integral) and inner.term == ONE:
            return None  # the integral of a constant is no number
        return multiply([left.term, _again(t, inner.term), right.term])
    return add([multiply([left.term, _again(t, inner.term), right.term]) for left, inner, right in split])


def _split(p: Term, bound: tuple[Term, ...], context: Context) -> tuple[Product, Product, Product]:
    return product_of(p, context).split(lambda f: any(context.depends(f, b) for b in bound))


def _again(t: Fold | Integral | Expectation, body: Term) -> Term:
    if isinstance(t, Fold):
        return Fold(t.kind, t.index, t.lower, t.upper, body)
    if isinstance(t, Integral):
        return Integral(t.over, body)
    return ONE if body == ONE else Expectation(body, t.over, t.law, t.given)


_XZ = {"variables": ["x", "z"], "densities": ["p(x,z)", "q(z|x)"], "parameters": ["a"]}

LAW = Law(
    statement=r"\mathbb{E}[a f + b g] = a \mathbb{E}[f] + b \mathbb{E}[g] \text{ for constants } a, b",
    source="Rudin (1976), Principles of Mathematical Analysis, theorem 6.12; Feller (1968), An Introduction to Probability Theory, IX.2",
    on=(Fold, Integral, Expectation),
    rewrite=_rewrite,
    holds=(
        Example(r"\mathbb{E}_{q(z|x)}[a \log p(x,z) + \log p(x)]", _XZ),
        Example(r"\sum_{k=1}^{K} a k", {"parameters": ["a"], "conventions": {"K": "2..4"}}, r"a \sum_{k=1}^{K} k"),
    ),
)
