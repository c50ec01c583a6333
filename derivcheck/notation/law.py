r"""Laws: what stands behind `\sim`, below an expectation, inside a KL.

Main definitions: `read_law`, `write_law`.

There a bare letter is a density whatever its default elsewhere: `KL(p_0 \| \mu)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.names import base_name, parts_of
from derivcheck.notation.resolve import resolve
from derivcheck.notation.spelling import spell
from derivcheck.notation.trees import head
from derivcheck.notation.ways.name import density
from derivcheck.notation.writer import SUM, put
from derivcheck.syntax.tree import Fence, Leaf, Tree
from derivcheck.terms.term import Add, Density, Divergence, Divide, FamilyDensity, Multiply, Term

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivcheck.notation.reader import Reader

_FAMILY_LETTERS = frozenset({r"\mathcal{N}", "N", r"\mathcal{U}", "U", r"\mathcal{B}"})


def named_density(items: Sequence[Tree], r: Reader) -> Density | None:
    """A density if the items are a name, or a name and its bracket, and nothing else."""
    items = [item for item in items if not (isinstance(item, Leaf) and item.kind == "apply")]
    if (
        not items
        or len(items) > 2
        or (isinstance(items[0], Leaf) and items[0].kind not in {"letter", "command"})
    ):
        return None
    parts = parts_of(items[0])
    if (
        parts is None
        or parts.above
        or parts.word
        or (len(items) == 2 and parts.base in _FAMILY_LETTERS)
    ):
        return None
    if base_name(items[0]) is None and head(items[0]) in _FAMILY_LETTERS:
        return None
    fence = items[1] if len(items) == 2 else parts.brackets
    if fence is not None and not (isinstance(fence, Fence) and fence.opening in {"(", "["}):
        return None
    found = resolve(parts, r, density=True)
    if found.run is not None:
        return None
    if fence is None:
        return Density(found.name, (), (), found.index)
    return density(r, found.name, found.index, fence.items)


def read_law(items: Sequence[Tree], r: Reader) -> Term:
    """A density, a family, or a mixture of them as a term."""
    found = named_density(items, r)
    return found if found is not None else r.sub(items).row()


def is_mixture(term: Term) -> bool:
    r"""Whether a term can be a law: a density, a product of densities, a weighted sum (`\frac{p+q}{2}`)."""
    if isinstance(term, Density | FamilyDensity):
        return True
    if isinstance(term, Add):
        return all(is_mixture(part) for part in term.terms)
    if isinstance(term, Divide):
        return is_mixture(term.numerator) and not _holds_law(term.denominator)
    if isinstance(term, Multiply):
        laws = [factor for factor in term.factors if _holds_law(factor)]
        return bool(laws) and all(is_mixture(law) for law in laws)
    return False


def _holds_law(term: Term) -> bool:
    return isinstance(term, Density | FamilyDensity | Divergence) or any(
        map(_holds_law, term.children)
    )


def write_law(term: Term) -> str:
    """A law where only a law can stand."""
    if isinstance(term, Density) and not term.event and not term.given:
        return spell(term.name, term.index)
    return put(term, SUM)
