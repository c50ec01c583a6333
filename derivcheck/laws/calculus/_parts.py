"""What derivatives have in common: whether they are by a number, what moves, derivatives of letters.

Main definitions: `moves`, `scalar_kind`, `of_letter`, `leibniz`.
"""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context
from derivcheck.laws._structure import multiply
from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import (
    ELEMENTARY,
    Call,
    Density,
    Derivative,
    Negate,
    Number,
    Power,
    Symbol,
    Term,
    Transpose,
)

MINUS_ONE = Number(Fraction(-1))


def moves(t: Term, d: Derivative, context: Context) -> bool:
    """Whether a term may change with what a derivative is taken by."""
    if d.kind != "time":
        if _in_slot(t, d.wrt, context):
            return True
        return context.depends(t, d.wrt) or any(_law_moves(x.name, d.wrt, context) for x in t.densities)
    if t.densities:
        return True  # laws may change with time
    named = [x for x, s in context.signature.symbols.items() if s.time_dependent]
    return any(context.depends(t, Symbol(x)) for x in (*named, *(f.name for f in context.signature.flows), "t"))


def _in_slot(t: Term, wrt: Term, context: Context) -> bool:
    """Whether a function in a term was declared with what is differentiated by as an argument: g(y, x) at g(f(x), x)."""
    if not isinstance(wrt, Symbol):
        return False
    return any(wrt in f.arguments for name, f in context.signature.functions.items() if name in t.names)


def vanishes(t: Term, d: Derivative, context: Context) -> bool:
    """Whether the derivative of a term that does not move is 0: what it is taken by must be known."""
    if d.kind == "time":
        return not isinstance(t, Symbol)
    signature = context.signature
    if isinstance(d.wrt, Call):
        return d.wrt.function in signature.functions
    name = getattr(d.wrt, "name", "")
    if name in signature.symbols or name in signature.functions:
        return True
    return not t.densities and all(x.function in ELEMENTARY for _, x in subterms(t) if isinstance(x, Call))


def _law_moves(name: str, wrt: Term, context: Context) -> bool:
    """Whether a density changes with a parameter that does not stand in it: of its family, of its image, or all of them."""
    signature = context.signature
    if not isinstance(wrt, Symbol):
        return False
    declared = signature.symbols.get(wrt.name)
    if declared is not None and declared.role == "variable":
        return False
    if declared is None and wrt.name not in signature.functions and all(x.head != wrt for x in signature.definitions):
        return True  # \theta: of what it is a parameter nobody says
    if any(f.density.name == name and any(context.depends(p, wrt) for p in f.family.parameters) for f in signature.families):
        return True
    if any(wrt.name in d.body.names for d in signature.definitions if isinstance(d.head, Density) and d.head.name == name):
        return True
    return any(p.law.name == name and context.depends(p.image, wrt) for p in signature.pushforwards)


def scalar_kind(d: Derivative, context: Context) -> bool:
    """Whether a derivative is by a number: it has the shape of its body."""
    return d.kind == "time" or (d.kind in ("gradient", "jacobian") and context.shape(d.wrt) == ())


def of(t: Term, d: Derivative) -> Derivative:
    """The same derivative of another term."""
    return Derivative(t, d.wrt, d.kind)


def of_letter(letter: Term, d: Derivative) -> Term:
    """The derivative of a letter by a number: of A^T, of A^{-1}."""
    match letter:
        case Transpose(body):
            return Transpose(of_letter(body, d))
        case Power(base, exponent) if exponent == MINUS_ONE:
            return Negate(multiply([letter, of(base, d), letter]))
        case _:
            return of(letter, d)


def leibniz(word: tuple[Term, ...], d: Derivative, context: Context) -> list[Term]:
    """The summands of the product rule: of every letter that moves one, by a number."""
    return [multiply([*word[:i], of_letter(x, d), *word[i + 1 :]]) for i, x in enumerate(word) if moves(x, d, context)]
