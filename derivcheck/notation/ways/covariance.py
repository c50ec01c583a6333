r"""Variances and covariances: `\mathrm{Var}(x)`, `\mathbb{V}_q[x]`, `\operatorname{Cov}(x, y|z)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.resolve import scripted
from derivcheck.notation.ways.expectation import below_text, binders
from derivcheck.notation.writer import ATOM, Written, commas
from derivcheck.syntax.tree import Fence, Leaf, Scripted
from derivcheck.terms.term import Covariance, Term

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader

_VARIANCE = ("Var", "Variance", "var", "V", r"\mathbb{V}")
_COVARIANCE = ("Cov", "cov", r"\mathbb{C}")
_PLAIN = frozenset({"V"})


def _read(r: Reader) -> Term | None:
    item = r.item
    head = r.head
    following = r.next_item
    fence = following.base if isinstance(following, Scripted) else following
    if (
        not isinstance(fence, Fence)
        or fence.opening not in {"(", "[", r"\{"}
        or r.lexicon.knows(head)
    ):
        return None
    if head in _PLAIN and not (fence.opening == "[" and isinstance(item, Scripted | Leaf)):
        return None
    found = binders(item.below if isinstance(item, Scripted) else None, r)
    if len(found) != 1:
        r.refuse("a covariance under several laws", "write one law")
    inner = r.sub(fence.items)
    values = [inner.sum()]
    while inner.head == ",":
        inner.take()
        values.append(inner.sum())
    given: tuple[Term, ...] = ()
    if inner.head == "|":
        inner.take()
        given = tuple(inner.sub(inner.items[inner.at :]).list())
        inner.at = len(inner.items)
    inner.finish()
    if len(values) > 2 or (head in _VARIANCE and len(values) == 2):
        r.refuse(f"{head} of {len(values)} quantities")
    r.take()
    node = r.take()
    over, law, known = found[0]
    return scripted(Covariance(values[0], values[-1], over, law, (*known, *given)), node, r)


def _write(term: Covariance) -> Written:
    below = below_text(term.over, term.law)
    given = rf" \mid {commas(term.given)}" if term.given else ""
    same = term.left == term.right
    name = r"\operatorname{Var}" if same else r"\operatorname{Cov}"
    values = commas((term.left,) if same else (term.left, term.right))
    return Written(
        name + (f"_{{{below}}}" if below else "") + rf"\left({values}{given}\right)", ATOM
    )


NOTATION = Notation(
    what="variances and covariances",
    heads=(*_VARIANCE, *_COVARIANCE),
    read=_read,
    kinds=(Covariance,),
    write=_write,
    rank=30,
    holds=(
        (r"Var(x)", r"\operatorname{Var}\left(x\right)"),
        (r"\mathbb{V}_q[x]", r"\operatorname{Var}_{q}\left(x\right)"),
        (r"\mathrm{Cov}(x',y|x)", r"\operatorname{Cov}\left(x', y \mid x\right)"),
    ),
    refuses=(r"\operatorname{Cov}(x,y,z)",),
)
