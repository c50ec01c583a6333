r"""Reads the items of a row from left to right: sums, products, and operands by the ways of this room.

Main definitions: `Reader`.

The fixed order: a sum is signed products; a product is operands side by side or joined by `\cdot`, `*`,
`\times`, `.`, `/`; an operand is read by the first way (smallest rank) that knows its head. A way for an
operator to the right (`\log`, `\sum`, `\mathbb{E}`, `\frac{\partial}{\partial x}`, `\min`) takes its own
scope from the reader. Nothing is ever left over: what is not consumed raises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from derivcheck.notation import ways
from derivcheck.notation.faults import NotMathematics, NotYetReadable, Unreadable
from derivcheck.notation.names import compose, split_name
from derivcheck.notation.signs import DOTS, SIGNS, TENSORS, TIMES
from derivcheck.notation.trees import head, spliced
from derivcheck.terms.term import (
    Add,
    Call,
    Divide,
    Fold,
    Multiply,
    Negate,
    Number,
    Relation,
    Symbol,
    SymbolRange,
    Term,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivcheck.notation.lexicon import Lexicon
    from derivcheck.syntax.tree import Tree

MAX_CHAIN = 120
MAX_DEPTH = 180  # of sums, products and operands within each other: sixty brackets; keeps every walk over the term inside Python's recursion limit
_WEAK = frozenset({"iff", "implies"})
_BREAKS = frozenset({"+", "-", ",", ";", ":", "!"}) | SIGNS.keys() | TENSORS.keys()


class State:
    """What the readers of one expression share."""

    __slots__ = ("bound", "constants", "depth", "latex", "lexicon", "naming", "ranges")

    def __init__(self, lexicon: Lexicon, latex: str) -> None:
        self.lexicon, self.latex = lexicon, latex
        self.depth = 0
        self.constants = 0  # occurrences of open constants so far
        self.naming = 0  # above 0: a bare function is its name, not its value (`\min_D`)
        self.bound: list[str] = []  # indices of the sums around
        self.ranges: dict[str, tuple[Term, Term] | None] = {}  # their ranges; None: the text does not say


class Reader:
    """A place in a row of items. Ways move it on; `stops` are heads that end an unbracketed operator."""

    __slots__ = ("at", "bars", "heads", "items", "state", "stops")

    def __init__(self, items: Sequence[Tree], state: State) -> None:
        self.items, self.state, self.at = spliced(items), state, 0
        self.heads = [head(item) for item in self.items]
        self.stops: frozenset[str] = frozenset()
        self.bars: list[str] = []  # norms and absolute values that are open here

    # --- the place -------------------------------------------------------------------------------

    @property
    def item(self) -> Tree:
        """The item at the place; NotMathematics at the end."""
        if self.at >= len(self.items):
            raise NotMathematics("something is missing here", self._end(), "an operand must follow")
        return self.items[self.at]

    @property
    def head(self) -> str:
        """The head of the item at the place, empty at the end."""
        return self.heads[self.at] if self.at < len(self.items) else ""

    @property
    def next_item(self) -> Tree | None:
        """The item after the place."""
        return self.items[self.at + 1] if self.at + 1 < len(self.items) else None

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return self.at >= len(self.items)

    @property
    def lexicon(self) -> Lexicon:
        """The declared names."""
        return self.state.lexicon

    def _end(self) -> tuple[int, int]:
        if not self.items:
            return (0, len(self.state.latex))
        return (self.items[-1].end, self.items[-1].end)

    def take(self) -> Tree:
        """The item at the place, which is thereby consumed."""
        item = self.item
        self.at += 1
        return item

    def sub(self, items: Sequence[Tree]) -> Reader:
        """A reader over other items of the same expression: a bracket's inside, an argument."""
        return Reader(items, self.state)

    def refuse(self, found: str, hint: str = "", item: Tree | None = None) -> NoReturn:
        """Raise NotYetReadable at an item (the current one)."""
        where = item if item is not None else (self.items[self.at] if not self.done else None)
        span = (where.start, where.end) if where is not None else self._end()
        raise NotYetReadable(found, span, hint)

    def skip_apply(self) -> None:
        r"""Pass over `\!`."""
        while self.head == r"\!":
            self.at += 1

    # --- rows ------------------------------------------------------------------------------------

    def row(self) -> Term:
        """All the items as one sum; anything left over is a fault."""
        found = self.sum()
        self.finish()
        return found

    def finish(self) -> None:
        """Raise if anything is left."""
        if not self.done:
            raise self.left_over()

    def left_over(self) -> Unreadable:
        """The fault of an item that nothing consumed."""
        item = self.items[self.at]
        span = (item.start, item.end)
        text = self.state.latex[item.start : item.end]
        return NotMathematics(
            f"{text!r} stands where nothing fits", span, "the expression was not read whole"
        )

    def statement(self) -> Term:
        r"""All the items as a sum, or as sums joined by relation signs (`a = 0 \implies b = 1`)."""
        found = self._link(weak=True)
        self.finish()
        return found

    def _link(self, *, weak: bool) -> Term:
        left = self._link(weak=False) if weak else self.sum()
        start = self.at
        while (sign := SIGNS.get(self.head)) is not None and (sign in _WEAK) == weak:
            self._counted(start)
            self.at += 1
            left = Relation(left, sign, self._link(weak=False) if weak else self.sum())
        return left

    def list(self, separators: str = ",") -> list[Term]:
        r"""All the items as expressions between separators; `z_1, \dots, z_K` is one run of variables."""
        found = [self.sum()]
        while self.head and self.head in separators:
            self.at += 1
            if self.head in DOTS:
                dots = self.take()
                if self.head not in separators or self.done:
                    self.refuse("dots without an end", r"write x_{1:T}", dots)
                self.at += 1
                found[-1] = self._run(found[-1], self.sum(), dots)
            else:
                found.append(self.sum())
        self.finish()
        return found

    def _run(self, first: Term, last: Term, dots: Tree) -> Term:
        if (
            isinstance(first, Symbol) and isinstance(last, Symbol) and not last.index
        ):  # z_K: a label, made an index
            base, labels, mark = split_name(last.name)
            if labels and compose(base, labels[:-1], mark) == first.name:
                last = Symbol(first.name, (Symbol(labels[-1]),))
        if not (
            isinstance(first, Symbol)
            and isinstance(last, Symbol)
            and first.name == last.name
            and len(first.index) == len(last.index) == 1
        ):
            self.refuse("dots between things of different names", r"write x_{1:T}", dots)
        return SymbolRange(first.name, first.index[0], last.index[0])

    # --- sums ------------------------------------------------------------------------------------

    def sum(self, stop_before: frozenset[str] = frozenset()) -> Term:
        """Signed products. stop_before: heads that end it where they follow a sign."""
        self._deeper()
        stops, self.stops = self.stops, frozenset()
        terms = [self._signed()]
        while self.head in {"+", "-"}:
            if stop_before and self._after_signs() in stop_before:
                break
            terms.append(self._signed())
        self.stops = stops
        self.state.depth -= 1
        return terms[0] if len(terms) == 1 else Add(tuple(terms))

    def _after_signs(self) -> str:
        at = self.at
        while at < len(self.heads) and self.heads[at] in {"+", "-"}:
            at += 1
        return self.heads[at] if at < len(self.heads) else ""

    def _signed(self) -> Term:
        negative = False
        while self.head in {"+", "-"}:
            negative ^= self.head == "-"
            self.at += 1
        body = self._tensor()
        return Negate(body) if negative else body

    def _tensor(self) -> Term:
        left = self.product()
        start = self.at
        while (name := TENSORS.get(self.head)) is not None:
            self._counted(start)
            self.at += 1
            left = Call(name, (left, self.product()))
        return left

    # --- products --------------------------------------------------------------------------------

    def product(self, stops: frozenset[str] | None = None) -> Term:
        """Operands side by side, up to a sign that ends a product or a head in `stops`."""
        self._deeper()
        kept = self.stops
        if stops is not None:
            self.stops = stops
        factors = [factor for factor, _ in self.factors()]
        self.stops = kept
        self.state.depth -= 1
        return factors[0] if len(factors) == 1 else Multiply(tuple(factors))

    def factors(self) -> list[tuple[Term, int]]:
        """The operands of a product, each with the place after it."""
        found = [(self.operand(), self.at)]
        start = self.at
        while True:
            sign = self.head
            if sign in TIMES:
                start = self.at
            if sign in TIMES and self._more():
                self.at += 1
                found.append((self._unary(), self.at))
            elif sign == "/":
                self._counted(start)
                self.at += 1
                found[-1] = (_quotient(found[-1][0], self._unary()), self.at)
            elif sign in DOTS:
                found = self._chain(found)
            elif (
                not sign
                or sign in _BREAKS
                or sign in self.stops
                or (sign in {"|", "||"} and not self._bar_opens(sign))
            ):
                return found
            elif sign == r"\!":
                self.at += 1
            else:
                found.append((self.operand(), self.at))

    def _chain(self, found: list[tuple[Term, int]]) -> list[tuple[Term, int]]:
        r"""`\alpha_t \alpha_{t-1} \cdots \alpha_1`: a product over the index."""
        dots = self.take()
        if self.head in TIMES:
            self.at += 1
        last = self.operand()
        first: Term = found[-1][0]
        while found and _same_name(found[-1][0], last):
            first = found.pop()[0]
        if not (_same_name(first, last) and isinstance(first, Symbol) and isinstance(last, Symbol)):
            self.refuse("dots between things of different names", r"write \prod_{s=1}^{t}", dots)
        low, high = first.index[0], last.index[0]
        if isinstance(high, Number) and not isinstance(low, Number):
            low, high = high, low
        if not isinstance(low, Number):
            self.refuse("dots between two open indices", r"write \prod_{s=1}^{t}", dots)
        index = next(letter for letter in "siklm" if letter not in high.names)
        body = Symbol(first.name, (Symbol(index),))
        return [*found, (Fold("prod", index, low, high, body), self.at)]

    def _bar_opens(self, bar: str) -> bool:
        """Whether a bar behind an operand starts a norm: none is open here, and its partner follows."""
        return bar not in self.bars and bar in self.heads[self.at + 1 :]

    def _more(self) -> bool:
        """Whether a full stop is a product sign: something must follow."""
        return self.head != "." or self.at + 1 < len(self.items)

    def _unary(self) -> Term:
        if self.head in {"+", "-"}:
            negative = self.head == "-"
            self.at += 1
            return Negate(self.operand()) if negative else self.operand()
        return self.operand()

    def operand(self) -> Term:
        """One operand, by the first way that reads it, with its factorial."""
        self.skip_apply()
        item = self.item
        self._deeper()
        for way in ways.by_head(self.head):
            found = way.read(self)
            if found is not None:
                self.state.depth -= 1
                return self._factorial(found)
        raise ways.unreadable(self, item)

    def _factorial(self, found: Term) -> Term:
        start = self.at
        while self.head == "!":
            self._counted(start)
            self.at += 1
            found = Call("factorial", (found,))
        return found

    def _deeper(self) -> None:
        self.state.depth += 1
        if self.state.depth > MAX_DEPTH:
            self.refuse("nested too deeply", f"at most {MAX_DEPTH} levels")

    def _counted(self, start: int) -> None:
        """Signs of one level that nest to the left: `a/b/c`."""
        if self.at - start > MAX_CHAIN:
            self.refuse(
                "too many of these signs in a row", f"at most {MAX_CHAIN} signs and operands"
            )


def _quotient(left: Term, right: Term) -> Term:
    r"""`1/2` is a number, as `\frac12` is."""
    if isinstance(left, Number) and isinstance(right, Number) and right.value:
        return Number(left.value / right.value)
    return Divide(left, right)


def _same_name(term: Term, other: Term) -> bool:
    return (
        isinstance(term, Symbol)
        and isinstance(other, Symbol)
        and term.name == other.name
        and len(term.index) == len(other.index) == 1
    )
