r"""Derivatives that a text sets to zero, in one relation or along a chain: `\\frac{dJ}{dh} = \\dots = 0`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.terms.substitute import subterms
from derivcheck.terms.term import Call, Derivative, Number, Symbol, Term
from derivcheck.verdicts.sides import Reading, sides

if TYPE_CHECKING:
    from derivcheck.syntax.relations import RawRelation
    from derivcheck.terms.signature import Signature


def set_to_zero(raw: RawRelation, reading: Reading, signature: Signature) -> frozenset[str]:
    """The names by which a derivative is taken that this relation says to be zero."""
    left, right = reading.left.term, reading.right.term
    if reading.sign != "=" or not _zero(right):
        return frozenset()
    named = _differentiated_by(left)
    if named or raw.step == 0 or not raw.head_expanded:
        return named
    _, heads, _ = sides(raw.head_expanded, signature)
    return _differentiated_by(heads[0].term) if heads else frozenset()


def stands_alone(t: Term, name: str) -> bool:
    r"""Whether a term is the name, or its optimum `\\hat h`, `h^*(x)`: then it is solved for."""
    own = t.function if isinstance(t, Call) else t.name if isinstance(t, Symbol) else ""
    return own == name or own in (f"{name}^{{*}}", f"\\hat{{{name}}}", f"{name}^{{\\star}}")


def _zero(t: Term) -> bool:
    return isinstance(t, Number) and t.value == 0


def _differentiated_by(t: Term) -> frozenset[str]:
    found = [x.wrt for _, x in subterms(t) if isinstance(x, Derivative) and x.kind == "gradient"]
    return frozenset(w.function if isinstance(w, Call) else w.name for w in found if isinstance(w, Call | Symbol))
