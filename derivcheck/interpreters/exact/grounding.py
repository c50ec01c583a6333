r"""A declared joint at ground keys: one factor for every index of a chain."""

from __future__ import annotations

from derivcheck.interpreters.exact.indices import integer
from derivcheck.interpreters.exact.keys import keys_of
from derivcheck.interpreters.exact.tables import GroundFactor, Joint
from derivcheck.terms.signature import DensityDeclaration, Factor


def grounded(declared: DensityDeclaration, fixed: dict[str, int]) -> Joint:
    """The ground joint of a declared density; fixed: values of T, N, …."""
    out: list[GroundFactor] = []
    for f in declared.factors:
        for env in _runs(f, fixed):
            event = tuple(k for e in f.event for k in keys_of(e, env))
            given = tuple(k for g in f.given for k in keys_of(g, env))
            out.append(GroundFactor(f.density or declared.name, event, given))
    return Joint(declared.name, _closed(out))


def _runs(f: Factor, fixed: dict[str, int]) -> list[dict[str, int]]:
    if f.index is None or f.lower is None or f.upper is None:
        return [fixed]
    low, high = integer(f.lower, fixed), integer(f.upper, fixed)
    return [{**fixed, f.index: i} for i in range(low, high + 1)]


def _closed(factors: list[GroundFactor]) -> tuple[GroundFactor, ...]:
    """Without factors whose event another factor already has (a marginal beside its joint)."""
    out: list[GroundFactor] = []
    seen: set[str] = set()
    for f in sorted(factors, key=lambda f: -len(f.event)):
        if not set(f.event) & seen:
            out.append(f)
            seen.update(f.event)
    return tuple(out)
