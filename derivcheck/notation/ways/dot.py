r"""The dot of a flow: `\dot W`, where `\dot{W}` is not declared as a name of its own; the differential `d\,\mathrm{tr}(AB)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.names import compose, labels_of, parts_of
from derivcheck.notation.resolve import raised, resolve
from derivcheck.notation.trees import plain
from derivcheck.notation.ways.integral import is_d
from derivcheck.notation.ways.name import fence_after, valued
from derivcheck.syntax.tree import Fence, Scripted
from derivcheck.terms.term import Derivative, Symbol, Term

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader

_TIME = Symbol("t")
_OPERATORS = frozenset({"tr", "vec"})


def _read(r: Reader) -> Term | None:
    if is_d(r.item):
        return _differential(r)
    parts = parts_of(r.item)
    if parts is None or not parts.base.startswith((r"\dot{", r"\ddot{")):
        return None
    if (
        r.lexicon.knows(compose(parts.base, labels_of(parts.below), parts.mark))
        or parts.base in r.lexicon.bases
    ):
        return None
    twice = parts.base.startswith(r"\ddot{")
    inner = parts._replace(base=parts.base[len(r"\ddot{") if twice else len(r"\dot{") : -1])
    found = resolve(inner, r)
    after = fence_after(r)
    r.take()
    if (
        after is not None
        and len(after[0].items) == 1
        and getattr(plain(after[0].items[0]), "text", "") == "t"
    ):
        if isinstance(after[1], Scripted):
            r.refuse("a power of a time derivative", r"write \left(\dot{W}\right)^{2}", after[1])
        r.skip_apply()
        r.take()
    term: Term = Derivative(valued(r, found.name, found.index), _TIME, "time")
    return raised(Derivative(term, _TIME, "time") if twice else term, parts.above, r)


def _differential(r: Reader) -> Term | None:
    r"""`d\,\mathrm{tr}(AB)`, `\mathrm{d}[..]`: the total differential."""
    if r.lexicon.knows("d") or r.next_item is None:
        return None
    following = r.items[r.at + 1]
    upright = getattr(r.item, "kind", "") != "letter"
    fence = isinstance(following, Fence) and following.opening == "["
    named = parts_of(following)
    # `dA` is a differential where d is no dimension; `d\sigma^2` is d times a variance
    plain_letter = named is not None and named.base.isalpha() and not named.word and not named.above
    if not (
        r.heads[r.at + 1] in _OPERATORS
        or (upright and (fence or named is not None))
        or plain_letter
    ):
        return None
    r.take()
    return Derivative(r.operand(), Symbol("d"), "differential")


NOTATION = Notation(
    what="time derivatives with a dot, and total differentials",
    heads=(":accent", "d"),
    read=_read,
    rank=30,
    holds=(
        (r"\dot W", r"\frac{\mathrm{d}}{\mathrm{d}t}\left[W\right]"),
        (r"\mathrm{tr}(dA\,B)", r"\operatorname{tr}\left(\mathrm{d}\left[A\right] \, B\right)"),
        (r"\frac{1}{2}d\sigma^2", r"\frac{1}{2} \, d \cdot \sigma^{2}"),
        (r"\dot{W}_p(t)", r"\frac{\mathrm{d}}{\mathrm{d}t}\left[W_{p}\right]"),
        (r"d\,\mathrm{tr}(AB)", r"\mathrm{d}\left[\operatorname{tr}\left(A \, B\right)\right]"),
    ),
)
