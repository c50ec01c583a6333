r"""Mathematical constants: `\pi`, `e`, `\infty`, where no theory gives the letter another meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.names import parts_of
from derivcheck.notation.resolve import raised, scripted
from derivcheck.notation.ways.name import fence_after
from derivcheck.notation.writer import ATOM, NAME, Written
from derivcheck.terms.term import Constant, Term

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader

_SIGNS = {"pi": r"\pi", "e": "e", "inf": r"\infty"}


def _read(r: Reader) -> Term | None:
    head = r.head
    if head == r"\infty":
        return scripted(Constant("inf"), r.take(), r)
    parts = parts_of(r.item)
    if (
        parts is None
        or parts.below
        or parts.mark
        or parts.base not in {"e", r"\pi"}
        or r.lexicon.knows(parts.base)
    ):
        return None
    if head == r"\pi" and fence_after(r) is not None and r.lexicon.role(r"\pi") != "symbol":
        after = fence_after(r)
        assert after is not None
        if after[2] or any(getattr(i, "text", "") in {"|", ","} for i in after[0].items):
            return None
    r.take()
    return raised(Constant("e" if head == "e" else "pi"), parts.above, r)


def _write(term: Constant) -> Written:
    # `e^{x}` is the exponential: a power of the number e keeps its bracket
    return Written(_SIGNS[term.symbol], ATOM if term.symbol == "e" else NAME)


NOTATION = Notation(
    what="the constants π, e and infinity",
    heads=(r"\pi", "e", r"\infty"),
    read=_read,
    kinds=(Constant,),
    write=_write,
    rank=60,
    holds=(
        (r"\sqrt{2\pi\sigma^2}", r"\sqrt{2 \, \pi \, \sigma^{2}}"),
        (r"\pi(a|s)", r"\pi\!\left(a \mid s\right)"),
    ),
)
