"""Which names of a term nobody declared."""

from __future__ import annotations

import re
from functools import lru_cache

from derivcheck.terms.signature import Signature
from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import (
    ELEMENTARY,
    Call,
    Density,
    Derivative,
    Expectation,
    Fold,
    Integral,
    Multiply,
    Optimum,
    Power,
    Symbol,
    SymbolRange,
    Term,
)

_CAPITAL = re.compile(r"(\\(Sigma|Lambda|Phi|Psi|Gamma|Omega|Theta|Pi|Xi|Delta)|[A-Z])(_\{.*\})?")
_NATURALS = frozenset({"T", "K", "N", "n", "M", "m", "d", "t", "s", "i", "j", "k", "l"})
_PARAMETERS = frozenset({r"\theta", r"\phi", r"\psi", r"\mathcal{Q}"})


@lru_cache(maxsize=256)
def _declared(key: int, signature: _ById) -> frozenset[str]:
    del key
    s = signature.value
    found: set[str] = {*s.symbols, *s.functions, *s.densities, *s.indices}
    found.update(p.variable.name for p in s.paths)
    found.update(x.variable.name for x in s.samples)
    found.update(o.name for o in s.optima)
    found.update(f.name for f in s.flows)
    found.update(p.image.function for p in s.pushforwards)
    for d in s.definitions:
        name = d.head.function if isinstance(d.head, Call) else getattr(d.head, "name", None)
        if isinstance(name, str):
            found.add(name)
    for joint in s.densities.values():
        for f in joint.factors:
            found.update(x.name for x in (*f.event, *f.given) if isinstance(x, Symbol | SymbolRange))
            if f.density:
                found.add(f.density)
    return frozenset(found)


class _ById:
    """A signature as a cache key (it is not hashable)."""

    def __init__(self, value: Signature) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ById) and self.value is other.value


def declared_names(signature: Signature) -> frozenset[str]:
    """Every name that has a meaning under the signature."""
    return _declared(id(signature), _ById(signature))


def shapeless(left: Term, right: Term, signature: Signature) -> frozenset[str]:
    """Undeclared capitals that are multiplied: they may be matrices, for which an identity of numbers need not hold."""
    loose = {n for t in (left, right) for n in undeclared(t, signature) if _CAPITAL.fullmatch(n)}
    factors: set[str] = set()
    for t in (left, right):
        for _, x in subterms(t):
            if isinstance(x, Multiply | Power | Derivative):
                factors.update(n for c in x.children for n in c.names)
    return frozenset(loose & factors)


def undeclared(t: Term, signature: Signature) -> frozenset[str]:
    """Names in t that have no meaning, bound indices and elementary functions aside."""
    known = declared_names(signature)
    bound: set[str] = set()
    used: set[str] = set()
    for _, x in subterms(t):
        match x:
            case Fold():
                bound.add(x.index)
            case Integral() | Expectation() | Optimum():
                bound.update(o.name for o in x.over if isinstance(o, Symbol | SymbolRange | Density))
            case Symbol() | SymbolRange() | Density():
                used.add(x.name)
            case Call() if x.function not in ELEMENTARY:
                used.add(x.function)
            case _:
                pass
    return frozenset(used - bound - known - _NATURALS - _PARAMETERS)
