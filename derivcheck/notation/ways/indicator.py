r"""Indicators: `\mathbb{1}[a = b]`, `\mathbf{1}\{x > 0\}`, `\mathbb{I}(i = j)`; the Kronecker delta `\delta_{ij}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.names import items_of, parts_of
from derivcheck.notation.resolve import resolve
from derivcheck.notation.trees import text_of
from derivcheck.notation.writer import ATOM, RELATION, Written, put
from derivcheck.syntax.tree import Command, Fence, Scripted
from derivcheck.terms.term import Call, Relation, Term

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader

_SIGNS = frozenset({r"\mathbb{1}", r"\mathbb{I}", ":number"})
_HEADS = (*_SIGNS, "indicator", r"\delta")


def _read(r: Reader) -> Term | None:
    item = r.item
    if r.head == r"\delta":
        return _delta(r)
    node = item.base if isinstance(item, Scripted) else item
    faced = isinstance(node, Command) and text_of(node) == "1"
    if r.head == ":number" and not faced:
        return None
    following = r.next_item
    fence = following.base if isinstance(following, Scripted) else following
    if isinstance(fence, Fence) and fence.opening in {"[", "(", r"\{"}:
        body = r.sub(fence.items).statement()
        if isinstance(body, Relation):
            r.at += 2
            return Call("indicator", (body,))
    if (
        isinstance(item, Scripted)
        and item.below is not None
        and item.above is None
        and r.head in _SIGNS
    ):
        body = r.sub(items_of(item.below)).statement()
        if isinstance(body, Relation):
            r.take()
            return Call("indicator", (body,))
    if faced:
        r.refuse("a vector of ones", "declare a name for it")
    return None


def _delta(r: Reader) -> Term | None:
    """The Kronecker delta, where no theory gives the letter another meaning."""
    parts = parts_of(r.item)
    if (
        parts is None
        or parts.mark
        or parts.above
        or r.lexicon.knows(r"\delta")
        or r"\delta" in r.lexicon.bases
    ):
        return None
    found = resolve(parts, r)
    if len(found.index) != 2 or found.name != r"\delta":
        return None
    r.take()
    return Call("indicator", (Relation(found.index[0], "=", found.index[1]),))


def _write(term: Call) -> Written | None:
    if term.function != "indicator" or len(term.arguments) != 1 or term.index:
        return None
    return Written(rf"\mathbb{{1}}\left[{put(term.arguments[0], RELATION)}\right]", ATOM)


NOTATION = Notation(
    what="indicators of a relation",
    heads=_HEADS,
    read=_read,
    rank=20,
    kinds=(Call,),
    write=_write,
    holds=(
        (r"\mathbb{1}[i=j]", r"\mathbb{1}\left[i = j\right]"),
        (r"\mathbf{1}_{x>0}", r"\mathbb{1}\left[x > 0\right]"),
        (r"\delta_{ij}", r"\mathbb{1}\left[i = j\right]"),
        (r"\mathbf{1}\{x>0\}", r"\mathbb{1}\left[x > 0\right]"),
    ),
    refuses=(r"\mathbf{1}^T x",),
)
