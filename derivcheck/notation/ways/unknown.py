r"""Constants left open: `const`, `\text{const}`, `C`, `C(x_t, x_0)`; C only where it is not declared otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.names import compose, labels_of, parts_of
from derivcheck.notation.resolve import raised
from derivcheck.notation.spelling import spell
from derivcheck.notation.ways.name import arguments, fence_after
from derivcheck.notation.writer import NAME, Written, commas
from derivcheck.terms.term import Term, Unknown

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader

_WORDS = ("const", "Const", "constant", "const.", "Constant", "constants", "cst", "C")


def _read(r: Reader) -> Term | None:
    parts = parts_of(r.item)
    name = "const" if r.head != "C" else "C"
    above = ()
    if parts is not None and name == "C":
        name = compose(parts.base, labels_of(parts.below), "")
        above = parts.above
        if parts.mark or r.lexicon.knows(name) or r.lexicon.knows("C") or parts.base != "C":
            return None
    elif r.lexicon.knows(r.head):
        return None
    after = fence_after(r)
    only_of: tuple[Term, ...] | None = None
    if after is not None and after[0] is after[1]:
        only_of = arguments(r, after[0].items)
    r.take()
    if only_of is not None:
        r.skip_apply()
        r.take()
    occurrence = r.state.constants
    r.state.constants += 1
    return raised(Unknown(name, only_of, occurrence), above, r)


def _write(term: Unknown) -> Written:
    name = r"\text{const}" if term.name == "const" else spell(term.name)
    if term.only_of is None:
        return Written(name, NAME)
    return Written(rf"{name}\!\left({commas(term.only_of)}\right)", NAME - 1)


NOTATION = Notation(
    what="constants that the text leaves open",
    heads=_WORDS,
    read=_read,
    rank=30,
    kinds=(Unknown,),
    write=_write,
    holds=(
        ("a + const", r"a + \text{const}"),
        (r"a + \mathrm{const.}", r"a + \text{const}"),
        ("a + C(x_t, x_0)", r"a + C\!\left(x_{t}, x_{0}\right)"),
        ("a + C", "a + C"),
    ),
)
