r"""What a relation differentiates by: `\nabla_x \log p(x)` needs a p that is smooth in x, `\nabla_\theta` a θ.

Finite tables have no derivative in x, so that a density of x alone without a family is a mixture of Gaussians
here, its centres random atoms (in linear worlds one random Gaussian). A parameter that is only seen below names
(`p_\theta`) is a column. Nothing else changes.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from derivcheck.interpreters.exact.labels import carried, label_of
from derivcheck.terms.signature import (
    Factor,
    FamilyDeclaration,
    Signature,
    SymbolDeclaration,
)
from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import (
    Density,
    Derivative,
    FamilyDensity,
    Identity,
    Multiply,
    Symbol,
    Term,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

PARAMETERS = frozenset({r"\theta", r"\phi", r"\psi"})


def differentiable(signature: Signature, *terms: Term) -> Signature:
    """The signature with a mixture for every density that the terms differentiate by its variable."""
    names = frozenset(
        x.wrt.name
        for t in _with_meanings(signature, terms)
        for _, x in subterms(t)
        if isinstance(x, Derivative) and isinstance(x.wrt, Symbol) and x.kind != "time"
    )
    return _made(_Held(signature), names, frozenset().union(*(t.names for t in terms))) if names else signature


class _Held:
    """A signature as a key, by identity."""

    def __init__(self, signature: Signature) -> None:
        self.signature = signature

    def __hash__(self) -> int:
        return id(self.signature)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.signature is self.signature


def _with_meanings(signature: Signature, terms: tuple[Term, ...]) -> Iterable[Term]:
    names = frozenset[str]().union(*(t.names for t in terms))
    yield from terms
    yield from (d.body for d in signature.definitions if d.head.names & names)


@lru_cache(maxsize=16)
def _made(held: _Held, names: frozenset[str], used: frozenset[str]) -> Signature:
    s = _with_parameters(held.signature, names, used)
    symbols, densities = dict(s.symbols), dict(s.densities)
    families: list[FamilyDeclaration] = []
    for joint in s.densities.values():
        factors: list[Factor] = []
        for f in joint.factors:
            name = f.density or joint.name
            if not _needs_a_law(s, name, f, names):
                factors.append(f)
                continue
            (variable,) = f.event
            assert isinstance(variable, Symbol)
            declared = s.symbols.get(variable.name)
            shape = declared.shape if declared is not None else ()
            centre = Symbol(f"u^{{{name},{variable.name}}}")
            spread = Symbol(f"s^{{{name},{variable.name}}}")
            symbols[centre.name] = SymbolDeclaration(centre.name, "variable", shape)
            symbols[spread.name] = SymbolDeclaration(spread.name, "parameter", (), "positive")
            covariance = Multiply((spread, Identity())) if shape else spread
            factors += [Factor((centre,), density=f.density), Factor(f.event, (centre,), density=f.density)]
            families.append(
                FamilyDeclaration(
                    Density(name, f.event, (centre,)),
                    FamilyDensity("gaussian", (centre, covariance)),
                )
            )
        densities[joint.name] = replace(joint, factors=tuple(factors))
    if not families:
        return s
    return replace(s, symbols=symbols, densities=densities, families=(*s.families, *families))


def _with_parameters(s: Signature, names: frozenset[str], used: frozenset[str]) -> Signature:
    r"""The signature in which a lone `\theta` below names is a parameter of its own."""
    heads = frozenset(n for d in s.definitions for n in d.head.names)
    known = {*s.symbols, *s.functions, *s.densities, *s.indices, *(d.head.name for d in s.definitions if isinstance(d.head, Symbol))}
    carriers = {*s.densities, *s.functions, *s.symbols, *heads, *used}
    new = {
        n: SymbolDeclaration(n, "parameter", ("2",))
        for n in names & PARAMETERS
        if n not in known and any(carried(c, label_of(n)) != "no" for c in carriers)
    }
    return replace(s, symbols={**s.symbols, **new}) if new else s


def _needs_a_law(s: Signature, name: str, f: Factor, names: frozenset[str]) -> bool:
    """Whether a factor is the density of one real variable, among the names, without condition or family."""
    if len(f.event) != 1 or not isinstance(f.event[0], Symbol) or f.given or f.index is not None:
        return False
    if f.event[0].name not in names:
        return False
    declared = s.symbols.get(f.event[0].name)
    if declared is not None and declared.domain != "real":
        return False
    return not any(
        d.density.name == name and {v.name for v in d.density.event if isinstance(v, Symbol)} == {f.event[0].name}
        for d in s.families
    )
