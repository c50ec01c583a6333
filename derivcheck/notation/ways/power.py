r"""Powers and transposes: `x^2`, `A^{-1}`, `v^T`, `A^{-\top}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.names import INDEX_LETTERS
from derivcheck.notation.writer import ATOM, NAME, SUM, Written, put
from derivcheck.terms.term import Negate, Number, Power, Symbol, Term, Transpose

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader


def _read(_: Reader) -> Term | None:
    return None  # superscripts are read with what they stand on: `resolve.raised`


def _exponent(term: Term) -> str:
    """An exponent that cannot pass for an index, a mark or a transpose: a plus sign before it."""
    text = put(term, SUM)
    plain_number = isinstance(term, Number) or (isinstance(term, Negate) and isinstance(term.body, Number))
    if plain_number or (isinstance(term, Symbol) and term.name not in INDEX_LETTERS and len(term.name) == 1):
        return text
    return text if text.startswith(r"\frac") else f"+{text}"


def _write(term: Power | Transpose) -> Written:
    if isinstance(term, Transpose):
        return Written(rf"{put(term.body, NAME)}^{{\top}}", ATOM)
    return Written(f"{put(term.base, NAME)}^{{{_exponent(term.exponent)}}}", ATOM)


NOTATION = Notation(
    what="powers and transposes",
    heads=(),
    read=_read,
    kinds=(Power, Transpose),
    write=_write,
    holds=(
        ("x_t^2", "x_{t}^{2}"),
        (r"\Sigma^{*-1}", r"\left(\Sigma^{*}\right)^{-1}"),
        ("v^T", r"v^{\top}"),
        (r"v^{\mathsf T}", r"v^{\top}"),
        ("A^{-T}", r"\left(A^{-1}\right)^{\top}"),
        (r"\Sigma^{\frac12}", r"\Sigma^{\frac{1}{2}}"),
        ("W_p(t)^T W", r"W_{p}\!\left(t\right)^{\top} W"),
        (r"\sigma^2_t", r"\sigma_{t}^{2}"),
    ),
    refuses=("x^{}^2",),
)
