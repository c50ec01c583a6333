"""Whether a relation follows from the laws.

Main definitions: `prove`. Two terms are equal if the normal form of their difference is 0; two positive ones
also if that of the difference of their logarithms is.
"""

from __future__ import annotations

from derivcheck.interpreters.symbolic.certificate import Certificate, Step
from derivcheck.interpreters.symbolic.engine import Engine, TooMuchWork
from derivcheck.interpreters.symbolic.form import Unfit
from derivcheck.interpreters.symbolic.outside import free_outside
from derivcheck.terms.signature import Signature
from derivcheck.terms.term import Add, Call, Negate, Number, Sign, Term
from fractions import Fraction

ZERO = Number(Fraction(0))


def prove(left: Term, sign: Sign, right: Term, signature: Signature, *, holds_at: str | None = None, work: int = 20_000) -> Certificate | None:
    """A certificate that the relation holds under the signature, or None: no proof was found.

    holds_at: the optimum at which alone the relation is judged, if it is. work: how many uses of laws may be tried.
    """
    del holds_at
    engine = Engine(signature, work=work, outside=free_outside(left, right))
    try:
        if sign in ("=", ":="):
            return _equal(left, right, engine)
    except (Unfit, TooMuchWork):
        return None
    return None


def _equal(left: Term, right: Term, engine: Engine) -> Certificate | None:
    difference = Add((left, Negate(right)))
    if engine.zero(difference):
        return _certificate(engine, difference)
    if engine.shape(left) == () and engine.positive(left) and engine.positive(right):
        logs = Add((Call("log", (left,)), Negate(Call("log", (right,)))))
        if engine.zero(logs):
            return _certificate(engine, logs)
    return None


def _certificate(engine: Engine, goal: Term) -> Certificate:
    return Certificate((*dict.fromkeys(engine.steps), Step("arithmetic", goal, ZERO)))
