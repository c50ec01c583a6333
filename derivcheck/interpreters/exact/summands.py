r"""The summands of an expectation's body: each is integrated over fewer axes than the whole."""

from __future__ import annotations

from derivcheck.interpreters.exact.factors import direct_factors
from derivcheck.interpreters.exact.indices import integer
from derivcheck.interpreters.exact.keys import symbol_at
from derivcheck.interpreters.exact.world import Env, World
from derivcheck.terms.term import (
    Add,
    Call,
    Density,
    Divide,
    FamilyDensity,
    Fold,
    Multiply,
    Negate,
    Term,
)

MAX_SPLIT = 16


def summands(body: Term, world: World, env: Env) -> list[tuple[int, Term, Env]]:
    """The summands of a body with their signs and where they stand."""
    match body:
        case Add(terms):
            return [p for x in terms for p in summands(x, world, env)]
        case Negate(inner):
            return [(-s, b, e) for s, b, e in summands(inner, world, env)]
        case Fold("sum", index, lower, upper, inner):
            low, high = integer(lower, env.indices), integer(upper, env.indices)
            if high - low > MAX_SPLIT:
                return [(1, body, env)]
            return [
                p
                for i in range(low, high + 1)
                for p in summands(inner, world, env.with_index(index, i))
            ]
        case Call("log", (inner,)):
            return _log_summands(1, inner, world, env)
        case _:
            return [(1, body, env)]


def _log_summands(sign: int, t: Term, world: World, env: Env) -> list[tuple[int, Term, Env]]:
    """log of a product of densities as the sum of their logs (all are positive)."""
    match t:
        case Divide(numerator, denominator) if _positive(t):
            return _log_summands(sign, numerator, world, env) + _log_summands(
                -sign, denominator, world, env
            )
        case Multiply(factors) if _positive(t):
            return [p for f in factors for p in _log_summands(sign, f, world, env)]
        case Fold("prod", index, lower, upper, inner) if _positive(t):
            low, high = integer(lower, env.indices), integer(upper, env.indices)
            if high - low <= MAX_SPLIT:
                return [
                    p
                    for i in range(low, high + 1)
                    for p in _log_summands(sign, inner, world, env.with_index(index, i))
                ]
        case Density():
            parts = direct_factors(t, world, env)
            if len(parts) > 1:
                made = [
                    Density(
                        t.name,
                        tuple(symbol_at(k) for k in f.event),
                        tuple(symbol_at(k) for k in f.given),
                    )
                    for f in parts
                ]
                return [(sign, Call("log", (d,)), env) for d in made]
        case _:
            pass
    return [(sign, Call("log", (t,)), env)]


def _positive(t: Term) -> bool:
    """Whether a term is a product or quotient of densities only."""
    match t:
        case Density() | FamilyDensity():
            return True
        case Divide() | Multiply():
            return all(_positive(c) for c in t.children)
        case Fold("prod"):
            return _positive(t.body)
        case _:
            return False
