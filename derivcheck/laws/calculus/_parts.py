"""What derivatives have in common: whether they are by a number, what moves, derivatives of letters.

Main definitions: `moves`, `scalar_kind`, `of_letter`, `leibniz`.
"""

from __future__ import annotations

from fractions import Fraction

from derivcheck.laws._law import Context
from derivcheck.laws._structure import multiply
from derivcheck.terms.term import Derivative, Negate, Number, Power, Symbol, Term, Transpose

MINUS_ONE = Number(Fraction(-1))


def moves(t: Term, d: Derivative, context: Context) -> bool:
    """Whether a term may change with what a derivative is taken by."""
    if d.kind != "time":
        return context.depends(t, d.wrt)
    named = [x for x, s in context.signature.symbols.items() if s.time_dependent]
    return any(context.depends(t, Symbol(x)) for x in (*named, *(f.name for f in context.signature.flows), "t"))


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
