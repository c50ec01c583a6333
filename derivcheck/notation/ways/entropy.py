r"""Entropies of laws: `H(q)`, `\mathcal{H}[p]`, cross-entropy `H[p, q]`; where H is not declared otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.law import named_density, read_law, write_law
from derivcheck.notation.names import parts_of, split_at
from derivcheck.notation.resolve import scripted
from derivcheck.notation.ways.name import DENSITY_LETTERS
from derivcheck.notation.writer import ATOM, Written
from derivcheck.syntax.tree import Fence, Scripted, Tree
from derivcheck.terms.term import Divergence, Term

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivcheck.notation.reader import Reader


def _is_law(items: Sequence[Tree], r: Reader) -> bool:
    found = named_density(items, r)
    if found is None:
        return bool(items) and r.sub(items).heads[0] == r"\mathcal{N}"
    if r.lexicon.knows(found.name):
        return r.lexicon.role(found.name) == "density"
    parts = parts_of(items[0])
    return bool(found.given) or (parts is not None and parts.base in DENSITY_LETTERS)


def _read(r: Reader) -> Term | None:
    item = r.item
    following = r.next_item
    fence = following.base if isinstance(following, Scripted) else following
    if (
        isinstance(item, Scripted)
        or not isinstance(fence, Fence)
        or fence.opening not in {"(", "["}
    ):
        return None
    if r.lexicon.knows(r.head):
        return None
    sides = split_at(fence.items, ",")
    forced = r.head == r"\mathbb{H}"
    if len(sides) > 2 or not (forced or all(_is_law(side, r) for side in sides)):
        return None
    laws = [read_law(side, r) for side in sides]
    r.take()
    node = r.take()
    if len(laws) == 1:
        return scripted(Divergence("entropy", laws[0]), node, r)  # type: ignore[arg-type]
    return scripted(Divergence("cross_entropy", laws[0], laws[1]), node, r)  # type: ignore[arg-type]


def _write(term: Divergence) -> Written | None:
    if term.kind not in {"entropy", "cross_entropy"}:
        return None
    other = f", {write_law(term.q)}" if term.q is not None else ""
    return Written(rf"\mathbb{{H}}\left[{write_law(term.p)}{other}\right]", ATOM)


NOTATION = Notation(
    what="entropy and cross-entropy of laws",
    heads=("H", r"\mathcal{H}", r"\mathbb{H}"),
    read=_read,
    kinds=(Divergence,),
    write=_write,
    rank=30,
    holds=(
        ("H(q)", r"\mathbb{H}\left[q\right]"),
        (r"\mathcal{H}[q(z|x)]", r"\mathbb{H}\left[q(z \mid x)\right]"),
        ("H[p, q]", r"\mathbb{H}\left[p, q\right]"),
        ("H(t)", r"H\!\left(t\right)"),
    ),
)
