"""What binders above a term say: which variables are bound or held, over which ranges indices run.

Held are the variables that stand for themselves although the theory computes them from others: the arguments of
a density, what an expectation is conditioned on, what a derivative is taken by. Caught are the variables of
integrals and of conditional laws: what the theory computes from them is not that computation there.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, final

from derivcheck.terms.term import (
    Covariance,
    Density,
    Derivative,
    Expectation,
    Fold,
    Integral,
    Symbol,
    SymbolRange,
    Term,
)

BINDERS = (Fold, Integral, Expectation, Covariance, Density, Derivative)


@final
@dataclass(frozen=True)
class Scope:
    """What stands above a term.

    ranges: index, lower, upper of the folds; bound: variables of the expectations and integrals; held, caught:
    see above; varied: what the derivatives are taken by.
    """

    ranges: tuple[tuple[str, Term, Term], ...] = ()
    bound: frozenset[Term] = frozenset()
    held: frozenset[Term] = frozenset()
    caught: frozenset[Term] = frozenset()
    varied: frozenset[Term] = frozenset()
    seen: dict[Term, Scope] = field(default_factory=dict, compare=False, repr=False)
    below: dict[Term, Scope] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def _hash(self) -> int:
        return hash((self.ranges, self.bound, self.held, self.caught, self.varied))

    def __hash__(self) -> int:
        return self._hash

    def seen_by(self, t: Term) -> Scope:
        """The part that concerns a term."""
        if not self.ranges and not self.bound and not self.held and not self.varied:
            return self
        found = self.seen.get(t)
        if found is None:
            found = self.seen[t] = self._seen_by(t)
        return found

    def _seen_by(self, t: Term) -> Scope:
        names = t.names
        for index, lower, upper in reversed(self.ranges):  # what bounds an index that is seen is seen
            if index in names:
                names = names | lower.names | upper.names
        ranges = tuple([r for r in self.ranges if r[0] in names])
        bound = frozenset([b for b in self.bound if getattr(b, "name", None) in names])
        if len(ranges) == len(self.ranges) and len(bound) == len(self.bound):
            return self
        return Scope(
            ranges,
            bound,
            self.held,  # also what a path of the term leads to
            self.caught,
            self.varied,
        )


def _changed(outer: Scope, **changes: Any) -> Scope:
    """A scope with some parts changed; what terms see of it is found afresh."""
    return replace(outer, seen={}, below={}, **changes)


def entered(outer: Scope, binder: Term) -> Scope:
    """The scope below a binder; one object however often it is entered, so that what terms see of it is found once."""
    if not isinstance(binder, BINDERS):
        return outer
    found = outer.below.get(binder)
    if found is None:
        found = outer.below[binder] = _entered(outer, binder)
    return found


def _entered(outer: Scope, binder: Term) -> Scope:
    match binder:
        case Fold(_, index, lower, upper, _):
            kept = tuple(r for r in outer.ranges if r[0] != index)
            return _changed(outer, ranges=(*kept, (index, lower, upper)))
        case Integral(over, body):
            held = frozenset[Term]().union(*(_variables(d) for d in body.densities if _variables(d) & set(over)))
            return _changed(outer, bound=outer.bound | set(over), held=outer.held | held, caught=outer.caught | set(over))
        case Expectation(_, over, law, given) | Covariance(_, _, over, law, given):
            held = frozenset(x for x in given if isinstance(x, Symbol | SymbolRange)) | (_variables(law) if law is not None else frozenset())
            own = bound_by(over, law)
            free = not given and (law is None or (isinstance(law, Density) and not law.given))
            return _changed(outer, bound=outer.bound | own, held=outer.held | held, caught=outer.caught if free else outer.caught | own)
        case Density():
            return _changed(outer, held=outer.held | _variables(binder))
        case Derivative(_, wrt, kind) if kind != "time":
            return _changed(outer, held=outer.held | ({wrt} if isinstance(wrt, Symbol) else set[Term]()), varied=outer.varied | {wrt})
        case _:
            return outer


def _variables(law: Term) -> frozenset[Term]:
    """The symbols and runs that a density stands at."""
    return frozenset(x for x in (*law.event, *law.given) if isinstance(x, Symbol | SymbolRange)) if isinstance(law, Density) else frozenset()


def bound_by(over: tuple[Term, ...], law: Term | None) -> frozenset[Term]:
    """The variables of an expectation: those written, else those of its law."""
    if over:
        return frozenset(x for x in over if isinstance(x, Symbol | SymbolRange))
    return frozenset(x for x in law.event if isinstance(x, Symbol | SymbolRange)) if isinstance(law, Density) else frozenset()
