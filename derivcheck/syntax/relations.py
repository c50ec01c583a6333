r"""Every relation of a document: sides, sign, place, chain, and the words around it.

Main definitions: `RawRelation`, `relations_of`. One relation per sign that stands at the top level of a
row; a row without a left side of its own continues its chain (`chains`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from derivcheck.source.document import Block, Document
from derivcheck.syntax.chains import Chain, Expression, Scope
from derivcheck.syntax.rows import Row, rows_of
from derivcheck.syntax.signs import WEAK, Sign
from derivcheck.syntax.statements import Statement, statements_of
from derivcheck.syntax.tokens import Token, Tokens, tokenize
from derivcheck.syntax.words import Surroundings, announces_result, mentions, of_the_sentence, plain

_DENSITY = frozenset("\\exp \\mathcal \\prod \\int \\sum \\frac \\left( ( p q f P \\left[ [ e \\mathrm \\operatorname".split())


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


def relations_of(document: Document) -> tuple[RawRelation, ...]:
    """The relations of a document in reading order."""
    return _Reader(document).run()


@dataclass
class _Draft:
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


@dataclass
class _Reader:
    document: Document
    scope: Scope = field(default_factory=Scope)
    drafts: list[_Draft] = field(default_factory=list)
    question: str = ""
    numbers: int = 0
    alphas: dict[str, int] = field(default_factory=dict)

    def run(self) -> tuple[RawRelation, ...]:
        surroundings = Surroundings(self.document.blocks)
        self._count_alphas()
        for at, block in enumerate(self.document.blocks):
            if block.kind == "heading" or block.question != self.question:
                self.scope, self.question = Scope(), block.question
            if block.kind == "math" and block.text.strip():
                self._block(at, block, surroundings.before(at), surroundings.after(at))
        return tuple(self._finished(n, d) for n, d in enumerate(self.drafts, 1))

    # --- a formula --------------------------------------------------------------------------------

    def _after_display(self, at: int) -> bool:
        """Whether only white space stands between this formula and the display before it."""
        for block in reversed(self.document.blocks[max(0, at - 4) : at]):
            if block.kind == "math":
                return block.display
            if plain(block.text):
                return False
        return False

    def _block(self, at: int, block: Block, before: str, after: str) -> None:
        tokens = tokenize(block.text)
        first_draft = len(self.drafts)
        fresh = True
        adjacent = not before and self._after_display(at)
        for row in rows_of(tokens):
            statements = statements_of(tokens, row)
            for number, statement in enumerate(statements):
                place = _Place(block, tokens, row, number == 0, fresh, before, adjacent)
                fresh = fresh and not (statement.signs or any(statement.expressions))
                self._statement(place, statement)
        for number, draft in enumerate(self.drafts[first_draft:]):
            if number == 0 or draft.step == 0:
                draft.words_before = f"{of_the_sentence(before)} {draft.words_before}".strip()
            draft.words_after = f"{draft.words_after} {after}".strip()

    def _statement(self, place: _Place, statement: Statement) -> None:
        count = len(self.drafts)
        if not statement.signs:
            if place.first and any(statement.expressions):
                self._signless(place, statement)
        elif place.block.display or not statement.leading:
            self._signed(place, statement)
        for draft in self.drafts[count:]:
            draft.words_before = draft.words_before or statement.words_before
            draft.words_after = statement.words_after
            draft.condition = statement.condition

    # --- rows without a sign ------------------------------------------------------------------------

    def _signless(self, place: _Place, statement: Statement) -> None:
        row = self._expression(place, statement.expressions[0])
        alpha = self._alpha(place, row, statement)
        if alpha is not None:
            return
        if not place.block.display:
            return
        if self._fills_waiting(place, row) or self._goes_on(place, row):
            return
        if statement.is_condition:
            return
        self._implied(place, row, statement)

    def _implied(self, place: _Place, row: Expression, statement: Statement) -> None:
        """A lost `=`, or an expression that begins a chain of its own."""
        same = not place.opens and place.first
        announced = announces_result(place.before)
        choice = self.scope.implied(row, same_block=same, adjacent=place.adjacent, announced=announced)
        repeats = row.key in self.scope.seen
        new = choice.chain is None or (place.opens and mentions(place.before)) or repeats
        if new or choice.chain is None:
            if repeats and choice.chain is not None and choice.chain.tail.key == row.key:
                self.scope.touch(choice.chain)
                return
            self._begin(place, row)
            return
        self._link(place, choice.chain, "=", row, row.start, implicit=True, doubt=choice.doubt, repair="lost =")
        choice.chain.continued = True

    def _goes_on(self, place: _Place, row: Expression) -> bool:
        """A display that begins with `+`, `\\cdot`: the rest of the display before."""
        first = row.tokens.items[row.indices[0]]
        recent = next(iter(self.scope.candidates), None)
        if first.kind != "operator" or first.text in ("-", "−") or recent is None:
            return False
        recent.tail.more.append(row)
        recent.tail.__dict__.pop("profile", None)
        recent.block = place.block
        return True

    def _alpha(self, place: _Place, row: Expression, statement: Statement) -> Chain | None:
        r"""`\alpha \exp(..)` where `\propto` is meant: no `\alpha` is ever used without an index here."""
        if self.alphas.get(self.question, 0) != 1 or not place.block.display:
            return None
        items = row.tokens.items
        bare = [k for k, i in enumerate(row.indices) if _bare_alpha(row.tokens, row.indices, k)]
        if len(bare) != 1:
            return None
        left, right = row.indices[: bare[0]], row.indices[bare[0] + 1 :]
        while right and items[right[0]].kind == "space":
            right = right[1:]
        while left and items[left[-1]].kind in ("space", "quad", "amp"):
            left = left[:-1]
        if not right or items[right[0]].text not in _DENSITY:
            return None
        target = Expression(place.block, place.tokens, right)
        offset = items[row.indices[bare[0]]].start
        repair = "\\alpha read as \\propto"
        if not left:
            choice = self.scope.continued(target, same_block=not place.opens, adjacent=place.adjacent)
            if choice.chain is not None:
                self._link(place, choice.chain, "propto", target, offset, implicit=True, doubt=choice.doubt, repair=repair)  # noqa: E501
            return choice.chain
        if items[left[-1]].kind != "close":
            return None
        chain = self._begin(place, Expression(place.block, place.tokens, left))
        self._link(place, chain, "propto", target, offset, implicit=True, repair=repair)
        return chain

    # --- rows with signs ------------------------------------------------------------------------------

    def _signed(self, place: _Place, statement: Statement) -> None:
        """Links between the expressions of a statement; weak signs join whole relations."""
        parts = _parts(place.tokens, statement)
        before: _Draft | None = self._last_of_block(place)
        for number, part in enumerate(parts):
            count = len(self.drafts)
            only = Expression(place.block, place.tokens, part.expressions[0]) if part.expressions[0] else None
            if part.weak is not None and not part.signs and only is not None:
                self._weak_expression(place, part, only, before, number)
            else:
                made = self._part(place, part, statement, first=number == 0)
                if part.weak is not None and made is not None:
                    self._weak_relation(place, part, before, made, count)
            before = self.drafts[-1] if len(self.drafts) > count else before
            self._note_side(place, part, number, parts)

    def _note_side(self, place: _Place, part: _Part, number: int, parts: list[_Part]) -> None:
        """A first part without a sign, before `\\implies`: an expression that the arrow continues."""
        if number == 0 and len(parts) > 1 and not part.signs and part.expressions[0]:
            self._begin(place, self._expression(place, part.expressions[0]))

    def _part(
        self, place: _Place, part: _Part, statement: Statement, *, first: bool
    ) -> _Draft | None:
        """The links of one part; returns the first of them."""
        if not part.signs:
            return None
        count = len(self.drafts)
        expressions = [self._expression(place, e) if e else None for e in part.expressions]
        doubt = None
        if expressions[0] is None:
            target = next((e for e in expressions[1:] if e is not None), None)
            chain, doubt = self._continued(place, target)
            if chain is None:
                return None
        else:
            chain = self._own(place, expressions[0], statement, first=first)
            doubt = self._broken_line(place, expressions[0], first=first)
        chain.continued = expressions[0] is None
        for sign, expression in zip(part.signs, expressions[1:], strict=True):
            token = place.tokens.items[sign]
            if expression is None:
                chain.waiting, chain.waiting_tokens, chain.waiting_block = sign, place.tokens, place.block
                break
            if _only_dots(expression):
                continue
            if token.sign is None or (token.sign == "to" and _is_type(place.tokens, chain.tail)):
                candidate = chain.candidate
                chain = self._begin(place, expression)
                chain.candidate = candidate
                continue
            self._link(place, chain, token.sign or "=", expression, token.start, doubt=doubt, sign_end=token.end)
            doubt = None
        return self.drafts[count] if len(self.drafts) > count else None

    def _continued(self, place: _Place, target: Expression | None) -> tuple[Chain | None, str | None]:
        if target is None:
            recent = next(iter(self.scope.candidates), None)
            return recent, None
        choice = self.scope.continued(target, same_block=not place.opens, adjacent=place.adjacent)
        if choice.chain is None and place.block.display:
            empty = Expression(place.block, place.tokens, [])
            chain = self._begin(place, empty)
            return chain, "nothing stands before this row that it could continue"
        return choice.chain, choice.doubt

    def _own(
        self, place: _Place, left: Expression, statement: Statement, *, first: bool
    ) -> Chain:
        """The chain of a row with a left side of its own."""
        if place.block.display and place.first and first:
            waiting = self._fills_waiting(place, left) or self._goes_on(place, left)
            if waiting:
                return self.scope.candidates[0]
        chain = self._begin(place, left)
        chain.candidate = place.block.display and not statement.is_condition
        return chain

    def _broken_line(self, place: _Place, left: Expression, *, first: bool) -> str | None:
        """`- d = e` below `a = b`: perhaps the rest of the row before."""
        token = left.tokens.items[left.indices[0]]
        if not (first and place.first and place.row.indented and not place.opens):
            return None
        if token.text not in ("-", "−") or left.key in self.scope.seen:
            return None
        last = self.drafts[-1] if self.drafts else None
        if last is None or last.block is not place.block or (last.step == 0 and last.chain.length == 1):
            return None
        return "this row may be the rest of the row before"

    # --- implications ---------------------------------------------------------------------------------

    def _weak_expression(
        self, place: _Place, part: _Part, only: Expression, before: _Draft | None, number: int
    ) -> None:
        """`A \\iff B` between expressions, and `a = b \\implies B`."""
        token = place.tokens.items[part.weak or 0]
        if number > 0 and before is not None and before.block is place.block and not part.after_expression:
            self._statement_link(place, token, before, only.verbatim, only.expanded)
            return
        choice = self.scope.continued(only, same_block=not place.opens, adjacent=place.adjacent)
        if choice.chain is not None:
            self._link(place, choice.chain, token.sign or "iff", only, token.start, doubt=choice.doubt, sign_end=token.end)  # noqa: E501

    def _weak_relation(
        self, place: _Place, part: _Part, before: _Draft | None, made: _Draft, count: int
    ) -> None:
        """`a = b \\implies c = d`: the sides are whole relations; it stands before the second one."""
        token = place.tokens.items[part.weak or 0]
        rhs, expanded = _whole(made)
        if part.after_expression:
            chains = [c for c in self.scope.candidates if c is not made.chain]
            if not chains:
                return
            left = chains[0].tail
            draft = self._plain(place, token, left.verbatim, rhs, left.expanded, expanded)
        elif before is not None:
            lhs, left_expanded = _whole(before)
            draft = self._plain(place, token, lhs, rhs, left_expanded, expanded)
        else:
            return
        self.drafts.insert(count, draft)

    def _statement_link(
        self, place: _Place, token: Token, before: _Draft, rhs: str, expanded: str
    ) -> None:
        lhs, left_expanded = _whole(before)
        self.drafts.append(self._plain(place, token, lhs, rhs, left_expanded, expanded))

    def _plain(
        self, place: _Place, token: Token, lhs: str, rhs: str, lhs_expanded: str, rhs_expanded: str
    ) -> _Draft:
        self.numbers += 1
        nothing = Expression(place.block, place.tokens, [])
        chain = Chain(self.numbers, nothing, nothing, 1)
        return _Draft(
            lhs, rhs, token.sign or "implies", place.block, token.start, chain, 0,
            left_expanded=lhs_expanded, right_expanded=rhs_expanded,
        )  # fmt: skip

    # --- building blocks ------------------------------------------------------------------------------

    def _last_of_block(self, place: _Place) -> _Draft | None:
        last = self.drafts[-1] if self.drafts else None
        if last is None or not (place.block.display and last.block.display):
            return None
        return last if last.block.question == place.block.question else None

    def _expression(self, place: _Place, indices: list[int]) -> Expression:
        return Expression(place.block, place.tokens, indices)

    def _begin(self, place: _Place, left: Expression) -> Chain:
        self.numbers += 1
        chain = Chain(self.numbers, left, left, block=place.block, candidate=place.block.display)
        self.scope.touch(chain)
        self.scope.seen.add(left.key)
        return chain

    def _fills_waiting(self, place: _Place, row: Expression) -> bool:
        """The right side of a display that ended with its sign."""
        recent = next(iter(self.scope.candidates), None)
        if recent is None or recent.waiting is None or recent.waiting_tokens is None:
            return False
        token = recent.waiting_tokens.items[recent.waiting]
        block = recent.waiting_block or place.block
        recent.waiting = None
        self._link(place, recent, token.sign or "=", row, token.start, block=block)
        return True

    def _link(
        self,
        place: _Place,
        chain: Chain,
        sign: Sign,
        right: Expression,
        offset: int,
        *,
        implicit: bool = False,
        doubt: str | None = None,
        repair: str | None = None,
        block: Block | None = None,
        sign_end: int | None = None,
    ) -> None:
        chain.waiting = None
        self.drafts.append(
            _Draft(
                chain.tail, right, sign, block or place.block, offset, chain, chain.length,
                implicit=implicit, chain_doubt=doubt, sign_repair=repair, sign_end=sign_end,
            )  # fmt: skip
        )
        chain.tail, chain.block = right, place.block
        chain.length += 1
        self.scope.touch(chain)
        self.scope.seen.add(right.key)

    def _finished(self, number: int, draft: _Draft) -> RawRelation:
        line, column = draft.block.position(draft.offset)
        left, right = draft.left, draft.right
        head = draft.chain.head if draft.chain.head.indices else None
        return RawRelation(
            id=f"r{number:03d}",
            cell=draft.block.cell,
            line=line,
            column=column,
            question=draft.block.question,
            lhs=_shown(left, draft),
            rel=draft.sign,
            rhs=_shown(right, draft),
            lhs_expanded=left.expanded if isinstance(left, Expression) else draft.left_expanded,
            rhs_expanded=right.expanded if isinstance(right, Expression) else draft.right_expanded,
            implicit=draft.implicit,
            display=draft.block.display,
            chain=draft.chain.number,
            step=draft.step,
            head=head.verbatim if head else _shown(left, draft),
            head_expanded=head.expanded if head else "",
            words_before=draft.words_before,
            words_after=draft.words_after,
            condition=draft.condition,
            sign_repair=draft.sign_repair,
            chain_doubt=draft.chain_doubt,
        )

    def _count_alphas(self) -> None:
        r"""How often `\alpha` stands alone (no index) in each question."""
        for block in self.document.blocks:
            if block.kind == "math" and "\\alpha" in block.text:
                found = len(re.findall(r"\\alpha(?![a-zA-Z])(?!\s*[_^{}=,)])", block.text))
                self.alphas[block.question] = self.alphas.get(block.question, 0) + found


@dataclass
class _Place:
    """Where a statement stands: first of its row, in a block that it opens or not."""

    block: Block
    tokens: Tokens
    row: Row
    first: bool
    opens: bool
    before: str
    adjacent: bool


@dataclass
class _Part:
    """Part of a statement between weak signs; `weak` is the one before it."""

    weak: int | None
    expressions: list[list[int]]
    signs: list[int]
    after_expression: bool = False


def _parts(tokens: Tokens, statement: Statement) -> list[_Part]:
    parts = [_Part(None, [statement.expressions[0]], [])]
    signs = _weak_arrows(tokens, statement)
    for index, expression in zip(statement.signs, statement.expressions[1:], strict=True):
        if index in signs:
            parts.append(_Part(index, [expression], [], after_expression=not parts[-1].signs))
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


def _only_dots(expression: Expression) -> bool:
    r"""`= \dots`: steps left out; the next row continues the row before."""
    return set(expression.key) <= {"\\dots", "\\ldots", "\\cdots", "\\vdots", ".", "…"}


def _is_type(tokens: Tokens, left: Expression) -> bool:
    r"""`f: X` before `\to Y`: a type, no limit."""
    return any(tokens.items[i].text in (":", "\\colon") and not tokens.depth[i] for i in left.indices)


def _bare_alpha(tokens: Tokens, indices: list[int], k: int) -> bool:
    i = indices[k]
    if tokens.items[i].text != "\\alpha" or tokens.depth[i]:
        return False
    follower = next((tokens.items[j] for j in indices[k + 1 :] if tokens.items[j].kind != "space"), None)
    return follower is not None and follower.kind not in ("script", "operator", "sign", "close", "comma")


def _shown(side: Expression | str, draft: _Draft) -> str:
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


def _whole(draft: _Draft) -> tuple[str, str]:
    """A whole relation as text, verbatim and expanded."""
    sign = _WRITTEN.get(draft.sign, draft.sign)
    left, right = draft.left, draft.right
    left_expanded = left.expanded if isinstance(left, Expression) else draft.left_expanded
    right_expanded = right.expanded if isinstance(right, Expression) else draft.right_expanded
    return f"{_shown(left, draft)} {sign} {_shown(right, draft)}", f"{left_expanded} {sign} {right_expanded}"
