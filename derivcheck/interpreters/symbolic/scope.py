"""What binders above a term say: which variables are bound, over which ranges indices run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from derivcheck.terms.term import (
    Covariance,
    Density,
    Expectation,
    Fold,
    Integral,
    Symbol,
    SymbolRange,
    Term,
)


@final
@dataclass(frozen=True)
class Scope:
    """ranges: index, lower, upper of the folds above; bound: variables of the expectations and integrals above."""

    ranges: tuple[tuple[str, Term, Term], ...] = ()
    bound: frozenset[Term] = frozenset()

    def seen_by(self, t: Term) -> Scope:
        """The part that concerns a term."""
        if not self.ranges and not self.bound:
            return self
        names = set(t.names)
        for index, lower, upper in reversed(self.ranges):  # what bounds an index that is seen is seen
            if index in names:
                names |= lower.names | upper.names
        return Scope(
            tuple(r for r in self.ranges if r[0] in names),
            frozenset(b for b in self.bound if getattr(b, "name", None) in names),
        )


def entered(outer: Scope, binder: Term) -> Scope:
    """The scope below a binder."""
    match binder:
        case Fold(_, index, lower, upper, _):
            kept = tuple(r for r in outer.ranges if r[0] != index)
            return Scope((*kept, (index, lower, upper)), outer.bound)
        case Integral(over, _):
            return Scope(outer.ranges, outer.bound | set(over))
        case Expectation(_, over, law, _):
            return Scope(outer.ranges, outer.bound | bound_by(over, law))
        case Covariance(_, _, over, law, _):
            return Scope(outer.ranges, outer.bound | bound_by(over, law))
        case _:
            return outer


def bound_by(over: tuple[Term, ...], law: Term | None) -> frozenset[Term]:
    """The variables of an expectation: those written, else those of its law."""
    if over:
        return frozenset(x for x in over if isinstance(x, Symbol | SymbolRange))
    return frozenset(x for x in law.event if isinstance(x, Symbol | SymbolRange)) if isinstance(law, Density) else frozenset()
