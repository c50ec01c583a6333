"""Brackets that only group: round, square, curly, and braces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.faults import NotMathematics
from derivcheck.notation.resolve import scripted
from derivcheck.syntax.tree import Command, Fence, Group, Scripted

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader
    from derivcheck.terms.term import Term

_PAIRS = {"(": ")", "[": "]", r"\{": r"\}"}


def _read(r: Reader) -> Term | None:
    item = r.item
    node = item.base if isinstance(item, Scripted) else item
    if isinstance(node, Command):
        node = node.arguments[0]
    if isinstance(node, Fence):
        if _PAIRS.get(node.opening) != node.closing:
            r.refuse(
                f"the bracket {node.opening} … {node.closing}",
                "use one pair of round or square brackets",
            )
    elif not isinstance(node, Group):
        return None
    if not node.items:
        raise NotMathematics("empty brackets", (node.start, node.end))
    inner = r.sub(node.items)
    found = inner.statement()
    r.take()
    return scripted(found, item, r)


NOTATION = Notation(
    what="brackets that only group",
    heads=(":fence", ":group"),
    read=_read,
    holds=(
        ("(a+b)c", r"\left(a + b\right) \cdot c"),
        (r"\left[a\right]", "a"),
        (r"\{a+b\}^2", r"\left(a + b\right)^{2}"),
        (r"{a+b}", "a + b"),
        (r"(a-b)^T(a-b)", r"\left(a - b\right)^{\top} \cdot \left(a - b\right)"),
    ),
    refuses=("(a,b)", "()", r"\left(a\right]", r"\left.a\right|"),
)
