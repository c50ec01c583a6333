r"""The exponential: `e^{x}`, `\exp(x)`, `\exp\{x\}`, `\exp x`; `\exp(x)^2` is (exp x)^2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.faults import NotMathematics
from derivcheck.notation.names import items_of
from derivcheck.notation.resolve import scripted
from derivcheck.notation.ways.logarithm import FENCES, STOPS, bracketed
from derivcheck.notation.writer import ATOM, SUM, Written, put
from derivcheck.syntax.tree import Fence, Scripted
from derivcheck.terms.term import Call, Term

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader


def _read(r: Reader) -> Term | None:
    item = r.item
    if r.head == "e":
        if (
            not isinstance(item, Scripted)
            or item.above is None
            or item.below is not None
            or r.lexicon.knows("e")
        ):
            return None
        body = r.sub(items_of(item.above)).row()
        r.take()
        return Call("exp", (body,))
    if r.next_item is None:
        raise NotMathematics("an exponential of nothing", (item.start, item.end))
    r.take()
    r.skip_apply()
    node = r.item
    if isinstance(node, Scripted) and isinstance(node.base, Fence) and node.base.items and node.base.opening in FENCES:
        r.take()  # `\exp(b)^2` is a power of the exponential
        found = scripted(Call("exp", (r.sub(node.base.items).statement(),)), node, r)
        return scripted(found, item, r)
    body = bracketed(r) or r.product(STOPS)
    return scripted(Call("exp", (body,)), item, r)


def _write(term: Call) -> Written | None:
    if term.function != "exp" or len(term.arguments) != 1 or term.index:
        return None
    return Written(rf"\exp\left({put(term.arguments[0], SUM)}\right)", ATOM)


NOTATION = Notation(
    what="the exponential",
    heads=("e", r"\exp", "exp"),
    read=_read,
    kinds=(Call,),
    write=_write,
    holds=(
        (r"e^{-\lambda t}", r"\exp\left(-\lambda \, t\right)"),
        (r"\exp\{x\}", r"\exp\left(x\right)"),
        (r"exp(x)y", r"\exp\left(x\right) \, y"),
        (r"\exp(x)^2 y", r"\left(\exp\left(x\right)\right)^{2} \, y"),
        (r"\exp x^2 y", r"\exp\left(x^{2} \, y\right)"),
    ),
    refuses=(r"\exp",),
)
