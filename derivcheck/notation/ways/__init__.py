"""One way of writing per file; a file declares its NOTATION and nothing else has to be told.

Main definitions: `by_head`, `all_ways`.
Why by head: an operand has a few candidates instead of all of them, and their order is their rank.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from derivcheck.notation.faults import NotMathematics, NotYetReadable, Unreadable
from derivcheck.registry import declared
from derivcheck.syntax.tree import Leaf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derivcheck.notation.declaration import Notation
    from derivcheck.notation.reader import Reader
    from derivcheck.syntax.tree import Tree

NAME = ":name"  # the head of ways that any name may start


@cache
def all_ways() -> Mapping[str, Notation]:
    """Every way of writing, by the name of its file."""
    return declared("derivcheck.notation.ways", "NOTATION")


@cache
def by_head(head: str) -> tuple[Notation, ...]:
    """The ways that may start with this head, in the order of their rank."""
    found = [way for way in all_ways().values() if head in way.heads or NAME in way.heads]
    return tuple(sorted(found, key=lambda way: way.rank))


def unreadable(reader: Reader, item: Tree) -> Unreadable:
    """The fault of an item that no way reads."""
    text = reader.state.latex[item.start : item.end]
    span = (item.start, item.end)
    if isinstance(item, Leaf) and item.kind in {"sign", "bar"}:
        return NotMathematics(
            f"{text!r} stands where an operand should", span, "the expression was not read whole"
        )
    if isinstance(item, Leaf) and item.kind in {"text", "word"}:
        return NotMathematics(
            f"words inside the mathematics: {item.text!r}", span, "put them outside of the formula"
        )
    command = reader.head if reader.head.startswith("\\") else text
    hint = "declare what it means, or define the macro, or write it in another way"
    return NotYetReadable(f"unknown command {command}", span, hint)
