r"""Kronecker and elementwise products: `A \otimes B`, `A \bigotimes B`, `a \odot b`; looser than juxtaposition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.writer import OPEN, TENSOR, Written, put
from derivcheck.terms.term import Call, Term

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader

_SIGNS = {"kron": r"\otimes", "hadamard": r"\odot"}


def _read(_: Reader) -> Term | None:
    return None  # a sign between products: `Reader._tensor`


def _write(term: Call) -> Written | None:
    sign = _SIGNS.get(term.function)
    if sign is None or len(term.arguments) != 2 or term.index:
        return None
    left, right = term.arguments
    return Written(f"{put(left, OPEN + 1)} {sign} {put(right, OPEN)}", TENSOR)


NOTATION = Notation(
    what="Kronecker and elementwise products",
    heads=(),
    read=_read,
    kinds=(Call,),
    write=_write,
    rank=30,
    holds=(
        (r"X\bigotimes 2I + A", r"X \otimes 2 \, I + A"),
        (r"\sigma \odot \epsilon", r"\sigma \odot \epsilon"),
        (r"-[A\otimes (B+C)]v", r"-\left(A \otimes \left(B + C\right)\right) \cdot v"),
    ),
    refuses=(r"A \otimes", r"\odot B"),
)
