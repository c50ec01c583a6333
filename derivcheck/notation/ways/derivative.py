r"""Derivatives as fractions: `\frac{\partial J}{\partial W}`, `\frac{\partial}{\partial D}\int …`, `\frac{d}{dt}W`.

Without a numerator the operator acts on the product to its right. `d/dt` is the derivative along the
flow. A column in a column's direction is a Jacobian.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from derivcheck.notation.declaration import Notation
from derivcheck.notation.faults import NotMathematics, Unreadable
from derivcheck.notation.names import items_of, split_above
from derivcheck.notation.resolve import scripted
from derivcheck.notation.shapes import shape_of
from derivcheck.notation.trees import plain
from derivcheck.notation.ways.fraction import whole
from derivcheck.notation.ways.integral import is_d
from derivcheck.syntax.tree import Command, Fence, Leaf, Scripted, Tree
from derivcheck.terms.term import Derivative, Symbol, Term

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivcheck.notation.reader import Reader

_SIGNS = frozenset({r"\partial", r"\delta"})


class Below(NamedTuple):
    r"""The denominator `\partial x^2`: each variable with its order."""

    sign: str
    variables: list[tuple[tuple[Tree, ...], int]]


def _sign(item: Tree) -> str | None:
    item = plain(item)
    if isinstance(item, Leaf) and item.text in _SIGNS:
        return item.text
    return "d" if is_d(item) else None


def _below(tree: Tree) -> Below | None:
    items = items_of(tree)
    sign = _sign(items[0]) if len(items) > 1 else None
    if sign is None:
        return None
    variables: list[tuple[tuple[Tree, ...], int]] = []
    at = 0
    while at < len(items):
        if _sign(items[at]) != sign or at + 1 >= len(items):
            return None
        end = at + 2
        if end < len(items) and isinstance(_core(items[end]), Fence):
            end += 1
        variable = tuple(items[at + 1 : end])
        order = 1
        last = variable[-1]
        if isinstance(last, Scripted) and last.above is not None:
            rest = split_above(last.above)[2]
            order = (whole(rest[0]) or 0) if len(rest) == 1 else 0 if rest else 1
            if order == 0:
                return None
            if rest:
                variable = (*variable[:-1], last._replace(above=None))
        if isinstance(_core(variable[0]), Leaf) and _core(variable[0]).kind == "sign":  # type: ignore[union-attr]
            return None
        variables.append((variable, order))
        at = end
    return Below(sign, variables)


def _core(item: Tree) -> Tree:
    return plain(item.base) if isinstance(item, Scripted) else plain(item)


def _above(tree: Tree, sign: str) -> tuple[int, tuple[Tree, ...]] | None:
    r"""Order and operand of the numerator: `\partial^2 f` is (2, f)."""
    items = items_of(tree)
    if not items:
        return None
    first = items[0]
    if _sign(_core(first)) != sign:
        return None
    order = 1
    if isinstance(first, Scripted):
        if first.below is not None or first.above is None:
            return None
        order = whole(first.above) or 0
    return order, tuple(items[1:])


def _read(r: Reader) -> Term | None:
    item = r.item
    node = plain(item.base if isinstance(item, Scripted) else item)
    if not isinstance(node, Command):
        return None
    below = _below(node.arguments[1])
    above = _above(node.arguments[0], below.sign) if below is not None else None
    if below is None or above is None:
        return None
    order, operand = above
    if order != sum(times for _, times in below.variables):
        return None
    r.state.naming += 1
    variables = [(r.sub(v).row(), times) for v, times in below.variables]
    r.state.naming -= 1
    if operand:
        body = r.sub(operand).row()
        r.take()
        return scripted(_derived(body, variables, below.sign, r), item, r)
    if isinstance(item, Scripted):
        r.refuse("a power of a derivative operator", r"write \frac{\partial^2}{\partial x^2}")
    r.take()
    r.skip_apply()
    if r.done:
        raise NotMathematics("a derivative of nothing", (item.start, item.end))
    return _derived(r.product(frozenset()), variables, below.sign, r)


def _derived(body: Term, variables: Sequence[tuple[Term, int]], sign: str, r: Reader) -> Term:
    for wrt, times in reversed(variables):
        for _ in range(times):
            time = sign == "d" and isinstance(wrt, Symbol) and wrt.name == "t"
            body = Derivative(body, wrt, "time" if time else direction(body, wrt, r))
    return body


def direction(body: Term, wrt: Term, r: Reader) -> Literal["gradient", "jacobian"]:
    """`jacobian` for a column in the direction of a column, else `gradient`."""
    if not r.lexicon.roles:
        return "gradient"
    try:
        shapes = [shape_of(part, r.lexicon.signature) for part in (body, wrt)]
    except Unreadable:
        return "gradient"
    return "jacobian" if all(s is not None and len(s) == 1 for s in shapes) else "gradient"


NOTATION = Notation(
    what="derivatives as fractions, and as operators to the right",
    heads=(r"\frac",),
    read=_read,
    rank=20,
    holds=(
        (r"\frac{\partial J}{\partial W_p}", r"\nabla_{W_{p}}\left[J\right]"),
        (
            r"\frac{\partial}{\partial D}\int f dx + 1",
            r"\nabla_{D}\left[\int f \, \mathrm{d}x\right] + 1",
        ),
        (
            r"\frac{d}{dt}vec(W)",
            r"\frac{\mathrm{d}}{\mathrm{d}t}\left[\operatorname{vec}\left(W\right)\right]",
        ),
        (r"\frac{\partial^2 f}{\partial x^2}", r"\nabla_{x}\left[\nabla_{x}\left[f\right]\right]"),
        (r"\frac{\partial}{\partial f(x)} g", r"\nabla_{f\!\left(x\right)}\left[g\right]"),
        (r"\frac{dy}{dx}", r"\nabla_{x}\left[y\right]"),
    ),
    refuses=(r"\frac{\partial}{\partial x}", r"\frac{\partial}{2}"),
)
