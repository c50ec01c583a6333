r"""Names that a relation writes both bare and with an index that nothing explains: `\|\mu\|^2` beside `\mu_1^2`.

Whether `\mu_1` is an entry of the column μ or a column of its own is then not said, and nothing is evaluated.
"""

from __future__ import annotations

from collections.abc import Iterable

from derivcheck.interpreters.exact.derived import facts_of
from derivcheck.terms.signature import Signature
from derivcheck.terms.term import (
    ELEMENTARY,
    Call,
    Density,
    Derivative,
    Expectation,
    FamilyDensity,
    Integral,
    Symbol,
    Term,
)


def ambiguous(terms: Iterable[Term], names: frozenset[str], signature: Signature) -> frozenset[str]:
    """The names of columns and matrices that stand in terms, or in the meanings of names, with an index and without."""
    whole = facts_of(signature).whole & names
    if not whole:
        return frozenset()
    meanings = [d.body for d in signature.definitions if d.head.names & names]
    meanings += [f.family for f in signature.families if f.density.name in names]
    meanings += [p.body for p in signature.paths if p.variable.name in names]
    seen = _Seen(signature, whole)
    for t in (*terms, *meanings):
        seen.look(t)
    return frozenset((seen.bare & seen.indexed) - seen.copied)


class _Seen:
    """What was seen: columns without an index, with one, and drawn as copies of one another."""

    def __init__(self, signature: Signature, whole: frozenset[str]) -> None:
        self.whole = whole
        self.bare: set[str] = set()
        self.indexed: set[str] = set()
        self.copied: set[str] = set()
        self.defined = {d.head.function for d in signature.definitions if isinstance(d.head, Call)}

    def look(self, t: Term) -> None:
        """Take in a term."""
        if not self.whole & t.names:
            return
        skip: tuple[Term, ...] = ()
        match t:
            case Symbol(name) if name in self.whole:
                (self.indexed if t.index else self.bare).add(t.name)
            case Call(function, arguments) if function in self.defined:
                skip = tuple(a for a in arguments if isinstance(a, Symbol))
            case Call() if t.function not in ELEMENTARY and t.function in self.whole:
                (self.indexed if t.index else self.bare).add(t.function)
            case Derivative(_, wrt):
                skip = (wrt,) if isinstance(wrt, Symbol) else ()
            case Expectation(_, over) | Integral(over, _):
                skip = self._drawn(over)
            case Density(_, event, given):
                skip = self._drawn((*event, *given))
            case FamilyDensity(_, _, point) if point is not None:
                skip = self._drawn((point,))
            case _:
                pass
        for c in t.children:
            if c not in skip:
                self.look(c)

    def _drawn(self, terms: tuple[Term, ...]) -> tuple[Term, ...]:
        """Variables where a law stands; an indexed one is a copy."""
        self.copied.update(x.name for x in terms if isinstance(x, Symbol) and x.index)
        return tuple(x for x in terms if isinstance(x, Symbol))
