r"""Divergences: `KL(a||b)`, `KL(a|b)`, `KL(a,b)`, `KL[..]`, `D_{KL}(a \parallel b)`, `D(a||b)`, `JSD(a,b)`, `TV`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from derivcheck.notation.declaration import Notation
from derivcheck.notation.law import is_mixture, read_law, write_law
from derivcheck.notation.names import label_text
from derivcheck.notation.resolve import raised, scripted
from derivcheck.notation.trees import plain
from derivcheck.notation.writer import ATOM, Written
from derivcheck.syntax.tree import Fence, Leaf, Scripted, Tree
from derivcheck.terms.term import Divergence, Term

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivcheck.notation.reader import Reader

Kind = Literal["KL", "JSD", "TV"]
_WORDS: dict[str, Kind] = {
    "KL": "KL", "KLD": "KL", "kl": "KL", r"\mathbb{KL}": "KL", r"\mathcal{KL}": "KL",
    "JSD": "JSD", "JS": "JSD", "TV": "TV" }  # fmt: skip
_LETTERS = frozenset({"D", r"\mathcal{D}", r"\mathbb{D}", "d"})
_FENCES = frozenset({"(", "[", r"\{"})


def _kind(r: Reader) -> Kind | None:
    item = r.item
    if r.head in _WORDS:
        return _WORDS[r.head]
    node = plain(item)
    below = node.below if isinstance(node, Scripted) else None
    if below is not None:
        return _WORDS.get(label_text((below,)))
    return None


def _read(r: Reader) -> Term | None:
    item = r.item
    at = r.at + 1
    while at < len(r.items) and r.heads[at] == r"\!":
        at += 1
    following = r.items[at] if at < len(r.items) else None
    fence = following.base if isinstance(following, Scripted) else following
    if not isinstance(fence, Fence) or fence.opening not in _FENCES:
        return None
    kind = _kind(r)
    double = _split(fence.items, "||")
    if kind is None:
        if r.head not in _LETTERS or len(double) != 2 or r.lexicon.role(r.head) == "density":
            return None
        kind = "KL"
    sides = next(
        (s for s in (double, _split(fence.items, "|"), _split(fence.items, ",")) if len(s) == 2),
        None,
    )
    if sides is None or not all(sides):
        r.refuse(f"{kind} of something else than two laws", r"write \mathrm{KL}(p \,\|\, q)")
    p, q = (read_law(side, r) for side in sides)
    if not (is_mixture(p) and is_mixture(q)):
        r.refuse(f"{kind} of something that is no law", r"write \mathrm{KL}(p \,\|\, q)")
    r.at = at + 1
    assert following is not None
    found = scripted(Divergence(kind, p, q), following, r)  # type: ignore[arg-type]
    node = plain(item)
    if isinstance(node, Scripted) and node.above is not None:
        found = raised(found, (node.above,), r)
    return found


def _split(items: Sequence[Tree], sign: str) -> list[list[Tree]]:
    runs: list[list[Tree]] = [[]]
    for item in items:
        if isinstance(item, Leaf) and item.text == sign and item.kind in {"bar", "sign"}:
            runs.append([])
        else:
            runs[-1].append(item)
    return runs


def _write(term: Divergence) -> Written | None:
    if term.kind not in {"KL", "JSD", "TV"} or term.q is None:
        return None
    return Written(
        rf"\mathrm{{{term.kind}}}\left({write_law(term.p)} \,\|\, {write_law(term.q)}\right)", ATOM
    )


NOTATION = Notation(
    what="Kullback-Leibler, Jensen-Shannon and total variation between two laws",
    heads=(*_WORDS, *_LETTERS),
    read=_read,
    kinds=(Divergence,),
    write=_write,
    rank=20,
    holds=(
        ("KL(q(z|x)||p(z))", r"\mathrm{KL}(q(z \mid x) \,\|\, p(z))"),
        ("KL(q|p)", r"\mathrm{KL}(q \,\|\, p)"),
        ("KL(q(z|x),p(z))", r"\mathrm{KL}(q(z|x) \,\|\, p(z))"),
        (r"KL[q(z)||p(z)]", r"\mathrm{KL}(q(z) \,\|\, p(z))"),
        (r"D_{KL}(q \parallel p)", r"\mathrm{KL}(q \,\|\, p)"),
        (r"D_{\mathrm{KL}}\left(q \,\|\, p\right)", r"\mathrm{KL}(q \,\|\, p)"),
        (r"\operatorname{KL}(q\mid\mid p)", r"\mathrm{KL}(q \,\|\, p)"),
        (r"KL(p_0||\mu)", r"\mathrm{KL}(p_0 \,\|\, \mu)"),
        (r"JSD(p_0, p_1)", r"\mathrm{JSD}(p_0 \,\|\, p_1)"),
        (r"D(q\|p)", r"\mathrm{KL}(q \,\|\, p)"),
        (r"KL(p\|\frac{p+q}{2})", r"\mathrm{KL}\left(p \,\|\, \frac{p + q}{2}\right)"),
    ),
    refuses=("KL(q)", "KL(q||p - 1)", "KL(q||p||r)"),
)
