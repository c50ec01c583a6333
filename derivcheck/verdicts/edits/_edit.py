r"""What an edit is: terms that one place of a right side might have been meant to be.

Main definitions: `Edit`, `Place`, `Surroundings`, `Example`, and small builders that keep terms tidy
(`product`, `total`, `negated`): an edited term should read as a person would write it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import final

from derivcheck.terms.signature import Signature
from derivcheck.terms.substitute import calls, subterms
from derivcheck.terms.term import (
    Add,
    Call,
    Covariance,
    Density,
    Divergence,
    Divide,
    Expectation,
    FamilyDensity,
    Identity,
    Integral,
    Law,
    Moment,
    Multiply,
    Negate,
    Node,
    Number,
    Symbol,
    Term,
)

ONE = Number(Fraction(1))
HALF = Number(Fraction(1, 2))
TWO = Number(Fraction(2))
ZERO = Number(Fraction(0))

# fields whose content is no value of the formula: what is bound, conditioned on, counted
_NO_VALUE = frozenset(
    {
        "index",
        "over",
        "law",
        "event",
        "given",
        "lower",
        "upper",
        "wrt",
        "point",
        "p",
        "q",
        "only_of",
    }
)


@final
@dataclass(frozen=True)
class Example:
    """A slip: what was written, what was meant, and the other side if the edit looks at it."""

    written: str
    meant: str
    left: str = "y"
    theory: str = ""  # YAML, where the edit looks at declarations


@final
@dataclass(frozen=True)
class Edit:
    """One kind of slip.

    kind: as a report says it. cost: its size (1: one symbol or sign; 2: a bracket, a scope; 3: a part that
    is made up). at: what a place might have been meant to be. repeats: the same slip in all places where the
    same part stands is one slip. pairs: it goes together with a second slip.
    """

    kind: str
    what: str
    cost: float
    at: Callable[[Place], Iterator[Term]]
    examples: tuple[Example, ...]
    rank: float = 5
    repeats: bool = False
    pairs: bool = False
    inserted: tuple[str, ...] = ()  # what the slip left out of the text, or
    dropped: tuple[str, ...] = ()  # put into it: for the correction of the source


@final
@dataclass(frozen=True)
class Surroundings:
    """What the relation and its theory offer: the other side, names, indices, laws."""

    left: Term
    right: Term
    signature: Signature

    @cached_property
    def indices(self) -> tuple[Term, ...]:
        """Index terms of both sides, each once."""
        found: dict[Term, None] = {}
        for side in (self.left, self.right):
            for _, x in subterms(side):
                if isinstance(x, Symbol | Call | Density):
                    found.update(dict.fromkeys(x.index))
        return tuple(found)

    def indices_of(self, name: str) -> tuple[tuple[Term, ...], ...]:
        """The indices at which the theory defines a name: (12) and (21) of `F_{12}`, `F_{21}`."""
        heads = (d.head for d in self.signature.definitions)
        return tuple(
            dict.fromkeys(
                h.index
                for h in heads
                if isinstance(h, Symbol) and h.name == name and not _letters(h.index)
            )
        )

    @cached_property
    def symbols(self) -> tuple[Symbol, ...]:
        """Symbols of both sides that stand as values, each once."""
        found = (p.node for side in (self.right, self.left) for p in places(side, self))
        return tuple(dict.fromkeys(x for x in found if isinstance(x, Symbol)))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every name of a value: of the relation first, then of the theory."""
        own = [x.name for x in self.symbols]
        s = self.signature
        defined = [d.head.name for d in s.definitions if isinstance(d.head, Symbol)]
        return tuple(dict.fromkeys([*own, *s.symbols, *defined, *(o.name for o in s.optima)]))

    @cached_property
    def functions(self) -> tuple[str, ...]:
        """Names of functions: of the relation first, then of the theory."""
        own = sorted(calls(self.right) | calls(self.left))
        s = self.signature
        defined = [d.head.function for d in s.definitions if isinstance(d.head, Call)]
        return tuple(dict.fromkeys([*own, *s.functions, *defined, *(o.name for o in s.optima)]))

    @cached_property
    def reachable(self) -> tuple[Term, ...]:
        """The left side and the bodies of the definitions that it rests on, two steps deep."""
        found: dict[Term, None] = {self.left: None}
        for _ in range(2):
            names = frozenset[str]().union(*(t.names for t in found))
            for d in self.signature.definitions:
                if head_name(d.head) in names:
                    found[d.body] = None
        return tuple(found)

    @cached_property
    def expectations(self) -> tuple[Expectation, ...]:
        """Expectations of the left side and of what it is defined by, of the right side, of declared laws."""
        found: dict[Expectation, None] = {}
        for t in (*self.reachable, self.right):
            for _, x in subterms(t):
                if isinstance(x, Expectation):
                    found[Expectation(ZERO, x.over, x.law, x.given)] = None
        for s in self.signature.samples:
            for x in self.symbols:
                if x.name == s.variable.name:
                    found[Expectation(ZERO, (x,))] = None
        return tuple(found)

    @cached_property
    def laws(self) -> tuple[Law, ...]:
        """Densities and families that stand as laws on either side or behind the left one."""
        found: dict[Law, None] = {}
        for t in (self.right, *self.reachable):
            for _, x in subterms(t):
                if isinstance(x, Expectation | Covariance) and x.law is not None:
                    found[x.law] = None
                if isinstance(x, Moment):
                    found[x.law] = None
                if isinstance(x, Divergence):
                    found[x.p] = None
                    if x.q is not None:
                        found[x.q] = None
        return tuple(found)

    @cached_property
    def densities(self) -> tuple[Density, ...]:
        """Densities of the relation that say what they are conditioned on, each condition once."""
        found: dict[tuple[Term, ...], Density] = {}
        for side in (self.left, self.right):
            for _, x in subterms(side):
                if isinstance(x, Density) and x.event and x.given:
                    found.setdefault(x.given, x)
        return tuple(found.values())

    @cached_property
    def naturals(self) -> tuple[Term, ...]:
        """Counts that the relation could lack: sizes, horizons, numbers of samples."""
        names = {n for side in (self.left, self.right) for n in side.names}
        sizes = [n for n, d in self.signature.symbols.items() if d.role == "dimension"]
        uppers = [
            getattr(x, "upper", None) for side in (self.left, self.right) for _, x in subterms(side)
        ]
        found = [x for x in uppers if isinstance(x, Symbol)]
        found += [Symbol(n) for n in ("T", "K", "N", "n", "m", "d") if n in names or n in sizes]
        found += [Symbol(n) for n in sizes]
        return tuple(dict.fromkeys(found))


def _letters(index: tuple[Term, ...]) -> bool:
    return any(i.names for i in index)


def head_name(head: Term) -> str | None:
    """The name that a definition gives a meaning."""
    return head.function if isinstance(head, Call) else getattr(head, "name", None)


@final
@dataclass(frozen=True)
class Place:
    """A sub-term where it stands. slots: the fields on the way to it, outermost first."""

    path: tuple[int, ...]
    node: Term
    parents: tuple[Term, ...]
    slots: tuple[str, ...]
    around: Surroundings = field(compare=False)

    @property
    def parent(self) -> Term | None:
        """The term that holds this one."""
        return self.parents[-1] if self.parents else None

    @property
    def slot(self) -> str:
        """The field of the parent in which it stands."""
        return self.slots[-1] if self.slots else ""

    @property
    def is_value(self) -> bool:
        """Whether it is part of what is computed, not of what is bound, conditioned on or counted."""
        return not _NO_VALUE.intersection(self.slots)

    @property
    def is_whole(self) -> bool:
        """Whether it is the right side itself or a whole part: a summand, an argument, what a binder covers."""
        p = self.parent
        if p is None:
            return True
        if isinstance(p, Negate):
            return False
        return self.is_value and (
            isinstance(p, Add | Expectation | Integral | Call)
            or self.slot in ("body", "exponent", "numerator")
        )

    def inside(self, *kinds: type) -> bool:
        """Whether one of these kinds holds it, at any distance."""
        return any(isinstance(p, kinds) for p in self.parents)


def places(term: Term, around: Surroundings) -> list[Place]:
    """Every sub-term with where it stands, outermost first."""
    out: list[Place] = []
    stack = [Place((), term, (), (), around)]
    while stack:
        here = stack.pop()
        out.append(here)
        below = _slotted(here.node)
        for i in range(len(below) - 1, -1, -1):
            slot, child = below[i]
            stack.append(
                Place(
                    (*here.path, i), child, (*here.parents, here.node), (*here.slots, slot), around
                )
            )
    return out


def _slotted(node: Term) -> list[tuple[str, Term]]:
    """The children of a term (in the order of `children`), each with its field."""
    found: list[tuple[str, Term]] = []
    for name in node.parts:
        value = getattr(node, name)
        if isinstance(value, Node):
            found.append((name, value))  # type: ignore[arg-type]
        elif isinstance(value, tuple):
            for item in value:  # type: ignore[misc]
                if isinstance(item, tuple):
                    found += [(name, x) for x in item]  # type: ignore[misc]
                elif isinstance(item, Node):
                    found.append((name, item))  # type: ignore[arg-type]
    return found


# --- tidy terms ----------------------------------------------------------------------------------


def product(*factors: Term) -> Term:
    """A product without factors of one and without products in it."""
    flat: list[Term] = []
    sign = False
    for factor in factors:
        sign ^= isinstance(factor, Negate)
        f = factor.body if isinstance(factor, Negate) else factor
        flat += f.factors if isinstance(f, Multiply) else [f]
    flat = [f for f in flat if f != ONE]
    out = ONE if not flat else flat[0] if len(flat) == 1 else Multiply(tuple(flat))
    return Negate(out) if sign else out


def total(*terms: Term) -> Term:
    """A sum without zeros and without sums in it."""
    flat: list[Term] = []
    for t in terms:
        flat += t.terms if isinstance(t, Add) else [t]
    flat = [t for t in flat if t != ZERO]
    return ZERO if not flat else flat[0] if len(flat) == 1 else Add(tuple(flat))


def negated(t: Term) -> Term:
    """Minus a term, without two signs in a row."""
    return t.body if isinstance(t, Negate) else Negate(t)


def divided(numerator: Term, denominator: Term) -> Term:
    """A quotient without a denominator of one."""
    if isinstance(numerator, Negate):
        return negated(divided(numerator.body, denominator))
    return numerator if denominator == ONE else Divide(numerator, denominator)


def without(items: tuple[Term, ...], i: int) -> tuple[Term, ...]:
    """All but the i-th."""
    return items[:i] + items[i + 1 :]


def number(n: int) -> Number:
    """An integer."""
    return Number(Fraction(n))


def is_law(node: Term) -> bool:
    """Whether a term is a density of some kind."""
    return isinstance(node, Density | FamilyDensity)


def is_matrix_like(node: Term) -> bool:
    """Whether a term is the identity matrix."""
    return isinstance(node, Identity)
