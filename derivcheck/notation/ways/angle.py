r"""Angle brackets: `\langle f \rangle_q` is an expectation, `\langle a, b\rangle` an inner product."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.names import split_above, split_at
from derivcheck.notation.resolve import raised
from derivcheck.notation.ways.expectation import binders, bound
from derivcheck.syntax.tree import Fence, Scripted
from derivcheck.terms.term import Multiply, Term, Transpose

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader


def _read(r: Reader) -> Term | None:
    item = r.item
    node = item.base if isinstance(item, Scripted) else item
    if not isinstance(node, Fence) or node.closing != r"\rangle":
        return None
    entries = split_at(node.items, ",")
    above = split_above(item.above)[2] if isinstance(item, Scripted) else ()
    if isinstance(item, Scripted) and item.below is not None:
        found = bound(binders(item.below, r), r.sub(node.items).row())
    elif len(entries) == 2:
        left, right = (r.sub(entry).row() for entry in entries)
        found: Term = Multiply((Transpose(left), right))
    else:
        return None
    r.take()
    return raised(found, above, r)


NOTATION = Notation(
    what="expectations and inner products in angle brackets",
    heads=(":angle",),
    read=_read,
    holds=(
        (r"\langle f\rangle_q", r"\mathbb{E}_{q}\left[f\right]"),
        (r"\langle a, b\rangle", r"a^{\top} \, b"),
    ),
    refuses=(r"\langle a\rangle", r"\langle a,b,c\rangle"),
)
