r"""The stop-gradient: `\operatorname{Stop-Grad}(f)`, `\mathrm{sg}[f]`, `\bot(f)`: a constant for differentiation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.resolve import scripted
from derivcheck.notation.writer import ATOM, SUM, Written, put
from derivcheck.syntax.tree import Fence, Scripted
from derivcheck.terms.term import StopGradient, Term

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader

_WORDS = (
    "Stop-Grad", "StopGrad", "stop-grad", "stopgrad", "stop_grad", "StopGradient", "stopgradient", "stop-gradient",
    "sg", "SG", "detach", r"\bot" )  # fmt: skip


def _read(r: Reader) -> Term | None:
    following = r.next_item
    fence = following.base if isinstance(following, Scripted) else following
    if not isinstance(fence, Fence) or fence.opening not in {"(", "[", r"\{"}:
        return None
    body = r.sub(fence.items).row()
    r.take()
    node = r.take()
    return scripted(StopGradient(body), node, r)


def _write(term: StopGradient) -> Written:
    return Written(rf"\operatorname{{sg}}\left[{put(term.body, SUM)}\right]", ATOM)


NOTATION = Notation(
    what="the stop-gradient",
    heads=_WORDS,
    read=_read,
    rank=30,
    kinds=(StopGradient,),
    write=_write,
    holds=(
        (r"\operatorname{Stop-Grad}(f_2)", r"\operatorname{sg}\left[f_{2}\right]"),
        (r"\mathrm{sg}[a+b]^2", r"\left(\operatorname{sg}\left[a + b\right]\right)^{2}"),
    ),
)
