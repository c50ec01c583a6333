r"""Moments of a law by name: `\operatorname{Mean}[q(x|y)]`, `\operatorname{Covariance}[..]`, `\operatorname{Variance}[..]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.law import read_law, write_law
from derivcheck.notation.resolve import scripted
from derivcheck.notation.writer import ATOM, Written
from derivcheck.syntax.tree import Fence, Scripted
from derivcheck.terms.term import Moment, Term

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader

_WORDS = {"Mean": "mean", "Covariance": "covariance", "MarginalVariance": "variance"}
_WRITTEN = {kind: word for word, kind in _WORDS.items()}


def _read(r: Reader) -> Term | None:
    following = r.next_item
    fence = following.base if isinstance(following, Scripted) else following
    if not isinstance(fence, Fence) or not fence.items:
        return None
    kind = _WORDS[r.head]
    law = read_law(fence.items, r)
    r.take()
    return scripted(Moment(kind, law), r.take(), r)  # type: ignore[arg-type]


def _write(term: Moment) -> Written:
    return Written(
        rf"\operatorname{{{_WRITTEN[term.kind]}}}\left[{write_law(term.law)}\right]", ATOM
    )


NOTATION = Notation(
    what="mean and covariance of a law, by name",
    heads=tuple(_WORDS),
    read=_read,
    rank=20,
    kinds=(Moment,),
    write=_write,
    holds=((r"\mathrm{Mean}[q(x|y)]", r"\operatorname{Mean}\left[q(x \mid y)\right]"),),
)
