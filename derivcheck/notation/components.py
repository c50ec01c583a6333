r"""Entries of columns and matrices: `\mu_j` of `\mu \in \mathbb{R}^d` in a sum over j from 1 to d.

Main definitions: `entry`, `ENTRY`, `BASIS`. A name with as many indices as its shape has dimensions is its entry
where the indices provably run over these dimensions; a sum that does not say where it ends ends there.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import (
    Call,
    FamilyDensity,
    Fold,
    Multiply,
    Number,
    Symbol,
    SymbolRange,
    Term,
)

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader
    from derivcheck.terms.signature import Signature

ENTRY, BASIS = "entry", "basis"
_ONE = Number(Fraction(1))


def entry(r: Reader, term: Term) -> Term:
    """A name with its indices, as the entry of what is declared without them."""
    if not isinstance(term, Symbol | Call) or not term.index or r.state.naming:
        return term
    shape = shape_without_indices(term, r.lexicon.signature)
    if not shape or len(shape) != len(term.index):
        return term
    if not all(_runs_over(i, s, r) for i, s in zip(term.index, shape, strict=True)):
        return term
    for i, s in zip(term.index, shape, strict=True):
        if isinstance(i, Symbol) and i.name in r.state.ranges and r.state.ranges[i.name] is None:
            r.state.ranges[i.name] = _ONE, Number(Fraction(int(s))) if s.isdigit() else Symbol(s)
    whole = Symbol(term.name) if isinstance(term, Symbol) else Call(term.function, term.arguments)
    return Call(ENTRY, (whole, *term.index))


def shape_without_indices(t: Symbol | Call, s: Signature) -> tuple[str, ...]:
    """The shape of a name that is only declared without indices; () if its indexed form has a meaning of its own."""
    name = t.function if isinstance(t, Call) else t.name
    declared = s.symbols.get(name) if isinstance(t, Symbol) else s.functions.get(name)
    if declared is None or getattr(declared, "indices", 0) or getattr(declared, "role", "") == "sequence":
        return ()
    return () if _indexed(name, s) else declared.shape


def _indexed(name: str, s: Signature) -> bool:
    """Whether something says what the name is at an index."""
    heads = [d.head for d in s.definitions] + [x.variable for x in (*s.samples, *s.paths)]
    if any(getattr(h, "index", ()) and name in (getattr(h, "name", ""), getattr(h, "function", "")) for h in heads):
        return True
    members = [x for j in s.densities.values() for f in j.factors for x in (*f.event, *f.given)]
    return any((isinstance(x, Symbol) and x.index and x.name == name) or (isinstance(x, SymbolRange) and x.name == name) for x in members)


def _runs_over(index: Term, dimension: str, r: Reader) -> bool:
    if not isinstance(index, Symbol) or index.index:
        return False
    if index.name in r.state.ranges:
        return _is_whole(r.state.ranges[index.name], dimension)
    declared = r.lexicon.signature.indices.get(index.name)
    return declared is not None and _is_whole((declared.lower, declared.upper), dimension)


def _is_whole(bounds: tuple[Term, Term] | None, dimension: str) -> bool:
    """Whether bounds are 1 and the dimension; bounds that the text leaves open are."""
    if bounds is None:
        return True
    last = Number(Fraction(int(dimension))) if dimension.isdigit() else Symbol(dimension)
    return bounds == (_ONE, last)


def independent_coordinates(body: Term, variable: Term, s: Signature) -> FamilyDensity | None:
    r"""`\prod_{j=1}^d \mathcal{N}(z_j; m_j, s_j)` as one Gaussian of the column z: mean Σ m_j e_j, covariance diagonal."""
    if not isinstance(body, Fold) or body.kind != "prod" or not isinstance(variable, Symbol) or variable.index:
        return None
    factor, j = body.body, Symbol(body.index)
    declared = s.symbols.get(variable.name)
    if declared is None or len(declared.shape) != 1 or not _is_whole((body.lower, body.upper), declared.shape[0]):
        return None
    if not isinstance(factor, FamilyDensity) or factor.family != "gaussian" or factor.point != Call(ENTRY, (variable, j)):
        return None
    if any(variable in {x for _, x in subterms(p)} for p in factor.parameters):
        return None

    def column(of: Term) -> Term:
        return Fold("sum", body.index, body.lower, body.upper, Multiply((of, Call(BASIS, (j, body.upper)))))

    mean, variance = factor.parameters
    return FamilyDensity("gaussian", (column(mean), Call("diag", (column(variance),))), variable)

