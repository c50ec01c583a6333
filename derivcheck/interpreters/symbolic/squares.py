r"""Quadratic forms that are sums of squares.

Main definitions: `sum_of_squares`. A form in inner products v^T w (or products of numbers), with one positive
weight, is Σ_ij Q_ij v_i^T v_j; it is never negative if Q is positive semidefinite, which is decided exactly.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING

from derivcheck.interpreters.symbolic.form import Form, Monomial, times
from derivcheck.laws._structure import product_of
from derivcheck.terms.term import Integral, Multiply, Term, Transpose

if TYPE_CHECKING:
    from derivcheck.interpreters.symbolic.engine import Engine

Pair = tuple[Term, Term]
Over = tuple[Term, ...]  # the variables of the integrals around, from outside


def sum_of_squares(f: Form, engine: Engine) -> bool:
    """Whether a form is a sum of squares with positive weights."""
    groups: dict[tuple[Over, Monomial], dict[Pair, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for (m, _), c in f.terms.items():
        found = _quadratic(m, engine)
        if found is None:
            return False
        over, weight, pair = found
        groups[(over, weight)][pair] += c
    if not groups:
        return False
    return all(_semidefinite(g) for g in groups.values()) or all(_scaled({w: g for (o, w), g in groups.items() if o == over}) for over, _ in groups)


def _scaled(weighted: dict[Monomial, dict[Pair, Fraction]]) -> bool:
    """Whether a sum is one of squares of vectors times the roots of their weights: w v^T v - 2 v^T u + u^T u / w."""
    own = {v: weight for weight, entries in weighted.items() for v, w in entries if v == w}
    together: dict[Pair, Fraction] = defaultdict(Fraction)
    for weight, entries in weighted.items():
        for (v, w), c in entries.items():
            if v not in own or w not in own or times(weight, weight) != times(own[v], own[w]):
                return False
            together[(v, w)] += c
    return _semidefinite(together)


def _quadratic(m: Monomial, engine: Engine) -> tuple[Over, Monomial, Pair] | None:
    """The integrals, the positive weight, and the two vectors of a monomial."""
    integral = next((a for a, e in m if isinstance(a, Integral) and e == 1), None)
    if integral is not None:
        outer = tuple(p for p in m if p[0] != integral)
        if not all(engine.positive(a) for a, _ in outer) or any(engine.depends(a, v) for a, _ in outer for v in integral.over):
            return None
        with engine.inside(integral):
            body = product_of(integral.body, engine)
            found = None if body.letters else _quadratic(body.scalars, engine)
        return None if found is None else ((*integral.over, *found[0]), times(outer, found[1]), found[2])
    products = [(a, e) for a, e in m if _inner(a) is not None]
    if len(products) == 1 and products[0][1] == 1:
        rest = tuple(p for p in m if p != products[0])
        pair = _inner(products[0][0])
        assert pair is not None
        return ((), rest, pair) if all(engine.positive(a) for a, _ in rest) else None
    if products:
        return None
    signed = [(a, e) for a, e in m if not engine.positive(a)]
    rest = tuple(p for p in m if p not in signed)
    if len(signed) == 1 and signed[0][1] == 2:
        return (), rest, (signed[0][0], signed[0][0])
    if len(signed) == 2 and all(e == 1 for _, e in signed):
        return (), rest, (signed[0][0], signed[1][0])
    return None


def _inner(a: Term) -> Pair | None:
    match a:
        case Multiply((Transpose(v), w)):
            return (v, w)
        case _:
            return None


def _semidefinite(entries: dict[Pair, Fraction]) -> bool:
    """Whether Σ c_ij v_i^T v_j is positive semidefinite, by exact elimination."""
    names = list(dict.fromkeys(v for pair in entries for v in pair))
    n = len(names)
    at = {v: i for i, v in enumerate(names)}
    q = [[Fraction(0)] * n for _ in range(n)]
    for (v, w), c in entries.items():
        q[at[v]][at[w]] += c / 2
        q[at[w]][at[v]] += c / 2
    for k in range(n):
        if q[k][k] < 0:
            return False
        if q[k][k] == 0:
            if any(q[k][j] != 0 for j in range(k, n)):
                return False
            continue
        for i in range(k + 1, n):
            ratio = q[i][k] / q[k][k]
            for j in range(k, n):
                q[i][j] -= ratio * q[k][j]
    return True
