r"""Finite sums leave integrals and expectations."""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._free import mentioned
from derivcheck.laws._law import Context, Example, Law
from derivcheck.laws._structure import Product, product_of
from derivcheck.terms.term import Expectation, Fold, Integral, Symbol, Term


def _rewrite(t: Term, context: Context) -> Term | None:
    assert isinstance(t, Integral | Expectation)
    with context.inside(t):
        body = product_of(t.body, context)
        for n, (f, e) in enumerate(body.scalars):
            if isinstance(f, Fold) and f.kind == "sum" and e == Fraction(1):
                rest = Product((*body.scalars[:n], *body.scalars[n + 1 :]), body.letters)
                return _outside(t, f, rest, context)
        if len(body.letters) == 1 and isinstance(body.letters[0], Fold) and body.letters[0].kind == "sum":
            return _outside(t, body.letters[0], Product(body.scalars), context)
    return None


def _outside(t: Integral | Expectation, f: Fold, rest: Product, context: Context) -> Term | None:
    letter = Symbol(f.index)
    if any(f.index in v.names for v in t.over):
        return None
    if letter in mentioned(rest.term) | mentioned(f.lower) | mentioned(f.upper):
        return None
    if isinstance(t, Expectation) and (letter in t.over or (t.law is not None and letter in mentioned(t.law))):
        return None
    inner = product_of(f.body, context)
    body = Product((*rest.scalars, *inner.scalars), (*rest.letters, *inner.letters)).term
    made = Integral(t.over, body) if isinstance(t, Integral) else Expectation(body, t.over, t.law, t.given)
    return Fold("sum", f.index, f.lower, f.upper, made)


LAW = Law(
    statement=r"\mathbb{E}\left[\sum_k f_k\right] = \sum_k \mathbb{E}[f_k]",
    source="Feller (1968), An Introduction to Probability Theory, IX.2, theorem 2",
    on=(Integral, Expectation),
    rewrite=_rewrite,
    holds=(
        Example(
            r"\mathbb{E}_{q(x_{1:T}|x_0)}\left[\sum_{t=2}^{T} \log q(x_t|x_{t-1})\right]",
            {"variables": ["x_t"], "densities": [r"q(x_{1:T}|x_0) = \prod_{t=1}^{T} q(x_t|x_{t-1})"]},
            r"\sum_{t=2}^{T} \mathbb{E}_{q(x_{1:T}|x_0)}[\log q(x_t|x_{t-1})]",
        ),
        Example(r"\int p(z) \sum_{k=1}^{K} k \log q(z) dz", {"variables": ["z"], "densities": ["p(z)", "q(z)"], "conventions": {"K": "2..4"}}),
    ),
)
