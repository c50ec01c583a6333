r"""The factorial: `n!`; `\alpha_t!` stands as it is written, whatever it was meant to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.writer import ATOM, NAME, Written, put
from derivcheck.terms.term import Call, Term

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader


def _read(_: Reader) -> Term | None:
    return None  # a sign behind an operand: `Reader.operand`


def _write(term: Call) -> Written | None:
    if term.function != "factorial" or len(term.arguments) != 1 or term.index:
        return None
    return Written(f"{put(term.arguments[0], NAME)}!", ATOM)


NOTATION = Notation(
    what="the factorial",
    heads=(),
    read=_read,
    kinds=(Call,),
    write=_write,
    rank=30,
    holds=((r"\sqrt{\alpha_t!}", r"\sqrt{\alpha_{t}!}"), ("n!", r"\operatorname{factorial}(n)")),
    refuses=("!n", "a+!"),
)
