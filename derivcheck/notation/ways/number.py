"""Numbers: whole and decimal, exact."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.resolve import scripted
from derivcheck.notation.trees import plain
from derivcheck.notation.writer import ATOM, NAME, SIGNED, Written
from derivcheck.syntax.tree import Leaf, Scripted
from derivcheck.terms.term import Number, Term

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader


def _read(r: Reader) -> Term | None:
    item = r.take()
    leaf = plain(item.base if isinstance(item, Scripted) else item)
    assert isinstance(leaf, Leaf)
    if len(leaf.text) > 400:
        r.refuse("a number of more than 400 digits", item=item)
    return scripted(Number(Fraction(leaf.text)), item, r)


def _write(term: Number) -> Written:
    value = term.value
    if value < 0:
        return Written(f"-{_write(Number(-value)).text}", SIGNED)
    if value.denominator == 1:
        return Written(str(value.numerator), NAME)
    return Written(rf"\frac{{{value.numerator}}}{{{value.denominator}}}", ATOM)


NOTATION = Notation(
    what="numbers: whole and decimal, exact",
    heads=(":number",),
    read=_read,
    kinds=(Number,),
    write=_write,
    holds=(("0.5", r"\frac{1}{2}"), ("12", "12"), ("2^3", "2^{3}"), (r"\mathbf{0}", "0")),
    refuses=("1_2",),
)
