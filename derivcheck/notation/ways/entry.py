r"""Entries of columns and matrices: `\\mu_j` in `\\sum_{j=1}^d \\mu_j^2` where only `\\mu \\in \\mathbb{R}^d` is declared.

They are read as names (`notation.components`) and written with their indices below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.components import BASIS, ENTRY
from derivcheck.notation.declaration import Notation
from derivcheck.notation.spelling import applied, spell
from derivcheck.notation.writer import ATOM, NAME, SUM, Written, put
from derivcheck.terms.signature import Signature, SymbolDeclaration
from derivcheck.terms.term import Call, Symbol, Term

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader


def _read(_: Reader) -> Term | None:
    return None  # a name with its indices: `ways.name`


def _write(term: Call) -> Written | None:
    if term.function == BASIS and len(term.arguments) == 2:
        return Written(rf"e_{{{put(term.arguments[0], SUM)}}}", NAME)
    if term.function != ENTRY or len(term.arguments) < 2:
        return None
    whole, *index = term.arguments
    if isinstance(whole, Symbol):
        return Written(spell(whole.name, tuple(index)), NAME)
    if isinstance(whole, Call) and not whole.index:
        return Written(applied(spell(whole.function, tuple(index)), whole.arguments), ATOM)
    return Written(rf"\left({put(whole, SUM)}\right)_{{{','.join(put(i, SUM) for i in index)}}}", ATOM)


_COLUMN = Signature(
    symbols={
        r"\mu": SymbolDeclaration(r"\mu", "parameter", ("d",)),
        "d": SymbolDeclaration("d", "dimension", (), "natural"),
    }
)

NOTATION = Notation(
    what="entries of columns and matrices",
    heads=(),
    read=_read,
    kinds=(Call,),
    write=_write,
    rank=20,
    theory=_COLUMN,
    holds=((r"\sum_{j=1}^d \mu_j", r"\sum_{j=1}^{d} \mu_{j}"), (r"\sum_j \mu_j", r"\sum_{j=1}^{d} \mu_{j}")),
    refuses=(r"(\mu+\mu)_j", r"\sum_{j=1} \mu_j"),
)
