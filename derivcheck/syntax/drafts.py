r"""A relation while it is found: drafts that may still grow, and the parts of a statement.

Main definitions: `RawRelation` (what comes out), `Draft`, `Place`, `Part`, `parts_of`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from derivcheck.syntax.chains import Chain, Expression
from derivcheck.syntax.signs import WEAK, Sign

if TYPE_CHECKING:
    from derivcheck.source.document import Block
    from derivcheck.syntax.rows import Row
    from derivcheck.syntax.statements import Statement
    from derivcheck.syntax.tokens import Tokens


@dataclass(frozen=True)
class RawRelation:
    """`lhs rel rhs` as it stands in the document, not yet read.

    lhs, rhs: verbatim LaTeX, a continued row carrying the right side of the row before it.
    lhs_expanded, rhs_expanded: for the reader: macros expanded, marks and labels taken out.
    head, head_expanded: the first expression of the chain; step: position in the chain from 0.
    line, column: of the sign; of the row if there is none in the source (`implicit`).
    sign_repair: what was read for what stands there. chain_doubt: why the left side is uncertain.
    """

    id: str
    cell: int | None
    line: int
    column: int
    question: str
    lhs: str
    rel: Sign
    rhs: str
    lhs_expanded: str
    rhs_expanded: str
    implicit: bool = False
    display: bool = True
    chain: int = 0
    step: int = 0
    head: str = ""
    head_expanded: str = ""
    words_before: str = ""
    words_after: str = ""
    condition: str = ""
    sign_repair: str | None = None
    chain_doubt: str | None = None

    @property
    def sign(self) -> Sign:
        """The relation sign, normalised."""
        return self.rel


@dataclass
class Draft:
    """A relation whose right side may still grow."""

    left: Expression | str
    right: Expression | str
    sign: Sign
    block: Block
    offset: int
    chain: Chain
    step: int
    implicit: bool = False
    words_before: str = ""
    words_after: str = ""
    condition: str = ""
    sign_repair: str | None = None
    chain_doubt: str | None = None
    sign_end: int | None = None
    left_expanded: str = ""
    right_expanded: str = ""


@dataclass(frozen=True)
class Link:
    """What a chain goes on with; block: where its sign stands, if not where its right side does."""

    sign: Sign
    right: Expression
    offset: int
    implicit: bool = False
    doubt: str | None = None
    repair: str | None = None
    block: Block | None = None
    sign_end: int | None = None


@dataclass
class Place:
    """Where a statement stands: first of its row, in a block that it opens or not."""

    block: Block
    tokens: Tokens
    row: Row
    first: bool
    opens: bool
    before: str
    adjacent: bool
    rows: int  # of the formula


@dataclass
class Part:
    """Part of a statement between weak signs; `weak` is the one before it."""

    weak: int | None
    expressions: list[list[int]]
    signs: list[int]
    after_expression: bool = False


def parts_of(tokens: Tokens, statement: Statement) -> list[Part]:
    """The parts of a statement between weak signs."""
    parts = [Part(None, [statement.expressions[0]], [])]
    signs = _weak_arrows(tokens, statement)
    for index, expression in zip(statement.signs, statement.expressions[1:], strict=True):
        if index in signs:
            parts.append(Part(index, [expression], [], after_expression=not parts[-1].signs))
        else:
            parts[-1].signs.append(index)
            parts[-1].expressions.append(expression)
    if len(parts) > 1 and not parts[0].signs and not parts[0].expressions[0]:
        parts = parts[1:]
        parts[0].after_expression = False
    return parts


def _weak_arrows(tokens: Tokens, statement: Statement) -> set[int]:
    r"""The weak signs, and arrows `\to` that stand between two whole relations."""
    weak = {i for i in statement.signs if tokens.items[i].sign in WEAK}
    strong = [i for i in statement.signs if tokens.items[i].sign not in (*WEAK, "to")]
    for i in statement.signs:
        if tokens.items[i].sign == "to" and strong and strong[0] < i < strong[-1]:
            weak.add(i)
    return weak


def only_dots(expression: Expression) -> bool:
    r"""`= \dots`: steps left out; the next row continues the row before."""
    return set(expression.key) <= {"\\dots", "\\ldots", "\\cdots", "\\vdots", ".", "…"}


def is_type(left: Expression) -> bool:
    r"""`f: X` before `\to Y`: a type, no limit."""
    tokens = left.tokens
    return any(
        tokens.items[i].text in (":", "\\colon") and not tokens.depth[i] for i in left.indices
    )


def is_bare_alpha(tokens: Tokens, indices: list[int], k: int) -> bool:
    r"""Whether the k-th token is an `\alpha` without index that stands before something else."""
    i = indices[k]
    if tokens.items[i].text != "\\alpha" or tokens.depth[i]:
        return False
    follower = next(
        (tokens.items[j] for j in indices[k + 1 :] if tokens.items[j].kind != "space"), None
    )
    return follower is not None and follower.kind not in (
        "script",
        "operator",
        "sign",
        "close",
        "comma",
    )


def finished(number: int, draft: Draft) -> RawRelation:
    """The relation as the rest of the program sees it."""
    line, column = draft.block.position(draft.offset)
    left, right = draft.left, draft.right
    head = draft.chain.head if draft.chain.head.indices else None
    return RawRelation(
        id=f"r{number:03d}",
        cell=draft.block.cell,
        line=line,
        column=column,
        question=draft.block.question,
        lhs=shown(left, draft),
        rel=draft.sign,
        rhs=shown(right, draft),
        lhs_expanded=left.expanded if isinstance(left, Expression) else draft.left_expanded,
        rhs_expanded=right.expanded if isinstance(right, Expression) else draft.right_expanded,
        implicit=draft.implicit,
        display=draft.block.display,
        chain=draft.chain.number,
        step=draft.step,
        head=head.verbatim if head else shown(left, draft),
        head_expanded=head.expanded if head else "",
        words_before=draft.words_before,
        words_after=draft.words_after,
        condition=draft.condition,
        sign_repair=draft.sign_repair,
        chain_doubt=draft.chain_doubt,
    )


def shown(side: Expression | str, draft: Draft) -> str:
    """The verbatim side; the expanded one where a macro's body holds the sign itself."""
    if isinstance(side, str):
        return side
    content = draft.block.content
    if side.block is draft.block and not content.is_identity and side.indices and draft.sign_end:
        first = side.tokens.items[side.indices[0]].start
        last = side.tokens.items[side.indices[-1]].end
        ours, sign = content.stretch(first, last), content.stretch(draft.offset, draft.sign_end)
        if ours[0] < sign[1] and sign[0] < ours[1]:
            return side.expanded
    return side.verbatim


_WRITTEN: dict[Sign, str] = {
    "<=": "\\leq", ">=": "\\geq", "!=": "\\neq", "propto": "\\propto", "approx": "\\approx", "sim": "\\sim",
    "iff": "\\iff", "implies": "\\implies", "to": "\\to", "in": "\\in",
}  # fmt: skip


def whole(draft: Draft) -> tuple[str, str]:
    """A whole relation as text, verbatim and expanded."""
    sign = _WRITTEN.get(draft.sign, draft.sign)
    written = draft.block.verbatim(draft.offset, draft.sign_end) if draft.sign_end else sign
    left, right = draft.left, draft.right
    left_expanded = left.expanded if isinstance(left, Expression) else draft.left_expanded
    right_expanded = right.expanded if isinstance(right, Expression) else draft.right_expanded
    return (
        f"{shown(left, draft)} {written} {shown(right, draft)}",
        f"{left_expanded} {sign} {right_expanded}",
    )
