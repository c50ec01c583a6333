r"""The identity matrix: `I`, `\mathbf{I}`, `I_{n2}`, `\mathcal{I}`, where I is not declared otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.names import compose, label_text, parts_of
from derivcheck.notation.resolve import raised
from derivcheck.notation.writer import NAME, Written
from derivcheck.terms.term import Identity, Term

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader

_LETTERS = frozenset({"I", r"\mathcal{I}", r"\mathbb{I}", r"\mathbb{1}"})


def _read(r: Reader) -> Term | None:
    parts = parts_of(r.item)
    if parts is None or parts.mark or parts.base not in _LETTERS or len(parts.below) > 1:
        return None
    labels = [part.label for part in parts.below]
    if r.lexicon.knows(compose(parts.base, labels, "")) or r.lexicon.knows(parts.base):
        return None
    if (
        parts.base.startswith(r"\mathbb")
        and r.next_item is not None
        and r.heads[r.at + 1] == ":fence"
    ):
        return None
    size = None
    if parts.below:
        item = parts.below[0]
        size = dimension(label_text(item.items) if item.items else item.label)
    r.take()
    return raised(Identity(size), parts.above, r)


def dimension(text: str) -> str:
    """A dimension's name in its plain spelling: `n_2`, `d`."""
    return text.replace("{", "").replace("}", "").replace(" ", "")


def _write(term: Identity) -> Written:
    return Written("I" if term.size is None else rf"I_{{{term.size}}}", NAME)


NOTATION = Notation(
    what="the identity matrix",
    heads=tuple(_LETTERS),
    read=_read,
    rank=40,
    kinds=(Identity,),
    write=_write,
    holds=(
        (r"(1-\bar\alpha_t)\mathbf{I}", r"\left(1 - \bar{\alpha}_{t}\right) \, I"),
        ("I_{n2}^T", r"I_{n2}^{\top}"),
        (r"\mathcal{I}", "I"),
        (r"I_{n_2}", r"I_{n_2}"),
    ),
)
