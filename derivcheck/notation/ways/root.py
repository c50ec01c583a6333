r"""Roots: `\sqrt{x}`, `\sqrt[3]{x}`."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.faults import NotMathematics
from derivcheck.notation.names import items_of
from derivcheck.notation.resolve import scripted
from derivcheck.notation.trees import plain
from derivcheck.notation.writer import ATOM, SUM, Written, put
from derivcheck.syntax.tree import Command, Scripted
from derivcheck.terms.term import Call, Divide, Number, Power, Term

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader


def _read(r: Reader) -> Term | None:
    item = r.item
    node = plain(item.base if isinstance(item, Scripted) else item)
    if not isinstance(node, Command):
        return None
    items = items_of(node.arguments[0])
    if not items:
        raise NotMathematics("a root of nothing", (node.start, node.end))
    if isinstance(item, Scripted) and item.below is not None:  # \sqrt\alpha_t means \sqrt{\alpha_t}
        items = (Scripted(items[0], item.below, None, 0, node.start, item.end),)
        item = item._replace(below=None)
    body = r.sub(items).row()
    if len(node.arguments) == 2:
        degree = r.sub(items_of(node.arguments[1])).row()
        found: Term = Power(body, Divide(Number(Fraction(1)), degree))
        if isinstance(degree, Number) and degree.value:
            found = Power(body, Number(1 / degree.value))
    else:
        found = Call("sqrt", (body,))
    r.take()
    return scripted(found, item, r)


def _write(term: Call) -> Written | None:
    if term.function != "sqrt" or len(term.arguments) != 1 or term.index:
        return None
    return Written(rf"\sqrt{{{put(term.arguments[0], SUM)}}}", ATOM)


NOTATION = Notation(
    what="square and other roots",
    heads=(r"\sqrt",),
    read=_read,
    kinds=(Call,),
    write=_write,
    holds=(
        (r"\sqrt{1-\bar\alpha_t}", r"\sqrt{1 - \bar{\alpha}_{t}}"),
        (r"\sqrt2", r"\sqrt{2}"),
        (r"\sqrt[3]{x}", r"x^{\frac{1}{3}}"),
        (r"\sqrt\alpha_t", r"\sqrt{\alpha_{t}}"),
    ),
    refuses=(r"\sqrt", r"\sqrt{}"),
)
