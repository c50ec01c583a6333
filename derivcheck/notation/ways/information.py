r"""Entropies and information of variables by their capitals: `H(X)`, `H(Y|X)`, `H(X,Y)`, `I(X;Y)`.

They are those of the one density that has all these variables as its events; where it is not certain
which that is, or `H` is declared otherwise, nothing is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.names import parts_of, split_at
from derivcheck.notation.resolve import scripted
from derivcheck.syntax.tree import Fence, Scripted, Tree
from derivcheck.terms.signature import DensityDeclaration, Factor, Signature
from derivcheck.terms.term import (
    Call,
    Density,
    Divergence,
    Divide,
    Expectation,
    Multiply,
    Negate,
    Symbol,
    SymbolRange,
    Term,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivcheck.notation.reader import Reader


def _read(r: Reader) -> Term | None:
    following = r.next_item
    fence = following.base if isinstance(following, Scripted) else following
    if isinstance(r.item, Scripted) or not isinstance(fence, Fence) or fence.opening not in {"(", "["}:
        return None
    information = r.head in {"I", r"\mathbb{I}", r"\mathcal{I}"}
    runs = split_at(fence.items, ";") if information else split_at(fence.items, ("|", r"\mid"))
    if len(runs) != 2 and (information or len(runs) != 1):
        return None
    if r.lexicon.knows(r.head) and (information or len(runs) == 1):
        return None
    sides = [_variables(run, r) for run in runs]
    name = _density([v for side in sides for v in side], r) if all(sides) else None
    if name is None:
        return None
    r.take()
    node = r.take()
    return scripted(_information(name, *sides) if information else _entropy(name, *sides), node, r)


def _entropy(name: str, of: list[Symbol], given: list[Symbol] | None = None) -> Term:
    if not given:
        return Divergence("entropy", Density(name, tuple(of)))
    both = (*of, *given)
    log = Call("log", (Density(name, tuple(of), tuple(given)),))
    return Negate(Expectation(log, both, Density(name, both)))


def _information(name: str, one: list[Symbol], other: list[Symbol]) -> Term:
    both = (*one, *other)
    apart = Multiply((Density(name, tuple(one)), Density(name, tuple(other))))
    log = Call("log", (Divide(Density(name, both), apart),))
    return Expectation(log, both, Density(name, both))


def _variables(items: Sequence[Tree], r: Reader) -> list[Symbol]:
    """The variables that a list of capitals names; empty if one is none."""
    found: list[Symbol] = []
    for piece in split_at(items, ","):
        parts = parts_of(piece[0]) if len(piece) == 1 else None
        if parts is None or parts.above or parts.below or not parts.base.isalpha():
            return []
        names = [n for n in (parts.base, parts.base.lower()) if _density([Symbol(n)], r)]
        if not names:
            return []
        found.append(Symbol(names[0]))
    return found


def _density(variables: list[Symbol], r: Reader) -> str | None:
    """The one density whose events are these variables among others; p where there are several."""
    wanted = {v.name for v in variables}
    fitting = [n for n, d in r.lexicon.signature.densities.items() if wanted <= _events(d)]
    if len(fitting) > 1:
        fitting = [n for n in fitting if n in ("p", "P")]
    return fitting[0] if len(fitting) == 1 else None


def _events(d: DensityDeclaration) -> set[str]:
    """The variables that the joint gives a law to; none if it leaves one conditioned on."""
    events = {e.name for f in d.factors for e in f.event if isinstance(e, Symbol | SymbolRange)}
    given = {g.name for f in d.factors for g in f.given if isinstance(g, Symbol | SymbolRange)}
    return events if given <= events else set()


_X, _Y = Symbol("x"), Symbol("y")
_THEORY = Signature(densities={"p": DensityDeclaration("p", (Factor((_X, _Y)),)), "q": DensityDeclaration("q", (Factor((_X,), (_Y,)),))})  # fmt: skip

NOTATION = Notation(
    what="entropy and mutual information of variables written as capitals",
    heads=("H", r"\mathcal{H}", r"\mathbb{H}", "I", r"\mathbb{I}", r"\mathcal{I}"),
    read=_read,
    rank=25,
    theory=_THEORY,
    holds=(
        ("H(X)", r"\mathbb{H}[p(x)]"),
        ("H(X, Y)", r"\mathbb{H}[p(x, y)]"),
        (r"H(Y \mid X)", r"-\mathbb{E}_{y, x \sim p(y, x)}[\log p(y \mid x)]"),
        ("I(X; Y)", r"\mathbb{E}_{x, y \sim p(x, y)}\left[\log \frac{p(x, y)}{p(x) \, p(y)}\right]"),
    ),
)
