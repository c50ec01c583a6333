r"""Logarithms: `\log`, `\ln`, `log`; with brackets of exactly that, without of the product after it.

Unbracketed it stops before `+`, `-`, the differential, `\int`, `\sum`, an expectation, a KL and another
logarithm, not before `\prod`; but `\log \frac{1}{K} \sum_k w_k` is the logarithm of the mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.faults import NotMathematics
from derivcheck.notation.resolve import scripted
from derivcheck.notation.trees import plain
from derivcheck.notation.ways.fraction import whole
from derivcheck.notation.writer import ATOM, SUM, Written, put
from derivcheck.syntax.tree import Command, Fence, Scripted
from derivcheck.terms.term import Call, Divide, Term

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader

LOGARITHMS = frozenset({r"\log", r"\ln", "log", "ln", r"\lg"})
STOPS = LOGARITHMS | {
    r"\int", r"\iint", r"\iiint", r"\sum", r"\mathbb{E}", "KL", r"\nabla", r"\mathrm{KL}", r"\mathbb{V}",
}  # fmt: skip


FENCES = frozenset({"(", "[", r"\{"})


def _read(r: Reader) -> Term | None:
    item = r.item
    if r.next_item is None:
        raise NotMathematics("a logarithm of nothing", (item.start, item.end))
    r.take()
    base: Term | None = None
    if isinstance(item, Scripted) and item.below is not None:
        base = r.sub((item.below,)).row()
        item = item._replace(below=None)
    r.skip_apply()
    body = bracketed(r)
    if body is None:
        body = r.product(STOPS - {r"\sum"} if _is_mean(r) else STOPS)
    found: Term = Call("log", (body,))
    if base is not None:
        found = Divide(found, Call("log", (base,)))
    return scripted(found, item, r)


def _is_mean(r: Reader) -> bool:
    r"""`\log \frac{1}{K} \sum_k w_k` is the logarithm of the mean."""
    node = plain(r.item)
    one = isinstance(node, Command) and node.name == r"\frac" and whole(node.arguments[0]) == 1
    return one and r.next_item is not None and r.heads[r.at + 1] == r"\sum"


def bracketed(r: Reader) -> Term | None:
    """The inside of a bracket that stands right here and has no script; it is consumed."""
    node = r.item
    if isinstance(node, Fence) and node.opening in FENCES:
        body = r.sub(node.items).statement() if node.items else None
        if body is None:
            raise NotMathematics("empty brackets", (node.start, node.end))
        r.take()
        return body
    return None


def _write(term: Call) -> Written | None:
    if term.function != "log" or len(term.arguments) != 1 or term.index:
        return None
    return Written(rf"\log\left({put(term.arguments[0], SUM)}\right)", ATOM)


NOTATION = Notation(
    what="logarithms, of a bracket or of the product after them",
    heads=tuple(LOGARITHMS),
    read=_read,
    kinds=(Call,),
    write=_write,
    holds=(
        (r"\log 2(1-D)", r"\log\left(2 \cdot \left(1 - D\right)\right)"),
        (r"\log(a)b", r"\log\left(a\right) \, b"),
        (r"\log p(x) + 1", r"\log\left(p\left(x\right)\right) + 1"),
        (r"log\frac{a}{b}", r"\log\left(\frac{a}{b}\right)"),
        (r"\log a \log b", r"\log\left(a\right) \, \log\left(b\right)"),
        (r"\log \prod_{k=1}^K a_k", r"\log\left(\prod_{k=1}^{K} a_{k}\right)"),
        (r"\log\det\Sigma", r"\log\left(\det\left(\Sigma\right)\right)"),
        (
            r"\log\frac{1}{K}\sum_{k=1}^K w_k",
            r"\log\left(\frac{1}{K} \, \sum_{k=1}^{K} w_{k}\right)",
        ),
        (r"\log^2 a", r"\left(\log\left(a\right)\right)^{2}"),
        (r"\log_2 a", r"\frac{\log\left(a\right)}{\log\left(2\right)}"),
        (r"\log 2 \int f dz", r"\log\left(2\right) \, \int f \, \mathrm{d}z"),
        (r"logD(x)", r"\log\left(D\left(x\right)\right)"),
    ),
    refuses=(r"\log", r"\log()"),
)
