"""What a file of this room declares: one way of writing.

Main definitions: `Notation`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from derivcheck.terms.signature import Signature

if TYPE_CHECKING:
    from collections.abc import Callable

    from derivcheck.notation.reader import Reader
    from derivcheck.notation.writer import Written
    from derivcheck.terms.term import Term


@dataclass(frozen=True)
class Notation:
    r"""One way of writing: how it is read and how the terms it makes are written.

    what: one line for the generated page. heads: what may stand first (`\int`, `E`, a kind of node such
    as `:fence`; see `trees.head`). read: takes what is its own from the reader and gives the term, or
    None without having taken anything. rank: smaller is asked first among those with the same head.
    kinds: the kinds of term that `write` writes; it may answer None and leave it to the next.
    holds: LaTeX and other LaTeX (the written form) that must have the same reading; refuses: LaTeX that
    must have none. theory: the signature under which the examples stand.
    """

    what: str
    heads: tuple[str, ...]
    read: Callable[[Reader], Term | None]
    holds: tuple[tuple[str, str], ...]
    refuses: tuple[str, ...] = ()
    kinds: tuple[type, ...] = ()
    write: Callable[[Any], Written | None] | None = None
    rank: int = 50
    theory: Signature = field(default_factory=Signature)
