r"""Norms and absolute values: `||v||^2`, `\|v\|_2^2`, `\lVert v \rVert_F`, `|a|`, `|\Sigma|`.

Single bars around a matrix (declared, or an undeclared capital such as Σ, A, W) are its determinant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.faults import NotMathematics, Unreadable
from derivcheck.notation.lexicon import base_of
from derivcheck.notation.names import split_above
from derivcheck.notation.resolve import raised
from derivcheck.notation.shapes import loose_shape
from derivcheck.notation.trees import plain
from derivcheck.notation.writer import NAME, SUM, Written, put
from derivcheck.syntax.tree import Fence, Leaf, Scripted, Tree
from derivcheck.terms.term import Call, Norm, Symbol, Term

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader

_ORDERS = {
    "2": "2",
    "1": "1",
    r"\infty": "inf",
    "F": "F",
    r"\mathrm{F}": "F",
    r"\mathcal{F}": "F",
    "Fro": "F",
}
_MATRIX_LETTERS = frozenset(
    {r"\Sigma", r"\Lambda", r"\Gamma", r"\Omega", r"\Psi", r"\Phi", *"ABKMSVWHJ"}
)


def _read(r: Reader) -> Term | None:
    item = r.item
    node = item.base if isinstance(item, Scripted) else item
    if isinstance(node, Fence):
        if node.closing != node.opening:
            r.refuse(
                f"a bar closed by {node.closing!r}",
                r"write the value in: \left. … \right|_{..} is not read",
            )
        if not node.items:
            raise NotMathematics("empty bars", (node.start, node.end))
        body = r.sub(node.items).row()
        r.take()
        return _closed(r, node.opening, body, item)
    if isinstance(item, Scripted):
        return None
    assert isinstance(item, Leaf)
    r.take()
    r.bars.append(item.text)
    body = r.sum()
    r.bars.pop()
    closing = r.item if not r.done else None
    mark = closing.base if isinstance(closing, Scripted) else closing
    if not (isinstance(mark, Leaf) and mark.kind == "bar" and mark.text == item.text):
        raise NotMathematics(
            f"{item.text!r} is not closed", (item.start, item.end), "a bar needs its partner"
        )
    assert closing is not None
    r.take()
    return _closed(r, item.text, body, closing)


def _closed(r: Reader, bar: str, body: Term, closing: Tree) -> Term:
    below = closing.below if isinstance(closing, Scripted) else None
    above: tuple[Tree, ...] = ()
    if isinstance(closing, Scripted):
        mark, index, above, primes = split_above(closing.above)
        if mark or index or primes:
            r.refuse("a mark on a norm", item=closing)
    if bar == "|" and below is None:
        return raised(Call("det" if _is_matrix(body, r) else "abs", (body,)), above, r)
    order = "2"
    if below is not None:
        leaf = plain(below)
        found = _ORDERS.get(leaf.text) if isinstance(leaf, Leaf) else None
        if found is None:
            r.refuse("a norm of this kind", "2, 1, F and \\infty are read", below)
        order = found
    return raised(Norm(body, order), above, r)  # type: ignore[arg-type]


def _is_matrix(body: Term, r: Reader) -> bool:
    try:
        shape = loose_shape(body, r.lexicon.signature)
    except Unreadable:
        return False
    if shape is not None:
        return len(shape) == 2 and shape[1] != "1"
    symbol = (
        body
        if isinstance(body, Symbol)
        else next((c for c in body.children if isinstance(c, Symbol)), None)
    )
    return symbol is not None and base_of(symbol.name) in _MATRIX_LETTERS


def _write(term: Norm) -> Written:
    order = r"\infty" if term.order == "inf" else term.order
    return Written(rf"\left\|{put(term.body, SUM)}\right\|_{{{order}}}", NAME)


NOTATION = Notation(
    what="norms, absolute values and determinants between bars",
    heads=("|", "||", ":bars"),
    read=_read,
    kinds=(Norm,),
    write=_write,
    holds=(
        ("||x-y||^2", r"\left\|x - y\right\|_{2}^{2}"),
        (r"\|v\|_2^2", r"\left\|v\right\|_{2}^{2}"),
        (r"\lVert v\rVert_1", r"\left\|v\right\|_{1}"),
        (r"\left\lVert v\right\rVert", r"\left\|v\right\|_{2}"),
        ("|a|", r"\operatorname{abs}\left(a\right)"),
        ("a||v||^2 + 1", r"a \, \left\|v\right\|_{2}^{2} + 1"),
        (r"\log|\Sigma|", r"\log\left(\det\left(\Sigma\right)\right)"),
    ),
    refuses=("||x|", r"\|x\|_{\Sigma^{-1}}", "|x"),
)
