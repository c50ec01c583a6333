"""Whether a relation follows from the laws.

Main definitions: `prove`. Two terms are equal if the normal form of their difference is 0; two positive ones
also if that of the difference of their logarithms is.
"""

from __future__ import annotations

from fractions import Fraction

from derivcheck.interpreters.symbolic.certificate import Certificate, Step
from derivcheck.interpreters.symbolic.constants import unknowns, up_to_constant, up_to_factor
from derivcheck.interpreters.symbolic.engine import Engine, TooMuchWork
from derivcheck.interpreters.symbolic.form import Unfit
from derivcheck.interpreters.symbolic.inequality import candidates, nonnegative, signed
from derivcheck.interpreters.symbolic.outside import free_outside
from derivcheck.terms.instance import Captured
from derivcheck.terms.signature import Signature
from derivcheck.terms.substitute import rebuild
from derivcheck.terms.term import Add, Call, Negate, Number, Sign, Symbol, Term

ZERO = Number(Fraction(0))


def prove(left: Term, sign: Sign, right: Term, signature: Signature, *, holds_at: str | None = None, work: int = 20_000) -> Certificate | None:
    """A certificate that the relation holds under the signature, or None: no proof was found.

    holds_at: the optimum at which alone the relation is judged, if it is. work: how many uses of laws may be tried.
    """
    if holds_at is not None:
        at = _optimum(holds_at, signature)
        if at is None:
            return None
        left, right = (_at(t, *at) for t in (left, right))
    engine = Engine(signature, work=work, outside=free_outside(left, right))
    try:
        return _proved(left, sign, right, engine)
    except (Unfit, TooMuchWork, Captured, RecursionError):
        return None


def _proved(left: Term, sign: Sign, right: Term, engine: Engine) -> Certificate | None:
    if unknowns(left, right):
        found = up_to_constant(left, right, engine) if sign in ("=", ":=") else None
        return None if found is None else _certificate(engine, "up_to_a_constant", found)
    match sign:
        case "=" | ":=":
            return _equal(left, right, engine)
        case "propto":
            found = up_to_factor(left, right, engine)
            return None if found is None else _certificate(engine, "up_to_a_factor", found)
        case ">=" | ">":
            return _ordered(left, right, engine, strictly=sign == ">")
        case "<=" | "<":
            return _ordered(right, left, engine, strictly=sign == "<")
        case _:
            return None


def _equal(left: Term, right: Term, engine: Engine) -> Certificate | None:
    difference = Add((left, Negate(right)))
    if engine.zero(difference):
        return _certificate(engine, "arithmetic", difference)
    if engine.shape(left) == () and engine.positive(left) and engine.positive(right):
        logs = Add((Call("log", (left,)), Negate(Call("log", (right,)))))
        if engine.zero(logs):
            return _certificate(engine, "arithmetic", logs)
    return None


def _ordered(greater: Term, less: Term, engine: Engine, *, strictly: bool) -> Certificate | None:
    difference = Add((greater, Negate(less)))
    f = engine.form(difference)
    if strictly:
        return _certificate(engine, "arithmetic", difference) if signed(f, engine, strictly=True) else None
    if nonnegative(f, engine, list(candidates(greater, less, engine))):
        return _certificate(engine, "arithmetic", difference)
    return None


def _certificate(engine: Engine, law: str, goal: Term) -> Certificate:
    return Certificate((*dict.fromkeys(engine.steps), Step(law, goal, ZERO)))


def _optimum(holds_at: str, signature: Signature) -> tuple[str, str] | None:
    """The unknown and the name of the optimum that a relation is judged at."""
    found = [o for o in signature.optima if o.name in holds_at or o.unknown in holds_at]
    return (found[0].unknown, found[0].name) if len(found) == 1 else None


def _at(t: Term, unknown: str, optimum: str) -> Term:
    """A term with the unknown replaced by its optimum."""
    made = rebuild(t, lambda c: _at(c, unknown, optimum))
    if isinstance(made, Call) and made.function == unknown:
        return Call(optimum, made.arguments, made.index)
    return Symbol(optimum, made.index) if isinstance(made, Symbol) and made.name == unknown else made


