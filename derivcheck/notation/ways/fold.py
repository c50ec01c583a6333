r"""Sums and products over an index: `\sum_{t=1}^T`, `\sum_k`, `\sum_{i,j}`, `\sum_{t>1}`, `\prod_{s=1}^t`.

A sum reaches to the end of the product to its right; a product ends after the last factor that mentions
its index. A sum over a random variable, `\sum_z`, is an integral. A bare index runs over its declared range,
else from 1 to its capital letter (i and j: to n).
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from derivcheck.notation.declaration import Notation
from derivcheck.notation.faults import NotMathematics
from derivcheck.notation.names import INDEX_LETTERS, items_of, parts_of, split_at
from derivcheck.notation.resolve import resolve
from derivcheck.notation.trees import plain
from derivcheck.notation.writer import ATOM, OPEN, SUM, Written, put
from derivcheck.syntax.tree import Leaf, Scripted, Tree
from derivcheck.terms.term import (
    Add,
    Fold,
    Integral,
    Multiply,
    Negate,
    Number,
    Symbol,
    SymbolRange,
    Term,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivcheck.notation.reader import Reader

_ONE = Number(Fraction(1))
_LAST = {"i": "n", "j": "n"}
_FROM = {">": 1, r"\gt": 1, r"\geq": 0, r"\ge": 0, r"\geqslant": 0}


class Run(NamedTuple):
    """An index and its range, or a variable to be integrated (range None)."""

    name: str
    bounds: tuple[Term, Term] | None
    variable: Term | None = None
    open: bool = False  # nothing says where it ends


def _read(r: Reader) -> Term | None:
    item = r.item
    kind = "sum" if r.head in {r"\sum", r"\Sigma"} else "prod"
    if r.head in {r"\Sigma", r"\Pi"} and not _has_range(item):
        return None
    if not isinstance(item, Scripted) or item.below is None:
        r.refuse(f"a {kind} without its index", r"write \sum_{k=1}^{K}")
    r.take()
    runs = _runs(r, item)
    if r.done:
        raise NotMathematics(f"a {kind} of nothing", (item.start, item.end))
    r.state.bound.extend(run.name for run in runs)
    before = dict(r.state.ranges)
    r.state.ranges |= {run.name: None if run.open else run.bounds for run in runs if run.bounds}
    try:
        body = r.product(frozenset()) if kind == "sum" else _factors(r, runs)
        runs = [run._replace(bounds=r.state.ranges.get(run.name) or run.bounds) if run.open else run for run in runs]
    finally:
        del r.state.bound[len(r.state.bound) - len(runs) :]
        r.state.ranges = before
    for run in reversed(runs):
        if run.bounds is None:
            if kind == "prod":
                r.refuse("a product over a random variable", item=item)
            body = Integral((run.variable,), body)  # type: ignore[arg-type]
        else:
            body = Fold(kind, run.name, *run.bounds, body)  # type: ignore[arg-type]
    return body


def _has_range(item: Tree) -> bool:
    r"""`\Sigma_{t=1}^T` is a sum written with the letter."""
    below = items_of(item.below) if isinstance(item, Scripted) else ()
    return any(isinstance(i, Leaf) and i.text == "=" for i in below)


def _factors(r: Reader, runs: list[Run]) -> Term:
    r.skip_apply()
    stops, r.stops = r.stops, frozenset()
    found = r.factors()
    r.stops = stops
    names = {run.name for run in runs}
    last = max((i for i, (factor, _) in enumerate(found) if factor.names & names), default=0)
    r.at = found[last][1]
    taken = tuple(factor for factor, _ in found[: last + 1])
    return taken[0] if len(taken) == 1 else Multiply(taken)


# --- the index -----------------------------------------------------------------------------------


def _runs(r: Reader, item: Scripted) -> list[Run]:
    below = items_of(item.below)
    upper = r.sub(items_of(item.above)).row() if item.above is not None else None
    found: list[Run] = []
    for entry in split_at(below, ","):
        sign = next(
            (
                i
                for i, t in enumerate(entry)
                if isinstance(t, Leaf) and (t.text in _FROM or t.text in {"=", r"\in"})
            ),
            None,
        )
        if sign is None:
            found.append(_bare(r, entry, upper))
            continue
        name = _index_name(r, entry[:sign])
        text = entry[sign].text  # type: ignore[union-attr]
        if text == r"\in":
            found.append(_bare(r, entry[:sign], upper))
            if found[-1].bounds is not None and not _declared_range(r, name):
                r.refuse("a sum over a set", "write its index with a range", item.below)
            continue
        lower = r.sub(entry[sign + 1 :]).row()
        if text != "=":
            lower = _next(lower) if _FROM[text] else lower
            found.append(Run(name, (lower, upper or _last(r, name))))
        elif upper is None:
            r.refuse("a sum without its last index", r"write \sum_{k=1}^{K}", item)
        else:
            found.append(Run(name, (lower, upper)))
    return found


def _next(lower: Term) -> Term:
    return Number(lower.value + 1) if isinstance(lower, Number) else Add((lower, _ONE))


def _index_name(r: Reader, items: Sequence[Tree]) -> str:
    parts = parts_of(items[0]) if len(items) == 1 else None
    if parts is None or parts.above:
        r.refuse("an index that is no name", item=items[0] if items else None)
    return resolve(parts, r).name


def _declared_range(r: Reader, name: str) -> bool:
    return name in r.lexicon.signature.indices


def _last(r: Reader, name: str) -> Term:
    """Where a sum ends that does not say: a free t that keeps off the ends (2..T-1) still sums to T."""
    declared = r.lexicon.signature.indices.get(name)
    if declared is None:
        return Symbol(_LAST.get(name, name.upper()))
    match declared.upper:
        case Add((Symbol() as end, Negate(Number()))):
            return end
        case upper:
            return upper


def _bare(r: Reader, entry: Sequence[Tree], upper: Term | None) -> Run:
    r"""`\sum_k` and `\sum_z`."""
    parts = parts_of(entry[0]) if len(entry) == 1 else None
    if parts is None or parts.above:
        r.refuse(
            "a sum over something that is no index",
            r"write \sum_{k=1}^{K}",
            entry[0] if entry else None,
        )
    name, index, run = resolve(parts, r)
    if run is not None:
        return Run(name, None, SymbolRange(name, *run))
    declared = r.lexicon.signature.indices.get(name)
    if declared is not None:
        last = _last(r, name)
        return Run(name, (declared.lower if last is declared.upper else _ONE, upper or last))
    role = r.lexicon.role(name)
    leaf = plain(entry[0])
    letter = isinstance(leaf, Leaf) and leaf.text in INDEX_LETTERS
    if role == "index" or (role is None and letter and not index):
        return Run(name, (_ONE, upper or _last(r, name)), open=upper is None and name in _LAST)
    return Run(name, None, Symbol(name, index))


# --- writing -------------------------------------------------------------------------------------


def _write(term: Fold) -> Written:
    sign = r"\sum" if term.kind == "sum" else r"\prod"
    body = put(term.body, ATOM)
    return Written(
        f"{sign}_{{{term.index}={put(term.lower, SUM)}}}^{{{put(term.upper, SUM)}}} {body}", OPEN
    )


NOTATION = Notation(
    what="sums and products over an index",
    heads=(r"\sum", r"\prod", r"\Sigma", r"\Pi"),
    read=_read,
    kinds=(Fold,),
    write=_write,
    holds=(
        (r"\sum_{t=1}^T a_t b + c", r"\sum_{t=1}^{T} \left(a_{t} \, b\right) + c"),
        (r"\prod_{s=1}^t \alpha_s x_0", r"\left(\prod_{s=1}^{t} \alpha_{s}\right) \cdot x_0"),
        (r"\Sigma_{t=1}^T L_t", r"\sum_{t=1}^{T} L_{t}"),
        (r"\sum_k a_k", r"\sum_{k=1}^{K} a_{k}"),
        (r"\sum_{i,j} a_{ij}", r"\sum_{i=1}^{n} \left(\sum_{j=1}^{n} a_{i,j}\right)"),
        (r"\sum_{t>1} L_t", r"\sum_{t=2}^{T} L_{t}"),
        (r"\sum\limits_{k=1}^{K} z_k", r"\sum_{k=1}^{K} z_{k}"),
        (r"\sum_z q(z|x)", r"\int q(z \mid x) \, \mathrm{d}z"),
        (r"\sum_{r=1}^R x_r", r"\sum_{r=1}^{R} x_{r}"),
    ),
    refuses=(r"\sum a", r"\sum_{k=1}^K", r"\sum_{k=1} a_k", r"\sum_{i\neq j} a_i"),
)
