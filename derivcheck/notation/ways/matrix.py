r"""Matrices and columns written out: `\begin{pmatrix} a & b \\ c & d \end{pmatrix}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivcheck.notation.declaration import Notation
from derivcheck.notation.faults import NotMathematics
from derivcheck.notation.resolve import scripted
from derivcheck.notation.trees import plain
from derivcheck.notation.writer import ATOM, SUM, Written, put
from derivcheck.syntax.tree import Matrix, Scripted
from derivcheck.terms.term import Call, MatrixLiteral, Term

if TYPE_CHECKING:
    from derivcheck.notation.reader import Reader

_READ = frozenset(
    {"pmatrix", "bmatrix", "Bmatrix", "matrix", "smallmatrix", "array", "vmatrix", "psmallmatrix"}
)
MAX_CELLS = 400


def _read(r: Reader) -> Term | None:
    item = r.item
    node = plain(item.base if isinstance(item, Scripted) else item)
    if not isinstance(node, Matrix):
        return None
    if node.name not in _READ:
        r.refuse(f"the environment {node.name}", "matrices are read: pmatrix, bmatrix, matrix")
    width = len(node.rows[0])
    if any(len(row) != width for row in node.rows):
        raise NotMathematics("a matrix with rows of different lengths", (node.start, node.end))
    if width * len(node.rows) > MAX_CELLS:
        r.refuse(f"a matrix of {len(node.rows)} × {width} cells", f"at most {MAX_CELLS} are read")
    rows = tuple(tuple(r.sub(cell.items).row() for cell in row) for row in node.rows)
    r.take()
    found: Term = MatrixLiteral(rows)
    return scripted(Call("det", (found,)) if node.name == "vmatrix" else found, item, r)


def _write(term: MatrixLiteral) -> Written:
    rows = r" \\ ".join(" & ".join(put(cell, SUM) for cell in row) for row in term.rows)
    return Written(rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}", ATOM)


NOTATION = Notation(
    what="matrices written out",
    heads=(":matrix",),
    read=_read,
    kinds=(MatrixLiteral,),
    write=_write,
    holds=(
        (
            r"\begin{bmatrix} a & b \\ c & 1 \end{bmatrix}",
            r"\begin{pmatrix} a & b \\ c & 1 \end{pmatrix}",
        ),
        (r"\begin{pmatrix}a\\b\end{pmatrix}^T", r"\begin{pmatrix}a\\b\end{pmatrix}^{\top}"),
    ),
    refuses=(r"\begin{cases} a & b \end{cases}", r"\begin{pmatrix} a & b \\ c \end{pmatrix}"),
)
