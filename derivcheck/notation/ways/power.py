r"""Powers and transposes: `x^2`, `A^{-1}`, `v^T`, `A^{-\top}`."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.names import INDEX_LETTERS, split_above
from derivcheck.notation.resolve import is_transpose
from derivcheck.notation.trees import plain
from derivcheck.notation.writer import ATOM, NAME, SUM, Written, put
from derivcheck.syntax.parse import parse
from derivcheck.syntax.tree import Group, Leaf
from derivcheck.terms.term import Power, Term, Transpose

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader


def _read(_: Reader) -> Term | None:
    return None  # superscripts are read with what they stand on: `resolve.raised`


def _exponent(term: Term) -> str:
    """An exponent that cannot pass for an index, a mark or a transpose: a plus sign before it."""
    text = put(term, SUM)
    return text if _is_safe(text) else f"+{text}"


@lru_cache(maxsize=512)
def _is_safe(text: str) -> bool:
    items = parse(text)
    mark, index, rest, primes = split_above(Group(items, 0, len(text)))
    if mark or index or primes or is_transpose(rest[-1]):
        return False
    only = plain(rest[0])
    return len(rest) > 1 or not (isinstance(only, Leaf) and only.text in INDEX_LETTERS)


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
