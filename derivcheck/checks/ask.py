"""The question that a sign asks, and its answer."""

from __future__ import annotations

from typing import Literal

from derivcheck.checks import (
    constants,
    equality,
    estimate,
    free_times,
    implication,
    inequality,
    limits,
    minimisers,
    sampling,
    stationary,
)
from derivcheck.checks.evidence import Outcome, Question, undecided
from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import ELEMENTARY, Call, FamilyDensity, Optimum, Relation, Symbol


def answer(q: Question, stationary_in: frozenset[str] = frozenset()) -> Outcome:
    """The outcome of the check that belongs to the sign.

    stationary_in: unknowns whose stationarity condition stands before the relation in its question.
    """
    twice = overloaded(q)
    if twice:
        return undecided(f"{twice} is written with different arguments and is not declared: a function or a density?")
    if isinstance(q.left, Relation) or isinstance(q.right, Relation) or q.sign in ("iff", "implies"):
        return implication.ask(q)
    if constants.unknowns(q.left, q.right):
        if q.sign in ("=", ":=", "propto"):
            return constants.ask(q)
        return undecided("an open constant in something that is no equation")
    match q.sign:
        case "=" | ":=":
            return _equal(_minimisers(q), stationary_in)
        case "<=" | ">=" | "<" | ">":
            if limits.is_long_time(q):
                return limits.along(q)
            return inequality.ask(q)
        case "!=":
            return _unequal(q)
        case "propto":
            return constants.ask(q)
        case "approx":
            return estimate.ask(q)
        case "sim":
            return sampling.ask(q) if isinstance(q.left, Symbol) and _law(q.right) else estimate.ask(q)
        case "to":
            return limits.ask(q)
        case "in":
            return undecided("membership is not checked")


def overloaded(q: Question) -> str | None:
    """An undeclared function that is applied to different numbers of arguments, as only densities are."""
    s = q.bench.signature
    known = {*s.functions, *s.densities, *s.symbols, *ELEMENTARY, *(o.name for o in s.optima)}
    known |= {d.head.function for d in s.definitions if isinstance(d.head, Call)}
    counts: dict[str, int] = {}
    for side in (q.left, q.right):
        for _, x in subterms(side):
            if isinstance(x, Call) and x.function not in known and counts.setdefault(x.function, len(x.arguments)) != len(x.arguments):
                return x.function
    return None


def _law(t: object) -> bool:
    from derivcheck.terms.term import Density

    return isinstance(t, FamilyDensity | Density)


def _minimisers(q: Question) -> Question:
    """Two problems of one sense as their arguments, where the theory compares those."""
    left, right = q.left, q.right
    if q.bench.signature.minima != "minimisers" or not isinstance(left, Optimum) or not isinstance(right, Optimum):
        return q
    kinds = {_ARGUMENT.get(left.kind), _ARGUMENT.get(right.kind)}
    if len(kinds) != 1 or None in kinds:
        return q
    a, b = (Optimum(_ARGUMENT[t.kind], t.over, t.body) for t in (left, right))
    return Question(a, q.sign, b, q.bench)


_ARGUMENT: dict[str, Literal["argmin", "argmax"]] = {"min": "argmin", "inf": "argmin", "max": "argmax", "sup": "argmax"}


def _equal(q: Question, stationary_in: frozenset[str]) -> Outcome:
    if limits.is_long_time(q):
        return limits.along(q)
    found = equality.ask(q)
    if found.result == "holds":
        return found
    if found.result == "undecided":
        found = minimisers.ask(q) or free_times.ask(q) or found
    o = stationary.unknown_of(q)
    if o is None or found.result != "fails":
        return found
    if o.unknown in stationary_in or stationary.is_condition(q.left, q.right, o.unknown):
        return stationary.ask(q, o) or found
    return found


def _unequal(q: Question) -> Outcome:
    found = equality.ask(q)
    if found.result == "fails":
        return Outcome("holds", "the sides differ on random worlds", found.tried, unbound=found.unbound, worlds=found.worlds)
    if found.result == "holds":
        return undecided("the sides agree on all random worlds")
    return found
