"""Which random variables stand free in a rewritten term: what an expectation without a law averages, and what it does not.

Main definitions: `free`, `Keys`.
"""

from __future__ import annotations

from derivcheck.interpreters.sampling.drawn import CannotSample
from derivcheck.interpreters.sampling.instance import Instance
from derivcheck.interpreters.sampling.keys import base, key_of, keys_of
from derivcheck.terms.term import (
    Covariance,
    Density,
    Derivative,
    Divergence,
    Expectation,
    FamilyDensity,
    Integral,
    Law,
    Moment,
    Symbol,
    SymbolRange,
    Term,
)

Keys = frozenset[str]
NONE: Keys = frozenset()


def free(t: Term, model: Instance, *, outside: bool = False) -> Keys:
    """The keys of the variables that stand free in t; outside: not counting the brackets of expectations."""

    def go(x: Term) -> Keys:
        return free(x, model, outside=outside)

    def all_of(terms: tuple[Term, ...]) -> Keys:
        return NONE.union(*(go(x) for x in terms))

    match t:
        case Symbol():
            key = key_of(t)
            return frozenset({key}) if model.is_variable(key) else NONE
        case SymbolRange():
            return frozenset(keys_of(t))
        case Density(name, event, given):
            return all_of((*event, *given)) if event else variables_of(name, model)
        case Integral(over, body):
            return go(body) - named(over)
        case Expectation(body, over, law, given):
            return _average(body, over, law, given, model, outside=outside)
        case Covariance(left, right, over, law, given):
            both = _average(left, over, law, given, model, outside=outside)
            return both | _average(right, over, law, given, model, outside=outside)
        case Divergence(_, p, q):
            inside = NONE.union(*(free(x, model) for x in (p, q) if x is not None))
            return inside - NONE.union(*(event_of(x, model) for x in (p, q) if x is not None))
        case Moment(_, law):
            return free(law, model) - event_of(law, model)
        case Derivative(body, wrt, _):
            return go(body) | go(wrt)
        case _:
            return all_of(t.children)


def named(over: tuple[Term, ...]) -> Keys:
    """The keys that stand behind an integral sign or below an E."""
    return frozenset(k for v in over for k in keys_of(v))


def variables_of(name: str, model: Instance) -> Keys:
    """All variables of a declared density."""
    try:
        return model.joint(name).variables
    except CannotSample:
        return NONE


def event_of(law: Law, model: Instance) -> Keys:
    """What a law is a law of."""
    if isinstance(law, FamilyDensity):
        return named((law.point,)) if isinstance(law.point, Symbol) else NONE
    if law.event:
        return named(law.event) - named(law.given)
    try:
        return frozenset(model.joint(law.name).events)
    except CannotSample:
        return NONE


def copies(key: str, among: Keys) -> tuple[str, ...]:
    r"""What a variable without an index stands for below an E: itself, or its indexed copies (`E_\epsilon[\epsilon_t]`)."""
    if "@" in key or key in among:
        return (key,)
    return tuple(sorted(k for k in among if base(k) == key)) or (key,)


def _average(body: Term, over: tuple[Term, ...], law: Law | None, given: tuple[Term, ...], model: Instance, *, outside: bool) -> Keys:
    conditions = NONE.union(*(free(g, model) for g in given))
    if isinstance(law, Density) and law.event:
        conditions |= NONE.union(*(free(g, model) for g in law.given))
    if isinstance(law, FamilyDensity):
        conditions |= NONE.union(*(free(p, model) for p in law.parameters))
    if outside:
        return conditions
    inside = free(body, model)
    bound = named(over) or (event_of(law, model) if law is not None else NONE)
    return (inside - NONE.union(*(copies(k, inside) for k in bound))) | conditions
