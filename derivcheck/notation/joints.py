r"""Declared densities as joints: factors, Markov chains, densities defined by others.

Main definitions: `density_declaration`.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from derivcheck.notation.declared import declared_name
from derivcheck.notation.faults import NotMathematics
from derivcheck.notation.read import read
from derivcheck.terms.signature import Definition, DensityDeclaration, Factor, Signature
from derivcheck.terms.term import (
    Add,
    Density,
    Fold,
    Multiply,
    Negate,
    Number,
    Symbol,
    SymbolRange,
    Term,
)
from derivcheck.theories.latex import application, equation

if TYPE_CHECKING:
    from derivcheck.theories.theory import Declaration

_ONE = Number(Fraction(1))
_FIXED = frozenset({"T", "K", "N", "M", "n", "m"})


def density_declaration(d: Declaration, known: Signature) -> DensityDeclaration | Definition:
    """A `densities` or `chains` entry.

    Raises:
        NotMathematics: its left side is no density.
    """
    pair = equation(d.latex)
    left, right = pair or (d.latex, None)
    if "\\to" in left and right is None:
        return _arrows(d, left, known)
    head = read(left, known)
    if not isinstance(head, Density) or not head.event:
        raise NotMathematics(f"{left!r} is not a density of variables")
    if right is None:
        return DensityDeclaration(head.name, _alone(head, chain=d.kind == "chains"), d.origin)
    body = read(right, known)
    factors = _factors(body)
    if factors is None:
        return Definition(head, body, d.origin)
    own = tuple(
        Factor(
            f.event,
            f.given,
            f.index,
            f.lower,
            f.upper,
            None if f.density == head.name else f.density,
        )
        for f in factors
    )
    if len(own) == 1 and own[0].density is not None and free_letters((*head.event, *head.given)):
        return Definition(head, body, d.origin)
    return DensityDeclaration(head.name, over_time(own), d.origin)


def _factors(body: Term, index: Fold | None = None) -> tuple[Factor, ...] | None:
    """The densities of a product; None if it is anything else."""
    match body:
        case Density(name, event, given) if event:
            bounds = (index.index, index.lower, index.upper) if index else (None, None, None)
            return (Factor(event, given, *bounds, density=name),)
        case Multiply(parts):
            found = [_factors(p, index) for p in parts]
            return None if None in found else tuple(f for group in found if group for f in group)
        case Fold("prod", _, _, _, inner) if index is None:
            return _factors(inner, body)
        case _:
            return None


def _alone(head: Density, *, chain: bool) -> tuple[Factor, ...]:
    """A density that is only named: one factor, or the kernels of a chain."""
    run = next((e for e in head.event if isinstance(e, SymbolRange)), None)
    if run is not None and (chain or head.given):
        return _kernels(run, head)
    return over_time((Factor(head.event, head.given),))


def _kernels(run: SymbolRange, head: Density) -> tuple[Factor, ...]:
    """`q(x_{1:T}|x_0)` and, as a chain, `q(x_{0:T})`: forward kernels."""
    t = Symbol("t")
    step = Factor((Symbol(run.name, (t,)),), (Symbol(run.name, (Add((t, Negate(_ONE))),)),), "t")
    if head.given:
        return (Factor(step.event, step.given, "t", run.lower, run.upper),)
    above = Number(run.lower.value + 1) if isinstance(run.lower, Number) else Add((run.lower, _ONE))
    first = Factor((Symbol(run.name, (run.lower,)),))
    return (first, Factor(step.event, step.given, "t", above, run.upper))


def free_letters(variables: tuple[Term, ...]) -> set[str]:
    """The index letters of variables that have no value of their own (`t`, not `T`)."""
    found: set[str] = set()
    for v in variables:
        if isinstance(v, Symbol):
            for i in v.index:
                found |= {n for n in i.names if n not in _FIXED}
    return found


def over_time(factors: tuple[Factor, ...]) -> tuple[Factor, ...]:
    """A factor at a free time, `q(x_t|x_{t-1})`, stands for the kernels at all times 1..T."""
    free = [f for f in factors if f.index is None and free_letters((*f.event, *f.given))]
    if not free:
        return factors
    kernels = [f for f in free if f.given] or free
    made: list[Factor] = [f for f in factors if f not in free]
    for f in kernels:
        letters = free_letters((*f.event, *f.given))
        if len(letters) != 1:
            made.append(f)
            continue
        indices = [i for v in (*f.event, *f.given) if isinstance(v, Symbol) for i in v.index]
        later = any(isinstance(i, Add | Number) for i in indices)  # t-1 or 0 stands before t
        lower = _ONE if later else Number(Fraction(0))
        made.append(Factor(f.event, f.given, letters.pop(), lower, Symbol("T"), f.density))
    return tuple(made)


def _arrows(d: Declaration, left: str, known: Signature) -> DensityDeclaration:
    r"""`p(x \to z \to y)`: each given the one before."""
    applied = application(left)
    if applied is None:
        raise NotMathematics(f"{left!r} is not a chain")
    name = declared_name(applied[0], indices=False)[0]
    variables = [read(v, known) for v in applied[1].split("\\to")]
    factors = [Factor((variables[0],))]
    factors += [Factor((after,), (before,)) for before, after in pairwise(variables)]
    return DensityDeclaration(name, tuple(factors), d.origin)
