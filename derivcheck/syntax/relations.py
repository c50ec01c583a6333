r"""Every relation of a document: sides, sign, place, chain, and the words around it.

Main definitions: `RawRelation`, `relations_of`. One relation per sign that stands at the top level of a
row; a row without a left side of its own continues its chain (`chains`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from derivcheck.syntax.chains import Chain, Expression, Scope
from derivcheck.syntax.drafts import (
    Draft,
    Link,
    Part,
    Place,
    RawRelation,
    finished,
    is_bare_alpha,
    is_type,
    only_dots,
    parts_of,
    whole,
)
from derivcheck.syntax.rows import rows_of
from derivcheck.syntax.statements import Statement, statements_of
from derivcheck.syntax.structure import tokenize
from derivcheck.syntax.words import (
    Surroundings,
    announces_result,
    mentions,
    of_the_sentence,
    plain,
    speaks_aside,
)

if TYPE_CHECKING:
    from derivcheck.source.document import Block, Document
    from derivcheck.syntax.tokens import Token


_AFTER_PROPTO = frozenset(
    [
        "\\exp",
        "\\mathcal",
        "\\prod",
        "\\int",
        "\\sum",
        "\\frac",
        "\\left(",
        "\\left[",
        "(",
        "[",
        "p",
        "q",
        "f",
        "P",
        "e",
        "\\mathrm",
        "\\operatorname",
    ]
)
__all__ = ["RawRelation", "relations_of"]


def relations_of(document: Document) -> tuple[RawRelation, ...]:
    """The relations of a document in reading order."""
    return _Reader(document).run()


@dataclass
class _Reader:
    document: Document
    scope: Scope = field(default_factory=Scope)
    drafts: list[Draft] = field(default_factory=list)
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
                self._block(at, block, surroundings)
        return tuple(finished(n, d) for n, d in enumerate(self.drafts, 1))

    # --- a formula --------------------------------------------------------------------------------

    def _after_display(self, at: int) -> bool:
        """Whether only white space stands between this formula and the display before it."""
        for block in reversed(self.document.blocks[max(0, at - 4) : at]):
            if block.kind == "math":
                return block.display
            if plain(block.text):
                return False
        return False

    def _block(self, at: int, block: Block, surroundings: Surroundings) -> None:
        tokens = tokenize(block.text)
        first_draft = len(self.drafts)
        fresh = True
        before = surroundings.before(at) if block.display else ""
        adjacent = not before and self._after_display(at)
        rows = rows_of(tokens)
        for row in rows:
            statements = statements_of(tokens, row)
            for number, statement in enumerate(statements):
                place = Place(block, tokens, row, number == 0, fresh, before, adjacent, len(rows))
                fresh = fresh and not (statement.signs or any(statement.expressions))
                self._statement(place, statement)
        drafts = self.drafts[first_draft:]
        if drafts:
            before = before if block.display else surroundings.before(at)
            self._give_words(drafts, before, surroundings.after(at))

    @staticmethod
    def _give_words(drafts: list[Draft], before: str, after: str) -> None:
        """The sentence around a formula belongs to what it states first."""
        for number, draft in enumerate(drafts):
            if number == 0 or draft.step == 0:
                draft.words_before = f"{of_the_sentence(before)} {draft.words_before}".strip()
            draft.words_after = f"{draft.words_after} {after}".strip()

    def _statement(self, place: Place, statement: Statement) -> None:
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

    def _signless(self, place: Place, statement: Statement) -> None:
        row = self._expression(place, statement.expressions[0])
        if self._alpha(place, row) is not None:
            return
        if not place.block.display:
            return
        if self._fills_waiting(place, row) or self._goes_on(place, row):
            return
        if statement.is_condition:
            return
        self._implied(place, row)

    def _implied(self, place: Place, row: Expression) -> None:
        """A lost `=`, or an expression that begins a chain of its own."""
        same = not place.opens and place.first
        announced = announces_result(place.before)
        choice = self.scope.implied(
            row,
            same_block=same,
            adjacent=place.adjacent,
            announced=announced,
            opening=place.rows > 1,
        )
        repeats = row.key in self.scope.seen
        new = choice.chain is None or (place.opens and mentions(place.before)) or repeats
        if new or choice.chain is None:
            if repeats and choice.chain is not None and choice.chain.tail.key == row.key:
                self.scope.touch(choice.chain)
                return
            self._begin(place, row)
            return
        link = Link("=", row, row.start, implicit=True, doubt=choice.doubt, repair="lost =")
        self._link(place, choice.chain, link)
        choice.chain.continued = True

    def _goes_on(self, place: Place, row: Expression) -> bool:
        r"""A display that begins with `+`, `\\cdot`: the rest of the display before."""
        first = row.tokens.items[row.indices[0]]
        recent = next(iter(self.scope.candidates), None)
        if first.kind != "operator" or first.text in ("-", "−") or recent is None:
            return False
        recent.tail.more.append(row)
        recent.tail.__dict__.pop("profile", None)
        recent.block = place.block
        return True

    def _alpha(self, place: Place, row: Expression) -> Chain | None:
        r"""`\alpha \exp(..)` where `\propto` is meant: no `\alpha` is ever used without an index here."""
        if self.alphas.get(self.question, 0) != 1 or not place.block.display:
            return None
        items = row.tokens.items
        bare = [k for k in range(len(row.indices)) if is_bare_alpha(row.tokens, row.indices, k)]
        if len(bare) != 1:
            return None
        left, right = row.indices[: bare[0]], row.indices[bare[0] + 1 :]
        while right and items[right[0]].kind == "space":
            right = right[1:]
        while left and items[left[-1]].kind in ("space", "quad", "amp"):
            left = left[:-1]
        if not right or items[right[0]].text not in _AFTER_PROPTO:
            return None
        target = Expression(place.block, place.tokens, right)
        offset = items[row.indices[bare[0]]].start
        repair = "\\alpha read as \\propto"
        if not left:
            choice = self.scope.continued(
                target, same_block=not place.opens, adjacent=place.adjacent
            )
            if choice.chain is not None:
                link = Link("propto", target, offset, True, choice.doubt, repair)
                self._link(place, choice.chain, link)
            return choice.chain
        if items[left[-1]].kind != "close":
            return None
        chain = self._begin(place, Expression(place.block, place.tokens, left))
        self._link(place, chain, Link("propto", target, offset, implicit=True, repair=repair))
        return chain

    # --- rows with signs ------------------------------------------------------------------------------

    def _signed(self, place: Place, statement: Statement) -> None:
        """Links between the expressions of a statement; weak signs join whole relations."""
        parts = parts_of(place.tokens, statement)
        before: Draft | None = self._last_of_block(place)
        for number, part in enumerate(parts):
            count = len(self.drafts)
            only = (
                Expression(place.block, place.tokens, part.expressions[0])
                if part.expressions[0]
                else None
            )
            if part.weak is not None and not part.signs and only is not None:
                self._weak_expression(place, part, only, before, number)
            else:
                made = self._part(place, part, statement, first=number == 0)
                if part.weak is not None and made is not None:
                    self._weak_relation(place, part, before, made, count)
            before = self.drafts[-1] if len(self.drafts) > count else before
            self._note_side(place, part, number, parts)

    def _note_side(self, place: Place, part: Part, number: int, parts: list[Part]) -> None:
        r"""A first part without a sign, before `\\implies`: an expression that the arrow continues."""
        if number == 0 and len(parts) > 1 and not part.signs and part.expressions[0]:
            self._begin(place, self._expression(place, part.expressions[0]))

    def _part(self, place: Place, part: Part, statement: Statement, *, first: bool) -> Draft | None:
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
                chain.waiting, chain.waiting_tokens, chain.waiting_block = (
                    sign,
                    place.tokens,
                    place.block,
                )
                break
            if only_dots(expression):
                continue
            if token.sign is None or (token.sign == "to" and is_type(chain.tail)):
                candidate = chain.candidate
                chain = self._begin(place, expression)
                chain.candidate = candidate
                continue
            link = Link(token.sign or "=", expression, token.start, doubt=doubt, sign_end=token.end)
            self._link(place, chain, link)
            doubt = None
        return self.drafts[count] if len(self.drafts) > count else None

    def _continued(
        self, place: Place, target: Expression | None
    ) -> tuple[Chain | None, str | None]:
        if target is None:
            recent = next(iter(self.scope.candidates), None)
            return recent, None
        choice = self.scope.continued(target, same_block=not place.opens, adjacent=place.adjacent)
        if choice.chain is None and place.block.display:
            empty = Expression(place.block, place.tokens, [])
            chain = self._begin(place, empty)
            return chain, "nothing stands before this row that it could continue"
        return choice.chain, choice.doubt

    def _own(self, place: Place, left: Expression, statement: Statement, *, first: bool) -> Chain:
        """The chain of a row with a left side of its own."""
        if place.block.display and place.first and first:
            waiting = self._fills_waiting(place, left) or self._goes_on(place, left)
            if waiting:
                return self.scope.candidates[0]
        chain = self._begin(place, left)
        chain.candidate = place.block.display and not statement.is_condition
        chain.aside = place.opens and speaks_aside(place.before)
        return chain

    def _broken_line(self, place: Place, left: Expression, *, first: bool) -> str | None:
        """`- d = e` below `a = b`: perhaps the rest of the row before."""
        token = left.tokens.items[left.indices[0]]
        if not (first and place.first and place.row.indented and not place.opens):
            return None
        if token.text not in ("-", "−") or left.key in self.scope.seen:
            return None
        last = self.drafts[-1] if self.drafts else None
        if (
            last is None
            or last.block is not place.block
            or (last.step == 0 and last.chain.length == 1)
        ):
            return None
        return "this row may be the rest of the row before"

    # --- implications ---------------------------------------------------------------------------------

    def _weak_expression(
        self, place: Place, part: Part, only: Expression, before: Draft | None, number: int
    ) -> None:
        r"""`A \\iff B` between expressions, and `a = b \\implies B`."""
        token = place.tokens.items[part.weak or 0]
        if (
            number > 0
            and before is not None
            and before.block is place.block
            and not part.after_expression
        ):
            self._statement_link(place, token, before, only.verbatim, only.expanded)
            return
        choice = self.scope.continued(only, same_block=not place.opens, adjacent=place.adjacent)
        if choice.chain is not None:
            link = Link(
                token.sign or "iff", only, token.start, doubt=choice.doubt, sign_end=token.end
            )
            self._link(place, choice.chain, link)

    def _weak_relation(
        self, place: Place, part: Part, before: Draft | None, made: Draft, count: int
    ) -> None:
        r"""`a = b \\implies c = d`: the sides are whole relations; it stands before the second one."""
        token = place.tokens.items[part.weak or 0]
        rhs, expanded = whole(made)
        if part.after_expression:
            chains = [c for c in self.scope.candidates if c is not made.chain]
            if not chains:
                return
            left = chains[0].tail
            draft = self._plain(place, token, left.verbatim, rhs, left.expanded, expanded)
        elif before is not None:
            lhs, left_expanded = whole(before)
            draft = self._plain(place, token, lhs, rhs, left_expanded, expanded)
        else:
            return
        self.drafts.insert(count, draft)

    def _statement_link(
        self, place: Place, token: Token, before: Draft, rhs: str, expanded: str
    ) -> None:
        lhs, left_expanded = whole(before)
        self.drafts.append(self._plain(place, token, lhs, rhs, left_expanded, expanded))

    def _plain(
        self, place: Place, token: Token, lhs: str, rhs: str, lhs_expanded: str, rhs_expanded: str
    ) -> Draft:
        self.numbers += 1
        nothing = Expression(place.block, place.tokens, [])
        chain = Chain(self.numbers, nothing, nothing, 1)
        return Draft(
            lhs, rhs, token.sign or "implies", place.block, token.start, chain, 0,
            left_expanded=lhs_expanded, right_expanded=rhs_expanded,
        )  # fmt: skip

    # --- building blocks ------------------------------------------------------------------------------

    def _last_of_block(self, place: Place) -> Draft | None:
        last = self.drafts[-1] if self.drafts else None
        if last is None or not (place.block.display and last.block.display):
            return None
        return last if last.block.question == place.block.question else None

    def _expression(self, place: Place, indices: list[int]) -> Expression:
        return Expression(place.block, place.tokens, indices)

    def _begin(self, place: Place, left: Expression) -> Chain:
        self.numbers += 1
        chain = Chain(self.numbers, left, left, block=place.block, candidate=place.block.display)
        self.scope.touch(chain)
        self.scope.seen.add(left.key)
        return chain

    def _fills_waiting(self, place: Place, row: Expression) -> bool:
        """The right side of a display that ended with its sign."""
        recent = next(iter(self.scope.candidates), None)
        if recent is None or recent.waiting is None or recent.waiting_tokens is None:
            return False
        token = recent.waiting_tokens.items[recent.waiting]
        block = recent.waiting_block or place.block
        recent.waiting = None
        self._link(place, recent, Link(token.sign or "=", row, token.start, block=block))
        return True

    def _link(self, place: Place, chain: Chain, link: Link) -> None:
        """The chain goes on: its tail, a sign, and a new expression."""
        chain.waiting = None
        block = link.block or place.block
        draft = Draft(chain.tail, link.right, link.sign, block, link.offset, chain, chain.length)
        draft.implicit, draft.sign_end = link.implicit, link.sign_end
        draft.chain_doubt, draft.sign_repair = link.doubt, link.repair
        self.drafts.append(draft)
        chain.tail, chain.block = link.right, place.block
        chain.length += 1
        self.scope.touch(chain)
        self.scope.seen.add(link.right.key)

    def _count_alphas(self) -> None:
        r"""How often `\alpha` stands alone (no index) in each question."""
        for block in self.document.blocks:
            if block.kind == "math" and "\\alpha" in block.text:
                found = len(re.findall(r"\\alpha(?![a-zA-Z])(?!\s*[_^{}=,)])", block.text))
                self.alphas[block.question] = self.alphas.get(block.question, 0) + found
