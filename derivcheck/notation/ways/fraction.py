r"""Fractions: `\frac{a}{b}`, `\tfrac12`; two whole numbers make a rational number."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.faults import NotMathematics
from derivcheck.notation.names import items_of
from derivcheck.notation.resolve import scripted
from derivcheck.notation.trees import plain
from derivcheck.notation.writer import ATOM, SUM, Written, put
from derivcheck.syntax.tree import Command, Leaf, Scripted, Tree
from derivcheck.terms.term import Divide, Number, Term

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader


def whole(tree: Tree) -> int | None:
    """The whole number that a node is."""
    leaf = plain(tree)
    return (
        int(leaf.text)
        if isinstance(leaf, Leaf) and leaf.kind == "number" and leaf.text.isdigit()
        else None
    )


def _read(r: Reader) -> Term | None:
    item = r.item
    node = plain(item.base if isinstance(item, Scripted) else item)
    if not isinstance(node, Command):
        return None
    upper, lower = node.arguments
    a, b = whole(upper), whole(lower)
    if a is not None and b:
        found: Term = Number(Fraction(a, b))
    else:
        parts: list[Term] = []
        for argument in (upper, lower):
            items = items_of(argument)
            if not items:
                raise NotMathematics("a fraction with an empty part", (node.start, node.end))
            parts.append(r.sub(items).row())
        found = Divide(*parts)
    r.take()
    return scripted(found, item, r)


def _write(term: Divide) -> Written:
    upper, lower = put(term.numerator, SUM), put(term.denominator, SUM)
    if isinstance(term.numerator, Number) and isinstance(term.denominator, Number):
        upper = rf"\left({upper}\right)"
    return Written(rf"\frac{{{upper}}}{{{lower}}}", ATOM)


NOTATION = Notation(
    what="fractions",
    heads=(r"\frac",),
    read=_read,
    rank=60,
    kinds=(Divide,),
    write=_write,
    holds=(
        (r"\frac12", r"\frac{1}{2}"),
        (r"\tfrac{a+b}{2}", r"\frac{a + b}{2}"),
        ("1/2", r"\frac{1}{2}"),
        (r"\sqrt{\alpha_t\alpha_{t-1}\cdots\alpha_1}", r"\sqrt{\prod_{s=1}^{t} \alpha_s}"),
        ("a/b", r"\frac{a}{b}"),
        (r"\frac{\frac{a}{b}}{c}", r"\frac{\frac{a}{b}}{c}"),
        (r"(\frac{a}{b})^2", r"\left(\frac{a}{b}\right)^{2}"),
    ),
    refuses=(r"\frac{}{2}", r"\frac{a}", r"\frac{a}{b}_2"),
)
