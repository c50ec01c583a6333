r"""Integrals: `\int f \, dz`, `\int_z f dz`, `\int_x f`, `\int dz f`, `\iint f dx dy`, `\int_{-\infty}^{\infty}`.

The differential closes the integral, so one integral may stretch over several summands; without a
differential the variable stands below and the scope is the product to the right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.faults import NotMathematics
from derivcheck.notation.names import base_name, items_of, parts_of, split_above
from derivcheck.notation.spelling import spell
from derivcheck.notation.trees import plain
from derivcheck.notation.writer import ATOM, SUM, Written, put
from derivcheck.syntax.tree import Command, Leaf, Scripted, Tree
from derivcheck.terms.term import Integral, Symbol, SymbolRange, Term

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivcheck.notation.reader import Reader

_COUNT = {r"\int": 1, r"\iint": 2, r"\iiint": 3, r"\oint": 1}


def is_d(item: Tree) -> bool:
    r"""The letter of a differential: `d`, `\mathrm{d}`."""
    item = plain(item)
    return isinstance(item, Leaf) and item.text == "d" and item.kind == "letter"


def differential_at(items: Sequence[Tree], at: int) -> bool:
    """Whether a differential `dz` starts here."""
    if at + 1 >= len(items) or not is_d(items[at]):
        return False
    variable = items[at + 1]
    if is_d(variable) and at + 2 < len(items) and differential_at(items, at + 1):
        return False
    return _is_variable(variable)


def _is_variable(item: Tree) -> bool:
    node = plain(item)
    core = plain(node.base) if isinstance(node, Scripted) else node
    if isinstance(node, Scripted) and node.above is not None and split_above(node.above)[2]:
        return False
    return base_name(core) is not None or (isinstance(core, Command) and parts_of(item) is not None)


def _closing(r: Reader, count: int) -> int | None:
    """The place of the differential that closes the integral whose inside starts at the place."""
    open_ones, at = count, r.at
    while at < len(r.items):
        open_ones += _COUNT.get(r.heads[at], 0)
        if differential_at(r.items, at):
            open_ones -= 1
            if open_ones < count:
                return at
            at += 1
        at += 1
    return None


def _read(r: Reader) -> Term | None:
    item = r.item
    count = _COUNT[r.head]
    below, above = (item.below, item.above) if isinstance(item, Scripted) else (None, None)
    r.take()
    bounded = _bounds(r, below, above)
    if differential_at(r.items, r.at):  # \int dz f
        over = _differentials(r)
        body = r.product(frozenset())
        _no_bounds(r, bounded, item)
        return Integral(over, body)
    close = _closing(r, count)
    if close is None:
        if below is None or bounded:
            raise NotMathematics(
                "an integral without its differential",
                (item.start, item.end),
                "write dz at its end",
            )
        over = _below(r, below)
        return Integral(over, r.product(frozenset()))
    _no_bounds(r, bounded, item)
    inside = r.items[r.at : close]
    if not inside:
        raise NotMathematics("an integral of nothing", (item.start, item.end))
    body = r.sub(inside).row()
    r.at = close
    return Integral(_differentials(r, count), body)


def _differentials(r: Reader, count: int = 1) -> tuple[Term, ...]:
    """The differentials here: as many as there are signs, and those that nothing else can need."""
    over: list[Term] = []
    while differential_at(r.items, r.at):
        r.take()
        r.state.naming += 1
        over.append(r.sub((r.take(),)).row())
        r.state.naming -= 1
    if len(over) < count:
        r.refuse(
            f"{count} integral signs and {len(over)} differentials",
            "write one differential for each",
        )
    return tuple(over)


def _below(r: Reader, below: Tree) -> tuple[Term, ...]:
    """The variables below an integral without differential."""
    r.state.naming += 1
    found = r.sub(items_of(below)).list()
    r.state.naming -= 1
    if not all(isinstance(v, Symbol | SymbolRange) for v in found):
        r.refuse("an integral over something that is no variable", "write dz at its end", below)
    return tuple(found)


def _bounds(r: Reader, below: Tree | None, above: Tree | None) -> bool:
    r"""Whether the integral has bounds that matter; `\int_{-\infty}^{\infty}` and `\int_{\mathbb{R}^d}` have none."""
    if above is None:
        return False
    upper = [getattr(plain(i), "text", "") for i in items_of(above)]
    lower = [getattr(plain(i), "text", "") for i in items_of(below)]
    return not (upper in ([r"\infty"], ["+", r"\infty"]) and lower == ["-", r"\infty"])


def _no_bounds(r: Reader, bounded: bool, item: Tree) -> None:
    if bounded:
        r.refuse(
            "an integral with bounds",
            "integrals are read over the whole space of their variable",
            item,
        )


def _write(term: Integral) -> Written:
    count = len(term.over)
    sign = {1: r"\int", 2: r"\iint", 3: r"\iiint"}.get(count, r"\int")
    ends = " ".join(rf"\, \mathrm{{d}}{_variable(v)}" for v in term.over)
    body = put(term.body, ATOM if isinstance(term.body, Integral) else SUM + 1)
    text = f"{sign} {body} {ends}"
    return Written(text if count <= 3 else rf"\left({text}\right)", ATOM)


def _variable(term: Term) -> str:
    if isinstance(term, Symbol):
        return spell(term.name, term.index)
    return put(term, ATOM)


NOTATION = Notation(
    what="integrals over the whole space of their variables",
    heads=tuple(_COUNT),
    read=_read,
    kinds=(Integral,),
    write=_write,
    holds=(
        (r"\int f dz", r"\int f \, \mathrm{d}z"),
        (
            r"\int_x p(x)\log D(x) + r \, dx",
            r"\int \left(p(x) \cdot \log\left(D(x)\right) + r\right) \, \mathrm{d}x",
        ),
        (r"\int_x f g + h", r"\int f \, g \, \mathrm{d}x + h"),
        (r"\iint f dx dy", r"\iint f \, \mathrm{d}x \, \mathrm{d}y"),
        (r"\int dz\, f", r"\int f \, \mathrm{d}z"),
        (r"\int_{-\infty}^{\infty} f dx", r"\int f \, \mathrm{d}x"),
        (r"\int f dx - \int g dx", r"\int f \, \mathrm{d}x - \int g \, \mathrm{d}x"),
        (r"\int f(x_t) d\mathbf{x}_t", r"\int f(x_{t}) \, \mathrm{d}x_{t}"),
        (r"\int\int f dx dy", r"\int \left(\int f \, \mathrm{d}x\right) \, \mathrm{d}y"),
        (r"\int f dx_{1:T}", r"\int f \, \mathrm{d}x_{1:T}"),
    ),
    refuses=(r"\int f", r"\int_0^1 f dx", r"\int dx"),
)
