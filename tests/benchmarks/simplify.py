"""What `sympy.simplify(lhs - rhs)` says of relations, each in a process of its own: a peer of the prover.

Main definitions: `said_of`, `as_sympy`. SymPy is handed the terms as derivcheck has read them, with symbols that
are positive and the theory's plain definitions (no sums or products) put in.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

import sympy

from derivcheck.terms.signature import Signature
from derivcheck.terms.substitute import substitute
from derivcheck.terms.term import (
    Add,
    Call,
    Constant,
    Divide,
    Fold,
    Multiply,
    Negate,
    Number,
    Power,
    Symbol,
    Term,
)

LIMIT = 10.0  # seconds that one relation may take
FUNCTIONS = {"sqrt": sympy.sqrt, "log": sympy.log, "exp": sympy.exp}
Pair = tuple[Term, Term, Signature]


class NoExpression(Exception):
    """The term is none of SymPy's scalars."""


def as_sympy(t: Term) -> Any:
    """A scalar term as SymPy's expression.

    Raises:
        NoExpression: it holds anything but algebra.
    """
    match t:
        case Number(value):
            return sympy.Rational(value.numerator, value.denominator)
        case Constant("pi"):
            return sympy.pi
        case Symbol(name, index):
            return sympy.Symbol(f"{name}[{','.join(str(as_sympy(i)) for i in index)}]", positive=True)
        case Add(terms):
            return sympy.Add(*map(as_sympy, terms))
        case Negate(body):
            return -as_sympy(body)
        case Multiply(factors):
            return sympy.Mul(*map(as_sympy, factors))
        case Divide(above, below):
            return as_sympy(above) / as_sympy(below)
        case Power(base, exponent):
            return as_sympy(base) ** as_sympy(exponent)
        case Call(function, (body,)) if function in FUNCTIONS:
            return FUNCTIONS[function](as_sympy(body))
        case _:
            raise NoExpression(type(t).__name__)


def said_of(pairs: Sequence[Pair]) -> list[tuple[str, float]]:
    """For every relation `equal`, `not shown`, `time-out` or `not read`, and its seconds."""
    return [_said(pair) for pair in pairs]


def _said(pair: Pair) -> tuple[str, float]:
    left, right, signature = pair
    try:
        difference = as_sympy(_unfolded(left, signature)) - as_sympy(_unfolded(right, signature))
    except NoExpression:
        return "not read", 0.0
    ours, theirs = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=_simplified, args=(difference, theirs))
    start = time.perf_counter()
    child.start()
    answer = ours.recv() if ours.poll(LIMIT) else "time-out"
    child.kill()
    child.join()
    return answer, time.perf_counter() - start


def _simplified(difference: Any, out: Connection) -> None:
    out.send("equal" if sympy.simplify(difference) == 0 else "not shown")


def _unfolded(t: Term, signature: Signature) -> Term:
    """A term with the theory's plain definitions of sequences put in, index letters as they stand."""
    plain = {d.head: d.body for d in signature.definitions if isinstance(d.head, Symbol) and not _folds(d.body)}
    return substitute(t, plain, {})


def _folds(t: Term) -> bool:
    return isinstance(t, Fold) or any(map(_folds, t.children))
