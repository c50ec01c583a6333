r"""Derivatives that a text sets to zero, in one relation or along a chain: `\\frac{dJ}{dh} = \\dots = 0`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.checks.stationary import differentiated_by, is_zero
from derivcheck.terms.term import Call, Symbol, Term
from derivcheck.verdicts.sides import Reading, sides

if TYPE_CHECKING:
    from derivcheck.syntax.relations import RawRelation
    from derivcheck.terms.signature import Signature


def set_to_zero(raw: RawRelation, reading: Reading, signature: Signature) -> frozenset[str]:
    """The names by which a derivative is taken that this relation says to be zero."""
    left, right = reading.left.term, reading.right.term
    if reading.sign != "=" or not is_zero(right):
        return frozenset()
    named = differentiated_by(left, "gradient")
    if named or raw.step == 0 or not raw.head_expanded:
        return named
    _, heads, _ = sides(raw.head_expanded, signature)
    return differentiated_by(heads[0].term, "gradient") if heads else frozenset()


def stands_alone(t: Term, name: str) -> bool:
    r"""Whether a term is the name, or its optimum `\\hat h`, `h^*(x)`: then it is solved for."""
    own = t.function if isinstance(t, Call) else t.name if isinstance(t, Symbol) else ""
    return own == name or own in (f"{name}^{{*}}", f"\\hat{{{name}}}", f"{name}^{{\\star}}")
