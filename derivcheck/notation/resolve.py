r"""From the parts of a name to its canonical spelling and its indices, by what is declared.

Main definitions: `resolve`, `Resolved`, `raised`, `scripted`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from derivcheck.notation.faults import NotYetReadable
from derivcheck.notation.names import (
    TRANSPOSES,
    NameParts,
    Part,
    compose,
    is_index,
    labels_of,
    spellings,
    split_above,
    split_at,
)
from derivcheck.notation.signs import SIGNS
from derivcheck.notation.trees import plain
from derivcheck.syntax.tree import Leaf, Scripted, Tree
from derivcheck.terms.term import Negate, Number, Power, Symbol, Term, Transpose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivcheck.notation.lexicon import Lexicon
    from derivcheck.notation.reader import Reader

_TWINS = {
    r"\varepsilon": r"\epsilon", r"\epsilon": r"\varepsilon", r"\varphi": r"\phi", r"\phi": r"\varphi",
    r"\vartheta": r"\theta", r"\theta": r"\vartheta",
}  # fmt: skip

_ONE = Fraction(1)


class Resolved(NamedTuple):
    """A name with its index terms; run: the bounds of `x_{1:T}`."""

    name: str
    index: tuple[Term, ...]  # pyright: ignore[reportIncompatibleMethodOverride] - the word of Symbol
    run: tuple[Term, Term] | None = None


def twin(base: str, lexicon: Lexicon) -> str:
    r"""`\varepsilon` is `\epsilon` where only that is declared, and the other way round."""
    if base in lexicon.bases:
        return base
    for letter, other in _TWINS.items():
        if letter in base and base.replace(letter, other) in lexicon.bases:
            return base.replace(letter, other)
    return base


def _is_index(part: Part, r: Reader, *, numbers_are_labels: bool) -> bool:
    if not part.items:
        return False
    if part.kind == "index":
        only = plain(part.items[0]) if len(part.items) == 1 else None
        return not (numbers_are_labels and isinstance(only, Leaf) and only.kind == "number")
    if len(part.items) == 1:
        only = plain(part.items[0])
        text = only.text if isinstance(only, Leaf) else part.label
        return text in r.state.bound or r.lexicon.role(text) == "index"
    return is_index(part.items, [*r.state.bound, *r.lexicon.signature.indices])


def resolve(parts: NameParts, r: Reader, *, density: bool = False) -> Resolved:
    """The canonical name and the index terms of a name taken apart.

    density: numbers below are labels (`p_0`), unless the letter alone is declared.
    """
    lexicon = r.lexicon
    base = twin(parts.base, lexicon)
    above = tuple(r.sub(items).row() for items in parts.above_index)
    if parts.below:
        for labels in spellings(parts.below):  # whoever declares `p_{\theta_1}` alone means it by `p_{\theta,1}` too
            full = compose(base, labels, parts.mark)
            if lexicon.knows(full):
                return Resolved(full, above)
    numbers = density and not lexicon.knows(compose(base, [], parts.mark))
    kept: list[Part] = []
    index: list[Term] = []
    run = None
    for part in parts.below:
        if part.kind == "range":
            bounds = split_at(part.items, ":")
            if len(bounds) != 2 or run is not None:
                span = (part.items[0].start, part.items[-1].end)
                raise NotYetReadable("a range with more than two ends", span)
            run = (r.sub(bounds[0]).row(), r.sub(bounds[1]).row())
        elif _is_index(part, r, numbers_are_labels=numbers):
            index.append(r.sub(part.items).row())
        else:
            if any(isinstance(item, Leaf) and item.text in SIGNS for item in part.items):
                span = (part.items[0].start, part.items[-1].end)
                raise NotYetReadable("a subscript with a relation in it", span)
            kept.append(part)
    return Resolved(compose(base, labels_of(kept), parts.mark), (*index, *above), run)


def is_transpose(item: Tree) -> bool:
    r"""`T`, `\top`, `\mathsf{T}`, `\intercal`."""
    item = plain(item)
    return isinstance(item, Leaf) and item.text in TRANSPOSES


def raised(term: Term, above: Sequence[Tree], r: Reader) -> Term:
    r"""A term under a superscript: a transpose, `^{-T}`, or a power."""
    if not above:
        return term
    if is_transpose(above[-1]) and not _is_power_of_t(term, above[-1], r):
        rest = above[:-1]
        if not rest:
            return Transpose(term)
        if len(rest) == 1 and isinstance(rest[0], Leaf) and rest[0].text == "-":
            return Transpose(Power(term, Negate(Number(_ONE))))
        if len(rest) == 2 and isinstance(rest[0], Leaf) and rest[0].text == "-":
            return Transpose(raised(term, rest, r))
    return Power(term, r.sub(above).row())


def _is_power_of_t(term: Term, sign: Tree, r: Reader) -> bool:
    r"""`\gamma^T` of a scalar is a power; `\top` is always a transpose."""
    if not (isinstance(sign, Leaf) and sign.text == "T"):
        return False
    if not isinstance(term, Symbol):
        return isinstance(term, Number)
    declared = r.lexicon.symbols.get(term.name)
    return (
        declared is not None and declared.shape == () and declared.role in {"parameter", "sequence"}
    )


def scripted(term: Term, item: Tree, r: Reader) -> Term:
    """A term that is no name under the scripts of its node: only a superscript has a meaning there."""
    if not isinstance(item, Scripted):
        return term
    if item.below is not None:
        r.refuse("a subscript below something that is no name", "name the object first", item.below)
    mark, index, above, primes = split_above(item.above)
    if mark or index or primes:
        r.refuse("a mark on something that is no name", "name the object first", item)
    return raised(term, above, r)
